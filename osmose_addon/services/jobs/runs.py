"""Which cells are made in one go: pure choices over bitmaps."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from osmose_addon.model.media import Rung, RungGroup, RungKind, RungMethod, Title
from osmose_addon.model.orders import ChunkOrder
from osmose_addon.stores.catalog.chunks import Cause

LONGEST_RUN_S = 60.0
AHEAD_S = 60.0
LOW_S = 30.0
_WAITED_SOUND_CELLS = 2

Bitmap = Sequence[bool]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring cells of one or more rungs of a title, filled by one hand in one go.

    `is_urgent` says that somebody waits for the first one.
    """

    cause: Cause
    title_id: str
    path: bytes
    revision: str
    rungs: tuple[Rung, ...]
    first_cell: int
    count: int
    is_urgent: bool = False

    @property
    def end_cell(self) -> int:
        """The cell after the last."""
        return self.first_cell + self.count

    @property
    def is_heavy(self) -> bool:
        """Whether it encodes pictures, and so needs one of the slots that the household allows."""
        return any(rung.kind is RungKind.VIDEO and rung.method is RungMethod.ENCODED for rung in self.rungs)

    @property
    def duration_s(self) -> float:
        """How long its cells play."""
        rung = self.rungs[0]
        return sum(rung.duration_s(cell) for cell in range(self.first_cell, self.end_cell))

    def order(self, folder: str) -> ChunkOrder:
        """Return the order for a worker that keeps cells in `folder`."""
        is_watched = self.cause is Cause.VIEWER
        return ChunkOrder(self.path, folder, self.rungs, self.first_cell, self.count, is_watched, self.is_urgent)


def made_ahead(rungs: Sequence[Rung]) -> tuple[Rung, ...]:
    """Return the rungs that are made before anybody watches, what costs most first.

    The untouched original is left out: a copy of a file that lies there already is made in no time.
    """
    kept = [rung for rung in rungs if rung.group is not RungGroup.ORIGINAL]
    return tuple(sorted(kept, key=lambda rung: rung.method is RungMethod.COPIED))


def cell_at(rung: Rung, at_s: float) -> int:
    """Return the cell of a rung that plays at a time of the title; the last one after its end."""
    return max(bisect_right(rung.borders_ticks, at_s * rung.timescale_hz, hi=rung.cells) - 1, 0)


def viewer_run(title: Title, rung: Rung, filled: Bitmap, first_cell: int, until_s: float) -> Run:
    """Return the run that begins at a cell a viewer lacks, up to the next filled one or `until_s` of the title."""
    count = 1
    while (
        first_cell + count < rung.cells
        and not filled[first_cell + count]
        and rung.start_s(first_cell + count + 1) <= until_s
    ):
        count += 1
    return _run(Cause.VIEWER, title, (rung,), first_cell, count)


def waited_run(title: Title, rung: Rung, filled: Bitmap, first_cell: int) -> Run:
    """Return the run for somebody who waits for a cell.

    Sound that is encoded ends soon: its next minute would be made beside the first picture, at its cost.
    """
    is_short = rung.kind is RungKind.AUDIO and rung.method is RungMethod.ENCODED
    until_cell = min(first_cell + _WAITED_SOUND_CELLS, rung.cells)
    until_s = rung.start_s(until_cell) if is_short else rung.start_s(first_cell) + AHEAD_S
    return replace(viewer_run(title, rung, filled, first_cell, until_s), is_urgent=True)


def read_ahead(title: Title, rung: Rung, filled: Bitmap, cell: int) -> Run | None:
    """Return the run that keeps a viewer at `cell` supplied, or `None` while half a minute lies ready."""
    hole = next((later for later in range(cell + 1, rung.cells) if not filled[later]), None)
    if hole is None or rung.start_s(hole) - rung.start_s(cell + 1) >= LOW_S:
        return None
    return viewer_run(title, rung, filled, hole, rung.start_s(cell + 1) + AHEAD_S)


def next_hole(title: Title, cause: Cause, taken: Mapping[str, Bitmap]) -> Run | None:
    """Return the run at a title's first hole, or `None` when there is none.

    `taken` tells for each rung which cells are filled or given up. Rungs of one track with the same borders are made
    together, because the source is then decoded once.
    """
    for together in _families(made_ahead(title.grid.rungs if title.grid else ())):
        holes = {rung.id: taken[rung.id].index(False) for rung in together if False in taken[rung.id]}
        if holes:
            first_cell = min(holes.values())
            rungs = tuple(rung for rung in together if holes.get(rung.id) == first_cell)
            later = tuple(rung for rung in together if rung not in rungs)
            return _run(cause, title, rungs, first_cell, _count(rungs, later, taken, first_cell))
    return None


def _families(rungs: Sequence[Rung]) -> list[tuple[Rung, ...]]:
    found: dict[object, list[Rung]] = {}
    for rung in rungs:
        found.setdefault((rung.method, rung.track, rung.borders_ticks), []).append(rung)
    return [tuple(together) for together in found.values()]


def _count(rungs: Sequence[Rung], later: Sequence[Rung], taken: Mapping[str, Bitmap], first_cell: int) -> int:
    """Return how many cells the rungs all lack from the first on, up to where a `later` one can join them."""
    any_rung, count = rungs[0], 1
    until_s = any_rung.start_s(first_cell) + LONGEST_RUN_S
    while (
        first_cell + count < any_rung.cells
        and any_rung.start_s(first_cell + count + 1) <= until_s
        and not any(taken[rung.id][first_cell + count] for rung in rungs)
        and all(taken[rung.id][first_cell + count] for rung in later)
    ):
        count += 1
    return count


def _run(cause: Cause, title: Title, rungs: tuple[Rung, ...], first_cell: int, count: int) -> Run:
    revision = title.grid.revision if title.grid else ""
    return Run(cause, title.id, title.path, revision, rungs, first_cell, count)
