"""A camera goes from its plug to a screen, and comes back by itself."""

import asyncio
import io
import json
from typing import Any

import av
from playwright.async_api import Page

from tests.cameras import RtspCamera, reel
from tests.whole.browser import browsing, hls_of
from tests.whole.running import Running, running

_YAML = "cameras:\n  - name: Porch\n    source: {url}\n"
_MASTER = "play/cameras/porch/master.m3u8"

_PLAY = """
async (master) => {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, width: 320 });
  document.body.prepend(video);
  window.live = { pictures: 0, fatal: [], parts: 0 };
  const note = () => { window.live.pictures++; video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
  const hls = new Hls({ enableWorker: false, lowLatencyMode: true });
  hls.on(Hls.Events.ERROR, (_event, told) => { if (told.fatal) window.live.fatal.push(told.details); });
  hls.on(Hls.Events.FRAG_LOADED, (_event, { part }) => { if (part) window.live.parts++; });
  hls.loadSource(master);
  hls.attachMedia(video);
  await video.play();
}
"""


async def watch(page: Page, osmose: Running) -> None:
    """Begin to play the camera in a browser, through hls.js."""
    await page.goto(f"{osmose.url}/health/details")
    await page.add_script_tag(url=await hls_of(page))
    await page.evaluate(_PLAY, f"{osmose.url}/{_MASTER}")


_MORE = """
async (count) => {
  const wanted = window.live.pictures + count;
  while (window.live.pictures < wanted) await new Promise((ok) => setTimeout(ok, 50));
}
"""


async def more_pictures(page: Page, count: int) -> None:
    """Wait until so many more pictures were shown."""
    async with asyncio.timeout(30):
        await page.evaluate(_MORE, count)


async def test_a_camera_plays_with_low_latency_and_survives_being_unplugged(tmp_path):
    """Unplugged, it is lost in words; plugged in, the same page goes on without a reload."""
    async with RtspCamera(reel(tmp_path)) as camera, browsing() as page:
        async with running(tmp_path, _YAML.format(url=camera.url())) as osmose:
            await osmose.until("camera.porch/phase", "live")
            await watch(page, osmose)
            await more_pictures(page, 75)
            await camera.unplug()
            assert await osmose.until("camera.porch/phase", "lost", "frozen") == "lost"
            assert "LOST" not in await osmose.text(_MASTER)
            await camera.plug_in()
            await osmose.until("camera.porch/phase", "live")
            await more_pictures(page, 75)
            told: dict[str, Any] = await page.evaluate("window.live")
            playlist = await osmose.text("play/cameras/porch/main/live.m3u8")
            kinds = [entry["event"] for entry in await _journal(osmose, 2)]
    assert told["fatal"] == []
    assert told["parts"] > 20
    assert "#EXT-X-DISCONTINUITY\n" in playlist
    assert kinds == ["camera_lost", "camera_back"]


async def _journal(osmose: Running, count: int) -> list[dict[str, Any]]:
    """Return the first entries about cameras, oldest first."""
    entries: list[dict[str, Any]] = []
    headers = {"Last-Event-ID": "0"}
    async with osmose.client.get(f"{osmose.url}/api/events", headers=headers) as answer:
        async for line in answer.content:
            if b'"camera_' in line and b'"event"' in line:
                entries.append(_decoded(line))
            if len(entries) == count:
                break
    return entries


def _decoded(line: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(line.removeprefix(b"data:"))
    return decoded


async def test_a_snapshot_is_a_picture_of_now(tmp_path):
    """A JPEG in the camera's own shape."""
    async with RtspCamera(reel(tmp_path)) as camera, running(tmp_path, _YAML.format(url=camera.url())) as osmose:
        await osmose.until("camera.porch/phase", "live")
        status, headers, body = await osmose.get("play/cameras/porch/snapshot.jpg")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    with av.open(io.BytesIO(body)) as picture:
        assert (picture.streams.video[0].width, picture.streams.video[0].height) == (320, 180)


async def test_two_cameras_do_not_know_of_one_another(tmp_path):
    """One is away all the time, the other never blinks."""
    async with RtspCamera(reel(tmp_path)) as camera:
        away = "  - name: Garage\n    source: rtsp://127.0.0.1:9/none\n"
        yaml = _YAML.format(url=camera.url()) + away
        async with running(tmp_path, yaml) as osmose:
            async with asyncio.timeout(20):
                await osmose.until("camera.garage/phase", "lost")
                await osmose.until("camera.porch/phase", "live")
            assert await osmose.until("osmose/needs_you", 1) == 1
            assert (await osmose.json("health"))["health"] == "good"
