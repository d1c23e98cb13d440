"""Which cells of all titles are filled, and where their bytes lie.

The bytes and their index are the truth: nothing else remembers what was made. The index of a rung is read when it is
first asked for, and those of a few titles are kept in memory.
"""

import asyncio
import os
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from osmose_addon.model.errors import StoreError
from osmose_addon.model.media import Grid, Rung
from osmose_addon.runtime.paths import Paths
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.segments.cellfile import (
    INDEX_SUFFIX,
    RECORD_BYTES,
    CellPlace,
    CellWriter,
    read_cell,
    read_index,
)
from osmose_addon.stores.segments.eviction import Evicted, evict, touch
from osmose_addon.stores.segments.litter import tidy

__all__ = ["CellPlace", "CellStore", "CellWriter"]

_KEPT_RUNGS = 48
_TEXTS = "texts"

_Key = tuple[str, str, str]


@dataclass(slots=True)
class _Index:
    """What is known of one rung: where its cells lie, and how far each index file was read."""

    folder: Path
    places: dict[int, CellPlace] = field(default_factory=dict)
    read_bytes: dict[Path, int] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_read: bool = False

    def refresh(self) -> None:
        """Read what was added since the last time; of two places of one cell the newer counts. Runs in a thread."""
        for index in sorted(self.folder.glob(f"*{INDEX_SUFFIX}"), key=_written_ns):
            skip_bytes = self.read_bytes.get(index, 0)
            for cell, place in read_index(index, skip_bytes):
                self.places[cell] = place
                skip_bytes += RECORD_BYTES
            self.read_bytes[index] = skip_bytes


class CellStore:
    """All filled cells of all titles."""

    def __init__(self, paths: Paths) -> None:
        """Keep cells below the cache folder of `paths`."""
        self._paths = paths
        self._indexes: OrderedDict[_Key, _Index] = OrderedDict()
        self._used: set[Path] = set()
        self._is_tidy = False

    async def filled(self, title_id: str, grid: Grid, rung_id: str) -> list[bool]:
        """Return for each cell of a rung whether it is filled; empty for a rung the grid does not have."""
        rung = grid.rung(rung_id)
        if rung is None:
            return []
        places = (await self._index(title_id, grid.revision, rung_id)).places
        return [cell in places for cell in range(rung.cells)]

    async def share(self, title_id: str, revision: str, rungs: tuple[Rung, ...]) -> float:
        """Return which share of all cells of these rungs is filled, 0 to 1; 1 when there are none."""
        total = sum(rung.cells for rung in rungs)
        there = 0
        for rung in rungs:
            there += len((await self._index(title_id, revision, rung.id)).places)
        return min(there / total, 1.0) if total else 1.0

    async def find(self, title_id: str, revision: str, rung_id: str, cell: int) -> CellPlace | None:
        """Return where a cell lies, or `None` when it is not filled. Its chunk then counts as used."""
        place = (await self._index(title_id, revision, rung_id)).places.get(cell)
        if place is not None:
            self._used.add(place.file)
        return place

    async def read(self, title_id: str, revision: str, rung_id: str, cell: int) -> bytes | None:
        """Return the bytes of a cell, or `None` when it is not filled. A damaged cell is forgotten."""
        place = await self.find(title_id, revision, rung_id, cell)
        if place is None:
            return None
        try:
            return await in_thread(read_cell, place)
        except StoreError:
            (await self._index(title_id, revision, rung_id)).places.pop(cell, None)
            return None

    async def note(self, title_id: str, revision: str, rung_id: str) -> None:
        """Learn of cells that a worker has just filled."""
        index = self._indexes.get((title_id, revision, rung_id))
        if index is not None:
            async with index.turn:  # a first read that is under way may have passed the new cells by
                await in_thread(index.refresh)

    async def sweep(self, kept: Callable[[], Awaitable[Mapping[str, str]]]) -> tuple[str, ...]:
        """Delete the cells of titles that are gone, and of other revisions; return the ids of titles that went.

        `kept` gives the revision of each title's grid, by title, empty to keep whatever there is. It is asked after
        looking at the disk, so that a title that comes meanwhile loses nothing. Pictures of kept titles stay.
        """
        home = self._paths.cache / "titles"
        there = await in_thread(_revisions, home)
        wanted = await kept()
        gone = [home / title for title in there if title not in wanted]
        for title in wanted:
            old = (name for name in there.get(title, ()) if name not in (wanted[title], _TEXTS))
            gone += [home / title / name for name in old if wanted[title]]
        for key in [key for key in self._indexes if wanted.get(key[0]) not in (key[1], "")]:
            del self._indexes[key]
        for folder in gone:
            await in_thread(shutil.rmtree, folder, ignore_errors=True)
        return tuple(folder.name for folder in gone if folder.parent == home)

    async def tidy(self) -> None:
        """Delete, once, what an earlier run that was killed left unfinished. Call it before any worker writes."""
        if not self._is_tidy:
            self._is_tidy = True
            await in_thread(tidy, self._paths.cache / "titles")

    async def evict(self, size_bytes: int, spared: Collection[str], *, or_nothing: bool = False) -> Evicted:
        """Delete chunks that were not used for the longest time until so much is free; none of titles `spared`.

        With `or_nothing` none goes where all of them are not enough.
        """
        await self.note_use()
        evicted = await in_thread(evict, self._paths.cache / "titles", size_bytes, spared, or_nothing=or_nothing)
        for key in [key for key in self._indexes if key[0] in evicted.title_ids]:
            del self._indexes[key]
        return evicted

    async def note_use(self) -> None:
        """Write down which chunks were used since the last time, as the time of change of their files."""
        used, self._used = self._used, set()
        await in_thread(touch, used)

    async def size_bytes(self) -> int:
        """Return how much the cache holds on disk."""
        return await in_thread(_size_bytes, self._paths.cache)

    async def _index(self, title_id: str, revision: str, rung_id: str) -> _Index:
        key = (title_id, revision, rung_id)
        index = self._indexes.get(key)
        if index is None:
            index = self._indexes[key] = _Index(self._paths.title(title_id, revision) / rung_id)
        self._indexes.move_to_end(key)
        while len(self._indexes) > _KEPT_RUNGS:
            self._indexes.popitem(last=False)
        if not index.is_read:
            async with index.turn:
                if not index.is_read:
                    await in_thread(index.refresh)
                    index.is_read = True
        return index


def _written_ns(index: Path) -> int:
    try:
        return index.stat().st_mtime_ns
    except OSError:
        return 0


def _revisions(home: Path) -> dict[str, tuple[str, ...]]:
    return {title.name: tuple(folder.name for folder in _folders(title)) for title in _folders(home)}


def _folders(home: Path) -> list[Path]:
    return [folder for folder in home.iterdir() if folder.is_dir()] if home.is_dir() else []


def _size_bytes(home: Path) -> int:
    return sum(_file_bytes(Path(folder, name)) for folder, _below, files in os.walk(home) for name in files)


def _file_bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
