"""Our segments, read back by FFmpeg, hold exactly what went in."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import pytest

from osmose_addon.formats import h264
from osmose_addon.formats.boxes import packed_language
from osmose_addon.formats.mp4 import AudioSetup, Colour, Run, Sample, VideoSetup, fragment, init_segment
from tests.clips import Clip, make

STEADY = Clip("steady.mp4", seconds=4)
UNEVEN = Clip("uneven.mp4", seconds=4, steps=(24, 20, 31, 24, 40))
ANAMORPHIC = Clip("anamorphic.mp4", seconds=1, aspect=(4, 3))


@dataclass(frozen=True)
class Packet:
    """What a test compares of a packet."""

    pts: int
    body: bytes
    is_keyframe: bool


@dataclass(frozen=True)
class Track:
    """One track of a source, read whole."""

    rate: int
    extradata: bytes
    packets: list[Packet]


def _read(path: Path, kind: str) -> Track:
    with av.open(str(path), "r") as source:
        stream = next(s for s in source.streams if s.type == kind)
        packets = [Packet(p.pts, bytes(p), p.is_keyframe) for p in source.demux(stream) if p.size and p.pts is not None]
        assert stream.time_base is not None
        extradata = stream.codec_context.extradata or b""
        return Track(stream.time_base.denominator, extradata, [p for p in packets if p.pts >= 0])


def _read_back(body: bytes) -> dict[str, list[tuple[int, int, bool]]]:
    with av.open(io.BytesIO(body), "r", format="mp4") as back:
        found: dict[str, list[tuple[int, int, bool]]] = {"video": [], "audio": []}
        for packet in back.demux():
            if packet.size and packet.pts is not None:
                found[packet.stream.type].append((packet.pts, packet.size, packet.is_keyframe))
        return found


def _cells(packets: Sequence[Packet], length_bytes: int) -> list[list[Sample]]:
    cells: list[list[Sample]] = []
    for packet in packets:
        if packet.is_keyframe:
            cells.append([])
        cells[-1].append(Sample(packet.pts, h264.sample_of(packet.body, length_bytes), packet.is_keyframe))
    return cells


@pytest.mark.parametrize("clip", [STEADY, UNEVEN], ids=lambda clip: clip.name)
def test_every_packet_comes_back_with_its_time_size_and_kind(tmp_path: Path, clip: Clip) -> None:
    """Cells with reordered pictures, steady or not, join without a hole."""
    track = _read(make(tmp_path, clip), "video")
    extradata, packets = track.extradata, track.packets
    sets = h264.sets_of_extradata(extradata)
    assert sets is not None
    cells = _cells(packets, h264.length_bytes(extradata))
    setup = VideoSetup(1, track.rate, 640, 360, h264.avcc(sets), colour=Colour(1, 1, 1))
    body = init_segment([setup])
    end = max(p.pts for p in packets) + 500
    for number, cell in enumerate(cells):
        last = end if cell is cells[-1] else cells[number + 1][0].pts_ticks
        body += fragment(number + 1, [Run(1, cell, last)])
    back = _read_back(body)["video"]
    late = back[0][0] - packets[0].pts
    sizes = [len(sample.body) for cell in cells for sample in cell]
    assert [(pts - late, size, key) for pts, size, key in back] == [
        (p.pts, size, p.is_keyframe) for p, size in zip(packets, sizes, strict=True)
    ]


def test_picture_and_sound_share_a_fragment(tmp_path: Path) -> None:
    """A part of a camera carries both tracks, each with its own timescale."""
    path = make(tmp_path, STEADY)
    track = _read(path, "video")
    sound = _read(path, "audio")
    frames = sound.packets
    extradata, packets = track.extradata, track.packets
    sets = h264.sets_of_extradata(extradata)
    assert sets is not None
    cell = _cells(packets, h264.length_bytes(extradata))[0]
    setups: list[VideoSetup | AudioSetup] = [
        VideoSetup(1, track.rate, 640, 360, h264.avcc(sets)),
        AudioSetup(2, 48000, 2, 48000, sound.extradata, "deu"),
    ]
    spoken = [Sample(p.pts, p.body) for p in frames[:50]]
    runs = [Run(1, cell, cell[0].pts_ticks + 2 * track.rate), Run(2, spoken, frames[50].pts)]
    body = init_segment(setups) + fragment(1, runs, with_styp=False)
    back = _read_back(body)
    assert len(back["video"]) == len(cell)
    assert [(p.pts, len(p.body), True) for p in frames[:50]] == back["audio"]
    with av.open(io.BytesIO(body), "r", format="mp4") as again:
        assert again.streams.audio[0].metadata["language"] == "deu"
        assert sum(1 for _ in again.decode(audio=0)) == 50


def test_our_decoder_record_is_the_one_ffmpeg_wrote(tmp_path: Path) -> None:
    """`avcC` taken apart and built anew is the same record, High profile bytes included."""
    track = _read(make(tmp_path, Clip("high.mp4", seconds=1, options=(("preset", "fast"),))), "video")
    extradata = track.extradata
    sets = h264.sets_of_extradata(extradata)
    assert sets is not None
    assert extradata[1] == 100
    assert h264.avcc(sets) == extradata


def test_aspect_and_rotation_reach_the_player(tmp_path: Path) -> None:
    """A player stretches and turns the picture as the init segment says."""
    track = _read(make(tmp_path, ANAMORPHIC), "video")
    extradata, packets = track.extradata, track.packets
    sets = h264.sets_of_extradata(extradata)
    assert sets is not None
    cell = _cells(packets, h264.length_bytes(extradata))[0]
    setup = VideoSetup(1, track.rate, 640, 360, h264.avcc(sets), 4, 3, 90)
    with av.open(io.BytesIO(init_segment([setup]) + fragment(1, [Run(1, cell, 20000)])), "r", format="mp4") as back:
        frame = next(back.decode(video=0))
        assert back.streams.video[0].sample_aspect_ratio == Fraction(4, 3)
        assert frame.rotation % 360 == 270  # PyAV counts against the clock


def test_a_live_part_keeps_the_decode_times_it_is_given() -> None:
    """A part that ends between reordered pictures cannot sort its own times."""
    samples = [Sample(3000, b"\0\0\0\1\x65"), Sample(9000, b"\0\0\0\1\x41", is_key=False)]
    part = fragment(7, [Run(1, samples, 6000, times_ticks=(0, 3000))])
    at = part.index(b"tfdt")
    assert int.from_bytes(part[at + 8 : at + 16], "big") == 0
    with pytest.raises(ValueError, match="never go back"):
        fragment(8, [Run(1, samples, 100)])
    with pytest.raises(ValueError, match="empty"):
        fragment(9, [Run(1, [], 100)])


def test_a_language_that_is_none_is_said_to_be_unknown() -> None:
    """`mdhd` knows three lower-case letters only."""
    assert packed_language("en") == packed_language("und") == b"\x55\xc4"


def test_pixels_of_an_absurd_shape_still_make_an_init_segment() -> None:
    """A file may claim that they are 60 times as wide as high: no number of the box is long enough for that."""
    setup = VideoSetup(1, 1000, 1920, 1080, b"", sample_aspect_num=60)
    assert b"pasp" + (60).to_bytes(4, "big") + (1).to_bytes(4, "big") in init_segment([setup])
