"""Whatever a household's films are made of: every rung holds every picture once, in cells of the same borders."""

import io
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.video.stream import VideoStream

from osmose_addon.formats import h265, hls, ladder
from osmose_addon.formats.codings import Look, coding_of
from osmose_addon.model.config import DEFAULT_RENDITIONS
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod
from osmose_addon.workers.copies import boxed_as
from osmose_addon.workers.opened import opened
from tests.clips import Clip, film
from tests.workers.grids import cells_of, facts_of, fill, grid_of, inits_of, starts, watch

_X265 = "log-level=none:keyint=50:min-keyint=50:scenecut=0"
_CLOSED = Clip(
    "closed.mp4", 6.0, codec="libx265", options=(("preset", "ultrafast"), ("x265-params", f"{_X265}:no-open-gop=1"))
)
_OPEN = replace(
    _CLOSED, name="open.mkv", options=(("preset", "ultrafast"), ("x265-params", f"{_X265}:open-gop=1:bframes=3"))
)
_PQ = replace(_CLOSED, name="pq.mkv", pixel_format="yuv420p10le", transfer=16)
_HLG = replace(_OPEN, name="hlg.mp4", pixel_format="yuv420p10le", transfer=18)
_FAST = (("preset", "ultrafast"),)
_HALVES = (*_FAST, ("x264-params", "tff=1"))
_INTERLACED_FLAGS = 1 << 29 | 1 << 18
_SOURCES = [
    _CLOSED,
    _OPEN,
    replace(_CLOSED, name="closed.ts"),
    Clip("ten.mkv", 5.0, pixel_format="yuv420p10le"),
    Clip("422.mp4", 5.0, pixel_format="yuv422p"),
    Clip("av1.mkv", 5.0, codec="libsvtav1", bframes=0, options=(("preset", "12"),)),
    Clip("vp9.webm", 5.0, codec="libvpx-vp9", bframes=0, options=(("deadline", "realtime"), ("cpu-used", "8")),
         sound_codec="libopus"),
    Clip("halves.mp4", 5.0, options=_HALVES, flags=_INTERLACED_FLAGS),
    Clip("halves.ts", 5.0, options=_HALVES, flags=_INTERLACED_FLAGS),
    Clip("dvd.mpg", 5.0, codec="mpeg2video", width_px=720, height_px=576, aspect=(64, 45), flags=_INTERLACED_FLAGS,
         sound_codec="mp2", gop=12),
    Clip("odd.mp4", 5.0, codec="mpeg4", width_px=335, height_px=251, bframes=0),
    Clip("varied.mkv", 6.0, steps=(24, 20, 31, 24, 40), gop=60),
]  # fmt: skip


def _pictures(grid: Grid) -> list[Rung]:
    return [rung for rung in grid.rungs if rung.kind is RungKind.VIDEO]


def _count(clip: Clip) -> int:
    at = count = 0
    while at < clip.seconds * 600:
        at, count = at + clip.steps[count % len(clip.steps)], count + 1
    return count


@pytest.mark.parametrize("clip", _SOURCES, ids=lambda clip: clip.name)
def test_every_rung_of_every_source_holds_every_picture_once(tmp_path: Path, clip: Clip) -> None:
    """Ladder and original, each cell made by a run of its own or all in one."""
    path = film(clip)
    grid = grid_of(path)
    inits = inits_of(path, grid)
    assert _pictures(grid)
    for rung in _pictures(grid):
        half = rung.cells // 2
        fill(path, tmp_path, (rung,), half, rung.cells - half)
        if half:
            fill(path, tmp_path, (rung,), 0, half)
        cells = cells_of(tmp_path, rung)
        seen = watch(inits[rung.id].body, cells)
        assert seen.numbers == list(range(_count(clip))), rung.id
        assert all(later > earlier for earlier, later in pairwise(seen.ticks))
        assert inits[rung.id].codecs == rung.codecs
        assert starts(cells[0]) == 0


@pytest.mark.parametrize("clip", _SOURCES, ids=lambda clip: clip.name)
def test_rungs_of_a_ladder_share_short_cells_on_key_frames(clip: Clip) -> None:
    """At most 4 s, 2 s at the start; where the source has key frames every 2 s, all of them on one."""
    grid, facts = grid_of(film(clip)), facts_of(film(clip))
    ladder_ = [rung for rung in _pictures(grid) if rung.group is RungGroup.LADDER]
    assert len({rung.borders_ticks for rung in ladder_}) == 1
    rung = ladder_[0]
    first_s, longest_s = (4.5, 4.5) if rung.method is RungMethod.COPIED and clip.gop > 50 else (2.05, 4.05)
    assert rung.duration_s(0) <= first_s
    assert max(rung.duration_s(cell) for cell in range(rung.cells)) <= longest_s
    assert facts.video is not None
    keys = {(pts - facts.video_start_ticks) * facts.video.time_base_num for pts in facts.key_frames.pts_ticks}
    if clip.gop <= 50:
        assert set(rung.borders_ticks[:-1]) <= keys


@pytest.mark.parametrize("clip", [_PQ, _HLG], ids=lambda clip: clip.name)
def test_hdr_is_offered_untouched_alone(tmp_path: Path, clip: Clip) -> None:
    """A ladder made of it would look washed out; the master tells the range, and every picture is there."""
    path = film(clip)
    grid, facts = grid_of(path), facts_of(path)
    assert facts.video is not None
    assert facts.video.is_hdr
    (own,) = _pictures(grid)
    wished = "PQ" if clip is _PQ else "HLG"
    assert (own.id, own.reason, own.video_range) == ("original", "hdr", wished)
    assert own.codecs.startswith("hvc1.2.4.L")
    assert f"VIDEO-RANGE={wished}" in hls.master(grid)
    fill(path, tmp_path, (own,), 0, own.cells)
    init = inits_of(path, grid)["original"].body
    assert watch(init, cells_of(tmp_path, own)).numbers == list(range(150))
    with av.open(io.BytesIO(init + cells_of(tmp_path, own)[0])) as back:
        assert back.streams.video[0].codec_context.color_trc == clip.transfer
        assert back.streams.video[0].codec_context.codec_tag == "hvc1"


def test_hdr_that_cannot_be_boxed_has_a_reason() -> None:
    """A codec no player takes in fragments: nothing to watch, and words for it."""
    facts = facts_of(film(_PQ))
    assert facts.video is not None
    strange = replace(facts, video=replace(facts.video, codec="prores"))
    assert ladder.why_nothing(strange, ladder.plan(strange, DEFAULT_RENDITIONS)) == "hdr_not_copied"
    assert ladder.why_nothing(facts, ladder.plan(facts, DEFAULT_RENDITIONS)) == ""


def test_a_plain_h265_film_has_a_ladder_and_its_original_beside() -> None:
    """The ladder is for all screens; who asks for the original gets H.265."""
    grid = grid_of(film(_CLOSED))
    assert [(rung.id, rung.method.value, rung.reason) for rung in _pictures(grid)] == [
        ("360p", "encoded", "not_h264"),
        ("240p", "encoded", "smaller"),
        ("120p", "encoded", "smaller"),
        ("original", "copied", "original"),
    ]
    assert "hvc1" not in hls.master(grid)
    assert "avc1" not in hls.original_master(grid)


@pytest.mark.parametrize("name", ["closed.mp4", "closed.mkv", "closed.ts"])
def test_parameter_sets_are_told_as_the_encoder_wrote_them(name: str) -> None:
    """From MP4 and Matroska the record comes back bit for bit, but for what only the muxer knew."""
    with opened(bytes(film(replace(_CLOSED, name=name)))) as container:
        video = container.streams.video[0]
        boxed, extradata = boxed_as(video), video.codec_context.extradata or b""
        packet = next(bytes(packet) for packet in container.demux(video) if packet.size)
    sets = h265.sets_of_extradata(boxed.config)
    assert sets is not None
    assert sets == h265.sets_of_extradata(extradata)
    assert boxed.codecs == "hvc1.1.6.L63.90" or boxed.codecs.startswith("hvc1.1.6.L")
    if name.endswith("mp4"):
        assert boxed.config[:13] == extradata[:13]
        assert boxed.config[16:19] == extradata[16:19]
    units = list(h265.units_of(boxed.sample(packet), 4))
    assert {h265.unit_type(unit) for unit in units}.isdisjoint({h265.VPS, h265.SPS, h265.PPS, h265.DELIMITER})
    assert any(16 <= h265.unit_type(unit) <= 21 for unit in units)


def test_a_film_cut_at_an_open_group_begins_with_its_first_whole_picture(tmp_path: Path) -> None:
    """Pictures that lean on ones which are gone are left out: cell 0 begins with the key frame."""
    path = tmp_path / "cut.mkv"
    with av.open(str(film(_OPEN))) as source, av.open(str(path), "w") as out:
        video = source.streams.video[0]
        track = out.add_stream_from_template(video)
        keys = 0
        for packet in source.demux(video):
            keys += packet.is_keyframe
            if packet.size and keys >= 2:
                packet.stream = track
                out.mux(packet)
    grid = grid_of(path)
    own = grid.rung("original")
    assert own is not None
    fill(path, tmp_path, (own,), 0, own.cells)
    seen = watch(inits_of(path, grid)["original"].body, cells_of(tmp_path, own))
    assert seen.numbers == list(range(50, 150))


def test_any_cell_of_an_open_group_can_be_the_first_one(tmp_path: Path) -> None:
    """After a seek a decoder passes over the pictures it cannot have, and shows all from the key frame on."""
    path = film(replace(_OPEN, name="open-seek.mkv", seconds=14.0))
    grid = grid_of(path)
    own = grid.rung("original")
    assert own is not None
    assert own.cells >= 2
    fill(path, tmp_path, (own,), 0, own.cells)
    seen = watch(inits_of(path, grid)["original"].body, {1: cells_of(tmp_path, own)[1]})
    key = round(own.start_s(1) * 25)
    assert seen.numbers[0] >= key - 3
    assert set(range(key, key + 100)) <= set(seen.numbers)


def test_halves_are_seen_and_made_whole() -> None:
    """The flag comes from the pictures, the rungs keep the rate, and a progressive film has none of it."""
    for clip in _SOURCES[7:10]:
        facts, grid = facts_of(film(clip)), grid_of(film(clip))
        assert facts.video is not None
        assert facts.video.is_interlaced, clip.name
        made = [rung for rung in _pictures(grid) if rung.method is RungMethod.ENCODED]
        assert {(rung.deinterlaces, round(rung.frame_rate)) for rung in made} == {(True, 25)}
        assert not any(rung.method is RungMethod.COPIED for rung in _pictures(grid))
    for clip in (_CLOSED, Clip("steady.mp4")):
        facts = facts_of(film(clip))
        assert facts.video is not None
        assert not facts.video.is_interlaced
        assert not any(rung.deinterlaces for rung in grid_of(film(clip)).rungs)


def _rich(tmp_path: Path, gop: int, bit_rate_bps: int) -> Path:
    """Return a film of this rate, most of it filler, 640 x 360."""
    path = tmp_path / f"rich-{gop}.mp4"
    noise, rate = av.VideoFrame(640, 360, "yuv420p"), bit_rate_bps // 1000
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt, video.bit_rate = 640, 360, "yuv420p", bit_rate_bps
        video.codec_context.options = {
            "preset": "ultrafast", "g": str(gop), "keyint_min": str(gop), "sc_threshold": "0",
            "x264-params": f"nal-hrd=cbr:vbv-maxrate={rate}:vbv-bufsize={rate // 2}:filler=1",
        }  # fmt: skip
        for number in range(250):
            noise.pts, noise.time_base = number, Fraction(1, 25)
            out.mux(video.encode(noise))
        out.mux(video.encode(None))
    return path


@pytest.mark.parametrize(("gop", "rate_bps", "longest_s"), [(25, 20_000_000, 1.0), (12, 45_000_000, 0.5)])
def test_cells_of_a_rich_source_stay_small_where_its_key_frames_allow_it(
    tmp_path: Path, gop: int, rate_bps: int, longest_s: float
) -> None:
    """20 Mb/s for four seconds would be 10 MB; Home Assistant's ingress sends no length above 4,000,000 bytes."""
    path = _rich(tmp_path, gop, rate_bps)
    facts = facts_of(path)
    for may_encode in (True, False):
        grid = ladder.plan(facts, DEFAULT_RENDITIONS, may_encode=may_encode)
        copied = next(rung for rung in grid.rungs if rung.method is RungMethod.COPIED)
        fill(path, tmp_path / str(may_encode), (copied,), 0, copied.cells)
        sizes = [len(body) for body in cells_of(tmp_path / str(may_encode), copied).values()]
        assert max(sizes) < 4_000_000
        assert max(copied.duration_s(cell) for cell in range(copied.cells)) <= longest_s + 0.1


def test_cells_that_are_encoded_at_a_high_rate_are_short() -> None:
    """Rate and picture buffer bound them below 4,000,000 bytes."""
    facts = facts_of(film(Clip("far-keys.mp4", seconds=14, gop=1000, sample_rate_hz=44100)))
    for rate_bps in (5_000_000, 12_000_000, 20_000_000):
        wished = [replace(DEFAULT_RENDITIONS[2], id="360p", height_px=360, video_bps=rate_bps)]
        made = next(rung for rung in ladder.plan(facts, wished).rungs if rung.method is RungMethod.ENCODED)
        longest_s = max(made.duration_s(cell) for cell in range(made.cells))
        most = rate_bps / 8 * (longest_s * ladder.MAXRATE_SHARE + ladder.BUFFER_SHARE)
        assert most <= max(4_100_000, rate_bps / 8 * 2.3)


def test_what_says_too_little_cannot_be_boxed() -> None:
    """Cut or foreign configurations give nothing, never an error."""
    look = Look("yuv420p", 8, 640, 360, 25.0)
    with opened(bytes(film(_CLOSED))) as container:
        extradata = container.streams.video[0].codec_context.extradata or b""
    assert coding_of("hevc", extradata, look)
    for size in range(0, len(extradata) - 1, 3):
        told = coding_of("hevc", extradata[:size], look)
        assert told is None or size > 60
    assert coding_of("av1", b"\x81\x00", look) is None
    assert coding_of("mpeg4", extradata, look) is None
