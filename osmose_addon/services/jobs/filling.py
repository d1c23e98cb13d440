"""Carrying out one run: lease, fill, tell, and count what fails."""

import logging
from contextlib import aclosing

from osmose_addon.model.errors import MediaError, OsmoseError, StoreError, WorkerError
from osmose_addon.model.reports import CellFilled
from osmose_addon.services.jobs.board import Board
from osmose_addon.services.jobs.engine import Engine
from osmose_addon.services.jobs.hands import Hand
from osmose_addon.services.jobs.room import Room
from osmose_addon.services.jobs.runs import made_ahead
from osmose_addon.stores.catalog.rows import GONE
from osmose_addon.stores.ledger import Spot
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)
_ALL = 100
_TOLD_EVERY_S = 1.0


class Filling:
    """Fills the cells of runs by an engine."""

    def __init__(self, shelves: Shelves, engine: Engine, board: Board, room: Room) -> None:
        """Keep cells where `shelves` say and tell on `board`."""
        self._shelves = shelves
        self._engine = engine
        self._board = board
        self._room = room

    async def carry_out(self, hand: Hand) -> None:
        """Fill a run; what fails is counted in the ledger. Being cancelled ends the work at once."""
        run = hand.run
        spot = Spot(run.title_id, run.revision, run.rungs[0].id, run.first_cell)
        async with self._shelves.ledger.leased(spot, run.count, run.cause):
            problem = await self._problem(hand)
            if problem is not None:
                await self._note(hand, problem)
        await self.tell_filled(run.title_id)

    async def tell_filled(self, title_id: str) -> float:
        """Tell how much of a title is filled, and return that share, 0 to 1; nothing of one that left the lists."""
        title = await self._shelves.catalog.titles.get(title_id)
        if title is None or title.grid is None or title.reason == GONE:
            return 0.0
        share = await self._shelves.cells.share(title_id, title.grid.revision, made_ahead(title.grid.rungs))
        self._shelves.states.set("title", title_id, filled=int(share * _ALL))
        return share

    async def _problem(self, hand: Hand) -> OsmoseError | None:
        try:
            await self._fill(hand)
        except (MediaError, WorkerError, StoreError) as error:
            return error if hand.next_cell < hand.run.end_cell else None
        if hand.next_cell < hand.run.end_cell:
            return WorkerError(name="transcode", cause="ended before its last cell")
        return None

    async def _fill(self, hand: Hand) -> None:
        run = hand.run
        order = run.order(str(self._shelves.paths.title(run.title_id, run.revision)))
        async with aclosing(self._engine.fill_chunk(order, is_urgent=run.is_urgent)) as cells:
            async for cell in cells:
                await self._take(hand, cell)

    async def _take(self, hand: Hand, made: CellFilled) -> None:
        run = hand.run
        await self._shelves.cells.note(run.title_id, run.revision, made.rung_id)
        hand.done[made.rung_id] = made.cell + 1
        await self._shelves.ledger.made(Spot(run.title_id, run.revision, made.rung_id, made.cell))
        self._room.add(made.size_bytes)
        now_s = self._shelves.clock.monotonic_s()
        if now_s - hand.told_s >= _TOLD_EVERY_S:
            hand.told_s = now_s
            share = await self.tell_filled(run.title_id)
            self._board.running(hand, now_s, share)

    async def _note(self, hand: Hand, problem: OsmoseError) -> None:
        """Count a failed attempt at the cell where it stopped. A full disk is no fault of the cell."""
        run, cell = hand.run, hand.next_cell
        if isinstance(problem, StoreError):
            _LOG.warning("cells of %s cannot be kept: %s", run.title_id, problem)
            self._room.refuse()
            return
        reason = str(problem.fields.get("reason", "worker_died"))
        for rung in run.rungs:
            if hand.done.get(rung.id, run.first_cell) == cell:
                spot = Spot(run.title_id, run.revision, rung.id, cell)
                if await self._shelves.ledger.failed(spot, run.cause, reason):
                    _LOG.warning("cell %s of %s in %s is given up: %s", cell, run.title_id, rung.id, problem)
