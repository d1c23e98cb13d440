"""Titles as one file, for televisions and for keeping: the file itself, and a plain MP4 that every player takes."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from io import FileIO

from aiohttp import web

from osmose_addon.formats import downloads
from osmose_addon.formats.ranges import ByteRange
from osmose_addon.interfaces.http.answers import ASK_FIRST, Told, whole_answer
from osmose_addon.interfaces.http.asked import playable_of
from osmose_addon.interfaces.http.keys import FILES, SHELVES
from osmose_addon.interfaces.http.preparing import await_cells
from osmose_addon.model.errors import MediaError, NotFoundError, StoreError
from osmose_addon.model.media import Rung, Title, TitlePhase
from osmose_addon.runtime.openfiles import OpenFiles, open_file, read_pieces
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.films import Film, FilmStore, Stretch
from osmose_addon.stores.shelves import Shelves

routes = web.RouteTableDef()

FILMS = web.AppKey("films", FilmStore)

_OPEN_S = 10.0
_MISSING = {
    errno.ENOENT: "gone",
    errno.ENOTDIR: "gone",
    errno.EACCES: "unreadable",
    errno.EPERM: "unreadable",
    errno.ELOOP: "not_a_file",
    errno.EINVAL: "not_a_file",
}


class FileBody:
    """An open file, as something to answer with."""

    def __init__(self, file: FileIO, size_bytes: int) -> None:
        """Answer with the first `size_bytes` of it."""
        self._file = file
        self.size_bytes = size_bytes

    async def pieces(self, part: ByteRange) -> AsyncIterator[bytes]:
        """Yield the bytes of a part. Raises: OSError."""
        async for piece in read_pieces(self._file.fileno(), part.first_byte, part.size_bytes):
            yield piece


class FilmBody:
    """A plain MP4 put together out of cells, as something to answer with. While it is read its title is watched."""

    def __init__(self, shelves: Shelves, files: OpenFiles, title: Title, film: Film) -> None:
        """Read cells by way of `files`."""
        self._shelves, self._files = shelves, files
        self._title_id, self._film = title.id, film
        self._revision = title.grid.revision if title.grid else ""
        self.size_bytes = film.size_bytes

    async def pieces(self, part: ByteRange) -> AsyncIterator[bytes]:
        """Yield the bytes of a part. Raises: OSError, StoreError when a cell is no longer where it was."""
        for piece in self._film.parts(part):
            if isinstance(piece, bytes):
                yield piece
                continue
            await self._look(piece)
            async with self._files.lent(piece.place.file) as fd:
                async for body in read_pieces(fd, piece.offset_bytes, piece.size_bytes):
                    yield body

    async def _look(self, stretch: Stretch) -> None:
        async with self._shelves.ledger.wanted(self._title_id, stretch.rung_id, stretch.cell):
            place = await self._shelves.cells.find(self._title_id, self._revision, stretch.rung_id, stretch.cell)
        if place != stretch.place:
            raise StoreError(cause="evicted")


@routes.get("/play/titles/{id}/original")
async def original(request: web.Request) -> web.StreamResponse:
    """Answer with the title's own file, byte for byte; 503 with the reason while it is away."""
    title, _grid = await playable_of(request)
    return await _original(request, title, downloads.content_type(title))


@routes.get("/play/titles/{id}/stream.mp4")
async def stream(request: web.Request) -> web.StreamResponse:
    """Answer with one MP4 that every player takes: the file itself where it is one, else the cells of one rung.

    What is missing of those is made first: copies within the request, encoded ones by a job, which 503 tells of. A
    HEAD makes nothing.
    """
    title, grid = await playable_of(request)
    if title.facts is not None and downloads.is_plain_mp4(title.facts):
        return await _original(request, title, downloads.MP4)
    shelves = request.app[SHELVES]
    filled = {rung.id: all(await shelves.cells.filled(title.id, grid, rung.id)) for rung in grid.rungs}
    rungs = downloads.chosen(grid, {rung_id for rung_id, is_whole in filled.items() if is_whole})
    if not rungs:
        raise MediaError(reason="needs_encoding")
    film = await _film(request, title, rungs)
    name = downloads.disposition(title, ".mp4")
    told = Told(downloads.MP4 if title.facts and title.facts.video else "audio/mp4", ASK_FIRST, film.tag, name)
    return await whole_answer(request, FilmBody(shelves, request.app[FILES], title, film), told)


async def _film(request: web.Request, title: Title, rungs: tuple[Rung, ...]) -> Film:
    """Return the MP4 of some rungs. Raises: PreparingError, MediaError, NotFoundError, StoreError."""
    films = request.app[FILMS]
    film = await films.film(title, rungs)
    if film is None:
        await await_cells(request, title, rungs)
        film = await films.film(title, rungs)
    if film is None:
        raise NotFoundError
    return film


async def _original(request: web.Request, title: Title, content_type: str) -> web.StreamResponse:
    if title.phase is TitlePhase.AWAY or title.facts is None:
        raise MediaError(reason="away")
    file = await _opened(title.path)
    with file:
        status = await in_thread(os.fstat, file.fileno())
        if status.st_size != title.facts.size_bytes:
            raise MediaError(reason="changed")
        tag = f"{title.id}-{status.st_size:x}-{status.st_mtime_ns:x}"
        told = Told(content_type, ASK_FIRST, tag, downloads.disposition(title))
        return await whole_answer(request, FileBody(file, status.st_size), told)


async def _opened(path: bytes) -> FileIO:
    """Open a title's file, which the catalog names and nothing in the request. Raises: MediaError."""
    try:
        async with asyncio.timeout(_OPEN_S):
            return await in_thread(open_file, path)
    except TimeoutError:
        reason = "away"
    except OSError as error:
        reason = _MISSING.get(error.errno or 0, "away")
    raise MediaError(reason=reason)
