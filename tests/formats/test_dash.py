"""The manifest keeps the rules of the DASH schema and says the same as the playlists."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from osmose_addon.formats import dash
from osmose_addon.model.media import Grid, RungGroup, RungMethod, TextTrack, VideoTrack
from tests.formats.test_hls import ENGLISH, GERMAN, GRID, SMALL, TEXT, TOP

_N = "{urn:mpeg:dash:schema:mpd:2011}"
_VIDEO = VideoTrack(
    0, "h264", 100, 40, 1440, 1080, "yuv420p", 8, 1, 12288, 24.0, sample_aspect_num=4, sample_aspect_den=3
)

# Of DASH-MPD.xsd: children in their order, attributes with their patterns, and those that must be there.
_UINT, _TEXT, _ANY = r"\d{1,10}", r"[^\x00-\x1f]*", r"\S+"
_RATE, _RATIO, _LASTS = r"\d+(/[1-9]\d*)?", r"\d+:\d+", r"PT(\d+(\.\d+)?)S"
_BASE_CHILDREN = ["AudioChannelConfiguration", "EssentialProperty", "SupplementalProperty", "Label"]
_BASE = {"mimeType": _ANY, "codecs": _ANY, "width": _UINT, "height": _UINT, "sar": _RATIO, "frameRate": _RATE}
_BASE |= {"audioSamplingRate": r"\d+( \d+)?", "startWithSAP": "[0-6]"}
_SET = _BASE | {"id": _UINT, "lang": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", "contentType": "text|audio|video"}
_SET |= {"maxWidth": _UINT, "maxHeight": _UINT, "segmentAlignment": "true|false"}
_DESCRIBED: tuple[list[str], dict[str, str], set[str]] = ([], {"schemeIdUri": _ANY, "value": _TEXT}, {"schemeIdUri"})
_RULES: dict[str, tuple[list[str], dict[str, str], set[str]]] = {
    "MPD": (
        ["Period"],
        {"profiles": _ANY, "type": "static", "mediaPresentationDuration": _LASTS, "minBufferTime": _LASTS},
        {"profiles", "minBufferTime"},
    ),
    "Period": (["AdaptationSet"], {"id": _TEXT, "start": _LASTS}, set()),
    "AdaptationSet": ([*_BASE_CHILDREN, "Role", "SegmentTemplate", "Representation"], _SET, set()),
    "Representation": (
        [*_BASE_CHILDREN, "BaseURL"],
        _BASE | {"id": _ANY, "bandwidth": _UINT},
        {"id", "bandwidth"},
    ),
    "SegmentTemplate": (
        ["SegmentTimeline"],
        {"timescale": _UINT, "initialization": _TEXT, "media": _TEXT, "startNumber": _UINT},
        set(),
    ),
    "SegmentTimeline": (["S"], {}, set()),
    "S": ([], {"t": r"\d+", "d": r"\d+", "r": r"-?\d+"}, {"d"}),
    "BaseURL": ([], {}, set()),
    "Label": ([], {}, set()),
    "Role": _DESCRIBED,
    "AudioChannelConfiguration": _DESCRIBED,
    "SupplementalProperty": _DESCRIBED,
}


def check(element: ET.Element) -> None:
    """Hold an element and all below it to the rules."""
    name = element.tag.removeprefix(_N)
    children, attributes, needed = _RULES[name]
    places = [children.index(child.tag.removeprefix(_N)) for child in element]
    assert places == sorted(places), name
    assert needed <= set(element.attrib), name
    for key, value in element.attrib.items():
        assert re.fullmatch(attributes[key], value), f"{name}@{key}={value}"
    for child in element:
        check(child)


def parsed(grid: Grid, video: VideoTrack | None = None, texts: tuple[TextTrack, ...] = ()) -> ET.Element:
    root = ET.fromstring(dash.manifest(grid, video, texts))  # noqa: S314 - it is our own
    check(root)
    return root


def sets(root: ET.Element, kind: str) -> list[ET.Element]:
    return [one for one in root.iter(f"{_N}AdaptationSet") if one.get("contentType") == kind]


def test_the_ladder_is_one_set_and_each_sound_and_text_one_of_its_own() -> None:
    root = parsed(GRID, texts=(TEXT, replace(TEXT, index=5, is_forced=True, language="de_x\x00")))
    (video,) = sets(root, "video")
    assert [one.get("id") for one in video.iter(f"{_N}Representation")] == ["1080p", "480p"]
    assert [one.get("lang") for one in sets(root, "audio")] == ["en", "de"]
    assert [one.get("lang") for one in sets(root, "text")] == ["en", None]
    roles = [one.get("value") for one in root.iter(f"{_N}Role")]
    assert roles == ["main", "main", "alternate", "subtitle", "forced-subtitle"]
    assert [one.text for one in root.iter(f"{_N}BaseURL")] == ["subtitles/4.vtt", "subtitles/5.vtt"]
    assert len({one.get("id") for one in root.iter(f"{_N}AdaptationSet")}) == 5


def test_the_time_line_is_exact_to_the_tick() -> None:
    even = replace(TOP, borders_ticks=(0, 10, 20, 30, 37, 47))
    root = parsed(replace(GRID, rungs=(even,)))
    lines = [dict(line.attrib) for line in root.iter(f"{_N}S")]
    assert lines == [{"t": "0", "d": "10", "r": "2"}, {"d": "7"}, {"d": "10"}]
    template = next(root.iter(f"{_N}SegmentTemplate"))
    assert template.attrib == {
        "timescale": "12288",
        "startNumber": "0",
        "initialization": "r/$RepresentationID$/init.mp4",
        "media": "r/$RepresentationID$/$Number$.m4s",
    }


@pytest.mark.parametrize(
    ("rate", "told"), [(24.0, "24"), (24000 / 1001, "24000/1001"), (23.976, "2997/125"), (12.5, "25/2")]
)
def test_a_frame_rate_is_a_fraction(rate: float, told: str) -> None:
    root = parsed(replace(GRID, rungs=(replace(TOP, frame_rate=rate),)))
    assert next(root.iter(f"{_N}Representation")).get("frameRate") == told


def test_a_copy_keeps_the_shape_of_the_sources_pixels() -> None:
    root = parsed(GRID, _VIDEO)
    assert [one.get("sar") for one in root.iter(f"{_N}Representation")][:2] == ["4:3", "1:1"]


@pytest.mark.parametrize(("channels", "configuration"), [(1, "1"), (2, "2"), (6, "6"), (7, "11"), (8, "12")])
def test_channels_are_told_by_their_configuration(channels: int, configuration: str) -> None:
    root = parsed(replace(GRID, rungs=(TOP, replace(ENGLISH, channels=channels))))
    (told,) = root.iter(f"{_N}AudioChannelConfiguration")
    assert told.get("value") == configuration


def test_the_same_track_with_other_channels_is_a_choice_of_its_own() -> None:
    surround = replace(ENGLISH, id="sound-1-surround", channels=6)
    assert len(sets(parsed(replace(GRID, rungs=(TOP, ENGLISH, surround))), "audio")) == 2


def test_an_original_is_never_mixed_with_the_ladder() -> None:
    original = replace(TOP, id="original", group=RungGroup.ORIGINAL)
    beside = parsed(replace(GRID, rungs=(replace(SMALL, method=RungMethod.ENCODED), original, ENGLISH)))
    assert [one.get("id") for one in sets(beside, "video")[0].iter(f"{_N}Representation")] == ["480p"]
    alone = parsed(replace(GRID, rungs=(original,)))
    assert [one.get("id") for one in sets(alone, "video")[0].iter(f"{_N}Representation")] == ["original"]


def test_sound_alone_is_a_presentation_too() -> None:
    root = parsed(replace(GRID, rungs=(ENGLISH, GERMAN)))
    assert not sets(root, "video")
    assert len(sets(root, "audio")) == 2


def test_names_from_files_stay_names() -> None:
    evil = replace(GERMAN, name="</Label><x a='\"&\x00\x1b")
    root = parsed(replace(GRID, rungs=(TOP, evil)))
    assert next(root.iter(f"{_N}Label")).text == "</Label><x a='\"&  "


def test_the_end_is_never_before_the_last_picture_ends() -> None:
    third = replace(TOP, timescale_hz=3, borders_ticks=(0, 10))
    root = parsed(Grid("r", 10 / 3, (third,)))
    assert root.get("mediaPresentationDuration") == "PT3.333334S"
    assert root.get("minBufferTime") == "PT3.333334S"
