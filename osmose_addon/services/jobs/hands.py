"""The runs under way, and who must make room for whom."""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from osmose_addon.services.jobs.runs import Run
from osmose_addon.stores.catalog.chunks import Cause
from osmose_addon.stores.ledger import Row

_LIGHT_HANDS = 4
_NEAR_S = 8.0

Wants = Collection[tuple[Row, int]]


@dataclass(slots=True, eq=False)
class Hand:
    """One run under way: how far each of its rungs is, and since when (monotonic)."""

    run: Run
    began_s: float
    told_s: float = 0.0
    done: dict[str, int] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    is_ending: bool = False
    phase_after: str = "waiting"

    @property
    def next_cell(self) -> int:
        """The first cell that some rung still lacks."""
        return min(self.done.get(rung.id, self.run.first_cell) for rung in self.run.rungs)

    def works_on(self, row: Row) -> bool:
        """Whether it makes cells of that rung."""
        return self.run.title_id == row.title_id and any(rung.id == row.rung_id for rung in self.run.rungs)

    def is_near(self, row: Row, cell: int) -> bool:
        """Whether it gets to a cell soon enough for somebody who waits for it."""
        if not self.works_on(row) or not self.next_cell <= cell < self.run.end_cell:
            return False
        if not self.run.is_heavy:
            return True
        rung = self.run.rungs[0]
        return self.run.cause is Cause.VIEWER and rung.start_s(cell) - rung.start_s(self.next_cell) <= _NEAR_S

    def is_near_start_of(self, run: Run) -> bool:
        """Whether it is about to make the first cell of another run anyway."""
        return not self.is_ending and self.is_near(Row(run.title_id, run.rungs[0].id), run.first_cell)

    def is_waited_for(self, wants: Wants) -> bool:
        """Whether somebody waits for one of the cells it is about to make."""
        return any(self.is_near(row, cell) for row, cell in wants)

    def end(self, phase_after: str = "waiting") -> None:
        """Stop it; what it filled stays. Its job is then in `phase_after`, or over if that is empty."""
        self.is_ending, self.phase_after = True, phase_after
        if self.task is not None:
            self.task.cancel()


class Hands:
    """All runs under way: as many that encode pictures as the household allows, and a few light ones beside."""

    def __init__(self, heavy: int) -> None:
        """Allow `heavy` runs at once that encode pictures."""
        self._most = {True: heavy, False: _LIGHT_HANDS}
        self._hands: list[Hand] = []

    def __iter__(self) -> Iterator[Hand]:
        """Go through the runs under way."""
        return iter(tuple(self._hands))

    def __len__(self) -> int:
        """Return how many runs are under way."""
        return len(self._hands)

    def add(self, hand: Hand) -> None:
        """Note a run that begins."""
        self._hands.append(hand)

    def remove(self, hand: Hand) -> None:
        """Note that a run is over."""
        self._hands.remove(hand)

    def has_room(self, run: Run) -> bool:
        """Whether a run of this weight may begin now."""
        return self._count(is_heavy=run.is_heavy) < self._most[run.is_heavy]

    def make_room(self, run: Run, wants: Wants) -> bool:
        """End what must yield to a viewer's run; return whether that run can begin now.

        For somebody who waits, a run of the same rung ends, because its viewer went elsewhere; others end only when all
        slots are taken, what is made ahead first. Reading ahead takes a slot only from what nobody watches. A run that
        somebody waits for yields to nobody.
        """
        row = Row(run.title_id, run.rungs[0].id)
        free = [hand for hand in self._hands if not hand.is_waited_for(wants)]
        if (row, run.first_cell) not in wants:
            free = [hand for hand in free if hand.run.cause is not Cause.VIEWER]
        for hand in free:
            if hand.run.cause is Cause.VIEWER and hand.works_on(row) and not hand.is_ending:
                hand.end()
        if self.has_room(run):
            return True
        alike = [hand for hand in self._hands if hand.run.is_heavy is run.is_heavy]
        if not any(hand.is_ending for hand in alike):
            _end_least_urgent([hand for hand in free if hand in alike])
        return False

    def _count(self, *, is_heavy: bool) -> int:
        return sum(hand.run.is_heavy is is_heavy for hand in self._hands)


def _end_least_urgent(free: list[Hand]) -> None:
    order = [Cause.AHEAD, Cause.PREPARE, Cause.VIEWER]
    victim = min(free, key=lambda hand: order.index(hand.run.cause), default=None)
    if victim is not None:
        victim.end()
