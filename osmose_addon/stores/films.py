"""Titles as one plain MP4 each, put together out of their cells when it is read: no byte of them is kept twice.

Only the index of such a file is in memory, of a few titles. The rest is the cells' own bytes, where they lie.
"""

import asyncio
import hashlib
import os
import struct
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from osmose_addon.formats.boxread import BadBoxError, SampleRun, sample_run
from osmose_addon.formats.progressive import Layout, TrackIndex, laid_out
from osmose_addon.formats.ranges import ByteRange
from osmose_addon.model.errors import NotFoundError, StoreError
from osmose_addon.model.media import Rung, Title
from osmose_addon.runtime.openfiles import open_file
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.segments.cells import CellPlace, CellStore

_MOST = 4
_MOST_INDEX_BYTES = 24 << 20
_HEAD = struct.Struct(">I4s")
_MOST_HEAD_BYTES = 4 << 20

Place = tuple[str, int, CellPlace]
"""The place of a cell: rung, number, bytes."""


class Stretch(NamedTuple):
    """Some of a cell's bytes: which cell of which rung, where that lies, and what of the file that holds it."""

    rung_id: str
    cell: int
    place: CellPlace
    offset_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Film:
    """A plain MP4: its head, the stretches that follow, and where each of them ends in it."""

    head: bytes
    stretches: tuple[Stretch, ...]
    ends: tuple[int, ...]
    tag: str

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        return self.ends[-1]

    def parts(self, part: ByteRange) -> Iterator[bytes | Stretch]:
        """Yield what makes up a range of it, cut to the range."""
        at, end = part.first_byte, part.first_byte + part.size_bytes
        if at < len(self.head):
            yield self.head[at:end]
            at = len(self.head)
        number = bisect_right(self.ends, at)
        while at < end:
            stretch, stretch_end = self.stretches[number], self.ends[number]
            skipped = at - (stretch_end - stretch.size_bytes)
            size_bytes = min(stretch_end, end) - at
            yield stretch._replace(offset_bytes=stretch.offset_bytes + skipped, size_bytes=size_bytes)
            at, number = at + size_bytes, number + 1


class FilmStore:
    """The plain MP4s that were asked for last."""

    def __init__(self, catalog: Catalog, cells: CellStore) -> None:
        """Read init segments from `catalog` and cells from `cells`."""
        self._catalog = catalog
        self._cells = cells
        self._films: OrderedDict[tuple[str, ...], Film] = OrderedDict()
        self._turn = asyncio.Lock()

    async def film(self, title: Title, rungs: Sequence[Rung]) -> Film | None:
        """Return a title as one MP4 of these rungs, or `None` while a cell of them is missing.

        Raises: NotFoundError (no init segment), StoreError (a cell is not what it should be).
        """
        revision = title.grid.revision if title.grid else ""
        key = (title.id, revision, *(rung.id for rung in rungs))
        film = self._films.get(key)
        if film is not None and await self._is_there(title.id, revision, film):
            self._films.move_to_end(key)
            return film
        places = [await self._places(title.id, revision, rung) for rung in rungs]
        inits = [await self._init(title.id, rung) for rung in rungs]
        if any(found is None for found in places):
            return None
        async with self._turn:  # one at a time: each has half a million samples in memory while it is made
            film = await in_thread(_built, inits, [found for found in places if found is not None])
        self._keep(key, film)
        return film

    def _keep(self, key: tuple[str, ...], film: Film) -> None:
        self._films[key] = film
        self._films.move_to_end(key)
        while len(self._films) > 1 and (
            len(self._films) > _MOST or sum(len(kept.head) for kept in self._films.values()) > _MOST_INDEX_BYTES
        ):
            self._films.popitem(last=False)

    async def _is_there(self, title_id: str, revision: str, film: Film) -> bool:
        for stretch in film.stretches:
            if await self._cells.find(title_id, revision, stretch.rung_id, stretch.cell) != stretch.place:
                return False
        return True

    async def _places(self, title_id: str, revision: str, rung: Rung) -> list[Place] | None:
        found: list[Place] = []
        for cell in range(rung.cells):
            place = await self._cells.find(title_id, revision, rung.id, cell)
            if place is None:
                return None
            found.append((rung.id, cell, place))
        return found

    async def _init(self, title_id: str, rung: Rung) -> bytes:
        body = await self._catalog.titles.init(title_id, rung.id)
        if body is None:
            raise NotFoundError
        return body


def _built(inits: Sequence[bytes], places: Sequence[Sequence[Place]]) -> Film:
    """Read the heads of all cells and lay them out. Runs in a thread. Raises: StoreError."""
    try:
        layout, stretches = _laid_out(inits, places)
    except (BadBoxError, OSError) as error:
        cause = str(error) or "?"
    else:
        ends = tuple(accumulate((one.size_bytes for one in stretches), initial=len(layout.head)))[1:]
        return Film(layout.head, stretches, ends, _tag(layout.head, stretches))
    raise StoreError(cause=cause)


def _laid_out(inits: Sequence[bytes], places: Sequence[Sequence[Place]]) -> tuple[Layout, tuple[Stretch, ...]]:
    tracks = [TrackIndex(init) for init in inits]
    stretches: list[list[Stretch]] = []
    for track, own in zip(tracks, places, strict=True):
        stretches.append([])
        for rung_id, cell, place in own:
            for run, offset_bytes in _runs(place):
                track.add(run)
                stretches[-1].append(Stretch(rung_id, cell, place, offset_bytes, run.size_bytes))
    layout = laid_out(tracks)
    return layout, tuple(stretches[chunk.track][chunk.place] for chunk in layout.chunks)


def _runs(place: CellPlace) -> Iterator[tuple[SampleRun, int]]:
    """Yield the fragments of a cell, each with the place of its samples in the file. Raises: BadBoxError, OSError."""
    end = place.offset_bytes + place.size_bytes
    with open_file(place.file) as file:
        for moof_at, moof in _moofs(file.fileno(), place.offset_bytes, end):
            run = sample_run(moof)
            data_at = moof_at + run.data_bytes
            if not moof_at < data_at <= data_at + run.size_bytes <= end:
                raise BadBoxError("samples outside their cell")
            yield run, data_at


def _moofs(fd: int, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield place and bytes of each `moof` in a stretch of a file."""
    while at < end:
        head = os.pread(fd, _HEAD.size, at)
        if len(head) < _HEAD.size:
            raise BadBoxError("torn cell")
        size, kind = _HEAD.unpack(head)
        if not _HEAD.size <= size <= end - at or (kind == b"moof" and size > _MOST_HEAD_BYTES):
            raise BadBoxError("torn cell")
        if kind == b"moof":
            yield at, os.pread(fd, size, at)
        at += size


def _tag(head: bytes, stretches: Sequence[Stretch]) -> str:
    told = hashlib.blake2b(head, digest_size=12)
    for stretch in stretches:
        told.update(stretch.place.checksum.to_bytes(4, "big"))
    return told.hexdigest()
