"""Pages: whole without a script, below any prefix, safe with hostile names, honest to watchers."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from osmose_addon.config import load_texts
from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.http import panel
from osmose_addon.interfaces.http.panel.journal_views import _ICONS
from osmose_addon.interfaces.http.panel.phrases import Phrases
from osmose_addon.interfaces.http.panel.shell import _DOORS, root_of
from osmose_addon.model.errors import REGISTRY
from osmose_addon.model.journal import Event
from osmose_addon.model.media import Description, RungGroup, RungMethod, Title, TitleKind, TitlePhase
from osmose_addon.model.states import CAMERA_PHASES
from osmose_addon.stores.titlefiles import artwork_path
from tests.interfaces.http.conftest import BOB, House
from tests.interfaces.http.demo import FILMS, TEXTS, add_film, facts

PANEL = Path(panel.__file__).parent
PAGES = (
    "",
    "library",
    "library?library=films&sort=added",
    "search",
    "titles/salt-road",
    "titles/night-fare",
    "titles/salt-road/play",
    "cameras",
    "cameras/front-door",
    "cameras/garage",
    "activity",
    "health/details",
)
HOSTILE = "<img src=x onerror=alert(1)>\"' {{ 7 * 7 }} </script><script>alert(2)</script>"
_ADDRESSES = {"href", "src", "action", "poster", "data-live", "data-src", "data-poster", "data-live-src"}


class Reader(HTMLParser):
    """Collects what a browser would load or do."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.actions: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one element asks for."""
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in _ADDRESSES and value and not value.startswith("#"):
                self.addresses.append(value)
            if name == "data-action" and value:
                self.actions.append(value)


@pytest.mark.parametrize("path", PAGES)
async def test_every_address_of_a_page_stays_below_any_prefix(house: House, path: str):
    page = Reader(await house.page(path))
    assert page.addresses
    for address in page.addresses:
        assert not urlsplit(address).scheme, address
        assert not address.startswith("/"), address
        whole = urljoin(f"http://home/any/prefix/{path}", address)
        assert whole.startswith("http://home/any/prefix/"), address


@pytest.mark.parametrize("path", PAGES)
async def test_what_a_page_needs_is_there(house: House, path: str):
    base = f"{house.url}/{path}"
    for address in set(Reader(await house.page(path)).addresses):
        if "vendor/" in address or address.endswith(("master.m3u8", "/original")):  # these films have no files
            continue
        async with house.client.get(urljoin(base, address)) as answer:
            assert answer.status == 200 or "poster" in address, address


@pytest.mark.parametrize("path", PAGES)
async def test_pages_obey_a_strict_policy(house: House, path: str):
    async with house.client.get(f"{house.url}/{path}") as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        page = Reader(await answer.text())
    assert "style" not in page.attributes
    assert "style" not in page.tags
    assert not any(name.startswith("on") for name in page.attributes)


@pytest.mark.parametrize("path", PAGES)
async def test_pages_have_one_heading_and_landmarks(house: House, path: str):
    page = Reader(await house.page(path))
    assert page.tags.count("h1") == 1
    assert page.tags.count("main") == 1


async def test_hostile_names_are_shown_and_never_run(house: House):
    await add_film(house.shelves, ("hostile-film", HOSTILE, 2020, 1))
    house.shelves.states.set("camera", "garden", name=HOSTILE)
    house.shelves.states.set("library", "films", name=HOSTILE)
    house.shelves.states.set("finding", "0", text=HOSTILE)
    await house.shelves.catalog.journal.write(Event.TITLE_GONE, "title", "gone", name=HOSTILE, by=HOSTILE)
    for path in (*PAGES, "titles/hostile-film", "titles/hostile-film/play", "cameras/garden"):
        text = await house.page(path)
        assert "<img src=x" not in text, path
        assert "alert(2)</script>" not in text, path
        assert "49" not in re.findall(r"x onerror=alert\(1\)[^<]{0,60}", text), path


async def test_a_watcher_sees_no_managing_buttons(house: House):
    for path in ("", "library", "titles/salt-road", "titles/night-fare", "cameras", "cameras/garage"):
        page = Reader(await house.page(path, BOB))
        assert page.actions == [], path
        assert not any("activity" in address or "health" in address for address in page.addresses), path


async def test_management_pages_are_not_there_for_a_watcher(house: House):
    assert "There is nothing here." in await house.page("activity", BOB, 404)
    await house.page("health/details", BOB, 404)


async def test_an_unknown_title_is_told_on_a_page_with_a_way_out(house: House):
    page = await house.page("titles/nothing", status=404)
    assert "There is nothing here." in page
    assert "To Home" in page


async def test_an_empty_household_is_told_what_to_do(empty_house: House):
    assert "Add a camera" in await empty_house.page("")
    assert "No library yet" in await empty_house.page("library")
    assert "No camera yet" in await empty_house.page("cameras")
    assert "Nothing is being made." in await empty_house.page("activity")
    assert "All is well." in await empty_house.page("health/details")


async def test_who_may_only_watch_is_not_told_what_others_watch_just_now(house: House):
    house.shelves.states.set("job", "viewer-salt-road-720p", title="salt-road", cause="viewer", phase="running")
    assert 'id="h-jobs"' in await house.page("")
    assert 'id="h-jobs"' not in await house.page("", BOB)


async def test_the_sample_film_in_the_making_is_shown(empty_house: House):
    empty_house.shelves.states.set("library", "films", name="Films", phase="ready", titles=0)
    empty_house.shelves.states.set("osmose", "", sample=40)
    for path in ("", "library"):
        page = await empty_house.page(path)
        assert "Making a sample film" in page
        assert 'value="40"' in page


async def test_what_needs_somebody_says_why_and_what_helps(house: House):
    page = await house.page("activity")
    assert "Garage has no picture since" in page
    assert "Is it plugged in, or did its address change?" in page
    assert "The file is damaged, or its download stopped early." in page


async def test_what_happened_is_told_with_who_did_it(house: House):
    page = await house.page("activity")
    assert "Asked to make all sizes ready: The Salt Road" in page
    assert "by Anna" in page


async def test_a_full_disk_is_told_where_jobs_wait(house: House):
    house.shelves.states.set("osmose", "", jobs_reason="disk_full")
    assert "The disk is full." in await house.page("activity")


async def test_findings_of_the_yaml_stand_on_the_health_page(house: House):
    house.shelves.states.set("finding", "0", text="osmose.yaml:3:5: cameras: what is this")
    assert "osmose.yaml:3:5: cameras: what is this" in await house.page("health/details")


async def test_a_deleted_film_is_told_as_such_and_not_as_a_lost_folder(house: House):
    titles = house.shelves.catalog.titles
    title = await titles.get("salt-road")
    assert title is not None
    await titles.save(replace(title, phase=TitlePhase.AWAY, reason="gone"))
    page = await house.page("titles/salt-road")
    assert "Its file was moved or deleted" in page
    assert "folder of its library" not in page
    assert 'data-action="retry"' not in page
    player = await house.page("titles/salt-road/play")
    assert '<h2 id="trouble-what">Its file was moved or deleted</h2>' in player
    assert 'aria-labelledby="trouble-what">' in player


async def test_a_film_whose_folder_is_away_says_so(house: House):
    titles = house.shelves.catalog.titles
    title = await titles.get("salt-road")
    assert title is not None
    await titles.save(replace(title, phase=TitlePhase.AWAY))
    assert "The folder of its library does not answer." in await house.page("titles/salt-road")
    assert '<h2 id="trouble-what">Its file is away</h2>' in await house.page("titles/salt-road/play")


async def test_a_picture_of_the_grid_says_in_words_what_it_shows(house: House):
    page = await house.page("titles/salt-road")
    assert "1080p: copied, 100 % there" in page
    assert "1080p is copied, because H.264 fits every screen." in page


async def test_a_camera_that_never_showed_a_picture_is_asked_for_none(house: House):
    house.shelves.states.set("camera", "garage", last_picture=None)
    for path in ("cameras/garage", "cameras", ""):
        assert not re.search(r' src="[^"]*garage/snapshot', await house.page(path)), path
    assert 'disabled title="No picture yet"' in await house.page("cameras/garage")
    assert "disabled" not in await house.page("cameras/garden")


async def test_the_chip_of_a_library_counts_what_the_wall_shows(house: House):
    page = await house.page("library?library=films")
    assert page.count('<a class="poster ') == len(FILMS) + 1
    assert f'Films</span> <span class="fig">{len(FILMS) + 1}</span>' in page


async def test_what_is_not_set_up_wears_no_tick(house: House):
    house.shelves.states.set("osmose", "", mqtt="off")
    page = await house.page("health/details")
    assert re.search(r'<span class="disc off">(?:(?!</li>).)*MQTT', page)


async def test_beside_an_original_it_is_told_why_the_ladder_is_encoded(house: House):
    titles = house.shelves.catalog.titles
    title = await titles.get("small-hours")
    assert title is not None
    assert title.grid is not None
    top, *rest = title.grid.rungs
    original = replace(top, id="original", group=RungGroup.ORIGINAL, reason="original")
    top = replace(top, method=RungMethod.ENCODED, reason="key_frames_far_apart")
    await titles.save(replace(title, grid=replace(title.grid, rungs=(original, top, *rest))))
    page = await house.page("titles/small-hours")
    assert "1080p is encoded, because whole pictures are too far apart to cut it." in page
    assert "just as the file is." not in page
    assert "Original: copied, 0 % there" in page


async def test_a_film_of_which_nothing_is_encoded_is_ready(house: House):
    titles = house.shelves.catalog.titles
    title = await titles.get("small-hours")
    assert title is not None
    assert title.grid is not None
    await titles.save(replace(title, grid=replace(title.grid, rungs=title.grid.rungs[:1])))
    page = await house.page("titles/small-hours")
    assert "Ready to play everywhere" in page
    assert "made as you watch" not in page
    assert 'data-action="prepare"' not in page


async def test_no_letters_are_set_on_pictures_that_have_their_own(house: House):
    shelves = house.shelves
    assert 'class="art plain"' not in await house.page("library?library=films")
    artwork_path(shelves.paths, "meridian").write_bytes(b"a stamp")
    title = await shelves.catalog.titles.get("salt-road")
    assert title is not None
    assert title.facts is not None
    await shelves.catalog.titles.save(replace(title, facts=replace(title.facts, has_cover=True)))
    assert (await house.page("library?library=films")).count('class="art plain"') == 2
    assert 'class="art plain"' in await house.page("")


async def test_a_home_video_tells_its_day_once(house: House):
    about = Description(TitleKind.HOME_VIDEO, taken_on="2024-05-01")
    for id_, name in (("by-day-1", "2024-05-01 14:30"), ("named-1", "Zoo")):
        title = Title(id_, "home", name, b"/media/x.mp4", TitlePhase.READY, 2024, 1.0, facts=facts(2))
        await house.shelves.catalog.titles.save(replace(title, description=about))
    house.shelves.states.set("library", "home", name="Home", kind="home_videos", phase="ready", titles=2)
    page = await house.page("library?library=home")
    assert re.findall('class="sub">([^<]*)<', page).count("2 min") == 1
    assert "2024-05-01 · 2 min" in page
    assert "By day" in page


def test_the_way_to_the_root_depends_on_the_depth():
    assert root_of("/") == "./"
    assert root_of("/library") == "./"
    assert root_of("/titles/x") == "../"
    assert root_of("/titles/x/play") == "../../"


def words() -> Texts:
    return Texts(load_texts(TEXTS))


def test_every_sentence_that_pages_use_is_written():
    texts = words()
    for file in (*PANEL.rglob("*.html"), *PANEL.glob("*.py")):
        for key in re.findall(r"say\(\s*[\"']([a-z_.0-9]+)[\"']\s*[,)]", file.read_text()):
            assert texts.has(key), f"{file.name}: {key}"


def test_every_error_event_and_phase_has_words():
    texts = words()
    for key in REGISTRY:
        assert texts.has(f"error.{key}.text"), key
        assert texts.has(f"error.{key}.hint"), key
    assert all(texts.has(f"journal.{event}") for event in Event)
    assert all(texts.has(f"camera_phase.{phase}.badge") for phase in CAMERA_PHASES)


def test_every_icon_that_pages_use_is_listed():
    listed = set((PANEL / "icons.txt").read_text().split())
    for file in PANEL.rglob("*.html"):
        for name in re.findall(r"icon\('([a-z0-9-]+)'", file.read_text()):
            assert name in listed, f"{file.name}: {name}"
    for entry in (*_ICONS.values(), *((door.icon, "") for door in _DOORS), *((door.icon_here, "") for door in _DOORS)):
        assert entry[0] in listed, entry[0]


def test_sentences_hold_no_markup():
    assert not [key for key, text in load_texts(TEXTS).items() if re.search(r"[<>&]", text)]


def test_styles_and_scripts_stay_small():
    assert len((PANEL / "static" / "panel.css").read_bytes()) <= 30_000
    assert sum(len(file.read_bytes()) for file in (PANEL / "static").glob("*.js")) <= 150_000


@pytest.mark.parametrize(
    ("width_px", "height_px", "told"),
    [(1920, 1080, "1080p"), (1920, 800, "1080p"), (720, 1280, "720p"), (720, 576, "576p"), (480, 480, "480p")],
)
def test_a_size_is_named_alike_however_the_picture_stands(width_px: int, height_px: int, told: str):
    video = facts(1).video
    assert video is not None
    assert Phrases(words()).height(replace(video, width_px=width_px, height_px=height_px)) == told
