"""What players tell of what is watched, and where each person goes on.

A person is known by what Home Assistant names them by; those it does not name share their places.
"""

from typing import Annotated

import msgspec
from aiohttp import web

from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.bodies import body_of
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.interfaces.http.things import Json, title_json
from osmose_addon.model.errors import NotFoundError
from osmose_addon.model.media import Title
from osmose_addon.stores.catalog.watching import Playback

routes = web.RouteTableDef()

_MOST_PLACES = 60
_Id = Annotated[str, msgspec.Meta(max_length=40)]
_View = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{8,64}$")]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a player is in a title, and how much of it was really played since it began."""

    title: _Id
    view: _View
    at_s: _Seconds
    watched_s: _Seconds


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether somebody has seen a title."""

    title: _Id
    watched: bool


@routes.post("/api/views")
async def views(request: web.Request) -> web.Response:
    """Take a player's word, every ten seconds or so, and at each pause and end; it may come twice.

    Raises: ArgumentError, NotFoundError.
    """
    told = await body_of(request, Told)
    title = await _title(request, told.title)
    length_s = title.grid.duration_s if title.grid else 0.0
    played = Playback(told.view, "title", title.id, told.at_s, told.watched_s, length_s)
    noted = await request.app[SHELVES].catalog.watching.note(request[IDENTITY].person, played)
    return _json({"counted": noted.is_counted, "kept": noted.is_kept})


@routes.get("/api/places")
async def places(request: web.Request) -> web.Response:
    """List the titles that the asker can go on with: those begun, and next episodes; the last one first."""
    found = await request.app[SHELVES].catalog.watching.unfinished(request[IDENTITY].person, _MOST_PLACES)
    return _json({"items": [title_json(title, place) for title, place in found], "next": None})


@routes.post("/api/places")
async def mark(request: web.Request) -> web.Response:
    """Mark a title as seen by the asker, or as not seen and not begun. Raises: ArgumentError, NotFoundError."""
    asked = await body_of(request, Mark)
    title = await _title(request, asked.title)
    watching = request.app[SHELVES].catalog.watching
    await watching.mark(request[IDENTITY].person, "title", title.id, is_watched=asked.watched)
    return _json({"title": title.id, "watched": asked.watched})


async def _title(request: web.Request, title_id: str) -> Title:
    title = await request.app[SHELVES].catalog.titles.get(title_id)
    if title is None:
        raise NotFoundError
    return title


def _json(told: Json) -> web.Response:
    return web.json_response(told, headers={"Cache-Control": "no-store"})
