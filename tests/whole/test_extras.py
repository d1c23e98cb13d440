"""What a film brings along on a screen: small pictures on the time line, and subtitles from files of their own."""

from pathlib import Path

from playwright.async_api import Page, Route

from tests import clips
from tests.tools import shaka_player
from tests.whole.browser import browsing
from tests.whole.running import running

_YAML = "libraries:\n  - {name: Films, kind: films, path: films, renditions: [360p]}\n"

# Reads the number that `clips.picture` wrote into what a canvas shows.
_NUMBER = """
() => {
  const canvas = document.querySelector("#peek canvas");
  if (!canvas || canvas.hidden || document.querySelector("#peek").hidden) return -1;
  const { data } = canvas.getContext("2d").getImageData(0, 3, canvas.width, 1);
  let number = 0;
  for (let bit = 0; bit < 16; bit++) {
    if (data[Math.floor(((bit + 0.5) * canvas.width) / 16) * 4] > 125) number |= 1 << bit;
  }
  return number;
}
"""


def film(folder: Path, **changes: object) -> Path:
    """Put a film with a key frame a second into the library."""
    (folder / "films").mkdir(parents=True, exist_ok=True)
    clip = clips.Clip("Slope (2026).mp4", seconds=20.0, gop=25, **changes)  # type: ignore[arg-type]
    return clips.make(folder / "films", clip)


async def shown_number(page: Page, number: int) -> None:
    """Wait until the small picture is the one with this number."""
    await page.wait_for_function(f"() => ({_NUMBER})() === {number}", timeout=30_000)


async def test_the_time_line_shows_small_pictures(tmp_path: Path) -> None:
    """Under the mouse, at the true places; they leave with it. A key frame that is not there shows the one before."""
    film(tmp_path)
    complaints: list[str] = []
    async with running(tmp_path, _YAML) as osmose, browsing() as page:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        title = await osmose.title()
        await page.set_viewport_size({"width": 960, "height": 540})
        await page.goto(f"{osmose.url}/titles/{title['id']}/play")
        line = await page.locator("#seek").bounding_box()
        assert line is not None
        for share, number in ((0.77, 375), (0.01, 0), (0.49, 125)):
            await page.mouse.move(line["x"] + line["width"] * share, line["y"] + 10)
            await shown_number(page, number)
        assert await page.text_content("#peek span") == "0:09"
        box = await page.locator("#peek").bounding_box()
        assert box is not None
        assert abs(box["x"] + box["width"] / 2 - line["x"] - line["width"] * 0.49) < 3
        await page.mouse.move(line["x"] + line["width"] * 0.001, line["y"] + 10)
        await shown_number(page, 0)
        box = await page.locator("#peek").bounding_box()
        assert box is not None
        assert box["x"] >= line["x"] - 1
        await page.mouse.move(400, 100)
        await page.wait_for_selector("#peek", state="hidden")
    assert complaints == []


_GERMAN = """1
00:00:00,000 --> 00:00:10,000
Schöne Grüße <i>für</i> Jörg

2
00:00:00,000 --> 00:00:10,000
{\\an8}HÖHLE
3
00:00:10,000 --> 00:00:25,000
Äpfel
"""


async def test_subtitles_beside_a_film_are_read_as_they_were_meant(tmp_path: Path) -> None:
    """Windows-1252, a forced track, one for those who hear badly: the menu tells them apart, the umlauts are right."""
    path = film(tmp_path)
    path.with_suffix(".de.srt").write_bytes(_GERMAN.encode("cp1252"))
    path.with_suffix(".en.forced.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nSign\n")
    path.with_suffix(".en.sdh.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\n[wind]\n")
    async with running(tmp_path, _YAML) as osmose, browsing() as page:
        title = await osmose.title()
        await page.set_viewport_size({"width": 960, "height": 540})
        await page.goto(f"{osmose.url}/titles/{title['id']}/play")
        await page.wait_for_function("() => document.querySelectorAll('#texts .choice').length === 4", timeout=30_000)
        await page.evaluate("document.querySelector('video').pause()")
        await page.locator("#tune").click()
        offered = await page.locator("#texts .choice > span").all_inner_texts()
        assert sorted(text.split("\n") for text in offered) == [
            ["English", "Foreign parts only"],
            ["English", "SDH"],
            ["German"],
            ["Off"],
        ]
        await page.evaluate("document.querySelector('video').pause()")
        await page.evaluate(
            "[...document.querySelectorAll('#texts .choice')].find((c) => c.innerText === 'German').click()"
        )
        await _said(page, 9.9, low="Schöne Grüße für Jörg", high="HÖHLE")
        assert await page.inner_html("#caption i") == "für"
        low, high = await page.locator("#caption").bounding_box(), await page.locator("#caption-high").bounding_box()
        assert low is not None
        assert high is not None
        assert high["y"] < 200 < low["y"]
        await _said(page, 10.1, low="Äpfel", high="")
        await _said(page, 19.5, low="Äpfel", high="")


async def _said(page: Page, at_s: float, *, low: str, high: str) -> None:
    """Go somewhere and wait until this is said there, below and on top."""
    await page.evaluate("(at) => (document.querySelector('video').currentTime = at)", at_s)
    told = "(id) => document.querySelector(id).hidden ? '' : document.querySelector(id).textContent"
    ready = f"([low, high]) => ({told})('#caption') === low && ({told})('#caption-high') === high"
    await page.wait_for_function(ready, arg=[low, high], timeout=30_000)


_THUMBNAILS = """
async ([manifest, list]) => {
  shaka.polyfill.installAll();
  const video = document.createElement("video"), player = new shaka.Player();
  await player.attach(video);
  await player.load(manifest);
  const track = await player.addThumbnailsTrack(list);
  const { startTime, duration, positionX, positionY, width, height, uris } = await player.getThumbnails(track.id, 12);
  const answer = await fetch(uris[0]);
  await player.destroy();
  const type = answer.headers.get("Content-Type");
  return { startTime, duration, place: [positionX, positionY, width, height], type };
}
"""


async def test_other_players_read_the_storyboard(tmp_path: Path) -> None:
    """Shaka-player finds the same picture at the same place."""
    film(tmp_path)
    async with running(tmp_path, _YAML) as osmose, browsing() as page:
        links = (await osmose.title())["links"]
        await page.goto(f"{osmose.url}/health/details")
        await page.route("**/shaka-for-test.js", _serve_shaka)
        await page.add_script_tag(url=f"{osmose.url}/shaka-for-test.js")
        asked = [f"{osmose.url}/{links[name]}" for name in ("dash", "storyboard")]
        told = await page.evaluate(_THUMBNAILS, asked)
    assert told == {"startTime": 10, "duration": 5, "place": [320, 0, 160, 90], "type": "image/jpeg"}


async def _serve_shaka(route: Route) -> None:
    await route.fulfill(path=shaka_player(), content_type="text/javascript")
