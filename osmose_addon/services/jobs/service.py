"""The service that makes cells: it looks at what is wanted whenever something changes, and keeps hands busy.

Viewers come first, then titles that somebody had prepared, then libraries made ahead. Which cells are missing is read
from the cells themselves, so after a crash it goes on at the first hole.
"""

import asyncio
import logging
from collections.abc import Mapping

from osmose_addon.model.actions import Done
from osmose_addon.model.config import Config, TranscodeMode
from osmose_addon.model.errors import NotFoundError
from osmose_addon.services.jobs.board import Board, job_id, job_of
from osmose_addon.services.jobs.clearing import Clearing
from osmose_addon.services.jobs.engine import Engine, LocalEngine
from osmose_addon.services.jobs.extras import ExtraHands
from osmose_addon.services.jobs.filling import Filling
from osmose_addon.services.jobs.hands import Hand, Hands, Wants
from osmose_addon.services.jobs.plan import Plan
from osmose_addon.services.jobs.room import Room
from osmose_addon.services.jobs.runs import Run
from osmose_addon.services.libraries.desk import put_away_others
from osmose_addon.stores.catalog.chunks import Cause
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)
_LOOK_EVERY_S = 2.0
_SWEEP_EVERY_S = 900.0


class JobService:
    """Fills cells for viewers and ahead of them; carries out `prepare`, `cancel`, `pause_jobs` and `resume_jobs`."""

    def __init__(self, shelves: Shelves, config: Config, engine: Engine | None = None) -> None:
        """Work for the libraries of `config`, by `engine` (worker processes of this machine if none is given)."""
        self._shelves = shelves
        self._config = config
        self._board = Board(shelves.states)
        self._room = Room(shelves.paths.cache, shelves.cells, config.storage, shelves.clock)
        self._hands = Hands(config.workers.transcodes)
        self._filling = Filling(shelves, engine or LocalEngine(config.workers.nice), self._board, self._room)
        self._background = max(1, config.workers.transcodes)
        self._is_paused = False
        self._extras = ExtraHands(shelves)
        ahead = tuple(library.id for library in config.libraries if library.transcode is TranscodeMode.AHEAD)
        self._clearing = Clearing(shelves, self._room, self._hands, ahead)
        self._plan = Plan(shelves, self._board, frozenset(ahead))

    async def main(self) -> None:
        """Run for ever."""
        self._extras = ExtraHands(self._shelves)
        self._board.wipe()
        self._carry_actions()
        await put_away_others(self._shelves, self._config)
        await self._shelves.cells.tidy()
        await self._shelves.ledger.load()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_house())
            group.create_task(self._clearing.main(self._filling.tell_filled))
            while True:
                self._shelves.ledger.news.clear()
                await self._turn(group)
                await self._shelves.clock.wait(self._shelves.ledger.news, _LOOK_EVERY_S)

    def _carry_actions(self) -> None:
        for action, carrier in (
            ("prepare", self._prepare),
            ("cancel", self._cancel),
            ("pause_jobs", self._pause),
            ("resume_jobs", self._resume),
        ):
            self._shelves.actions.carry(action, carrier)

    async def _turn(self, group: asyncio.TaskGroup) -> None:
        await self._room.look()
        self._clearing.ask()
        self._shelves.ledger.hinder(self._clearing.hindrance)
        wants = await self._plan.wants()
        self._end_what_was_left(wants)
        if self._room.has_room_for_viewers:
            for run in await self._plan.for_viewers(wants):
                self._begin_for_viewer(group, run, wants)
        self._extras.turn(group)
        if self._is_paused or self._room.reason:
            self._rest()
        else:
            await self._begin_in_background(group)
        self._board.totals(len(self._hands), is_paused=self._is_paused, reason=self._clearing.reason)

    def _end_what_was_left(self, wants: Wants) -> None:
        """End pictures that are read ahead where nobody is any more: who went elsewhere needs the machine there."""
        for hand in self._hands:
            is_left = hand.run.cause is Cause.VIEWER and hand.run.is_heavy and not hand.is_ending
            if is_left and not hand.is_waited_for(wants) and not self._plan.is_watched(hand.run):
                hand.end()

    def _begin_for_viewer(self, group: asyncio.TaskGroup, run: Run, wants: Wants) -> None:
        is_near = any(hand.is_near_start_of(run) for hand in self._hands)
        if not is_near and self._hands.make_room(run, wants):
            self._begin(group, run)

    async def _begin_in_background(self, group: asyncio.TaskGroup) -> None:
        busy = [hand.run.title_id for hand in self._hands if hand.run.cause is not Cause.VIEWER]
        if len(busy) >= self._background:
            return
        run = await self._plan.in_background(frozenset(busy))
        if run is not None and self._hands.has_room(run):
            self._begin(group, run)
            self._shelves.ledger.news.set()  # there may be room for another title
        elif run is not None:
            self._board.waiting(run.cause, run.title_id, "waiting")

    def _begin(self, group: asyncio.TaskGroup, run: Run) -> None:
        hand = Hand(run, self._shelves.clock.monotonic_s())
        self._hands.add(hand)
        self._board.began(run)
        hand.task = group.create_task(self._filling.carry_out(hand), name=job_of(run))
        hand.task.add_done_callback(lambda _task: self._over(hand))

    def _over(self, hand: Hand) -> None:
        self._hands.remove(hand)
        self._board.ended(hand)
        self._shelves.ledger.news.set()

    def _rest(self) -> None:
        """Stop all that nobody waits for, and say so."""
        for hand in self._hands:
            if hand.run.cause is not Cause.VIEWER and not hand.is_ending:
                hand.end("paused")

    async def _keep_house(self) -> None:
        """Tell how much of each title is filled, and delete the cells of titles that are gone."""
        while True:
            await self._sweep()
            await self._shelves.cells.note_use()
            libraries = [library.id for library in self._config.libraries]
            for title_id, revision in (await self._shelves.catalog.titles.listed(libraries)).items():
                if revision and self._shelves.states.get("title", title_id, "filled") is None:
                    await self._filling.tell_filled(title_id)
            await asyncio.sleep(_SWEEP_EVERY_S)

    async def _sweep(self) -> None:
        if not self._shelves.catalog.is_lasting:
            return  # a catalog in memory may know less than there is
        gone = await self._shelves.cells.sweep(self._shelves.catalog.titles.revisions)
        if gone:
            _LOG.info("deleted the cells of %s titles that are gone", len(gone))

    async def _prepare(self, arguments: Mapping[str, str]) -> Done:
        title = await self._shelves.catalog.titles.get(arguments["title"])
        if title is None or title.grid is None:
            raise NotFoundError
        await self._shelves.ledger.forgive(title.id)
        await self._shelves.ledger.prepare(title.id, title.grid.revision)
        self._board.waiting(Cause.PREPARE, title.id, "paused" if self._is_paused else "waiting")
        return Done({"job": job_id(Cause.PREPARE, title.id)})

    async def _cancel(self, arguments: Mapping[str, str]) -> Done:
        id_ = arguments["job"]
        if id_ not in self._shelves.states.ids("job"):
            raise NotFoundError
        title_id = str(self._shelves.states.get("job", id_, "title"))
        for hand in self._hands:
            if job_of(hand.run) == id_:
                hand.end("")
        if id_ == job_id(Cause.PREPARE, title_id):
            await self._shelves.ledger.prepare_done(title_id)
        if id_ == job_id(Cause.AHEAD, title_id):
            self._plan.leave_out(title_id)
        self._board.over(id_)
        self._shelves.ledger.news.set()
        return Done({"job": id_})

    async def _pause(self, _arguments: Mapping[str, str]) -> Done:
        self._is_paused = True
        self._shelves.ledger.news.set()
        return Done({})

    async def _resume(self, _arguments: Mapping[str, str]) -> Done:
        self._is_paused = False
        self._shelves.ledger.news.set()
        return Done({})
