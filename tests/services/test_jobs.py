"""Jobs: who is served first, what happens when hands die, and real films filled by real workers."""

import asyncio
import io
import os
import random
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import pytest

from osmose_addon.model.config import (
    Config,
    LibraryConfig,
    LibraryKind,
    RenditionConfig,
    Right,
    StorageConfig,
    TranscodeMode,
    WorkersConfig,
)
from osmose_addon.model.errors import BusyError, MediaError, NotFoundError
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod, Title, TitlePhase
from osmose_addon.model.orders import ChunkOrder
from osmose_addon.model.reports import CellFilled
from osmose_addon.model.states import StateKey
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.services.jobs.board import Board
from osmose_addon.services.jobs.engine import LocalEngine
from osmose_addon.services.jobs.extras import ExtraHands
from osmose_addon.services.jobs.plan import Plan
from osmose_addon.services.jobs.service import JobService
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.stores.catalog.chunks import Cause, Chunk, ChunkPhase
from osmose_addon.stores.catalog.rows import GONE
from osmose_addon.stores.ledger import Spot
from osmose_addon.stores.segments.cells import CellWriter
from osmose_addon.stores.shelves import Shelves
from tests.clips import Clip, make, read_number
from tests.clock import ManualClock
from tests.household import shelves_in, until

_ENCODED = Rung("480p", RungKind.VIDEO, RungGroup.LADDER, RungMethod.ENCODED, "", 0, 1, 0, tuple(range(0, 804, 4)))
_SMALL = replace(_ENCODED, id="240p")
_SOUND = replace(_ENCODED, id="sound-1", kind=RungKind.AUDIO, group=RungGroup.SOUND, track=1)
_GRID = Grid("rev1", 800.0, (_ENCODED, _SMALL, _SOUND))
_ROOMY = StorageConfig(reserve_bytes=0)


@dataclass
class _Hand:
    """One chunk that the fake engine was asked for; `go` lets it make a cell."""

    order: ChunkOrder
    is_urgent: bool
    go: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    is_over: bool = False


@dataclass
class _Engine:
    """Makes cells out of nothing, when told to; fails where it is told to."""

    hands: list[_Hand] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_fast: bool = False
    broken_cells: set[int] = field(default_factory=set)

    async def fill_chunk(self, order: ChunkOrder, *, is_urgent: bool) -> AsyncGenerator[CellFilled, None]:
        hand = _Hand(order, is_urgent)
        self.hands.append(hand)
        self.news.set()
        try:
            for cell in range(order.first_cell, order.first_cell + order.count):
                if not self.is_fast:
                    await hand.go.acquire()
                if cell in self.broken_cells:
                    raise MediaError(reason="damaged")
                for rung in order.rungs:
                    with CellWriter(order.folder, rung.id, cell) as writer:
                        writer.write(cell, b"cell")
                    yield CellFilled(rung.id, cell, 4)
        finally:
            hand.is_over = True
            self.news.set()

    async def until(self, count: int) -> _Hand:
        """Wait until so many chunks were asked for, and return the last."""
        async with asyncio.timeout(10):
            while len(self.hands) < count:
                self.news.clear()
                await self.news.wait()
        return self.hands[count - 1]

    async def until_over(self, hand: _Hand) -> None:
        """Wait until a chunk is made or was given up."""
        async with asyncio.timeout(10):
            while not hand.is_over:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data", deadline_s=15.0) as opened:
        yield opened


_FILMS = LibraryConfig("films", "Films", LibraryKind.FILMS, Path("/nowhere"))
_CONFIG = Config(libraries=(_FILMS,), storage=_ROOMY, workers=WorkersConfig(transcodes=1, nice=2))


def _ahead() -> Config:
    return replace(_CONFIG, libraries=(replace(_FILMS, transcode=TranscodeMode.AHEAD),))


@asynccontextmanager
async def _running(shelves: Shelves, engine: object, config: Config | None = None) -> AsyncIterator[JobService]:
    service = JobService(shelves, config or _CONFIG, engine)  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(service.main())
        yield service
        task.cancel()


async def _add(shelves: Shelves, id_: str = "film-1", grid: Grid = _GRID) -> None:
    await shelves.catalog.titles.save(Title(id_, "films", id_, b"/nowhere", TitlePhase.READY, grid=grid))


async def _watch(shelves: Shelves, rung: str, cell: int, who: str = "") -> None:
    async with shelves.ledger.wanted("film-1", rung, cell, who):
        pass


def _asked(hand: _Hand) -> tuple[str, int, int]:
    return ",".join(rung.id for rung in hand.order.rungs), hand.order.first_cell, hand.order.count


async def test_a_viewer_gets_the_wanted_cell_and_a_minute_ahead(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        watching = group.create_task(_watch(shelves, "480p", 7))
        hand = await engine.until(1)
        assert _asked(hand) == ("480p", 7, 15)
        assert hand.is_urgent
        hand.go.release()
        await watching
        assert await shelves.cells.read("film-1", "rev1", "480p", 7) == b"cell"


async def test_a_seek_ends_the_chunk_and_begins_where_the_viewer_is(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        leaving = group.create_task(_watch(shelves, "480p", 0))
        first = await engine.until(1)
        leaving.cancel()
        arriving = group.create_task(_watch(shelves, "480p", 100))
        second = await engine.until(2)
        assert first.is_over
        assert _asked(second) == ("480p", 100, 15)
        second.go.release()
        await arriving


async def test_two_viewers_with_one_slot_take_turns_and_nobody_starves(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        one = group.create_task(_watch(shelves, "480p", 0))
        first = await engine.until(1)
        other = group.create_task(_watch(shelves, "240p", 50))
        first.go.release()
        await one
        second = await engine.until(2)
        assert _asked(second)[:2] == ("240p", 50)
        second.go.release()
        await other


async def test_reading_ahead_stops_while_half_a_minute_lies_ready(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine(is_fast=True)
    async with _running(shelves, engine):
        await _watch(shelves, "480p", 0)
        await until(shelves, StateKey("osmose", "", "jobs_running"), 0)
        assert [_asked(hand) for hand in engine.hands] == [("480p", 0, 15)]
        await _watch(shelves, "480p", 5)
        await _watch(shelves, "480p", 8)
        await engine.until(2)
        assert _asked(engine.hands[1]) == ("480p", 15, 9)
        assert [(hand.is_urgent, hand.order.is_urgent, hand.order.is_watched) for hand in engine.hands] == [
            (True, True, True),
            (False, False, True),
        ]


async def test_sound_needs_no_slot(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        picture = group.create_task(_watch(shelves, "480p", 0))
        sound = group.create_task(_watch(shelves, "sound-1", 0))
        await engine.until(2)
        assert {_asked(hand)[0] for hand in engine.hands} == {"480p", "sound-1"}
        for hand in engine.hands:
            hand.go.release()
        await asyncio.wait((picture, sound))


async def test_who_seeks_finds_the_sound_of_the_place_made_beside_the_picture(shelves: Shelves) -> None:
    """A player asks for it only once it has the picture; the sound that plays is made at once, others are not."""
    other = replace(_SOUND, id="sound-2", track=2)
    await _add(shelves, grid=replace(_GRID, rungs=(*_GRID.rungs, other)))
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        starting = group.create_task(_watch(shelves, "sound-1", 0))
        first = await engine.until(1)
        first.go.release()
        await starting
        seeking = group.create_task(_watch(shelves, "480p", 100))
        await engine.until(3)
        assert {_asked(hand) for hand in engine.hands[1:] if hand.is_urgent} == {("480p", 100, 15), ("sound-1", 100, 2)}
        assert first.is_over
        for hand in engine.hands[1:]:
            hand.go.release()
        await seeking


async def test_sound_that_is_asked_for_beside_a_picture_is_made_once(shelves: Shelves) -> None:
    await _add(shelves, grid=replace(_GRID, rungs=(_ENCODED, replace(_SOUND, borders_ticks=tuple(range(0, 803, 3))))))
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        picture = group.create_task(_watch(shelves, "480p", 100))
        sound = group.create_task(_watch(shelves, "sound-1", 134))
        for hand in (await engine.until(1), await engine.until(2)):
            hand.go.release()
        await asyncio.wait((picture, sound))
        assert {_asked(hand)[:2] for hand in engine.hands if hand.is_urgent} == {("480p", 100), ("sound-1", 134)}


async def test_nothing_is_read_ahead_while_somebody_waits(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        sound = group.create_task(_watch(shelves, "sound-1", 0))
        for _ in range(2):
            (await engine.until(1)).go.release()
        await sound
        await engine.until(2)  # the sound that follows
        picture = group.create_task(_watch(shelves, "480p", 100))
        waited_for = next(
            hand for hand in (await engine.until(3), await engine.until(4)) if hand.order.rungs == (_ENCODED,)
        )
        shelves.ledger.news.set()
        assert [_asked(hand)[0] for hand in engine.hands if hand.order.rungs[0].kind is RungKind.VIDEO] == ["480p"]
        waited_for.go.release()
        await picture


async def test_pictures_read_ahead_where_a_viewer_is_no_more_are_given_up(shelves: Shelves) -> None:
    """Who jumps back to a place that is there asks for nothing new, and who changes the rung leaves the other one."""
    await _add(shelves)
    with CellWriter(str(shelves.paths.title("film-1", "rev1")), "240p", 0) as writer:
        for cell in range(12):
            writer.write(cell, b"cell")
    engine = _Engine()
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        far = group.create_task(_watch(shelves, "480p", 100, "Anna"))
        other = group.create_task(_watch(shelves, "240p", 0, "Ben"))
        left = await engine.until(1)
        left.go.release()
        await asyncio.wait((far, other))
        assert not left.is_over
        await _watch(shelves, "240p", 1, "Anna")
        await engine.until_over(left)
        assert {viewer.who for viewers in shelves.ledger.viewers().values() for viewer in viewers} == {"Anna", "Ben"}


async def test_a_viewer_goes_before_what_is_made_ahead(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine, _ahead()), asyncio.TaskGroup() as group:
        ahead = await engine.until(1)
        assert _asked(ahead) == ("480p,240p", 0, 15)
        assert not ahead.is_urgent
        ahead.go.release()
        await until(shelves, StateKey("job", "ahead-film-1", "progress"), 0)
        watching = group.create_task(_watch(shelves, "480p", 60))
        urgent = await engine.until(2)
        assert ahead.is_over
        assert _asked(urgent)[:2] == ("480p", 60)
        for _cell in range(15):
            urgent.go.release()
        await watching
        again = await engine.until(3)
        assert _asked(again)[1] <= 1
        assert not again.is_urgent


async def test_a_prepared_title_is_filled_whole_and_said_so(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine(is_fast=True)
    async with _running(shelves, engine):
        await asyncio.sleep(0)
        done = await _ask(shelves, "prepare", title="film-1")
        assert done == {"job": "prepare-film-1"}
        await until(shelves, StateKey("title", "film-1", "filled"), 100)
        await until(shelves, StateKey("job", "prepare-film-1", "phase"), None)
    assert max(hand.order.count for hand in engine.hands) == 15
    assert [entry.event.value for entry in await shelves.catalog.journal.since(0)] == ["title_prepared"]
    assert await shelves.catalog.chunks.all() == ()


async def _ask(shelves: Shelves, action: str, **arguments: str) -> dict[str, object]:
    done = await shelves.actions.ask(action, arguments, right=Right.MANAGE)
    return dict(done.result)


async def test_preparing_outlives_a_restart_and_goes_on_at_the_first_hole(shelves: Shelves) -> None:
    await _add(shelves)
    first, second = _Engine(), _Engine(is_fast=True)
    async with _running(shelves, first):
        await asyncio.sleep(0)
        await _ask(shelves, "prepare", title="film-1")
        hand = await first.until(1)
        for _cell in range(15):
            hand.go.release()
        await until(shelves, StateKey("title", "film-1", "filled"), 5)
    async with _running(shelves, second):
        await until(shelves, StateKey("title", "film-1", "filled"), 100)
    assert _asked(second.hands[0]) == ("480p,240p", 15, 15)


async def test_a_cancelled_job_stops_and_is_gone(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine):
        await asyncio.sleep(0)
        await _ask(shelves, "prepare", title="film-1")
        hand = await engine.until(1)
        await _ask(shelves, "cancel", job="prepare-film-1")
        await until(shelves, StateKey("osmose", "", "jobs_running"), 0)
        assert hand.is_over
        assert shelves.states.ids("job") == ()
        assert shelves.ledger.prepared() == ()
        with pytest.raises(NotFoundError):
            await _ask(shelves, "cancel", job="prepare-film-1")


async def test_paused_jobs_stop_but_viewers_are_served(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    async with _running(shelves, engine, _ahead()), asyncio.TaskGroup() as group:
        ahead = await engine.until(1)
        await _ask(shelves, "pause_jobs")
        await until(shelves, StateKey("job", "ahead-film-1", "phase"), "paused")
        assert ahead.is_over
        assert shelves.states.get("osmose", "", "jobs_paused") is True
        watching = group.create_task(_watch(shelves, "480p", 3))
        (await engine.until(2)).go.release()
        await watching
        await _ask(shelves, "resume_jobs")
        await until(shelves, StateKey("osmose", "", "jobs_paused"), *(False,))


async def test_what_fails_three_times_is_given_up_with_its_reason(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine(is_fast=True, broken_cells={2})
    async with _running(shelves, engine):
        with pytest.raises(MediaError) as told:
            await _watch(shelves, "480p", 2)
        assert told.value.fields == {"reason": "damaged"}
        assert len(engine.hands) == 3
        engine.broken_cells.clear()
        await shelves.ledger.forgive("film-1")
        await _watch(shelves, "480p", 2)


async def test_a_bad_cell_does_not_stop_the_rest_of_a_title(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine(is_fast=True, broken_cells={20})
    async with _running(shelves, engine):
        await asyncio.sleep(0)
        await _ask(shelves, "prepare", title="film-1")
        await until(shelves, StateKey("job", "prepare-film-1", "phase"), "failed")
        assert shelves.states.get("job", "prepare-film-1", "reason") == "damaged"
        assert shelves.states.get("title", "film-1", "filled") == 99
        filled = await shelves.cells.filled("film-1", _GRID, "240p")
        assert [cell for cell, is_filled in enumerate(filled) if not is_filled] == [20]
        engine.broken_cells.clear()
        await shelves.ledger.forgive("film-1")
        await until(shelves, StateKey("job", "prepare-film-1", "phase"), None)
        assert shelves.states.get("title", "film-1", "filled") == 100
    assert await shelves.catalog.chunks.all() == ()


async def test_a_bad_cell_of_a_title_made_ahead_is_told_and_tried_again_when_forgiven(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine(is_fast=True, broken_cells={20})
    async with _running(shelves, engine, _ahead()):
        await until(shelves, StateKey("job", "ahead-film-1", "phase"), "failed")
        engine.broken_cells.clear()
        await shelves.ledger.forgive("film-1")
        await until(shelves, StateKey("title", "film-1", "filled"), 100)
        await until(shelves, StateKey("job", "ahead-film-1", "phase"), None)


async def test_an_attempt_that_failed_leaves_nothing_behind_once_the_cell_is_made(shelves: Shelves) -> None:
    """Neither a row, nor a reason, nor silence about the title that is ready."""
    await _add(shelves)
    engine = _Engine(broken_cells={1})
    async with _running(shelves, engine):
        await asyncio.sleep(0)
        await _ask(shelves, "prepare", title="film-1")
        first = await engine.until(1)
        first.go.release()
        first.go.release()
        await engine.until(2)
        assert {(row.rung_id, row.attempts) for row in await shelves.catalog.chunks.all() if row.attempts} == {
            ("480p", 1),
            ("240p", 1),
        }
        engine.broken_cells.clear()
        engine.is_fast = True
        for _cell in range(15):
            engine.hands[1].go.release()
        await until(shelves, StateKey("job", "prepare-film-1", "phase"), None)
    assert await shelves.catalog.chunks.all() == ()
    assert [entry.event.value for entry in await shelves.catalog.journal.since(0)] == ["title_prepared"]


async def test_attempts_that_failed_count_on_through_one_that_was_broken_off(shelves: Shelves) -> None:
    """Seeking to and fro makes no damaged cell whole."""
    await _add(shelves)
    spot = Spot("film-1", "rev1", "480p", 3)
    assert not await shelves.ledger.failed(spot, Cause.VIEWER, "damaged")
    async with shelves.ledger.leased(spot, 15, Cause.VIEWER):
        assert {row.phase for row in await shelves.catalog.chunks.all()} == {ChunkPhase.LEASED}
    assert {(row.phase, row.attempts) for row in await shelves.catalog.chunks.all()} == {(ChunkPhase.WANTED, 1)}
    assert not await shelves.ledger.failed(spot, Cause.VIEWER, "damaged")
    assert await shelves.ledger.failed(spot, Cause.VIEWER, "damaged")


async def test_what_failed_in_a_grid_that_is_no_more_is_forgotten_at_the_next_start(shelves: Shelves) -> None:
    await _add(shelves)
    for revision in ("rev1", "rev0"):
        await shelves.ledger.failed(Spot("film-1", revision, "480p", 3), Cause.AHEAD, "damaged")
    await shelves.ledger.load()
    assert {row.revision for row in await shelves.catalog.chunks.all()} == {"rev1"}


async def test_a_lease_of_the_run_before_is_void(shelves: Shelves) -> None:
    await _add(shelves)
    await shelves.catalog.chunks.save(Chunk("film-1", "rev1", "480p", 0, 15, ChunkPhase.LEASED, Cause.AHEAD))
    engine = _Engine(is_fast=True)
    async with _running(shelves, engine, _ahead()):
        await until(shelves, StateKey("title", "film-1", "filled"), 100)
    assert await shelves.catalog.chunks.all() == ()


async def test_without_room_nothing_is_made_ahead(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine(is_fast=True)
    full = replace(_ahead(), storage=StorageConfig(reserve_bytes=0, quota_bytes=0))
    async with _running(shelves, engine, full):
        await until(shelves, StateKey("osmose", "", "jobs_reason"), "quota")
        await _watch(shelves, "480p", 0)
        assert {hand.is_urgent for hand in engine.hands} == {True}


async def test_at_the_quota_the_longest_unwatched_goes_and_the_making_goes_on(shelves: Shelves) -> None:
    grid = Grid("rev1", 4.0, (replace(_ENCODED, borders_ticks=(0, 4)),))
    await _add(shelves, "watched", grid)
    await _add(shelves, "old", grid)
    for title_id in ("old", "watched"):
        with CellWriter(shelves.paths.title(title_id, "rev1"), "480p", 0) as writer:
            writer.write(0, bytes(1_000_000))
    (old,) = shelves.paths.title("old", "rev1").glob("*/*.cells")
    os.utime(old, (1000, 1000))
    async with shelves.ledger.wanted("watched", "480p", 0):
        pass
    config = replace(_CONFIG, storage=StorageConfig(reserve_bytes=0, quota_bytes=1_500_000))
    async with _running(shelves, _Engine(), config):
        await until(shelves, StateKey("title", "old", "filled"), 0)
    assert not old.exists()
    assert await shelves.cells.find("watched", "rev1", "480p", 0) is not None


async def test_a_sweep_deletes_nothing_for_a_catalog_that_knows_nothing(shelves: Shelves) -> None:
    with CellWriter(shelves.paths.title("film-1", "rev1"), "480p", 0) as writer:
        writer.write(0, b"cell")
    forgetful = replace(shelves, catalog=replace(shelves.catalog, is_lasting=False))
    await _add(shelves, "other")
    async with _running(forgetful, _Engine()):
        await until(shelves, StateKey("title", "other", "filled"), 0)  # told after the sweep
    assert await shelves.cells.find("film-1", "rev1", "480p", 0) is not None


async def test_one_finished_title_is_settled_a_turn_so_that_viewers_never_wait_for_many(shelves: Shelves) -> None:
    grid = Grid("rev1", 4.0, (replace(_ENCODED, borders_ticks=(0, 4)),))
    for number in range(5):
        await _add(shelves, f"done-{number}", grid)
        with CellWriter(shelves.paths.title(f"done-{number}", "rev1"), "480p", 0) as writer:
            writer.write(0, b"cell")
    title = Title("last", "films", "Last", b"/nowhere", TitlePhase.READY, added_unix_s=9.0, grid=grid)
    await shelves.catalog.titles.save(title)
    plan, turns = Plan(shelves, Board(shelves.states), frozenset({"films"})), 0
    while (run := await plan.in_background(frozenset())) is None:
        assert shelves.ledger.news.is_set()  # the next turn begins at once
        shelves.ledger.news.clear()
        turns += 1
    assert (turns, run.title_id) == (5, "last")


async def test_a_full_disk_for_notes_stops_no_player(shelves: Shelves) -> None:
    short = tuple(replace(rung, borders_ticks=tuple(range(0, 84, 4))) for rung in _GRID.rungs)
    await _add(shelves, grid=Grid("rev1", 80.0, short))  # each cell is synced to a disk that others may keep busy
    async with shelves.catalog.chunks._database.transaction() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON chunks BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        )
    async with _running(shelves, _Engine(is_fast=True)):
        await _watch(shelves, "480p", 0)
        await asyncio.sleep(0)
        await _ask(shelves, "prepare", title="film-1")
        await until(shelves, StateKey("title", "film-1", "filled"), 100)


async def test_nothing_is_told_of_a_title_that_left_the_lists(shelves: Shelves) -> None:
    await _add(shelves)
    gone = Title("film-2", "films", "gone", b"/nowhere", TitlePhase.AWAY, reason=GONE, grid=_GRID, added_unix_s=-1.0)
    await shelves.catalog.titles.save(gone)
    other = Title("film-3", "taken-out", "away", b"/nowhere", TitlePhase.AWAY, grid=_GRID, added_unix_s=-1.0)
    await shelves.catalog.titles.save(other)
    async with _running(shelves, _Engine()):
        await until(shelves, StateKey("title", "film-1", "filled"), 0)
        assert shelves.states.ids("title") == ("film-1",)


async def test_a_new_grid_with_fewer_cells_stops_no_job_though_somebody_waits_behind_its_end(shelves: Shelves) -> None:
    await _add(shelves)
    engine = _Engine()
    longer = replace(_ENCODED, borders_ticks=tuple(range(0, 808, 8)))
    async with _running(shelves, engine), asyncio.TaskGroup() as group:
        waiting = group.create_task(_watch(shelves, "480p", 190))
        await engine.until(1)
        await _add(shelves, grid=Grid("rev2", 800.0, (longer, replace(_SOUND, borders_ticks=longer.borders_ticks))))
        other = group.create_task(_watch(shelves, "sound-1", 3))
        assert _asked(await engine.until(2))[:2] == ("sound-1", 3)
        waiting.cancel()
        other.cancel()


async def test_two_extras_are_made_at_once_and_only_while_somebody_waits(shelves: Shelves) -> None:
    making: set[str] = set()

    async def make_one(_shelves: Shelves, _title_id: str, extra: str) -> None:
        making.add(extra)
        try:
            await asyncio.Event().wait()
        finally:
            making.discard(extra)

    async def want(extra: str) -> None:
        async with shelves.ledger.wanted_extra("film-1", extra):
            pass

    clock = ManualClock()
    extras = ExtraHands(replace(shelves, clock=clock), make_one)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(want(extra)) for extra in ("text-3", "text-1000", "text-1001", "storyboard")]
        await asyncio.sleep(0.05)
        extras.turn(group)
        await asyncio.sleep(0)
        assert len(making) == 2
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)
        clock.advance(30)
        extras.turn(group)
        await asyncio.sleep(0)
        assert len(making) == 2  # who was told to come again later may still do so
        clock.advance(31)
        extras.turn(group)
    assert making == set()


async def test_a_viewer_who_leaves_is_no_want_any_more(shelves: Shelves) -> None:
    await _add(shelves)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_watch(shelves, "480p", 5))
        await shelves.ledger.news.wait()
        await asyncio.sleep(0.05)
        assert [cell for _row, cell in shelves.ledger.wants()] == [5]
        watching.cancel()
        await asyncio.wait((watching,))
        assert shelves.ledger.wants() == ()


async def test_a_cell_that_comes_too_late_tells_to_ask_again(tmp_path: Path) -> None:
    async with shelves_in(tmp_path, deadline_s=0.05) as shelves:
        await _add(shelves)
        with pytest.raises(BusyError):
            await _watch(shelves, "480p", 0)
        with pytest.raises(NotFoundError):
            await _watch(shelves, "480p", 5000)


# Real films


_LADDER = (RenditionConfig("240p", 240, 300_000, preset="ultrafast"), RenditionConfig("144p", 144, 150_000))


async def _film(shelves: Shelves, folder: Path, seconds: float = 24) -> Title:
    """Take a real film into the catalog."""
    path = os.fsencode(make(folder, Clip("film.mp4", seconds=seconds, width_px=640, height_px=360)))
    wish = Wish(LibraryConfig("films", "Films", LibraryKind.FILMS, folder), _LADDER)
    title, inits = await Intake(shelves).examine(path, Title("film-1", "films", "", path, TitlePhase.FAILED), wish)
    assert title.reason == ""
    await shelves.catalog.titles.save(title, inits)
    return title


async def _numbers(shelves: Shelves, title: Title, rung_id: str) -> list[int]:
    """Return the picture numbers that all cells of a rung show, one after the other."""
    assert title.grid is not None
    rung = title.grid.rung(rung_id)
    assert rung is not None
    bodies = [await shelves.catalog.titles.init("film-1", rung_id) or b""]
    bodies += [
        await shelves.cells.read("film-1", title.grid.revision, rung_id, cell) or b"" for cell in range(rung.cells)
    ]
    return _decoded(b"".join(bodies))


def _decoded(film: bytes) -> list[int]:
    with av.open(io.BytesIO(film), "r") as container:
        return [read_number(frame) for frame in container.decode(video=0)]


@dataclass
class _KilledEngine:
    """Real workers, killed at random moments; every third is spared."""

    chance: random.Random
    kills: int = 0
    runs: int = 0

    async def fill_chunk(self, order: ChunkOrder, *, is_urgent: bool) -> AsyncGenerator[CellFilled, None]:
        self.runs += 1
        loop = asyncio.get_running_loop()
        async with worker.start("transcode", order, Limits(nice=int(is_urgent))) as hand:
            if self.runs % 3:
                loop.call_later(self.chance.uniform(0.02, 0.3), self._kill, hand.pid)
            async for report in hand:
                if isinstance(report, CellFilled):
                    yield report

    def _kill(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.kills += 1


async def test_hands_killed_at_random_leave_every_picture_once(shelves: Shelves, tmp_path: Path) -> None:
    title = await _film(shelves, tmp_path)
    engine = _KilledEngine(random.Random(7))  # noqa: S311 - a test
    async with _running(shelves, engine):
        await asyncio.sleep(0)
        await _ask(shelves, "prepare", title="film-1")
        await until(shelves, StateKey("title", "film-1", "filled"), 100, longest_s=40)
    assert engine.kills >= 2
    assert title.grid is not None
    for rung in title.grid.rungs:
        if rung.kind is RungKind.VIDEO and rung.group is RungGroup.LADDER:
            assert await _numbers(shelves, title, rung.id) == list(range(600))


async def test_a_viewer_sees_a_real_film_from_the_middle(shelves: Shelves, tmp_path: Path) -> None:
    title = await _film(shelves, tmp_path)
    assert title.grid is not None
    async with _running(shelves, LocalEngine(2)):
        for rung in title.grid.rungs:
            await _watch(shelves, rung.id, rung.cells // 2)
            body = await shelves.cells.read("film-1", title.grid.revision, rung.id, rung.cells // 2)
            assert body is not None
            assert b"moof" in body
