"""The panel in a real browser: nothing is refused, what happens reaches the page, and a prefix changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from playwright.async_api import Page, async_playwright

from osmose_addon.model.actions import Done
from osmose_addon.model.journal import Event
from tests.interfaces.http.conftest import ANNA, House
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


async def test_searching_hides_what_does_not_match(house: House):
    async with browsed(house) as (page, url, _):
        await page.goto(url + "library")
        await page.get_by_role("searchbox").fill("SALT")
        assert await page.locator(".poster:visible").count() == 1
        await page.get_by_role("searchbox").fill("xyzzy")
        await page.get_by_text("Nothing found for “xyzzy”").wait_for()


async def test_the_search_of_home_leads_into_the_field(house: House):
    async with browsed(house) as (page, url, _):
        await page.goto(url)
        await page.get_by_role("link", name="Search titles").click()
        await page.locator("[data-search]:focus").wait_for()


async def test_headings_stand_at_the_same_height(house: House):
    async with browsed(house) as (page, url, _):
        tops = set()
        for path in ("", "library", "cameras", "health/details"):
            await page.goto(url + path)
            tops.add(await page.evaluate("document.querySelector('h1').getBoundingClientRect().top"))
        assert len(tops) == 1


async def test_a_place_in_a_film_is_offered_again(house: House):
    async with browsed(house) as (page, url, _):
        await page.goto(url)
        kept = '{"salt-road": {"at": 600, "length": 8220, "name": "The Salt Road", "when": 1}}'
        await page.evaluate("kept => localStorage.setItem('osmose.places', kept)", kept)
        await page.reload()
        await page.get_by_text("2 h 07 left").wait_for()
        await page.goto(url + "titles/salt-road")
        await page.get_by_text("Resume · 2 h 07 left").wait_for()


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
