"""Taking a file into the catalog: probe, plan, init segments, picture; each by a worker, whatever the file holds."""

import asyncio
import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from osmose_addon import __version__
from osmose_addon.formats import ladder
from osmose_addon.formats.names import tell
from osmose_addon.model.config import LibraryConfig, RenditionConfig, TranscodeMode
from osmose_addon.model.errors import MediaError, StoreError, WorkerError
from osmose_addon.model.media import Grid, MediaFacts, Title, TitlePhase
from osmose_addon.model.orders import InitOrder, Order, PosterOrder, ProbeOrder
from osmose_addon.model.reports import InitMade, PictureMade, Probed, Report
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import poster_path, small_poster_path, write_whole

_LOG = logging.getLogger(__name__)
_LIMITS = Limits(memory_bytes=4 << 30, nice=5, silence_s=60.0, deadline_s=900.0)
_AT_ONCE = 2
_POSTER_PX = 960
_SMALL_POSTER_PX = 400
_POSTER_AT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Wish:
    """How the titles of a library are to be offered."""

    library: LibraryConfig
    renditions: tuple[RenditionConfig, ...]

    @property
    def stamp(self) -> str:
        """A short text that is another one wherever grids may come out otherwise."""
        told = repr((__version__, self.library.transcode is TranscodeMode.NEVER, self.renditions))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def grid(self, facts: MediaFacts) -> Grid:
        """Return the grid for a film. Raises: MediaError when nothing of it can be offered."""
        may_encode = self.library.transcode is not TranscodeMode.NEVER
        grid = ladder.plan(facts, self.renditions, may_encode=may_encode)
        if reason := ladder.why_nothing(facts, grid):
            raise MediaError(reason=reason)
        return grid


class Intake:
    """Takes files in for all libraries, a few at once."""

    def __init__(self, shelves: Shelves) -> None:
        """Keep what is found in `shelves`."""
        self._shelves = shelves
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def examine(self, path: bytes, title: Title, wish: Wish) -> tuple[Title, tuple[InitMade, ...]]:
        """Return the title with what its file holds and the grid it gets, or in phase `failed` with the reason."""
        try:
            async with self._slots:
                facts = await self._probed(path)
                grid, inits = await self._gridded(path, await in_thread(wish.grid, facts))
        except (MediaError, WorkerError) as error:
            reason = str(error.fields.get("reason", "worker_died"))
            return replace(title, phase=TitlePhase.FAILED, reason=reason), ()
        title = replace(title, phase=TitlePhase.READY, reason="", facts=facts, grid=grid)
        return self.named(title, path, wish), inits

    def named(self, title: Title, path: bytes, wish: Wish) -> Title:
        """Return the title as found at `path`, with the name and year that path and tags tell."""
        told = tell(path, os.fsencode(wish.library.path), wish.library.kind)
        name, year = told.name, told.year
        if name == "?" and title.facts is not None and title.facts.tag_title:
            name = title.facts.tag_title
        year = year or (title.facts.tag_year if title.facts else 0)
        return replace(title, path=path, name=name, year=year, description=told.description)

    async def regrid(self, title: Title, wish: Wish) -> None:
        """Give a title a new grid where the wished renditions ask for one. Its cells of the old grid are deleted later.

        What cannot be done now is tried at the next start: the old grid plays on. Raises: StoreError.
        """
        if title.facts is None or title.grid is None:
            return
        titles = self._shelves.catalog.titles
        try:
            grid = await in_thread(wish.grid, title.facts)
            if grid.revision == title.grid.revision:
                await titles.note_wish(title.id, wish.stamp)
                return
            async with self._slots:
                grid, inits = await self._gridded(title.path, grid)
        except (MediaError, WorkerError) as error:
            _LOG.warning("title %s keeps its old renditions: %s", title.id, error)
            return
        current = await titles.get(title.id)  # making it took a while, and the file may have moved or gone meanwhile
        if current is not None:
            await titles.save(replace(current, grid=grid), inits, wish=wish.stamp)

    async def picture(self, title: Title) -> None:
        """Make the posters of a title, unless they are there. A film without a usable picture has none."""
        try:
            for path_of, width_px in ((poster_path, _POSTER_PX), (small_poster_path, _SMALL_POSTER_PX)):
                await self._one_picture(title, path_of(self._shelves.paths, title.id), width_px)
        except (MediaError, WorkerError, StoreError) as error:
            _LOG.info("title %s gets no poster: %s", title.id, error)

    async def _one_picture(self, title: Title, path: Path, width_px: int) -> None:
        if title.facts is None or await in_thread(path.exists):
            return
        order = PosterOrder(title.path, title.facts.duration_s * _POSTER_AT_SHARE, width_px)
        async with self._slots:
            made = await _reports("stills", order)
        for report in made:
            if isinstance(report, PictureMade):
                await in_thread(write_whole, path, report.body)

    async def _probed(self, path: bytes) -> MediaFacts:
        for report in await _reports("probe", ProbeOrder(path)):
            if isinstance(report, Probed):
                return report.facts
        raise WorkerError(name="probe", cause="said nothing")

    async def _gridded(self, path: bytes, grid: Grid) -> tuple[Grid, tuple[InitMade, ...]]:
        """Return the grid with the true codec strings, and the init segments of its rungs."""
        reports = await _reports("transcode", InitOrder(path, grid.rungs))
        inits = {report.rung_id: report for report in reports if isinstance(report, InitMade)}
        if any(rung.id not in inits for rung in grid.rungs):
            raise WorkerError(name="transcode", cause="left out a rung")
        rungs = tuple(replace(rung, codecs=inits[rung.id].codecs) for rung in grid.rungs)
        return replace(grid, rungs=rungs), tuple(inits.values())


async def _reports(name: str, order: Order) -> Sequence[Report]:
    async with worker.start(name, order, _LIMITS) as hand:
        return [report async for report in hand]
