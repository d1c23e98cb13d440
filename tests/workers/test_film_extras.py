"""Stills, subtitles and the sample film."""

import subprocess
from pathlib import Path

import av
import pytest

from osmose_addon.formats import ladder
from osmose_addon.model.config import DEFAULT_RENDITIONS
from osmose_addon.model.errors import MediaError, StoreError
from osmose_addon.model.media import RungMethod
from osmose_addon.model.orders import PosterOrder, SampleOrder, TextOrder
from osmose_addon.model.reports import PictureMade, Progress, TextMade
from osmose_addon.workers import landscape, sample, stills, texts
from osmose_addon.workers.landscape import Landscape
from tests import clips
from tests.clips import film
from tests.tools import ffmpeg
from tests.workers.grids import Listener, facts_of


def test_a_still_is_a_jpeg_of_the_wished_width(tmp_path: Path) -> None:
    """It is upright, of square pixels, and never larger than the film."""
    for clip, wished, size in ((clips.STEADY, 320, (320, 180)), (clips.ANAMORPHIC, 960, (640, 360))):
        hub = Listener()
        stills.main(PosterOrder(bytes(film(clip)), 3.0, wished), hub)
        made = hub.reports[0]
        assert isinstance(made, PictureMade)
        assert (made.width_px, made.height_px) == size
        picture = tmp_path / "still.jpg"
        picture.write_bytes(made.body)
        with av.open(str(picture), "r") as image:
            frame = next(image.decode(video=0))
        assert (frame.width, frame.height) == size


@pytest.fixture(scope="module")
def hills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first seconds of the sample film, made as the whole one is."""
    path = tmp_path_factory.mktemp("films") / "Over the Hills (2026).mkv"
    sample.make(path, Listener(), until_s=6)
    return path


def test_the_sample_film_has_everything_a_film_can_have(hills: Path) -> None:
    """Two sounds, two subtitles, chapters, a title; its own rung is copied."""
    facts = facts_of(hills)
    assert (facts.tag_title, facts.tag_year) == ("Over the Hills", 2026)
    assert [(track.language, track.name, track.is_default) for track in facts.audio] == [
        ("eng", "English", True),
        ("deu", "Deutsch", False),
    ]
    assert [(track.language, track.codec) for track in facts.texts] == [("eng", "subrip"), ("deu", "subrip")]
    assert [chapter.name for chapter in facts.chapters] == ["Dawn", "Day", "Dusk", "Night"]
    assert facts.duration_s == 6
    top = ladder.plan(facts, DEFAULT_RENDITIONS[:3]).rungs[0]
    assert (top.id, top.method, top.width_px) == ("720p", RungMethod.COPIED, 1280)
    assert [path.name for path in hills.parent.iterdir()] == [hills.name]


def test_subtitles_become_webvtt(hills: Path) -> None:
    """Umlauts and times arrive; an origin moves them."""
    hub = Listener()
    texts.main(TextOrder(bytes(hills), 4, origin_s=0.5), hub)
    made = hub.reports[-1]
    assert isinstance(made, TextMade)
    header, cue = made.body.split("\n\n")
    assert header == "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0"
    assert cue == "00:00:00.500 --> 00:00:04.000\nJeder Tag beginnt über den Hügeln.\n"
    with pytest.raises(MediaError):
        texts.main(TextOrder(bytes(hills), 0), hub)


def test_the_landscape_changes_from_night_to_day() -> None:
    """Noon is brighter than midnight, and a frame is a whole yuv420p picture."""
    drawn = Landscape()
    noon, night = drawn.frame(14.0), drawn.frame(39.0)
    assert noon.shape == (landscape.HEIGHT_PX * 3 // 2, landscape.WIDTH_PX)
    assert noon[:720].mean() > 2 * night[:720].mean()


def test_a_sample_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """A folder that is not there is an error with a cause."""
    with pytest.raises(StoreError):
        sample.main(SampleOrder(bytes(tmp_path / "nowhere" / "film.mkv")), Listener())


def test_progress_is_told_while_the_sample_is_made(tmp_path: Path) -> None:
    """Once a second of film."""
    hub = Listener()
    sample.make(tmp_path / "film.mkv", hub, until_s=2)
    told = [report.done for report in hub.reports if isinstance(report, Progress)]
    assert told == sorted(told)
    assert len(told) == 2


_SCRIPT = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Italic, Alignment
Style: Default,0,2
Style: Sign,-1,8

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello, {\\b1}you{\\b0}
Dialogue: 0,0:00:03.00,0:00:04.00,Sign,,0,0,0,,Zum Bären
"""


def test_a_script_within_a_film_keeps_its_places(tmp_path: Path) -> None:
    """Its styles stand in the track's header. A track for those who hear badly is called so."""
    script, path = tmp_path / "script.ass", tmp_path / "film.mkv"
    script.write_text(_SCRIPT)
    source = ("-v", "error", "-i", str(film(clips.STEADY)), "-i", str(script), "-map", "0:v", "-map", "1")
    told = ("-c", "copy", "-disposition:s:0", "hearing_impaired", "-metadata:s:s:0", "language=ger", str(path))
    subprocess.run([ffmpeg(), *source, *told], check=True, stdin=subprocess.DEVNULL)
    (track,) = facts_of(path).texts
    assert (track.name, track.language, track.codec) == ("SDH", "ger", "ass")
    hub = Listener()
    texts.main(TextOrder(bytes(path), track.index), hub)
    made = hub.reports[-1]
    assert isinstance(made, TextMade)
    assert made.body.split("\n\n")[1:] == [
        "00:00:01.000 --> 00:00:02.500\nHello, <b>you</b>",
        "00:00:03.000 --> 00:00:04.000 line:0\n<i>Zum Bären</i>\n",
    ]
