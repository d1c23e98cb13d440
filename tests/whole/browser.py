"""A real Chromium, and what it is asked to count."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page, async_playwright

from tests.tools import chromium

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

# Plays a film through hls.js and tells which pictures were shown, by the media time of each.
_COUNT = """
async ({ master, rate, speed, levels, seekTo }) => {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playbackRate: speed, width: 320 });
  document.body.prepend(video);
  const seen = new Set(), fatal = [], used = new Set();
  const note = (_now, { mediaTime }) => {
    seen.add(Math.round(mediaTime * rate));
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  const hls = new Hls({ enableWorker: false, startLevel: levels[0], maxBufferLength: 4 });
  hls.on(Hls.Events.ERROR, (_event, told) => { if (told.fatal) fatal.push(told.details); });
  hls.on(Hls.Events.FRAG_BUFFERED, (_event, { frag }) => {
    if (frag.type !== "main" || frag.sn === "initSegment") return;
    used.add(frag.level);
    hls.loadLevel = levels[(frag.sn + 1) % levels.length];
  });
  hls.loadSource(master);
  hls.attachMedia(video);
  await new Promise((ok) => hls.once(Hls.Events.MANIFEST_PARSED, ok));
  await video.play();
  if (seekTo !== null) {
    video.currentTime = seekTo;
    seen.clear();
    await new Promise((ok) => video.requestVideoFrameCallback(ok));
  }
  await new Promise((ok) => video.addEventListener("ended", ok, { once: true }));
  // A busy machine may pass over single pictures that are there: look at each of those.
  const first = seekTo === null ? Math.min(...seen) : Math.round(seekTo * rate), skipped = [];
  for (let number = first; number <= Math.max(...seen); number++) if (!seen.has(number)) skipped.push(number);
  for (const number of skipped) {
    const shown = new Promise((ok) => video.requestVideoFrameCallback(ok));
    video.currentTime = (number + 0.5) / rate;
    await shown;
  }
  hls.destroy();
  video.remove();
  return { seen: [...seen].sort((a, b) => a - b), skipped, fatal, levels: [...used].sort() };
}
"""


@asynccontextmanager
async def browsing() -> AsyncIterator[Page]:
    """Open a page of its own in a headless Chromium."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(chromium()), args=[*_FLAGS])
        try:
            yield await browser.new_page()
        finally:
            await browser.close()


async def counted(
    page: Page,
    url: str,
    master: str,
    *,
    rate: float = 25.0,
    speed: float = 0.5,
    levels: tuple[int, ...] = (0,),
    seek_to: float | None = None,
) -> dict[str, Any]:
    """Play a film to its end and return the pictures that were shown.

    `levels` are taken in turn, cell by cell. Half speed lets a busy machine show every picture; those it passed over
    all the same are `skipped`, and were looked at one by one afterwards.
    """
    await page.goto(f"{url}/health/details")
    await page.add_script_tag(url=await hls_of(page))
    asked = {"master": f"{url}/{master}", "rate": rate, "speed": speed, "levels": [*levels], "seekTo": seek_to}
    told: dict[str, Any] = await page.evaluate(_COUNT, asked)
    return told


async def hls_of(page: Page) -> str:
    """Return where this page's Osmose serves hls.js."""
    style = await page.get_attribute("link[href$='panel.css']", "href")
    assert style is not None
    found: str = await page.evaluate("(href) => new URL(href, document.baseURI).href", style)
    return found.rsplit("/", 1)[0] + "/vendor/hls.min.js"
