"""Titles as HLS: playlists at once, cells as they are made, subtitles and posters.

URLs of cells hold the revision of the title's grid, so whatever a browser keeps under one never changes.
"""

from dataclasses import replace

from aiohttp import web

from osmose_addon.formats import hls
from osmose_addon.interfaces.http.answers import ASK_FIRST, FOR_EVER, answer, file_answer
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.model.errors import BusyError, MediaError, NotFoundError
from osmose_addon.model.media import Grid, Rung, RungKind, Title
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.segments.cellfile import CellPlace, read_pieces
from osmose_addon.stores.titlefiles import poster_path, small_poster_path, text_extra, text_path

routes = web.RouteTableDef()

_VTT = "text/vtt"
_CELL = "video/iso.segment"
_WHOLE_BYTES = 4 << 20
_PIECE_BYTES = 1 << 20


@routes.get("/play/titles/{id}/master.m3u8")
async def master(request: web.Request) -> web.StreamResponse:
    """Answer with the master playlist: the ladder, or the original where there is none."""
    title, grid = await _playable(request)
    return answer(request, hls.master(_with_paths(grid), title.texts).encode(), hls.CONTENT_TYPE, ASK_FIRST)


@routes.get("/play/titles/{id}/original.m3u8")
async def original(request: web.Request) -> web.StreamResponse:
    """Answer with a master playlist of the untouched source alone; 404 when no rung is a copy of it."""
    title, grid = await _playable(request)
    if not any(rung.kind is RungKind.VIDEO and rung.method == "copied" for rung in grid.rungs):
        raise NotFoundError
    text = hls.original_master(_with_paths(grid), title.texts)
    return answer(request, text.encode(), hls.CONTENT_TYPE, ASK_FIRST)


@routes.get("/play/titles/{id}/poster.jpg")
async def poster(request: web.Request) -> web.StreamResponse:
    """Answer with the poster."""
    title = await _title(request)
    return await file_answer(request, poster_path(request.app[SHELVES].paths, title.id), "image/jpeg")


@routes.get("/play/titles/{id}/poster-small.jpg")
async def poster_small(request: web.Request) -> web.StreamResponse:
    """Answer with the poster as walls of many show it."""
    title = await _title(request)
    return await file_answer(request, small_poster_path(request.app[SHELVES].paths, title.id), "image/jpeg")


@routes.get("/play/titles/{id}/subtitles/{track:[0-9]{1,4}}.m3u8")
async def subtitles(request: web.Request) -> web.StreamResponse:
    """Answer with the playlist of a text track."""
    title, grid = await _playable(request)
    track = _track(request, title)
    return answer(request, hls.subtitles(track, grid.duration_s).encode(), hls.CONTENT_TYPE, ASK_FIRST)


@routes.get("/play/titles/{id}/subtitles/{track:[0-9]{1,4}}.vtt")
async def subtitle_text(request: web.Request) -> web.StreamResponse:
    """Answer with a text track as WebVTT; the first to ask waits until it is made."""
    shelves = request.app[SHELVES]
    title, _grid = await _playable(request)
    track = _track(request, title)
    path = text_path(shelves.paths, title.id, track)
    if not await in_thread(path.exists):
        async with shelves.ledger.wanted_extra(title.id, text_extra(track)):
            pass
    return await file_answer(request, path, _VTT)


@routes.get("/play/titles/{id}/{revision}/{rung}/index.m3u8")
async def index(request: web.Request) -> web.StreamResponse:
    """Answer with the playlist of one rung: all its cells, made or not."""
    _title_of_it, rung = await _rung(request)
    return answer(request, hls.media(rung).encode(), hls.CONTENT_TYPE, FOR_EVER)


@routes.get("/play/titles/{id}/{revision}/{rung}/init.mp4")
async def init(request: web.Request) -> web.StreamResponse:
    """Answer with the init segment of one rung."""
    title, rung = await _rung(request)
    body = await request.app[SHELVES].catalog.titles.init(title.id, rung.id)
    if body is None:
        raise NotFoundError
    return answer(request, body, "video/mp4", FOR_EVER)


@routes.get("/play/titles/{id}/{revision}/{rung}/{cell:[0-9]{1,6}}.m4s")
async def cell(request: web.Request) -> web.StreamResponse:
    """Answer with a cell. One that is not made yet is made now; 503 when that takes too long."""
    shelves = request.app[SHELVES]
    title, rung = await _rung(request)
    number, revision = int(request.match_info["cell"]), request.match_info["revision"]
    if str(number) != request.match_info["cell"] or number >= rung.cells:
        raise NotFoundError
    tag = f"{revision}-{rung.id}-{number}"
    async with shelves.ledger.wanted(title.id, rung.id, number):
        place = await shelves.cells.find(title.id, revision, rung.id, number)
    if place is None:
        raise BusyError(retry_after_s=1)
    if place.size_bytes > _WHOLE_BYTES and request.method == "GET":
        return await _in_pieces(request, place, tag)
    body = await shelves.cells.read(title.id, revision, rung.id, number)
    if body is None:
        raise BusyError(retry_after_s=1)
    return answer(request, body, _CELL, FOR_EVER, tag)


async def _in_pieces(request: web.Request, place: CellPlace, tag: str) -> web.StreamResponse:
    """Answer with a long cell without holding all of it: ten seconds of an original may be 100 MB."""
    response = web.StreamResponse(headers={"Cache-Control": FOR_EVER, "ETag": f'"{tag}"', "Content-Type": _CELL})
    response.content_length = place.size_bytes
    await response.prepare(request)
    pieces = read_pieces(place, _PIECE_BYTES)
    while piece := await in_thread(next, pieces, b""):
        await response.write(piece)
    await response.write_eof()
    return response


def _with_paths(grid: Grid) -> Grid:
    """Return the grid with rungs named as their URLs below the master playlist begin."""
    return replace(grid, rungs=tuple(replace(rung, id=f"{grid.revision}/{rung.id}") for rung in grid.rungs))


def _track(request: web.Request, title: Title) -> int:
    track = int(request.match_info["track"])
    if all(text.index != track for text in title.texts):
        raise NotFoundError
    return track


async def _title(request: web.Request) -> Title:
    title = await request.app[SHELVES].catalog.titles.get(request.match_info["id"])
    if title is None:
        raise NotFoundError
    return title


async def _playable(request: web.Request) -> tuple[Title, Grid]:
    title = await _title(request)
    if title.grid is None:
        raise MediaError(reason=title.reason or "unknown")
    return title, title.grid


async def _rung(request: web.Request) -> tuple[Title, Rung]:
    title, grid = await _playable(request)
    rung = grid.rung(request.match_info["rung"])
    if rung is None or grid.revision != request.match_info["revision"]:
        raise NotFoundError
    return title, rung
