"""Room for cells: who goes for whom when the disk is full or the quota used up, and what those who wait are told."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from osmose_addon.model.config import Config, LibraryConfig, LibraryKind, StorageConfig, TranscodeMode
from osmose_addon.model.errors import BusyError, StoreError
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod, Title, TitlePhase
from osmose_addon.model.orders import ChunkOrder
from osmose_addon.model.reports import CellFilled
from osmose_addon.model.states import StateKey
from osmose_addon.services.jobs.room import Room
from osmose_addon.services.jobs.service import JobService
from osmose_addon.stores.ledger import Ledger
from osmose_addon.stores.segments.cells import CellWriter
from osmose_addon.stores.shelves import Shelves
from tests.clock import ManualClock
from tests.household import shelves_in, until
from tests.small_disk import small_disk

_RUNG = Rung("480p", RungKind.VIDEO, RungGroup.LADDER, RungMethod.ENCODED, "", 0, 1, 0, (0, 4, 8))
_GRID = Grid("rev1", 8.0, (_RUNG,))
_FILMS = LibraryConfig("films", "Films", LibraryKind.FILMS, Path("/nowhere"))
_AHEAD = LibraryConfig("ahead", "Ahead", LibraryKind.FILMS, Path("/nowhere"), TranscodeMode.AHEAD)
_REASON = StateKey("osmose", "", "jobs_reason")
_NEVER_ENOUGH = StorageConfig(reserve_bytes=1 << 60)
_CELL_BYTES = 1_000_000


class _Engine:
    """Makes cells of a megabyte at once, unless its disk is full."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.is_full = is_full
        self.runs = 0

    async def fill_chunk(self, order: ChunkOrder, *, is_urgent: bool) -> AsyncGenerator[CellFilled, None]:
        del is_urgent
        self.runs += 1
        if self.is_full:
            raise StoreError(cause="No space left on device")
        for cell in range(order.first_cell, order.first_cell + order.count):
            _keep(Path(order.folder), cell)
            yield CellFilled("480p", cell, _CELL_BYTES)


def _keep(folder: Path, cell: int) -> None:
    with CellWriter(folder, "480p", cell) as writer:
        writer.write(cell, bytes(_CELL_BYTES))


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data", deadline_s=15.0) as opened:
        yield opened


@asynccontextmanager
async def _running(shelves: Shelves, engine: _Engine, storage: StorageConfig) -> AsyncIterator[None]:
    config = Config(libraries=(_FILMS, _AHEAD), storage=storage)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(JobService(shelves, config, engine).main())
        yield
        task.cancel()


async def _add(shelves: Shelves, id_: str, library: str = "films", *, made: tuple[int, ...] = (0,)) -> None:
    """Add a title of two cells, of which some are made; what comes first was used longest ago."""
    await shelves.catalog.titles.save(Title(id_, library, id_, b"/nowhere", TitlePhase.READY, grid=_GRID))
    for cell in made:
        _keep(shelves.paths.title(id_, "rev1"), cell)
    for file in shelves.paths.title(id_, "rev1").glob("*/*.cells"):
        os.utime(file, (1000, 1000 + len(await shelves.catalog.titles.list())))


async def _watch(shelves: Shelves, id_: str, cell: int) -> None:
    async with shelves.ledger.wanted(id_, "480p", cell):
        pass


async def _held(shelves: Shelves) -> set[str]:
    """Return the titles that have cells."""
    ids = [title.id for title in await shelves.catalog.titles.list()]
    return {id_ for id_ in ids if await shelves.cells.find(id_, "rev1", "480p", 0) is not None}


async def test_a_full_disk_takes_from_what_nobody_watches_first(shelves: Shelves) -> None:
    """Neither what is being watched goes, nor what would only be made again."""
    await _add(shelves, "old")
    await _add(shelves, "ahead", "ahead")
    async with _running(shelves, _Engine(), _NEVER_ENOUGH):
        await until(shelves, _REASON, "disk_full")
        assert await _held(shelves) == {"ahead"}


async def test_for_somebody_who_waits_what_was_made_ahead_goes_if_that_helps(tmp_path: Path) -> None:
    """Playing comes first; what went is made again when there is room."""
    async with small_disk(tmp_path / "disk", 20_000_000) as disk, shelves_in(disk.folder) as shelves:
        await _add(shelves, "ahead", "ahead", made=(0, 1))
        await _add(shelves, "watched", made=())
        disk.leave(5_000_000)
        async with _running(shelves, _Engine(), StorageConfig(reserve_bytes=60_000_000)):
            await until(shelves, _REASON, "disk_full")
            assert await _held(shelves) == {"ahead"}
            await _watch(shelves, "watched", 0)
            assert await _held(shelves) == {"watched"}


async def test_where_nothing_helps_nothing_is_thrown_away_and_who_waits_is_told(shelves: Shelves) -> None:
    """At once and in words; what is there plays on."""
    await _add(shelves, "ahead", "ahead")
    await _add(shelves, "watched")
    async with _running(shelves, _Engine(), _NEVER_ENOUGH):
        with pytest.raises(BusyError) as told:
            await _watch(shelves, "watched", 1)
        assert told.value.fields["reason"] == "disk_full"
        assert await _held(shelves) == {"watched", "ahead"}
        await _watch(shelves, "watched", 0)


async def test_a_disk_that_refuses_a_write_is_told_of_and_no_fault_of_the_cell(shelves: Shelves) -> None:
    """However much room it says there is. Once it takes again, all goes on by itself."""
    await _add(shelves, "film", "ahead", made=())
    engine = _Engine(is_full=True)
    async with _running(shelves, engine, StorageConfig(reserve_bytes=0)):
        await until(shelves, _REASON, "disk_full")
        with pytest.raises(BusyError) as told:
            await _watch(shelves, "film", 1)
        assert told.value.fields["reason"] == "disk_full"
        assert engine.runs <= 2
        engine.is_full = False
        await until(shelves, StateKey("title", "film", "filled"), 100, longest_s=30)
        await until(shelves, _REASON, "")
    assert await shelves.catalog.chunks.all() == ()


async def test_what_is_made_ahead_stops_at_the_quota_and_goes_on_when_something_was_deleted(shelves: Shelves) -> None:
    """Nobody need restart anything."""
    await _add(shelves, "done", "ahead", made=(0, 1))
    await _add(shelves, "next", "ahead", made=())
    engine = _Engine()
    async with _running(shelves, engine, StorageConfig(reserve_bytes=0, quota_bytes=2 * _CELL_BYTES)):
        await until(shelves, _REASON, "quota")
        assert engine.runs == 0
        assert await _held(shelves) == {"done"}
        await shelves.catalog.titles.remove("done")
        await shelves.cells.sweep(shelves.catalog.titles.revisions)
        await until(shelves, StateKey("title", "next", "filled"), 100, longest_s=30)


async def test_a_larger_quota_lets_what_is_made_ahead_go_on(shelves: Shelves) -> None:
    await _add(shelves, "done", "ahead", made=(0, 1))
    await _add(shelves, "next", "ahead", made=())
    async with _running(shelves, _Engine(), StorageConfig(reserve_bytes=0, quota_bytes=_CELL_BYTES)):
        await until(shelves, _REASON, "quota")
    async with _running(shelves, _Engine(), StorageConfig(reserve_bytes=0, quota_bytes=100 * _CELL_BYTES)):
        await until(shelves, StateKey("title", "next", "filled"), 100)
        await until(shelves, _REASON, "")


async def test_who_comes_while_nothing_can_be_made_hears_it_at_once(tmp_path: Path) -> None:
    """And who waited already hears it too; when there is room again, they wait for their cell as ever."""
    async with shelves_in(tmp_path, deadline_s=60) as shelves:
        await _add(shelves, "film", made=())
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(_refused(shelves.ledger))
            while not shelves.ledger.wants():
                shelves.ledger.news.clear()
                await shelves.ledger.news.wait()
            shelves.ledger.hinder("disk_full")
            assert await waiting == "disk_full"
            assert await _refused(shelves.ledger) == "disk_full"
            shelves.ledger.hinder("")
            again = group.create_task(_refused(shelves.ledger))
            await asyncio.sleep(0.1)
            assert not again.done()
            again.cancel()


async def _refused(ledger: Ledger) -> str:
    """Return the reason for which a cell cannot be had."""
    try:
        async with ledger.wanted("film", "480p", 0):
            return ""
    except BusyError as error:
        return str(error.fields["reason"])


async def test_a_disk_that_is_away_is_no_reason_to_delete(tmp_path: Path) -> None:
    """Nothing is made while the cache cannot be reached, and nothing of it is thrown away."""
    (tmp_path / "cache").write_text("a file where the folder should be")
    async with shelves_in(tmp_path / "data") as shelves:
        room = Room(tmp_path / "cache", shelves.cells, StorageConfig(), ManualClock())
        await room.look()
        assert (room.reason, room.excess_bytes, room.missing_for_viewers_bytes) == ("disk_full", 0, 0)
