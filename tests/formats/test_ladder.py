"""Which rungs a title gets, and where its cells begin."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats import borders, h264, ladder
from osmose_addon.formats.levels import level_for
from osmose_addon.model.config import DEFAULT_RENDITIONS
from osmose_addon.model.media import AudioTrack, KeyFrames, MediaFacts, RungGroup, RungMethod, VideoTrack

SPS = bytes.fromhex("67640028acd940780227e5c05a808080a0000003002000000781e30632c0")
RECORD = h264.avcc(h264.ParameterSets((SPS,), (bytes.fromhex("68ebe3cb22c0"),)))
VIDEO = VideoTrack(
    *(0, "h264", 100, 40, 1920, 1080, "yuv420p", 8, 1, 12288, 24.0),
    extradata=RECORD,
)
AAC = AudioTrack(1, "aac", 1, 2, 48000, 1, 48000, "eng", extradata=b"\x11\x90")
WISHED = tuple(r for r in DEFAULT_RENDITIONS if r.height_px >= 480)


def _facts(keys_s: list[float], end_s: float = 30.0, video: VideoTrack = VIDEO) -> MediaFacts:
    pts = tuple(round(at * video.time_base_den) for at in keys_s)
    ends = [*keys_s[1:], end_s]
    sizes = tuple(round((end - at) * 500_000) for at, end in zip(keys_s, ends, strict=True))
    end = round(end_s * video.time_base_den)
    return MediaFacts("mov", 22_000_000, end_s, video, (AAC,), (), (), KeyFrames(pts, sizes), 0, end)


EVERY_2_S_KEYS = [float(at) for at in range(0, 30, 2)]
EVERY_2_S = _facts(EVERY_2_S_KEYS)
FAR = _facts([0, 250 / 24, 285 / 24, 15.75, 553 / 24])


def _rungs(facts: MediaFacts, **options: bool) -> dict[str, tuple[str, str, str]]:
    grid = ladder.plan(facts, WISHED, **options)
    return {rung.id: (rung.group, rung.method, rung.reason) for rung in grid.rungs}


def test_a_source_with_frequent_key_frames_is_the_top_rung_itself() -> None:
    """Its own size is copied, the smaller ones are encoded, all on the same borders."""
    grid = ladder.plan(EVERY_2_S, WISHED)
    assert _rungs(EVERY_2_S) == {
        "1080p": ("ladder", "copied", "fits"),
        "720p": ("ladder", "encoded", "smaller"),
        "480p": ("ladder", "encoded", "smaller"),
        "sound-1": ("sound", "copied", "aac_fits"),
    }
    assert len({rung.borders_ticks for rung in grid.rungs if rung.group is RungGroup.LADDER}) == 1
    top = grid.rung("1080p")
    assert top is not None
    assert [top.duration_s(cell) for cell in range(4)] == [2, 2, 4, 4]
    assert top.codecs == "avc1.640028"
    assert top.bandwidth_bps == 4_016_000


def _thin(bytes_per_s: int, keys_s: list[float], end_s: float = 30.0) -> MediaFacts:
    facts = _facts(keys_s, end_s)
    sizes = tuple(size * bytes_per_s // 500_000 for size in facts.key_frames.bytes_from)
    return replace(facts, key_frames=replace(facts.key_frames, bytes_from=sizes))


@pytest.mark.parametrize("bytes_per_s", [2_000, 20_000, 150_000, 500_000, 900_000])
def test_what_is_encoded_costs_clearly_less_than_the_copy_beside_it(bytes_per_s: int) -> None:
    """Else a phone would choose the poorer picture of more bits, made anew, over the film as it is."""
    own, *made = [r for r in ladder.plan(_thin(bytes_per_s, EVERY_2_S_KEYS), WISHED).rungs if r.kind == "video"]
    assert (own.method, [rung.id for rung in made]) == (RungMethod.COPIED, ["720p", "480p"])
    for larger, smaller in pairwise((own, *made)):
        assert smaller.average_bps < larger.average_bps
        assert smaller.bandwidth_bps < larger.bandwidth_bps
    assert all(rung.target_bps < 0.8 * own.average_bps for rung in made)
    assert all(rung.bandwidth_bps >= rung.target_bps * ladder.MAXRATE_SHARE for rung in made)


def test_a_rung_that_is_hardly_smaller_than_the_copy_is_left_out() -> None:
    """It would spare nobody anything. Where the film needs many bits, it spares some."""
    wished = [replace(WISHED[0], id="1000p", height_px=1000), WISHED[2]]
    thin = ladder.plan(_thin(50_000, EVERY_2_S_KEYS), wished)
    rich = ladder.plan(_thin(1_200_000, EVERY_2_S_KEYS), wished)
    assert [rung.id for rung in thin.rungs if rung.kind == "video"] == ["1080p", "480p"]
    assert [rung.id for rung in rich.rungs if rung.kind == "video"] == ["1080p", "1000p", "480p"]


def test_a_film_that_ends_just_after_a_key_frame_has_no_stub_of_a_cell() -> None:
    """A picture buffer over a tenth of a second is a bound that no player would believe."""
    grid = ladder.plan(_thin(150_000, [*EVERY_2_S_KEYS, 30.0], 30.1), WISHED)
    own = grid.rung("1080p")
    assert own is not None
    assert min(own.duration_s(cell) for cell in range(own.cells)) >= 1
    assert {rung.id for rung in grid.rungs} >= {"1080p", "720p", "480p"}


def test_far_key_frames_make_the_source_a_playlist_of_its_own() -> None:
    """The ladder is encoded on short cells that use the source's key frames, the original keeps its own."""
    grid = ladder.plan(FAR, WISHED)
    assert _rungs(FAR)["1080p"] == ("ladder", "encoded", "key_frames_far_apart")
    assert _rungs(FAR)["original"] == ("original", "copied", "original")
    own, made = grid.rung("original"), grid.rung("720p")
    assert own is not None
    assert made is not None
    assert [border / 12288 for border in own.borders_ticks] == pytest.approx([0, 10.42, 15.75, 23.04, 30], abs=0.01)
    starts = {round(made.start_s(cell), 2) for cell in range(made.cells)}
    assert {10.42, 15.75, 23.04} <= starts
    assert max(made.duration_s(cell) for cell in range(made.cells)) <= 4
    assert made.duration_s(0) <= 2
    assert all(border % 512 == 0 for border in made.borders_ticks)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"codec": "hevc"}, "not_h264"),
        ({"bit_depth": 10, "pixel_format": "yuv420p10le"}, "ten_bit"),
        ({"pixel_format": "yuv422p"}, "not_420"),
        ({"extradata": b""}, "no_parameter_sets"),
        ({"rotation_deg": 90}, "rotated"),
    ],
)
def test_the_reason_for_encoding_is_told(change: dict[str, str | int | bytes], reason: str) -> None:
    """Each doubt has its own key."""
    facts = replace(EVERY_2_S, video=replace(VIDEO, **change))  # type: ignore[arg-type]
    top = next(rung for rung in ladder.plan(facts, WISHED).rungs if rung.kind == "video")
    assert (top.method, top.reason) == (RungMethod.ENCODED, reason)


def test_open_gops_and_wild_peaks_are_not_switched_to() -> None:
    """They stay watchable as the original."""
    opened = replace(EVERY_2_S, key_frames=replace(EVERY_2_S.key_frames, is_closed=False))
    wild = tuple(size * 12 for size in EVERY_2_S.key_frames.bytes_from)
    peaky = replace(EVERY_2_S, key_frames=replace(EVERY_2_S.key_frames, bytes_from=wild))
    assert _rungs(opened)["1080p"][2] == "open_gops"
    assert _rungs(peaky)["1080p"][2] == "peak_too_high"
    assert "original" in _rungs(opened)
    assert "original" in _rungs(peaky)


def test_a_library_that_never_transcodes_offers_copies_only() -> None:
    """Nothing is encoded, not even sound; a source that no browser plays has no rung."""
    assert set(_rungs(EVERY_2_S, may_encode=False)) == {"1080p", "sound-1"}
    assert set(_rungs(FAR, may_encode=False)) == {"original", "sound-1"}
    hevc = replace(FAR, video=replace(VIDEO, codec="hevc"), audio=(replace(AAC, codec="ac3"),))
    assert _rungs(hevc, may_encode=False) == {}


@pytest.mark.parametrize(
    ("width", "height", "rotation", "aspect", "sizes"),
    [
        (1920, 800, 0, (1, 1), {"1080p": (1920, 800), "720p": (1280, 534), "480p": (854, 356)}),
        (720, 576, 0, (16, 15), {"576p": (768, 576), "480p": (640, 480)}),
        (320, 240, 0, (1, 1), {"240p": (320, 240)}),
        (1920, 1080, 90, (1, 1), {"1080p": (1080, 1920), "720p": (720, 1280), "480p": (480, 854)}),
        (3840, 2160, 0, (1, 1), {"1080p": (1920, 1080), "720p": (1280, 720), "480p": (854, 480)}),
    ],
)
def test_sizes_keep_the_shape_and_never_grow(
    width: int, height: int, rotation: int, aspect: tuple[int, int], sizes: dict[str, tuple[int, int]]
) -> None:
    """Wide films, anamorphic ones, small ones and upright ones; `576p` is no wish, so only smaller wishes are made."""
    video = replace(
        VIDEO,
        codec="hevc",
        width_px=width,
        height_px=height,
        rotation_deg=rotation,
        sample_aspect_num=aspect[0],
        sample_aspect_den=aspect[1],
    )
    rungs = [rung for rung in ladder.plan(replace(FAR, video=video), WISHED).rungs if rung.kind == "video"]
    found = {rung.id: (rung.width_px, rung.height_px) for rung in rungs}
    assert found == {name: size for name, size in sizes.items() if name != "576p"}


def test_the_revision_changes_with_anything_that_changes_bytes() -> None:
    """Cells of two plans never mix."""
    one = ladder.plan(FAR, WISHED).revision
    assert one == ladder.plan(FAR, WISHED).revision
    assert one != ladder.plan(FAR, [replace(r, preset="medium") for r in WISHED]).revision
    assert one != ladder.plan(replace(FAR, size_bytes=1), WISHED).revision


def test_levels_grow_with_size_pace_and_peak() -> None:
    """As table A-1 has them."""
    assert level_for(1920, 1080, 24, 6_000_000) == 40
    assert level_for(1920, 1080, 60, 6_000_000) == 42
    assert level_for(1280, 720, 25, 3_400_000) == 31
    assert level_for(854, 480, 24, 1_700_000) == 30
    assert level_for(7680, 4320, 60, 100_000_000) == 52


@given(
    keys=st.lists(st.integers(1, 2_000_000), max_size=60, unique=True),
    end=st.integers(1, 2_500_000),
    frame=st.sampled_from([0.0, 1.04, 3003.0, 3600.0, 3753.75, 428_571.4]),
)
def test_borders_only_ever_go_forward(keys: list[int], end: int, frame: float) -> None:
    """Whatever a file claims, the grid is one that can be played."""
    line = borders.Timeline([0, *sorted(keys)], end, 90_000, frame)
    for cut in (borders.encoded(line), borders.original(line), borders.copied(line) or (0, end)):
        assert cut[0] == 0
        assert cut[-1] == end
        assert all(after > before for before, after in pairwise(cut))
    lasts = [after - before for before, after in pairwise(borders.encoded(line))]
    assert max(lasts) <= 4 * 90_000 + min(frame, 22_500) + 1
    assert set(borders.original(line)[:-1]) <= {0, *keys}


@given(
    keys=st.lists(st.integers(1, 300), max_size=30, unique=True),
    end=st.integers(1, 400),
    clock_hz=st.sampled_from([1, 2, 3, 10]),
    frame=st.sampled_from([0.0, 0.04, 0.5, 1.0, 2.0]),
    cell_s=st.sampled_from([1.0, 1.4, 4.0]),
)
def test_a_film_with_one_picture_a_second_is_cut_and_ends(
    keys: list[int], end: int, clock_hz: int, frame: float, cell_s: float
) -> None:
    """Time lapses in AVI count whole seconds: the search for a border once stood still there, for ever."""
    line = borders.Timeline([0, *sorted(keys)], end, clock_hz, frame)
    for cut in (borders.encoded(line, cell_s), borders.original(line), borders.copied(line) or (0, end)):
        assert (cut[0], cut[-1]) == (0, end)
        assert all(after > before for before, after in pairwise(cut))


@given(st.floats(0.01, 20_000), st.sampled_from([48_000, 44_100, 16_000]))
def test_sound_is_cut_between_frames(duration_s: float, rate_hz: int) -> None:
    """Every border is a whole number of AAC frames."""
    cut = borders.sound(duration_s, rate_hz)
    assert all(border % 1024 == 0 for border in cut)
    assert all(after > before for before, after in pairwise(cut))
    assert abs(cut[-1] / rate_hz - duration_s) <= 1024 / rate_hz


@pytest.mark.parametrize(
    ("source_hz", "rate_hz"),
    [(48_000, 48_000), (44_100, 44_100), (96_000, 48_000), (88_200, 44_100), (176_400, 44_100), (8_000, 16_000),
     (11_025, 22_050), (37_800, 48_000)],
)  # fmt: skip
def test_sound_keeps_its_rate_or_a_whole_part_of_it(source_hz: int, rate_hz: int) -> None:
    """Then samples of any run lie at the same instants."""
    flac = AudioTrack(1, "flac", -1, 2, source_hz, 1, source_hz)
    (rung,) = (r for r in ladder.plan(replace(FAR, audio=(flac,)), WISHED).rungs if r.kind == "audio")
    assert (rung.timescale_hz, rung.target_bps) == (rate_hz, 128_000)


@pytest.mark.parametrize(
    ("channels", "found"),
    [(1, [("sound-1", 1, 64_000)]), (2, [("sound-1", 2, 128_000)]),
     (6, [("sound-1", 6, 384_000), ("sound-1-stereo", 2, 128_000)]),
     (8, [("sound-1", 6, 384_000), ("sound-1-stereo", 2, 128_000)])],
)  # fmt: skip
def test_each_track_is_offered_in_channels_that_screens_have(channels: int, found: list[tuple[str, int, int]]) -> None:
    """Surround as 5.1 and as stereo, which plays by itself."""
    tracks = tuple(AudioTrack(at, "dts", -1, channels, 48_000, 1, 48_000, is_default=True) for at in (1, 2))
    rungs = [r for r in ladder.plan(replace(FAR, audio=tracks), WISHED).rungs if r.kind == "audio"]
    assert [(r.id, r.channels, r.target_bps) for r in rungs if r.track == 1] == found
    assert [r.id for r in rungs if r.is_default] == [found[-1][0]]
    assert [r.id.removeprefix("sound-2") for r in rungs if r.track == 2] == [name[7:] for name, _, _ in found]
