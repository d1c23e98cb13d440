"""What somebody watches in the real player counts, and goes on there after a restart."""

from pathlib import Path

from playwright.async_api import expect

from tests import clips
from tests.whole.browser import browsing
from tests.whole.running import running

_YAML = "libraries:\n  - {name: Films, kind: films, path: films, renditions: [240p]}\n"
_PLAYED_TO = "(at) => document.querySelector('video').currentTime > at"
_LONGEST_MS = 60_000


async def test_a_film_counts_and_goes_on_where_it_was_left_after_a_restart(tmp_path: Path) -> None:
    """Ten seconds at a time; leaving the page tells the rest."""
    (tmp_path / "films").mkdir()
    clips.make(tmp_path / "films", clips.Clip("Slope (2026).mp4", 60.0, gop=50))
    async with running(tmp_path, _YAML) as osmose, browsing() as page:
        title = await osmose.title()
        page.set_default_timeout(_LONGEST_MS)
        await page.goto(f"{osmose.url}/titles/{title['id']}/play#20")
        await page.wait_for_function(_PLAYED_TO, arg=24.0)
        await page.goto(f"{osmose.url}/")
        await expect(page.get_by_role("heading", name="Continue watching")).to_be_visible(timeout=_LONGEST_MS)
        told = await osmose.json(f"api/titles/{title['id']}")
        assert told["views"] == {"today": 1, "month": 1, "ever": 1}
        assert 24.0 <= told["place"]["at_s"] < 40.0
    async with running(tmp_path, _YAML) as osmose, browsing() as page:
        again = await osmose.title()
        assert again["place"] == told["place"]
        page.set_default_timeout(_LONGEST_MS)
        await page.goto(f"{osmose.url}/titles/{title['id']}/play")
        await page.wait_for_function(_PLAYED_TO, arg=told["place"]["at_s"] - 1)
        assert (await osmose.json(f"api/titles/{title['id']}"))["views"]["ever"] == 1
