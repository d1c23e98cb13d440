"""The API: everything the panel shows, for programs. `openapi.json` beside this file describes it; a test compares."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

from aiohttp import web

from osmose_addon.formats.names import full_name
from osmose_addon.interfaces.http.answers import file_answer
from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.bodies import body_of
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.interfaces.http.things import (
    Json,
    camera_json,
    job_json,
    library_json,
    title_json,
    told,
    whole_title_json,
)
from osmose_addon.model.config import Right
from osmose_addon.model.errors import ArgumentError, NotFoundError
from osmose_addon.model.media import TitleKind
from osmose_addon.model.states import StateValue
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.states import States

routes = web.RouteTableDef()

_OPENAPI = Path(__file__).with_name("openapi.json")
_MOST_ITEMS = 500
_FEW_ITEMS = 100
_KINDS_OF_MANAGERS = frozenset({"service", "finding", "job"})
_STATES_AT_ONCE = 200


def may_see(kind: str, right: Right) -> bool:
    """Whether somebody with this right may see things of this kind."""
    return right is Right.MANAGE or kind not in _KINDS_OF_MANAGERS


async def visible(states: States, right: Right, without: Collection[str] = ()) -> AsyncIterator[dict[str, StateValue]]:
    """Yield the states that somebody with this right may see, some at a time by their written form.

    There may be tens of thousands: others have their turn in between. `without` names kinds that are left out.
    """
    hidden = frozenset() if right is Right.MANAGE else _KINDS_OF_MANAGERS
    for piece in states.pieces(_STATES_AT_ONCE, hidden.union(without)):
        yield told(piece)
        await asyncio.sleep(0)


def _listed(items: Sequence[Json]) -> web.Response:
    return _json({"items": list(items), "next": None})


def _json(told: Json) -> web.Response:
    return web.json_response(told, headers={"Cache-Control": "no-store"})


def _limit(request: web.Request) -> int:
    asked = request.query.get("limit", str(_FEW_ITEMS))
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= len(str(_MOST_ITEMS))
    if not is_number or not 1 <= int(asked) <= _MOST_ITEMS:
        raise ArgumentError(argument="limit", reason="not_a_limit")
    return int(asked)


def _kind(request: web.Request) -> TitleKind | None:
    asked = request.query.get("kind")
    if asked is None:
        return None
    if asked not in set(TitleKind):
        raise ArgumentError(argument="kind", reason="unusable")
    return TitleKind(asked)


@routes.get("/api/libraries")
async def libraries(request: web.Request) -> web.Response:
    """List the libraries."""
    states = request.app[SHELVES].states
    return _listed([library_json(states, library_id) for library_id in states.ids("library")])


@routes.get("/api/titles")
async def titles(request: web.Request) -> web.Response:
    """List titles by name: all, or those of `?library=`, `?kind=` and `?show=`; `?after=` continues where one ended.

    Raises: ArgumentError for a limit or kind that is none, or a cursor of a title that is gone.
    """
    catalog, asked, limit = request.app[SHELVES].catalog, request.query, _limit(request)
    library, show, kind, after = asked.get("library"), asked.get("show"), _kind(request), asked.get("after")
    try:
        found = await catalog.titles.page(library, kind=kind, show=show, after=after, limit=limit + 1)
    except NotFoundError:
        raise ArgumentError(argument="after", reason="not_a_cursor") from None
    page = found[:limit]
    places = await catalog.watching.places(request[IDENTITY].person)
    items = [title_json(title, places.get(title.id)) for title in page]
    return _json({"items": items, "next": page[-1].id if len(found) > limit else None})


@routes.get("/api/titles/{title}")
async def title(request: web.Request) -> web.Response:
    """Tell one title whole. Raises: NotFoundError."""
    shelves = request.app[SHELVES]
    found = await shelves.catalog.titles.get(request.match_info["title"])
    if found is None:
        raise NotFoundError
    watching = shelves.catalog.watching
    place = await watching.place(request[IDENTITY].person, "title", found.id)
    return _json(await whole_title_json(found, shelves.cells, await watching.counts("title", found.id), place))


@routes.get("/api/cameras")
async def cameras(request: web.Request) -> web.Response:
    """List the cameras."""
    states = request.app[SHELVES].states
    return _listed([camera_json(states, camera_id) for camera_id in states.ids("camera")])


@routes.get("/api/cameras/{camera}")
async def camera(request: web.Request) -> web.Response:
    """Tell one camera. Raises: NotFoundError."""
    states, camera_id = request.app[SHELVES].states, request.match_info["camera"]
    if not states.has("camera", camera_id):
        raise NotFoundError
    return _json(camera_json(states, camera_id))


@routes.get("/api/jobs")
async def jobs(request: web.Request) -> web.Response:
    """List what is being made. Raises: NotFoundError for watchers."""
    if request[IDENTITY].right is not Right.MANAGE:
        raise NotFoundError
    shelves = request.app[SHELVES]
    items = []
    for job_id in shelves.states.ids("job"):
        title_id = str(shelves.states.get("job", job_id, "title") or job_id)
        found = await shelves.catalog.titles.get(title_id)
        items.append(job_json(shelves.states, job_id, full_name(found) if found else title_id))
    return _listed(items)


@routes.get("/api/states")
async def states(request: web.Request) -> web.Response:
    """Tell all states by their written form, e.g. `camera.porch/phase`."""
    seen: Json = {}
    async for piece in visible(request.app[SHELVES].states, request[IDENTITY].right):
        seen |= piece
    body = await in_thread(json.dumps, seen)
    return web.Response(text=body, content_type="application/json", headers={"Cache-Control": "no-store"})


@routes.post("/api/actions/{action}")
async def action(request: web.Request) -> web.Response:
    """Do an action; the body holds its arguments as a JSON object of texts.

    Raises: ArgumentError, DeniedError, NotFoundError, BusyError, and what doing it raises.
    """
    arguments = await body_of(request, dict[str, str])
    identity = request[IDENTITY]
    name = request.match_info["action"]
    done = await request.app[SHELVES].actions.ask(name, arguments, right=identity.right, who=identity.name)
    if done.body:
        return web.Response(body=done.body, content_type="image/jpeg", headers={"Cache-Control": "no-store"})
    return _json(dict(done.result))


@routes.get("/api/openapi.json")
async def openapi(request: web.Request) -> web.StreamResponse:
    """Describe this API."""
    return await file_answer(request, _OPENAPI, "application/json")
