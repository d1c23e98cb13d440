"""What a title is as one file."""

from dataclasses import replace
from urllib.parse import unquote

import pytest

from osmose_addon.formats.downloads import chosen, content_type, disposition, is_plain_mp4
from osmose_addon.model.media import Grid, MediaFacts, Rung, RungGroup, RungMethod, Title, TitlePhase
from tests.formats.test_hls import ENGLISH, SMALL, TOP
from tests.formats.test_ladder import AAC, VIDEO

_FACTS = MediaFacts("mov,mp4,m4a,3gp,3g2,mj2", 1000, 10.0, VIDEO, (AAC,), has_index_first=True)
_TITLE = Title("film-1", "films", "Slope", b"/films/slope.mp4", TitlePhase.READY, 2026, facts=_FACTS)

_ENCODED = replace(SMALL, id="720p", height_px=720, width_px=1280)
_SURROUND = replace(ENGLISH, channels=6)
_STEREO = replace(ENGLISH, id="sound-1-stereo", method=RungMethod.ENCODED, is_default=False)


def of(container: str, path: bytes, facts: MediaFacts = _FACTS) -> Title:
    return replace(_TITLE, path=path, facts=replace(facts, container=container))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (_TITLE, "video/mp4"),
        (of("mov,mp4,m4a,3gp,3g2,mj2", b"/a.MOV"), "video/quicktime"),
        (of("mov,mp4,m4a,3gp,3g2,mj2", b"/a.m4v", replace(_FACTS, video=None)), "audio/mp4"),
        (of("matroska,webm", b"/a.mkv"), "video/x-matroska"),
        (of("matroska,webm", b"/a.webm"), "video/x-matroska"),
        (of("matroska,webm", b"/a.webm", replace(_FACTS, video=replace(VIDEO, codec="vp9"), audio=())), "video/webm"),
        (of("mpegts", b"/a.ts"), "video/mp2t"),
        (of("avi", b"/\xff\xfe.avi"), "video/x-msvideo"),
        (of("something new", b"/a"), "application/octet-stream"),
    ],
)
def test_the_type_is_that_of_the_container(title: Title, expected: str) -> None:
    assert content_type(title) == expected


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Slope", "Slope (2026).mp4"),
        ('A "quoted"\r\nX: y/../z', "A  quoted   X: y .. z (2026).mp4"),
        ("Über", "Über (2026).mp4"),
    ],
)
def test_a_saved_copy_is_named_after_the_title_whatever_that_is(name: str, told: str) -> None:
    header = disposition(replace(_TITLE, name=name), ".mp4")
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('inline; filename="')
    assert header.count('"') == 2
    assert unquote(header.rpartition("filename*=UTF-8''")[2]) == told


@pytest.mark.parametrize(
    "facts",
    [
        replace(_FACTS, has_index_first=False),
        replace(_FACTS, video=None),
        replace(_FACTS, video=replace(VIDEO, codec="hevc")),
        replace(_FACTS, video=replace(VIDEO, bit_depth=10)),
        replace(_FACTS, video=replace(VIDEO, pixel_format="yuv422p")),
        replace(_FACTS, video=replace(VIDEO, rotation_deg=90)),
        replace(_FACTS, video=replace(VIDEO, is_interlaced=True)),
        replace(_FACTS, audio=(AAC, replace(AAC, codec="ac3"))),
        replace(_FACTS, audio=(replace(AAC, profile=4),)),
    ],
)
def test_a_file_is_sent_as_it_is_only_if_every_player_takes_it(facts: MediaFacts) -> None:
    assert is_plain_mp4(_FACTS)
    assert not is_plain_mp4(facts)


def _ids(*rungs: Rung, whole: tuple[str, ...] = ()) -> list[str]:
    return [rung.id for rung in chosen(Grid("r", 8.0, rungs), whole)]


def test_a_copy_or_what_is_whole_comes_before_what_had_to_be_made() -> None:
    original = replace(TOP, id="original", group=RungGroup.ORIGINAL)
    assert _ids(TOP, SMALL, ENGLISH) == ["1080p", "sound-1"]
    assert _ids(_ENCODED, SMALL, original, ENGLISH) == ["original", "sound-1"]
    assert _ids(_ENCODED, SMALL) == ["720p"]
    assert _ids(_ENCODED, SMALL, whole=("480p",)) == ["480p"]


def test_what_few_players_take_is_no_choice_beside_what_all_do() -> None:
    assert _ids(replace(TOP, codecs="hvc1.1.6.L120"), SMALL, ENGLISH) == ["480p", "sound-1"]
    assert _ids(replace(TOP, codecs="avc1.6e0028"), SMALL) == ["480p"]


def test_what_is_there_untouched_only_is_taken_as_it_is() -> None:
    assert _ids(replace(TOP, codecs="hvc1.2.4.L120"), ENGLISH) == ["1080p", "sound-1"]


def test_sound_is_the_default_one_in_stereo_where_there_is_stereo() -> None:
    other = replace(ENGLISH, id="sound-2", track=9, is_default=True)
    first = replace(ENGLISH, is_default=False)
    assert _ids(TOP, first, other) == ["1080p", "sound-2"]
    assert _ids(TOP, _SURROUND, _STEREO) == ["1080p", "sound-1-stereo"]
    assert _ids(TOP, _SURROUND) == ["1080p", "sound-1"]
    assert _ids(ENGLISH) == ["sound-1"]
