"""Making subtitles when somebody first asks for them: a whole film must be read for that, so never ahead."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial

from osmose_addon.model.errors import MediaError, NotFoundError, OsmoseError, StoreError, WorkerError
from osmose_addon.model.media import Title
from osmose_addon.model.orders import TextOrder
from osmose_addon.model.reports import TextMade
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import text_path, write_whole

_LIMITS = Limits(nice=5, deadline_s=1800)
_MOST = 2
_PATIENCE_S = 60.0
"""Who was told to ask again later does so within this time; then nobody waits any more."""

Make = Callable[[Shelves, str, int], Coroutine[None, None, None]]


@dataclass(slots=True)
class _Making:
    task: asyncio.Task[None]
    wanted_s: float


class TextHands:
    """The text tracks that are being made: two at most, each for as long as somebody waits."""

    def __init__(self, shelves: Shelves, make: Make | None = None) -> None:
        """Begin with none; `make` makes one (by a worker process if none is given)."""
        self._shelves = shelves
        self._make = make or make_text
        self._making: dict[tuple[str, int], _Making] = {}

    def turn(self, group: asyncio.TaskGroup) -> None:
        """Begin what is wanted while there is a hand for it, and end what nobody wants any more."""
        now_s = self._shelves.clock.monotonic_s()
        for wish in self._shelves.ledger.text_wants():
            if wish in self._making:
                self._making[wish].wanted_s = now_s
            elif len(self._making) < _MOST:
                task = group.create_task(self._make(self._shelves, *wish))
                self._making[wish] = _Making(task, now_s)
                task.add_done_callback(partial(self._over, wish))
        for making in self._making.values():
            if now_s - making.wanted_s > _PATIENCE_S:
                making.task.cancel()

    def _over(self, wish: tuple[str, int], _task: asyncio.Task[None]) -> None:
        self._making.pop(wish, None)
        self._shelves.ledger.news.set()


async def make_text(shelves: Shelves, title_id: str, track: int) -> None:
    """Make one text track of a title and tell those who wait for it; what fails is told to them too."""
    try:
        await _make(shelves, title_id, track)
    except (MediaError, WorkerError, StoreError, NotFoundError) as error:
        problem: OsmoseError | None = error
    else:
        problem = None
    if problem is None:
        shelves.ledger.text_made(title_id, track)
    else:
        reason = "no_space" if isinstance(problem, StoreError) else str(problem.fields.get("reason", "worker_died"))
        await shelves.ledger.text_failed(title_id, track, reason)


async def _make(shelves: Shelves, title_id: str, track: int) -> None:
    title = await shelves.catalog.titles.get(title_id)
    if title is None:
        raise NotFoundError
    body = ""
    async with worker.start("texts", TextOrder(title.path, track, _origin_s(title)), _LIMITS) as maker:
        async for report in maker:
            if isinstance(report, TextMade):
                body = report.body
    await in_thread(write_whole, text_path(shelves.paths, title_id, track), body.encode())


def _origin_s(title: Title) -> float:
    """Return the time in the file at which the title begins."""
    video = title.facts.video if title.facts else None
    if video is None or title.facts is None:
        return 0.0
    return title.facts.video_start_ticks * video.time_base_num / video.time_base_den
