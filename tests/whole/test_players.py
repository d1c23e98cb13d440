"""Every picture of a whole film in players that are not ours: shaka-player for DASH, the browser alone for MP4."""

import pytest

from tests import clips
from tests.whole.browser import browsing
from tests.whole.players import counted_by_browser, counted_by_shaka
from tests.whole.running import running
from tests.whole.test_film import _PICTURES, _SECONDS, _YAML, film

pytestmark = pytest.mark.timeout(240)


async def test_shaka_shows_every_picture_through_forced_switches(tmp_path):
    """The same cells as in HLS, one rung copied, one encoded; the player changes at every cell."""
    film(tmp_path)
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        told = await counted_by_shaka(page, osmose.url, title["links"]["dash"], (360, 240))
    assert told["fatal"] == []
    assert told["levels"] == [240, 360]
    assert told["appended"] >= 4
    assert told["seen"] == list(range(_PICTURES))
    assert told["decoded"] >= _PICTURES
    assert {(one["language"], one["frameRate"]) for one in told["tracks"]} == {("en", 25)}


async def test_the_browser_alone_shows_every_picture_of_one_mp4(tmp_path):
    """A film of Matroska with B-frames and sound is one MP4; a seek in it is a range."""
    (tmp_path / "films").mkdir()
    clips.make(tmp_path / "films", clips.Clip("Slope (2026).mkv", _SECONDS))
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        told = await counted_by_browser(page, osmose.url, title["links"]["mp4"])
        sought = await counted_by_browser(page, osmose.url, title["links"]["mp4"], seek_to=6.0)
    assert told["seen"] == list(range(_PICTURES))
    assert told["decoded"] >= _PICTURES  # in one go: which of them a busy machine then shows is another matter
    assert abs(told["lasts"] - _SECONDS) < 0.05
    assert [number for number in sought["seen"] if number >= 150] == list(range(150, _PICTURES))
