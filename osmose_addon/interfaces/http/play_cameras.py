"""Cameras as HLS and as pictures. Everything comes from memory, whole, with its length."""

import re
from email.utils import formatdate

from aiohttp import web

from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.model.errors import ArgumentError, NotFoundError
from osmose_addon.stores.live import RENDITION, LiveGrid

routes = web.RouteTableDef()

_PLAYLIST = "application/vnd.apple.mpegurl"
_NUMBER = re.compile(r"[0-9]{1,12}")
_FOR_EVER = "private, max-age=3600, immutable"


@routes.get("/play/cameras/{id}/master.m3u8")
async def master(request: web.Request) -> web.Response:
    """Answer with the master playlist."""
    return _playlist(await _grid(request).master())


@routes.get("/play/cameras/{id}/snapshot.jpg")
async def snapshot(request: web.Request) -> web.Response:
    """Answer with the last picture; `Last-Modified` tells when it was taken.

    404 when the camera never showed one, 503 while it starts.
    """
    shelves = request.app[SHELVES]
    _grid(request)
    identity = request[IDENTITY]
    asked = {"camera": request.match_info["id"]}
    done = await shelves.actions.ask("snapshot", asked, right=identity.right, who=identity.name)
    taken_unix_s = float(done.result.get("at_unix_s") or 0.0)
    headers = {"Cache-Control": "no-cache", "Last-Modified": formatdate(taken_unix_s, usegmt=True)}
    return web.Response(body=done.body, content_type="image/jpeg", headers=headers)


@routes.get("/play/cameras/{id}/{rendition}/live.m3u8")
async def live(request: web.Request) -> web.Response:
    """Answer with the media playlist; `_HLS_msn` and `_HLS_part` make the answer wait (rfc8216bis, 6.2.5.2)."""
    grid = _rendition(request)
    number, part = _directive(request, "_HLS_msn"), _directive(request, "_HLS_part")
    return _playlist(await grid.playlist(number, part))


@routes.get("/play/cameras/{id}/{rendition}/{piece}")
async def piece(request: web.Request) -> web.Response:
    """Answer with a part, a segment or an init segment."""
    body = await _rendition(request).piece(request.match_info["piece"])
    return web.Response(body=body, content_type="video/mp4", headers={"Cache-Control": _FOR_EVER})


def _grid(request: web.Request) -> LiveGrid:
    grid = request.app[SHELVES].live.get(request.match_info["id"])
    if grid is None:
        raise NotFoundError
    return grid


def _rendition(request: web.Request) -> LiveGrid:
    grid = _grid(request)
    if request.match_info["rendition"] != RENDITION:
        raise NotFoundError
    grid.see(f"{request[IDENTITY].name} {request.remote} {request.headers.get('User-Agent', '')[:200]}")
    return grid


def _directive(request: web.Request, name: str) -> int | None:
    """Return a delivery directive, a decimal integer.

    Raises: ArgumentError for anything else, and for one that is given twice.
    """
    given = request.query.getall(name, [])
    if not given:
        return None
    if len(given) > 1 or not _NUMBER.fullmatch(given[0]):
        raise ArgumentError(argument=name, reason="not_a_number")
    return int(given[0])


def _playlist(text: str) -> web.Response:
    return web.Response(body=text.encode(), content_type=_PLAYLIST, headers={"Cache-Control": "no-cache"})
