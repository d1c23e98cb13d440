"""Titles as HLS and DASH: playlists at once and from memory, subtitles and posters. Cells are in `play_cells`.

URLs of cells hold the revision of the title's grid, so whatever a browser keeps under one never changes.
"""

from collections.abc import Callable
from dataclasses import replace

from aiohttp import hdrs, web

from osmose_addon.formats import dash, hls
from osmose_addon.interfaces.http.answers import ASK_FIRST, FOR_EVER, answer, file_answer
from osmose_addon.interfaces.http.asked import playable_of, rung_of, title_of, track_of
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.interfaces.http.playlists import PLAYLISTS
from osmose_addon.model.errors import MediaError, NotFoundError
from osmose_addon.model.media import Grid, RungKind, Title, TitlePhase
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.titlefiles import poster_path, small_poster_path, text_extra, text_path

routes = web.RouteTableDef()

_VTT = "text/vtt"


@routes.get("/play/titles/{id}/{revision}/{rung}/index.m3u8")
async def index(request: web.Request) -> web.StreamResponse:
    """Answer with the playlist of one rung: all its cells, made or not."""
    title, rung = await rung_of(request)
    return _list(request, title, f"rung {rung.id}", lambda: hls.media(rung), FOR_EVER)


@routes.get("/play/titles/{id}/master.m3u8")
async def master(request: web.Request) -> web.StreamResponse:
    """Answer with the master playlist: the ladder, or the original where there is none."""
    title, grid = await playable_of(request)
    return _list(request, title, "master", lambda: hls.master(_with_paths(grid), title.texts))


@routes.get("/play/titles/{id}/original.m3u8")
async def original(request: web.Request) -> web.StreamResponse:
    """Answer with a master playlist of the untouched source alone; 404 when no rung is a copy of it."""
    title, grid = await playable_of(request)
    if not any(rung.kind is RungKind.VIDEO and rung.method == "copied" for rung in grid.rungs):
        raise NotFoundError
    return _list(request, title, "original", lambda: hls.original_master(_with_paths(grid), title.texts))


@routes.get("/play/titles/{id}/manifest.mpd")
async def manifest(request: web.Request) -> web.StreamResponse:
    """Answer with the DASH manifest: the same cells as in HLS."""
    title, grid = await playable_of(request)
    video = title.facts.video if title.facts else None
    body, tag = request.app[PLAYLISTS].told(title, "manifest", lambda: dash.manifest(grid, video, title.texts))
    return answer(request, body, dash.CONTENT_TYPE, ASK_FIRST, tag)


@routes.get("/play/titles/{id}/subtitles/{track:[0-9]{1,4}}.m3u8")
async def subtitles(request: web.Request) -> web.StreamResponse:
    """Answer with the playlist of a text track."""
    title, grid = await playable_of(request)
    track = track_of(request, title)
    return _list(request, title, f"text {track}", lambda: hls.subtitles(track, grid.duration_s))


@routes.get("/play/titles/{id}/subtitles/{track:[0-9]{1,4}}.vtt")
async def subtitle_text(request: web.Request) -> web.StreamResponse:
    """Answer with a text track as WebVTT; the first to ask waits until it is made."""
    shelves = request.app[SHELVES]
    title, _grid = await playable_of(request)
    track = track_of(request, title)
    path = text_path(shelves.paths, title.id, track)
    if not await in_thread(path.exists):
        if title.phase is not TitlePhase.READY:  # trying now would fail, and keep who asks waiting once it is back
            raise MediaError(reason=title.reason or title.phase.value)
        if request.method == hdrs.METH_HEAD:  # which makes nothing: all is told but length and tag
            return web.StreamResponse(headers={hdrs.CONTENT_TYPE: _VTT, hdrs.CACHE_CONTROL: ASK_FIRST})
        async with shelves.ledger.wanted_extra(title.id, text_extra(track)):
            pass
    return await file_answer(request, path, _VTT)


@routes.get("/play/titles/{id}/poster.jpg")
async def poster(request: web.Request) -> web.StreamResponse:
    """Answer with the poster."""
    title = await title_of(request)
    return await file_answer(request, poster_path(request.app[SHELVES].paths, title.id), "image/jpeg")


@routes.get("/play/titles/{id}/poster-small.jpg")
async def poster_small(request: web.Request) -> web.StreamResponse:
    """Answer with the poster as walls of many show it."""
    title = await title_of(request)
    return await file_answer(request, small_poster_path(request.app[SHELVES].paths, title.id), "image/jpeg")


def _list(
    request: web.Request, title: Title, name: str, write: Callable[[], str], caching: str = ASK_FIRST
) -> web.StreamResponse:
    body, tag = request.app[PLAYLISTS].told(title, name, write)
    return answer(request, body, hls.CONTENT_TYPE, caching, tag)


def _with_paths(grid: Grid) -> Grid:
    """Return the grid with rungs named as their URLs below the master playlist begin."""
    return replace(grid, rungs=tuple(replace(rung, id=f"{grid.revision}/{rung.id}") for rung in grid.rungs))
