"""Making what belongs to a title beside its grid when somebody first asks for it: text tracks and the storyboard."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial

from osmose_addon.model.errors import MediaError, NotFoundError, OsmoseError, StoreError, WorkerError
from osmose_addon.services.jobs.storyboards import make_storyboard
from osmose_addon.services.jobs.texts import make_text
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import STORYBOARD, text_of

_MOST = 2
_PATIENCE_S = 60.0
"""Who was told to ask again later does so within this time; then nobody waits any more."""

Make = Callable[[Shelves, str, str], Coroutine[None, None, None]]


@dataclass(slots=True)
class _Making:
    task: asyncio.Task[None]
    wanted_s: float


class ExtraHands:
    """The extras that are being made: two at most, each for as long as somebody waits."""

    def __init__(self, shelves: Shelves, make: Make | None = None) -> None:
        """Begin with none; `make` makes one (by a worker process if none is given)."""
        self._shelves = shelves
        self._make = make or make_extra
        self._making: dict[tuple[str, str], _Making] = {}

    def turn(self, group: asyncio.TaskGroup) -> None:
        """Begin what is wanted while there is a hand for it, and end what nobody wants any more."""
        now_s = self._shelves.clock.monotonic_s()
        for wish in self._shelves.ledger.extra_wants():
            if wish in self._making:
                self._making[wish].wanted_s = now_s
            elif len(self._making) < _MOST:
                task = group.create_task(self._make(self._shelves, *wish))
                self._making[wish] = _Making(task, now_s)
                task.add_done_callback(partial(self._over, wish))
        for making in self._making.values():
            if now_s - making.wanted_s > _PATIENCE_S:
                making.task.cancel()

    def _over(self, wish: tuple[str, str], _task: asyncio.Task[None]) -> None:
        self._making.pop(wish, None)
        self._shelves.ledger.news.set()


async def make_extra(shelves: Shelves, title_id: str, extra: str) -> None:
    """Make one extra of a title and tell those who wait for it; what fails is told to them too."""
    try:
        await _make(shelves, title_id, extra)
    except (MediaError, WorkerError, StoreError, NotFoundError) as error:
        problem: OsmoseError | None = error
    else:
        problem = None
    if problem is None:
        shelves.ledger.extra_made(title_id, extra)
    else:
        reason = "no_space" if isinstance(problem, StoreError) else str(problem.fields.get("reason", "worker_died"))
        await shelves.ledger.extra_failed(title_id, extra, reason)


async def _make(shelves: Shelves, title_id: str, extra: str) -> None:
    title = await shelves.catalog.titles.get(title_id)
    track = text_of(extra)
    if title is None or (track is None and extra != STORYBOARD):
        raise NotFoundError
    if track is None:
        await make_storyboard(shelves, title)
    else:
        await make_text(shelves, title, track)
