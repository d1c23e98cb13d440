"""Other players than the panel's, in a real Chromium: shaka-player for DASH, and the browser itself for MP4."""

from typing import Any

from playwright.async_api import Page, Route

from tests.tools import shaka_player

_SHAKA = "test-of-dash/shaka.js"

# What both count with: the pictures shown, by the media time of each; those passed over are looked at one by one.
_COUNTING = """
const video = document.createElement("video");
Object.assign(video, { muted: true, playbackRate: speed, width: 320 });
document.body.prepend(video);
const seen = new Set(), fatal = [], used = new Set();
const note = (_now, { mediaTime }) => {
  seen.add(Math.round(mediaTime * rate));
  video.requestVideoFrameCallback(note);
};
const toItsEnd = async () => {
  video.requestVideoFrameCallback(note);
  await video.play();
  if (seekTo !== null) {
    video.currentTime = seekTo;
    await new Promise((ok) => video.addEventListener("seeked", ok, { once: true }));
    await new Promise((ok) => video.requestVideoFrameCallback(ok));
    seen.clear();
  }
  await new Promise((ok, no) => {
    video.addEventListener("ended", ok, { once: true });
    video.addEventListener("error", () => no(new Error(video.error.message)), { once: true });
  });
  const decoded = video.getVideoPlaybackQuality().totalVideoFrames;
  const first = seekTo === null ? Math.min(...seen) : Math.round(seekTo * rate), skipped = [];
  for (let number = first; number <= Math.max(...seen); number++) if (!seen.has(number)) skipped.push(number);
  for (const number of skipped) {
    const shown = new Promise((ok) => video.requestVideoFrameCallback(ok));
    video.currentTime = (number + 0.5) / rate;
    await shown;
  }
  const lasts = video.duration;
  return { seen: [...seen].sort((a, b) => a - b), skipped, fatal, levels: [...used].sort(), lasts, decoded };
};
"""

_DASH = (
    "async ({ uri, rate, speed, heights, seekTo }) => {"
    + _COUNTING
    + """
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  await player.attach(video);
  player.configure({
    abr: { enabled: false },
    streaming: { bufferingGoal: 6, rebufferingGoal: 0.2, segmentPrefetchLimit: 0 },
  });
  player.addEventListener("error", ({ detail }) => { if (detail.severity === 2) fatal.push(detail.code); });
  const choose = (height) => {
    const track = player.getVariantTracks().find((one) => one.height === height);
    player.selectVariantTrack(track, false);
    used.add(track.height);
  };
  let number = 0;
  player.addEventListener("segmentappended", ({ contentType }) => {
    if (contentType === "video") choose(heights[++number % heights.length]);
  });
  await player.load(uri);
  choose(heights[0]);
  const told = await toItsEnd();
  told.appended = number;
  told.tracks = player.getVariantTracks().map(({ height, language, frameRate }) => ({ height, language, frameRate }));
  await player.destroy();
  video.remove();
  return told;
}
"""
)

_NATIVE = (
    "async ({ uri, rate, speed, seekTo }) => {"
    + _COUNTING
    + """
  video.src = uri;
  const told = await toItsEnd();
  video.removeAttribute("src");
  video.load();
  video.remove();
  return told;
}
"""
)


async def counted_by_shaka(
    page: Page, url: str, manifest: str, heights: tuple[int, ...], *, rate: float = 25.0, speed: float = 0.5
) -> dict[str, Any]:
    """Play a manifest to its end through shaka-player, changing to the next height at each cell."""
    await page.goto(f"{url}/health/details")

    async def serve(route: Route) -> None:
        await route.fulfill(path=shaka_player(), content_type="text/javascript")

    await page.route(f"**/{_SHAKA}", serve)
    await page.add_script_tag(url=f"{url}/{_SHAKA}")
    asked = {"uri": f"{url}/{manifest}", "rate": rate, "speed": speed, "heights": [*heights], "seekTo": None}
    told: dict[str, Any] = await page.evaluate(_DASH, asked)
    return told


async def counted_by_browser(
    page: Page, url: str, file: str, *, rate: float = 25.0, speed: float = 0.5, seek_to: float | None = None
) -> dict[str, Any]:
    """Play a file to its end by the browser's own means, from `seek_to` on where given."""
    await page.goto(f"{url}/health/details")
    asked = {"uri": f"{url}/{file}", "rate": rate, "speed": speed, "seekTo": seek_to}
    told: dict[str, Any] = await page.evaluate(_NATIVE, asked)
    return told
