"""Cameras over HTTP, as a browser and as a plain player see them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from playwright.async_api import Page, async_playwright

from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.http import play_cameras, problems
from osmose_addon.interfaces.http.auth import IDENTITY, Identity
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.model.config import Right
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.live import LiveStore
from osmose_addon.stores.shelves import Shelves
from tests import cameras
from tests.services.cameras.house import House, house_of
from tests.tools import chromium

_VENDOR = Path(play_cameras.__file__).with_name("panel") / "static" / "vendor"
_PAGE = """<!doctype html><title>live</title><video id=v muted autoplay playsinline width=640></video>
<script src=/vendor/hls.min.js></script><script>
const seen = window.seen = {frames: 0, errors: [], first_ms: 0, parts: 0};
const video = document.getElementById("v");
const hls = window.hls = new Hls({lowLatencyMode: true, enableWorker: false});
hls.on(Hls.Events.ERROR, (_, error) => seen.errors.push(error.details + (error.fatal ? " (fatal)" : "")));
hls.on(Hls.Events.FRAG_LOADED, (_, loaded) => { if (loaded.part) seen.parts += 1; });
const count = () => {
  seen.frames += 1;
  if (!seen.first_ms) seen.first_ms = performance.now();
  video.requestVideoFrameCallback(count);
};
video.requestVideoFrameCallback(count);
hls.loadSource("/play/cameras/porch/master.m3u8");
hls.attachMedia(video);
</script>"""


@dataclass
class _Shelves:
    live: LiveStore
    actions: Actions


@dataclass
class Site:
    """A web server with the cameras of a house."""

    house: House
    root: str
    client: aiohttp.ClientSession

    async def text(self, path: str) -> str:
        """Return what lies at a path."""
        async with self.client.get(f"{self.root}/play/cameras/{path}") as answer:
            assert answer.status == 200
            return await answer.text()

    async def status(self, path: str) -> int:
        """Return the status of the answer."""
        async with self.client.get(f"{self.root}/play/cameras/{path}") as answer:
            return answer.status


@asynccontextmanager
async def _site(url: str) -> AsyncIterator[Site]:
    @web.middleware
    async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[IDENTITY] = Identity("", Right.WATCH)
        return await handler(request)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async with house_of(url) as house, aiohttp.ClientSession() as client:
        app = web.Application(middlewares=[problems.middleware(Texts({})), recognise])
        app[SHELVES] = cast("Shelves", _Shelves(house.live, house.actions))
        app.add_routes(play_cameras.routes)
        app.router.add_get("/", page)
        app.router.add_static("/vendor", _VENDOR)
        runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Site(house, f"http://127.0.0.1:{runner.addresses[0][1]}", client)
        await runner.cleanup()


@asynccontextmanager
async def _page(site: Site) -> AsyncIterator[Page]:
    """Open the page of a site whose camera is live."""
    await site.text("porch/main/live.m3u8")
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=str(chromium()),
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
        )
        try:
            page = await browser.new_page()
            await page.goto(site.root)
            yield page
        finally:
            await browser.close()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> cameras.Reel:
    return cameras.reel(tmp_path_factory.mktemp("reel"))


async def test_player_finds_all_it_reads_of() -> None:
    async with _site("test") as site:
        master = await site.text("porch/master.m3u8")
        assert 'CODECS="avc1.' in master
        assert "RESOLUTION=1280x720" in master
        playlist = await site.text("porch/main/live.m3u8")
        names = set(re.findall(r'URI="([^"]+)"', playlist)) | set(re.findall(r"^[^#].*", playlist, re.MULTILINE))
        assert len(names) > 5
        for name in names:
            async with site.client.get(f"{site.root}/play/cameras/porch/main/{name}") as answer:
                body = await answer.read()
                assert answer.status == 200
                assert int(answer.headers["Content-Length"]) == len(body)
                assert "immutable" in answer.headers["Cache-Control"]
        assert site.house.grid.viewers() == 1


async def test_unknown_things_and_odd_directives_are_refused_in_words() -> None:
    async with _site("test") as site:
        await site.text("porch/main/live.m3u8")
        assert await site.status("nobody/master.m3u8") == 404
        assert await site.status("porch/1080p/live.m3u8") == 404
        assert await site.status("porch/main/guess-p1.m4s") == 404
        for odd in ("_HLS_msn=x", "_HLS_msn=-1", "_HLS_msn=%00", "_HLS_part=1", "_HLS_msn=1&_HLS_msn=2", "_HLS_msn=+1"):
            assert await site.status(f"porch/main/live.m3u8?{odd}") == 400
        assert await site.status("porch/main/live.m3u8?_HLS_msn=999999999999") == 400


async def test_snapshot_is_a_picture_that_tells_when_it_was_taken() -> None:
    async with _site("test") as site:
        await site.text("porch/main/live.m3u8")
        async with site.client.get(f"{site.root}/play/cameras/porch/snapshot.jpg") as answer:
            assert (answer.status, answer.content_type) == (200, "image/jpeg")
            assert "GMT" in answer.headers["Last-Modified"]
            assert (await answer.read()).startswith(b"\xff\xd8")


async def test_plain_player_that_knows_no_parts_plays_it(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, _site(camera.url()) as site:
        player = await asyncio.create_subprocess_exec(
            *(
                "ffprobe",
                "-v",
                "error",
                "-read_intervals",
                "%+3",
                "-show_entries",
                "packet=codec_type",
                "-of",
                "csv=p=0",
            ),
            f"{site.root}/play/cameras/porch/master.m3u8",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await player.communicate()
        assert not errors
        assert out.count(b"video") >= 60
        assert out.count(b"audio") >= 40


async def test_browser_plays_the_live_edge_without_a_hitch() -> None:
    async with _site("test") as site, _page(site) as page:
        await page.wait_for_function("window.seen.frames > 5", timeout=15_000)
        begun = await page.evaluate("({...window.seen})")
        await page.wait_for_timeout(10_000)
        seen = await page.evaluate("({...window.seen, latency: hls.latency})")
    shown = seen["frames"] - begun["frames"]
    assert not seen["errors"]
    assert seen["parts"] > 30
    assert shown > 200
    assert seen["latency"] < 3


async def test_browser_stays_through_an_outage_without_being_reloaded(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, _site(camera.url()) as site, _page(site) as page:
        await page.wait_for_function("window.seen.frames > 25", timeout=15_000)
        await camera.unplug()
        await site.house.until("lost")
        await page.wait_for_timeout(4_000)
        frames = await page.evaluate("window.seen.frames")
        await camera.plug_in()
        await page.wait_for_function(f"window.seen.frames > {frames} + 25", timeout=15_000)
        errors = await page.evaluate("window.seen.errors")
    assert not [error for error in errors if "fatal" in error]
