"""The pages of the panel, each drawn with what it shows inside, so that the first look needs no script."""

import functools
from collections.abc import Awaitable, Callable

from aiohttp import web

from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.interfaces.http.panel.camera_views import camera_of, cameras_of, stream_facts
from osmose_addon.interfaces.http.panel.drawing import Drawing
from osmose_addon.interfaces.http.panel.health_views import health_of
from osmose_addon.interfaces.http.panel.job_views import jobs_of
from osmose_addon.interfaces.http.panel.journal_views import happened
from osmose_addon.interfaces.http.panel.needs import needs_of
from osmose_addon.interfaces.http.panel.phrases import Phrases, time_of_day
from osmose_addon.interfaces.http.panel.shell import shell_of
from osmose_addon.interfaces.http.panel.shows import folded, shows_of
from osmose_addon.interfaces.http.panel.static_files import StaticFiles, read_static_files
from osmose_addon.interfaces.http.panel.title_page import TitlePage, title_page
from osmose_addon.interfaces.http.panel.title_views import libraries_of, poster_of, with_artwork
from osmose_addon.interfaces.http.problems import status_of
from osmose_addon.model.config import Right
from osmose_addon.model.errors import NotFoundError, OsmoseError
from osmose_addon.runtime.threads import in_thread

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

routes = web.RouteTableDef()

DRAWING = web.AppKey("drawing", Drawing)
STATIC = web.AppKey("static", StaticFiles)

_JUST_ADDED = 12
_UNFINISHED = 8
_MOST_POSTERS = 400
_HAPPENED = 40
_FOR_GOOD = "public, max-age=31536000, immutable"
_TYPES = {"svg": "image/svg+xml", "js": "text/javascript", "css": "text/css", "woff2": "font/woff2"}


def set_up(app: web.Application) -> None:
    """Prepare what the pages need; call it once, after `SHELVES` is there."""
    app[DRAWING] = Drawing(Phrases(app[SHELVES].texts))
    app[STATIC] = read_static_files()


def _page(request: web.Request, name: str, *, here: str = "", status: int = 200, **views: object) -> web.Response:
    shell = shell_of(request, here or name, request.app[STATIC].stamp)
    return _told(request.app[DRAWING].draw(name, shell, **views), status)


def _told(text: str, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)


def _in_words(handler: Handler) -> Handler:
    """Draw what goes wrong on a page as a page."""

    @functools.wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except OsmoseError as error:
            return _page(request, "error", here="", status=status_of(error), error=error)

    return guarded


def _for_managers(request: web.Request) -> None:
    """Refuse a watcher in the words of a page that does not exist.

    Raises: NotFoundError.
    """
    if request[IDENTITY].right is not Right.MANAGE:
        raise NotFoundError


def _phrases(request: web.Request) -> Phrases:
    return request.app[DRAWING].phrases


@routes.get("/")
@_in_words
async def home(request: web.Request) -> web.Response:
    """Draw what a household wants to know in ten seconds."""
    shelves, phrases = request.app[SHELVES], _phrases(request)
    watching, person = shelves.catalog.watching, request[IDENTITY].person
    added = await shelves.catalog.titles.newest(_JUST_ADDED, only_ready=True)
    places, unfinished = await watching.places(person), await watching.unfinished(person, _UNFINISHED)
    may_manage = request[IDENTITY].right is Right.MANAGE
    artful = await with_artwork(shelves.paths, added)
    return _page(
        request,
        "home",
        needs=await needs_of(shelves, phrases) if may_manage else (),
        cameras=cameras_of(shelves.states, phrases),
        unfinished=tuple(poster_of(title, phrases, place) for title, place in unfinished),
        added=tuple(poster_of(title, phrases, places.get(title.id), has_artwork=title.id in artful) for title in added),
        jobs=await jobs_of(shelves, phrases, with_strips=False) if may_manage else (),  # they tell who watches what
        libraries=libraries_of(shelves.states),
        sample_percent=shelves.states.get("osmose", "", "sample"),
        mqtt=shelves.states.get("osmose", "", "mqtt"),
        time_of_day=time_of_day(shelves.clock.unix_s()),
    )


@routes.get("/library")
@_in_words
async def library(request: web.Request) -> web.Response:
    """Draw the wall of posters; `?library=` chooses one library, `?sort=added` puts the newest first.

    A large library is drawn in part, unless `?all=1` asks for everything.
    """
    shelves, phrases = request.app[SHELVES], _phrases(request)
    chosen, sort = request.query.get("library", ""), request.query.get("sort", "name")
    libraries = libraries_of(shelves.states)
    titles = shelves.catalog.titles
    total = sum(await titles.count(chosen or None))
    most = total if "all" in request.query else _MOST_POSTERS
    places = await shelves.catalog.watching.places(request[IDENTITY].person)
    shown = await (titles.newest if sort == "added" else titles.page)(library_id=chosen or None, limit=most)
    view = next((library for library in libraries if library.id == chosen), None)
    is_series = all(library.is_series for library in ([view] if view else libraries))
    shell, drawing = shell_of(request, "library", request.app[STATIC].stamp), request.app[DRAWING]
    views = {
        "libraries": libraries,
        "chosen": view,
        "sort": sort,
        "hidden": max(total - len(shown), 0),
        "sample_percent": shelves.states.get("osmose", "", "sample"),
    }

    artful = await with_artwork(shelves.paths, shown)

    def draw() -> str:
        posters = [poster_of(title, phrases, places.get(title.id), has_artwork=title.id in artful) for title in shown]
        cards = list(zip(shown, posters, strict=True))
        shows = shows_of(cards, phrases) if is_series and sort != "added" else ()
        wall = posters if view or sort == "added" else folded(cards, phrases)
        return drawing.draw("library", shell, posters=wall, shows=shows, **views)

    return _told(await in_thread(draw))  # of ten thousand titles it takes its time


@routes.get("/search")
@_in_words
async def search(request: web.Request) -> web.Response:
    """Draw the field to search by; what is typed never reaches an address that the server sees."""
    return _page(request, "search", here="library")


async def _title(request: web.Request) -> TitlePage:
    """Return the title of a page as the one who asks is shown it. Raises: NotFoundError."""
    person = request[IDENTITY].person
    return await title_page(request.app[SHELVES], _phrases(request), request.match_info["title"], person)


@routes.get("/titles/{title}")
@_in_words
async def title(request: web.Request) -> web.Response:
    """Draw one title. Raises: NotFoundError."""
    view = await _title(request)
    return _page(request, "title", here="library", view=view)


@routes.get("/titles/{title}/play")
@_in_words
async def player(request: web.Request) -> web.Response:
    """Draw the player of a title. Raises: NotFoundError."""
    view = await _title(request)
    return _page(request, "player", here="library", view=view)


@routes.get("/cameras")
@_in_words
async def cameras(request: web.Request) -> web.Response:
    """Draw the wall of cameras."""
    return _page(request, "cameras", cameras=cameras_of(request.app[SHELVES].states, _phrases(request)))


@routes.get("/cameras/{camera}")
@_in_words
async def camera(request: web.Request) -> web.Response:
    """Draw one camera. Raises: NotFoundError."""
    states, camera_id = request.app[SHELVES].states, request.match_info["camera"]
    if not states.has("camera", camera_id):
        raise NotFoundError
    phrases = _phrases(request)
    method = str(states.get("camera", camera_id, "method") or "")
    reason = str(states.get("camera", camera_id, "method_reason") or "")
    return _page(
        request,
        "camera",
        here="cameras",
        camera=camera_of(states, phrases, camera_id),
        facts=stream_facts(states, phrases, camera_id),
        method=method,
        method_reason=phrases.first(reason),
    )


@routes.get("/activity")
@_in_words
async def activity(request: web.Request) -> web.Response:
    """Draw what needs somebody, what is being made, and what happened. Raises: NotFoundError for watchers."""
    _for_managers(request)
    shelves, phrases = request.app[SHELVES], _phrases(request)
    return _page(
        request,
        "activity",
        needs=await needs_of(shelves, phrases),
        jobs=await jobs_of(shelves, phrases),
        is_paused=bool(shelves.states.get("osmose", "", "jobs_paused")),
        held_up=phrases.first(f"jobs_reason.{shelves.states.get('osmose', '', 'jobs_reason')}"),
        happened=await happened(shelves, phrases, _HAPPENED),
    )


@routes.get("/health/details")
@_in_words
async def health(request: web.Request) -> web.Response:
    """Draw how Osmose is. Raises: NotFoundError for watchers."""
    _for_managers(request)
    shelves, phrases = request.app[SHELVES], _phrases(request)
    return _page(
        request,
        "health",
        needs=await needs_of(shelves, phrases),
        view=health_of(shelves.states, phrases),
    )


@routes.get("/static/{stamp}/{name:.+}")
async def static(request: web.Request) -> web.StreamResponse:
    """Give one of our own files. Raises: NotFoundError."""
    path = request.app[STATIC].files.get(request.match_info["name"])
    if path is None:
        raise NotFoundError
    kind = _TYPES.get(path.suffix[1:], "text/plain")
    return web.FileResponse(path, headers={"Content-Type": kind, "Cache-Control": _FOR_GOOD})


@routes.get("/{nowhere:.+}")
async def nowhere(request: web.Request) -> web.StreamResponse:
    """Tell a person that there is no such page, and a program the same in its own way. Raises: NotFoundError."""
    if "text/html" not in request.headers.get("Accept", ""):
        raise NotFoundError
    return _page(request, "error", here="", status=404, error=NotFoundError())
