"""One MP4 out of fragments: the index says the same as they do, for any of them."""

import io
import struct
from collections.abc import Sequence

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats.boxread import BadBoxError, SampleRun, boxes, inner, sample_run
from osmose_addon.formats.mp4 import AudioSetup, Run, Sample, VideoSetup, fragment, init_segment
from osmose_addon.formats.progressive import TrackIndex, laid_out

_VIDEO = init_segment([VideoSetup(1, 12800, 640, 360, bytes.fromhex("0142c01effe1000467420c0a01000268ce"))])
_SOUND = init_segment([AudioSetup(1, 48000, 2, 48000, b"\x11\x90", "deu")])


def samples(first_ticks: int, order: Sequence[int], step: int, mark: int) -> list[Sample]:
    """Return samples shown in this order, each with bytes of its own length."""
    return [
        Sample(first_ticks + place * step, bytes([mark]) * (7 + place), is_key=number == 0)
        for number, place in enumerate(order)
    ]


def moof_of(cell: bytes) -> bytes:
    return inner(cell, b"moof")


def film(videos: Sequence[Run], sounds: Sequence[Run]) -> tuple[bytes, list[TrackIndex]]:
    """Return a whole MP4 of these fragments."""
    tracks = [TrackIndex(_VIDEO), TrackIndex(_SOUND)]
    bodies: list[list[bytes]] = []
    for track, runs in zip(tracks, (videos, sounds), strict=True):
        bodies.append([])
        for run in runs:
            moof = moof_of(fragment(1, [run]))
            assert sample_run(moof).data_bytes == len(moof) + 8
            track.add(sample_run(moof))
            bodies[-1].append(b"".join(sample.body for sample in run.samples))
    layout = laid_out(tracks)
    whole = layout.head + b"".join(bodies[chunk.track][chunk.place] for chunk in layout.chunks)
    assert len(whole) == layout.size_bytes
    return whole, tracks


def packets(body: bytes, number: int) -> list[tuple[int, bytes]]:
    """Return the ticks and the bytes of all packets of a track, as FFmpeg reads them."""
    with av.open(io.BytesIO(body), "r") as container:
        stream = container.streams[number]
        return [(packet.pts or 0, bytes(packet)) for packet in container.demux(stream) if packet.size]


def test_times_orders_and_bytes_are_those_of_the_fragments() -> None:
    order = (0, 3, 1, 2, 4)
    videos = [Run(1, samples(cell * 2560, order, 512, cell), (cell + 1) * 2560) for cell in range(3)]
    sounds = [
        Run(1, samples(300 + cell * 4096, range(4), 1024, 200 + cell), 300 + (cell + 1) * 4096) for cell in range(3)
    ]
    whole, _tracks = film(videos, sounds)
    assert [kind for kind, *_ in boxes(whole)] == [b"ftyp", b"moov", b"mdat"]
    assert packets(whole, 0) == [(sample.pts_ticks, sample.body) for run in videos for sample in run.samples]
    assert packets(whole, 1) == [(sample.pts_ticks, sample.body) for run in sounds for sample in run.samples]


def test_no_offset_is_negative_and_the_edit_list_takes_the_shift_back() -> None:
    whole, _tracks = film([Run(1, samples(0, (0, 2, 1), 512, 1), 1536)], [])
    trak = inner(whole, b"moov", b"trak")
    offsets = struct.iter_unpack(">II", inner(trak, b"trak", b"mdia", b"minf", b"stbl", b"ctts")[16:])
    assert [offset for _count, offset in offsets] == [512, 1024, 0]
    edits = inner(trak, b"trak", b"edts", b"elst")
    assert struct.unpack_from(">IIiI", edits, 12) == (1, 1536 * 48000 // 12800, 512, 0x10000)


def test_a_hole_lengthens_what_comes_before_it() -> None:
    first, second = Run(1, samples(0, range(2), 512, 1), 1024), Run(1, samples(1100, range(2), 512, 2), 2124)
    whole, (video, _sound) = film([first, second], [])
    assert video.end_ticks == 2124
    assert [time for time, _body in packets(whole, 0)] == [0, 512, 1100, 1612]


def test_times_that_go_back_are_no_film() -> None:
    with pytest.raises(BadBoxError):
        film([Run(1, samples(5000, range(2), 512, 1), 6024), Run(1, samples(0, range(2), 512, 2), 1024)], [])


def test_beyond_four_gigabytes_places_and_lengths_are_long() -> None:
    track = TrackIndex(_VIDEO)
    run = sample_run(moof_of(fragment(1, [Run(1, samples(0, range(2), 512, 1), 1024)])))
    for place in range(4):
        sizes = type(run.sizes_bytes)("I", [1_900_000_000, 7])
        track.add(SampleRun(place * 1024, run.data_bytes, run.lasts_ticks, sizes, run.offsets_ticks, run.keys))
    layout = laid_out([track])
    stbl = inner(layout.head, b"moov", b"trak", b"mdia", b"minf", b"stbl")
    places = [place for (place,) in struct.iter_unpack(">Q", inner(stbl, b"stbl", b"co64")[16:])]
    assert places == [len(layout.head) + number * 1_900_000_007 for number in range(4)]
    assert layout.head[-16:] == struct.pack(">I4sQ", 1, b"mdat", 16 + 4 * 1_900_000_007)


def test_nothing_is_no_film() -> None:
    with pytest.raises(BadBoxError):
        laid_out([TrackIndex(_VIDEO)])


@given(st.data())
def test_a_damaged_fragment_is_refused_or_read_never_worse(data: st.DataObject) -> None:
    moof = bytearray(moof_of(fragment(1, [Run(1, samples(0, (0, 2, 1), 512, 1), 1536)])))
    for _turn in range(data.draw(st.integers(1, 4))):
        moof[data.draw(st.integers(0, len(moof) - 1))] = data.draw(st.integers(0, 255))
    body = bytes(moof[: data.draw(st.integers(0, len(moof)))])
    try:
        run = sample_run(body)
        track = TrackIndex(_VIDEO)
        track.add(run)
        laid_out([track])
    except BadBoxError:
        return
    assert len(run.sizes_bytes) == len(run.lasts_ticks) == len(run.offsets_ticks)


@given(st.binary(max_size=300))
def test_what_is_no_init_segment_is_refused(body: bytes) -> None:
    with pytest.raises(BadBoxError):
        TrackIndex(body)
