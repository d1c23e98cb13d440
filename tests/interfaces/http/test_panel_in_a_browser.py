"""The panel in a real browser: nothing is refused, what happens reaches the page, and a prefix changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from playwright.async_api import Page, async_playwright

from osmose_addon.model.actions import Done
from osmose_addon.model.journal import Event
from osmose_addon.stores.catalog.watching import Playback
from tests.interfaces.http.conftest import ANNA, House
from tests.interfaces.http.demo import add_film
from tests.tools import chromium

PREFIX = "/api/hassio_ingress/some-token"


@asynccontextmanager
async def ingress(house: House) -> AsyncIterator[str]:
    """Serve the house below a prefix, as Home Assistant does: it is stripped, and a person is named."""

    async def forward(request: web.Request) -> web.StreamResponse:
        address = f"{house.url}{request.path_qs.removeprefix(PREFIX)}"
        headers = {
            name: value for name, value in request.headers.items() if name not in {"Host", "Accept-Encoding"}
        } | ANNA
        body = await request.read()
        async with house.client.request(request.method, address, headers=headers, data=body) as answer:
            kept = {
                name: answer.headers[name]
                for name in ("Content-Type", "Content-Security-Policy")
                if name in answer.headers
            }
            response = web.StreamResponse(status=answer.status, headers=kept)
            await response.prepare(request)
            async for piece in answer.content.iter_any():
                await response.write(piece)
        return response

    app = web.Application()
    app.router.add_route("*", PREFIX + "/{path:.*}", forward)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{PREFIX}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def browsed(house: House) -> AsyncIterator[tuple[Page, str, list[str]]]:
    """Yield a phone's page, the panel's address below a prefix, and what the browser complains of."""
    complaints: list[str] = []
    async with ingress(house) as url, async_playwright() as drivers:
        browser = await drivers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 320, "height": 640})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        yield page, url, complaints
        await browser.close()


async def test_pages_below_a_prefix_load_all_and_fit_a_small_screen(house: House):
    async with browsed(house) as (page, url, complaints):
        for path in ("", "library", "titles/salt-road", "titles/night-fare", "cameras", "activity", "health/details"):
            await page.goto(url + path, wait_until="load")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320, path
        assert [told for told in complaints if "404" not in told] == []


async def test_what_happens_reaches_the_page_by_itself(house: House):
    async with browsed(house) as (page, url, complaints):
        await page.goto(url)
        await page.get_by_text("Garage has no picture").wait_for()
        house.shelves.states.set("camera", "garage", phase="live", live=True, reason=None)
        await page.get_by_text("Garage has no picture").wait_for(state="detached")
        await page.goto(url + "activity")
        await house.shelves.catalog.journal.write(Event.CAMERA_BACK, "camera", "garage")
        await page.get_by_text("Garage is back").wait_for()
        house.shelves.states.set("job", "prepare-salt-road", progress=77)
        await page.get_by_text("77 %").wait_for()
        house.shelves.states.set("osmose", "", needs_you=5)
        await page.locator("#needs-count", has_text="5").wait_for()
        assert complaints == []


async def test_an_action_is_done_at_once_and_can_be_undone(house: House):
    asked: list[tuple[str, str]] = []
    for action, argument in (("cancel", "job"), ("prepare", "title")):
        house.shelves.actions.carry(action, carrier(asked, action, argument))
    async with browsed(house) as (page, url, complaints):
        await page.goto(url + "activity")
        await page.get_by_role("button", name="Stop making The Salt Road").click()
        await page.get_by_text("Stopped.").wait_for()
        await page.get_by_role("button", name="Undo").click()
        await page.get_by_text("Stopped.").wait_for(state="hidden")
        assert complaints == []
    assert asked == [("cancel", "prepare-salt-road"), ("prepare", "salt-road")]


def carrier(asked: list[tuple[str, str]], action: str, argument: str):
    async def carry(arguments):
        asked.append((action, arguments[argument]))
        return Done({})

    return carry


async def test_hits_appear_as_one_types_and_keys_lead_through_them(house: House):
    async with browsed(house) as (page, url, complaints):
        await page.goto(url + "library")
        field = page.get_by_role("searchbox")
        await field.press_sequentially("harbo")
        await page.locator(".hit", has_text="Lanterns over the Old Harbour").wait_for()
        assert await page.locator(".hit mark").all_inner_texts() == ["Harbo"]
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await field.press("ArrowDown")
        await page.locator(".hit:focus").wait_for()
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Escape")
        await page.locator(".hits").wait_for(state="hidden")
        await field.fill("salt")
        await field.press("Enter")
        await page.wait_for_url(url + "titles/salt-road")
        assert complaints == []


async def test_what_is_mistyped_or_not_found_or_not_answered_is_said(house: House):
    async with browsed(house) as (page, url, _):
        await page.goto(url + "search")
        await page.locator("input:focus").press_sequentially("merdian")
        await page.get_by_text("No “merdian”. Showing “meridian”.").wait_for()
        await page.locator(".hit", has_text="Meridian").wait_for()
        await page.get_by_role("searchbox").fill("xyzzyplugh")
        await page.get_by_text("Nothing found for “xyzzyplugh”").wait_for()
        assert page.url == url + "search#xyzzyplugh"
        await page.route("**/api/search", lambda route: route.abort())
        await page.get_by_role("searchbox").fill("salt")
        await page.get_by_text("Osmose does not answer. Try again in a moment.").wait_for()


async def test_hostile_names_are_found_and_never_run(house: House):
    await add_film(house.shelves, ("hostile-film", "<img src=x onerror=alert(1)> Salt & more", 2020, 1))
    async with browsed(house) as (page, url, complaints):
        await page.goto(url + "search#salt")
        await page.locator(".hit", has_text="<img src=x onerror=alert(1)> Salt & more").wait_for()
        assert complaints == []


async def test_the_search_of_home_leads_into_the_field(house: House):
    async with browsed(house) as (page, url, _):
        await page.goto(url)
        await page.get_by_role("link", name="Search").click()
        await page.locator("[data-finder] input:focus").wait_for()
        await page.goto(url + "cameras")
        await page.keyboard.press("/")
        await page.locator("[data-finder] input:focus").wait_for()


async def test_headings_stand_at_the_same_height(house: House):
    async with browsed(house) as (page, url, _):
        tops = set()
        for path in ("", "library", "cameras", "health/details"):
            await page.goto(url + path)
            tops.add(await page.evaluate("document.querySelector('h1').getBoundingClientRect().top"))
        assert len(tops) == 1


async def test_a_place_in_a_film_is_offered_again(house: House):
    await house.shelves.catalog.watching.note("anna", Playback("view-0001", "title", "salt-road", 600, 60, 8220))
    async with browsed(house) as (page, url, complaints):
        await page.goto(url)
        await page.get_by_text("2 h 07 left").wait_for()
        await page.goto(url + "titles/salt-road")
        await page.get_by_text("Resume · 2 h 07 left").wait_for()
        await page.get_by_text("once today · once this month · once ever").wait_for()
        await page.get_by_role("button", name="Seen", pressed=False).click()
        await page.get_by_role("button", name="Seen", pressed=True).wait_for()
        await page.get_by_role("link", name="Play", exact=True).wait_for()
        await page.goto(url + "library")
        await page.locator('[data-title="salt-road"]').get_by_role("img", name="Seen").wait_for()
        assert complaints == []


_PLAYED = """
(watched) => {
  let at = 700, isOn = true;
  Object.defineProperties(HTMLMediaElement.prototype, {
    currentTime: { get: () => at, set: (to) => (at = to) }, paused: { get: () => !isOn }, readyState: { get: () => 4 },
  });
  const video = document.querySelector("video"), tell = (name) => video.dispatchEvent(new Event(name));
  tell("playing");
  const timer = setInterval(() => {
    at += 0.25;
    tell("timeupdate");
    if (at < 700 + watched) return;
    clearInterval(timer);
    isOn = false;
    tell("pause");
  }, 250);
}
"""


async def test_the_player_tells_what_is_watched_and_where(house: House):
    async with browsed(house) as (page, url, _):
        await page.goto(url + "titles/salt-road/play")
        async with page.expect_response(lambda answer: answer.url.endswith("/api/views")) as told:
            await page.evaluate(_PLAYED, 2)
        assert (await (await told.value).json()) == {"counted": False, "kept": True}
        async with page.expect_response(lambda answer: answer.url.endswith("/api/views")):
            await page.evaluate("document.querySelector('video').currentTime = 900")
            await page.evaluate("document.querySelector('video').dispatchEvent(new Event('seeked'))")
        await page.goto(url)
        await page.locator('[href$="titles/salt-road/play"]').wait_for()
    place = await house.shelves.catalog.watching.place("anna", "title", "salt-road")
    assert place is not None
    assert place.at_s == 900


async def test_a_film_whose_cells_are_gone_says_so_at_once(house: House):
    async with browsed(house) as (page, url, _):
        await page.route("**/*.mp4", lambda route: route.fulfill(status=404))
        await page.route("**/*.m4s", lambda route: route.fulfill(status=404))
        await page.goto(url + "titles/salt-road/play")
        await page.get_by_role("alertdialog").get_by_text("The film is not there").wait_for(timeout=5000)


async def test_more_opens_a_sheet_and_escape_closes_it(house: House):
    async with browsed(house) as (page, url, complaints):
        await page.goto(url)
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("dialog").get_by_text("Health").wait_for()
        await page.keyboard.press("Escape")
        await page.get_by_role("dialog").wait_for(state="hidden")
        assert complaints == []


HOME_ASSISTANT = """<!doctype html>
<html style="--primary-background-color: #1b1430; --card-background-color: #2a2044; --primary-text-color: #f0eaff;
  --primary-color: #ff6ec7; --ha-card-border-radius: 18px">
<home-assistant></home-assistant><iframe src="library"></iframe>"""


async def test_inside_home_assistant_it_wears_the_theme_around_it(house: House):
    async with browsed(house) as (page, url, complaints):
        await page.route("**/around", lambda route: route.fulfill(body=HOME_ASSISTANT, content_type="text/html"))
        await page.goto(url + "around")
        frame = page.frame_locator("iframe")
        await frame.get_by_role("heading", name="Library").wait_for()
        token = "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"
        inner = frame.locator("html")
        assert await inner.evaluate(f"(_, name) => ({token})(name)", "--os-bg") == "#1b1430"
        assert await inner.evaluate(f"(_, name) => ({token})(name)", "--os-radius") == "18px"
        assert await inner.get_attribute("data-theme") == "dark"
        await page.evaluate("document.documentElement.style.setProperty('--primary-background-color', '#ffffff')")
        await page.evaluate("document.documentElement.style.setProperty('--card-background-color', '#ffffff')")
        await frame.locator("html[data-theme=light]").wait_for()
        assert complaints == []
