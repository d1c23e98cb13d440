"""Taking a file into the catalog: probe, plan, init segments, picture; each by a worker, whatever the file holds."""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, replace

from osmose_addon import __version__
from osmose_addon.formats import ladder
from osmose_addon.model.config import LibraryConfig, RenditionConfig, TranscodeMode
from osmose_addon.model.errors import MediaError, WorkerError
from osmose_addon.model.media import Grid, MediaFacts, Title, TitlePhase
from osmose_addon.model.orders import InitOrder, ProbeOrder
from osmose_addon.model.reports import InitMade, Probed
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.libraries.beside import NOTHING, Beside
from osmose_addon.services.libraries.hands import ask
from osmose_addon.services.libraries.posters import make_posters
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)
_AT_ONCE = 2

PROBED = "2."
"""Every wish begins so. Another text whenever a probe tells more of a file, so that files are probed anew."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How the titles of a library are to be offered."""

    library: LibraryConfig
    renditions: tuple[RenditionConfig, ...]

    @property
    def stamp(self) -> str:
        """A short text that is another one wherever grids may come out otherwise."""
        told = repr((__version__, self.library.transcode is TranscodeMode.NEVER, self.renditions))
        return PROBED + hashlib.sha256(told.encode()).hexdigest()[:12]

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
        return replace(title, phase=TitlePhase.READY, reason="", facts=facts, grid=grid), inits

    async def regrid(self, title: Title, wish: Wish, *, is_anew: bool = False) -> None:
        """Give a title a new grid where the wished renditions ask for one. Its cells of the old grid are deleted later.

        `is_anew` has the file probed once more, for a probe of an earlier version told less.
        What cannot be done now is tried at the next start: the old grid plays on. Raises: StoreError.
        """
        if title.facts is None or title.grid is None:
            return
        titles = self._shelves.catalog.titles
        try:
            facts = await self._facts(title.path) if is_anew else title.facts
            grid = await in_thread(wish.grid, facts)
            if grid.revision == title.grid.revision and facts == title.facts:
                await titles.note_wish(title.id, wish.stamp)
                return
            async with self._slots:
                grid, inits = await self._gridded(title.path, grid)
        except (MediaError, WorkerError) as error:
            _LOG.warning("title %s keeps its old renditions: %s", title.id, error)
            return
        current = await titles.get(title.id)  # making it took a while, and the file may have moved or gone meanwhile
        if current is not None:
            await titles.save(replace(current, facts=facts, grid=grid), inits, wish=wish.stamp)

    async def picture(self, title: Title, beside: Beside = NOTHING) -> None:
        """Make the posters of a title, unless they are there and of what lies beside it now."""
        async with self._slots:
            await make_posters(self._shelves.paths, title, beside)

    async def _facts(self, path: bytes) -> MediaFacts:
        async with self._slots:
            return await self._probed(path)

    async def _probed(self, path: bytes) -> MediaFacts:
        for report in await ask("probe", ProbeOrder(path)):
            if isinstance(report, Probed):
                return report.facts
        raise WorkerError(name="probe", cause="said nothing")

    async def _gridded(self, path: bytes, grid: Grid) -> tuple[Grid, tuple[InitMade, ...]]:
        """Return the grid with the true codec strings, and the init segments of its rungs."""
        reports = await ask("transcode", InitOrder(path, grid.rungs))
        inits = {report.rung_id: report for report in reports if isinstance(report, InitMade)}
        if any(rung.id not in inits for rung in grid.rungs):
            raise WorkerError(name="transcode", cause="left out a rung")
        rungs = tuple(replace(rung, codecs=inits[rung.id].codecs) for rung in grid.rungs)
        return replace(grid, rungs=rungs), tuple(inits.values())
