"""Who wants which cells, who is on them, and what failed: the one place that players and jobs share.

A want lasts as long as its request: it is dropped when the viewer leaves. Bytes tell what is filled, so the ledger
holds only what is not.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from osmose_addon.model.errors import BusyError, MediaError, NotFoundError
from osmose_addon.model.media import Rung, RungKind, Title, TitlePhase
from osmose_addon.runtime.clock import Clock
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.catalog.chunks import Cause, Chunk, ChunkPhase, LenientChunks
from osmose_addon.stores.failures import MOST_ATTEMPTS, Failures, Spot
from osmose_addon.stores.segments.cells import CellStore

__all__ = ["MOST_ATTEMPTS", "Ledger", "Row", "Spot", "Viewer"]

_DEADLINE_S = 20.0
_HINDERED_S = 2.0
"""While nothing can be made, who comes waits for no more than that: the reason is known."""
_RETRY_AFTER_S = 5
_SAME_VIEWER_CELLS = 30
_MOST_VIEWERS = 8
_VIEWER_S = 60.0
_EXTRA = "extra/"  # no rung has a name like this


class Row(NamedTuple):
    """One rung of one title."""

    title_id: str
    rung_id: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who plays a rung: the last cell asked for, and when (monotonic). `who` is empty where nobody knows."""

    cell: int
    at_s: float
    who: str = ""
    kind: RungKind = RungKind.VIDEO


@dataclass(slots=True)
class _Want:
    since_s: float
    waiting: set[asyncio.Event] = field(default_factory=set)


class Ledger:
    """Wants of viewers (in memory), titles to prepare, leases and failures (rows in `work.db`)."""

    def __init__(self, catalog: Catalog, cells: CellStore, clock: Clock, deadline_s: float = _DEADLINE_S) -> None:
        """Begin without wants. A viewer waits `deadline_s` for a cell before being told to come again."""
        self.news = asyncio.Event()
        self._catalog = catalog
        self._rows = LenientChunks(catalog.chunks)
        self._cells = cells
        self._clock = clock
        self._deadline_s = deadline_s
        self._wants: dict[Row, dict[int, _Want]] = {}
        self._viewers: dict[Row, list[Viewer]] = {}
        self._failures = Failures(self._rows, clock)
        self._prepared: dict[str, Chunk] = {}
        self._only: dict[str, frozenset[str]] = {}
        self._hindrance = ""

    # What players ask for

    @asynccontextmanager
    async def wanted(self, title_id: str, rung_id: str, cell: int, who: str = "") -> AsyncIterator[None]:
        """Want a cell on behalf of a viewer; the block runs once it is filled. Leaving early drops the want at once.

        `who` tells viewers apart: one who is named is at one place of a title, and left the one before.

        Raises: NotFoundError, MediaError (with the reason why it cannot be made), BusyError (not made in time, or
        nothing can be made now, with the reason).
        """
        title, rung = await self._title_with(title_id, rung_id, cell)
        row, revision = Row(title_id, rung_id), title.grid.revision if title.grid else ""
        self._see(row, Viewer(cell, self._clock.monotonic_s(), who, rung.kind))
        if await self._cells.find(title_id, revision, rung_id, cell) is None:
            if title.phase is TitlePhase.AWAY:
                raise MediaError(reason="away")
            await self._failures.forget_old(Spot(title_id, revision, rung_id, cell))
            with self._want(row, cell) as told:
                await self._wait(told, Spot(title_id, revision, rung_id, cell))
        yield

    @asynccontextmanager
    async def wanted_extra(self, title_id: str, extra: str) -> AsyncIterator[None]:
        """Want what belongs to a title but lies beside its grid, as a text track or the storyboard, by its name.

        The block runs once it is made. Raises: MediaError, BusyError.
        """
        spot = Spot(title_id, "", _EXTRA + extra, 0)
        await self._failures.forget_old(spot)
        with self._want(Row(title_id, spot.rung_id), 0) as told:
            await self._wait(told, spot)
        yield

    # What jobs need to know

    def wants(self) -> tuple[tuple[Row, int], ...]:
        """Return the cells viewers wait for, longest waiting first."""
        found = [(want.since_s, row, cell) for row, wants in self._wants.items() for cell, want in wants.items()]
        return tuple((row, cell) for _since_s, row, cell in sorted(found) if not row.rung_id.startswith(_EXTRA))

    def extra_wants(self) -> tuple[tuple[str, str], ...]:
        """Return what viewers wait for beside the grids, as (title, extra)."""
        rows = [row for row in self._wants if row.rung_id.startswith(_EXTRA)]
        return tuple((row.title_id, row.rung_id.removeprefix(_EXTRA)) for row in rows)

    def viewers(self) -> Mapping[Row, tuple[Viewer, ...]]:
        """Return who plays what; those who asked for nothing for a minute are forgotten."""
        oldest_s = self._clock.monotonic_s() - _VIEWER_S
        for row in list(self._viewers):
            self._viewers[row] = [viewer for viewer in self._viewers[row] if viewer.at_s > oldest_s]
            if not self._viewers[row]:
                del self._viewers[row]
        return {row: tuple(viewers) for row, viewers in self._viewers.items()}

    def prepared(self) -> tuple[str, ...]:
        """Return the titles that somebody had prepared and that are not done, oldest wish first."""
        return tuple(self._prepared)

    def has_failed(self, spot: Spot) -> bool:
        """Whether a cell was tried often enough."""
        return self._failures.has_given_up(spot)

    def reason(self, title_id: str, revision: str, rung_ids: Collection[str]) -> str:
        """Return why a cell of these rungs was given up, or nothing."""
        return self._failures.reason(title_id, revision, rung_ids)

    # What jobs tell

    def hinder(self, reason: str) -> None:
        """Tell all who wait, and all who come, why nothing can be made now; an empty reason ends that."""
        is_new, self._hindrance = reason != self._hindrance, reason
        for row, wants in self._wants.items() if reason and is_new else ():
            for cell in wants if not row.rung_id.startswith(_EXTRA) else ():
                self._tell(row, cell)

    async def load(self) -> None:
        """Read what the last run left: titles to prepare, and failures of grids that still are. Leases are void."""
        revisions = await self._catalog.titles.revisions()
        for chunk in await self._rows.all():
            if not chunk.rung_id:
                self._prepared[chunk.title_id] = chunk
            elif chunk.attempts and revisions.get(chunk.title_id) == chunk.revision:
                self._failures.learn(chunk)
            else:
                await self._rows.remove(chunk)

    async def prepare(self, title_id: str, revision: str, rung_ids: Collection[str] = ()) -> None:
        """Have all rungs of a title made; the wish lasts over restarts until `prepare_done`.

        Where rungs are named it is for those only, and ends with the program; it never narrows a wish for all.
        """
        chunk = Chunk(title_id, revision, "", 0, 0, ChunkPhase.WANTED, Cause.PREPARE)
        is_for_all = title_id in self._prepared and title_id not in self._only
        if rung_ids and not is_for_all:
            self._only[title_id] = self._only.get(title_id, frozenset()) | frozenset(rung_ids)
        elif not rung_ids:
            self._only.pop(title_id, None)
            await self._rows.save(chunk)
        self._prepared[title_id] = chunk
        self.news.set()

    def prepared_rungs(self, title_id: str) -> frozenset[str]:
        """Return the rungs that a title is prepared in; none are named where it is prepared in all."""
        return self._only.get(title_id, frozenset())

    async def prepare_done(self, title_id: str) -> None:
        """Strike a title off the list of those to prepare."""
        chunk = self._prepared.pop(title_id, None)
        if self._only.pop(title_id, None) is None and chunk is not None:
            await self._rows.remove(chunk)
        self.news.set()

    @asynccontextmanager
    async def leased(self, spot: Spot, count: int, cause: Cause) -> AsyncIterator[None]:
        """Hold a lease on a run of cells while the block lasts; a lease whose holder died is void at the next start."""
        known = self._failures.chunk(spot)
        lease = Chunk(*spot, count, ChunkPhase.LEASED, cause, known.attempts if known else 0)
        await self._rows.save(lease)
        try:
            yield
        finally:
            failed = self._failures.chunk(spot)
            await (self._rows.save(failed) if failed else self._rows.remove(lease))

    def filled(self, title_id: str, rung_id: str, cell: int) -> None:
        """Tell those who wait for a cell that it is there."""
        self._tell(Row(title_id, rung_id), cell)

    async def made(self, spot: Spot) -> None:
        """Note that a cell was made: what failed before is forgotten, and those who wait for it are told."""
        self.filled(spot.title_id, spot.rung_id, spot.cell)
        await self._failures.forget(spot)

    def extra_made(self, title_id: str, extra: str) -> None:
        """Tell those who wait for an extra that it is there."""
        self._tell(Row(title_id, _EXTRA + extra), 0)

    async def failed(self, spot: Spot, cause: Cause, reason: str) -> bool:
        """Count a failed attempt at a cell; return whether it was the last. Those who wait are told why."""
        is_last = await self._failures.count(spot, cause, reason)
        if is_last:
            self._tell(Row(spot.title_id, spot.rung_id), spot.cell)
        return is_last

    async def extra_failed(self, title_id: str, extra: str, reason: str) -> None:
        """Give up on an extra at once: what cannot be read now cannot be read in a second."""
        spot = Spot(title_id, "", _EXTRA + extra, 0)
        self._failures.give_up(spot, reason)
        self._tell(Row(title_id, spot.rung_id), 0)

    async def forgive(self, title_id: str) -> None:
        """Forget what failed in a title, so that it is tried again."""
        await self._failures.forget_title(title_id)
        self.news.set()

    # Inside

    async def _title_with(self, title_id: str, rung_id: str, cell: int) -> tuple[Title, Rung]:
        title = await self._catalog.titles.get(title_id)
        rung = title.grid.rung(rung_id) if title and title.grid else None
        if title is None or rung is None or not 0 <= cell < rung.cells:
            raise NotFoundError
        return title, rung

    def _see(self, row: Row, now: Viewer) -> None:
        """Note where a viewer is: a step forward is the same viewer, a jump may be another where nobody is named."""
        for other in [other for other in self._viewers if now.who and other.title_id == row.title_id]:
            left = [one for one in self._viewers[other] if (one.who, one.kind) != (now.who, now.kind)]
            self._viewers[other] = left
        viewers = self._viewers.setdefault(row, [])
        nobody = [one for one in viewers if not now.who and not one.who]
        viewers[:] = [one for one in viewers if one not in nobody or not 0 <= now.cell - one.cell <= _SAME_VIEWER_CELLS]
        viewers.append(now)
        del viewers[:-_MOST_VIEWERS]
        self.news.set()

    @contextmanager
    def _want(self, row: Row, cell: int) -> Iterator[asyncio.Event]:
        wants = self._wants.setdefault(row, {})
        want = wants.setdefault(cell, _Want(self._clock.monotonic_s()))
        told = asyncio.Event()
        want.waiting.add(told)
        self.news.set()
        try:
            yield told
        finally:
            want.waiting.discard(told)
            if not want.waiting:
                wants.pop(cell, None)
            if not wants:
                self._wants.pop(row, None)
            self.news.set()

    async def _wait(self, told: asyncio.Event, spot: Spot) -> None:
        """Wait until a cell is made. Who is told for another reason finds it is not there, and learns why."""
        longest_s = _HINDERED_S if self._hindrance else self._deadline_s
        is_told = self.has_failed(spot) or await self._clock.wait(told, longest_s)
        failed = self._failures.chunk(spot)
        if failed is not None and self.has_failed(spot):
            raise MediaError(reason=failed.reason)
        if self._hindrance and not spot.rung_id.startswith(_EXTRA) and await self._cells.find(*spot) is None:
            raise BusyError(retry_after_s=_RETRY_AFTER_S, reason=self._hindrance)
        if not is_told:
            raise BusyError(retry_after_s=_RETRY_AFTER_S, reason="slow")

    def _tell(self, row: Row, cell: int) -> None:
        want = self._wants.get(row, {}).get(cell)
        for told in want.waiting if want else ():
            told.set()
