"""One run of Osmose, from the first word to the last."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from osmose_addon.app.crew import Crew
from osmose_addon.app.household import Household, ReloadService
from osmose_addon.app.services import Plans, Turns
from osmose_addon.app.settings import DataInUseError, Settings, ensure_config, held, shipped
from osmose_addon.config import load_texts
from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.console import Console
from osmose_addon.interfaces.http.server import HttpServer, PortTakenError, make_app
from osmose_addon.model.journal import Event
from osmose_addon.runtime import log, worker
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import Paths, paths_of
from osmose_addon.runtime.supervision import Supervisor
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.cameras.cameras import Cameras
from osmose_addon.services.health.service import HealthService
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.ledger import Ledger
from osmose_addon.stores.live import LiveStore
from osmose_addon.stores.segments.cells import CellStore
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.states import States

_LOG = logging.getLogger(__name__)
_TAKEN = 1


@asynccontextmanager
async def _shelves(paths: Paths, states: States, texts: Texts) -> AsyncIterator[Shelves]:
    """Open all stores."""
    clock = Clock()
    async with Catalog.opened(paths, clock) as catalog:

        async def note(action: str, arguments: Mapping[str, str], who: str) -> None:
            await catalog.journal.write(Event.ACTION_DONE, "osmose", "", by=who, action=action, **arguments)

        cells = CellStore(paths)
        ledger = Ledger(catalog, cells, clock)
        yield Shelves(states, Actions(note), catalog, cells, ledger, LiveStore(clock), texts, paths, clock)


async def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; return the exit code: 0, or 1 when the port or the data folder is taken."""
    texts = Texts(await in_thread(load_texts, shipped("translations/en.yaml")))
    try:
        with held(settings.data):
            return await _run(settings, texts)
    except (PortTakenError, DataInUseError) as error:
        words = (texts.say(f"error.{error.key}.{part}", **error.fields) for part in ("text", "hint"))
        sys.stderr.write(" ".join(words) + "\n")
        return _TAKEN


async def _run(settings: Settings, texts: Texts) -> int:
    redaction = log.Redaction()
    log.set_up("info", redaction)
    stop = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_, stop.set)
    await _show_sample_config(settings.config_file)
    states = States()
    household = Household(settings.config_file, settings.data, redaction, states)
    await household.load()
    logging.getLogger("osmose_addon").setLevel(household.config.logging.level.upper())
    paths = paths_of(settings.data, household.config.storage.cache)
    await _make_folder(paths.cache)
    async with _shelves(paths, states, texts) as shelves:
        states.set("osmose", "", is_lasting=shelves.catalog.is_lasting)
        return await _Run(settings, household, shelves, Plans(shelves, redaction)).until(stop)


async def _show_sample_config(file: Path) -> None:
    try:
        if await in_thread(ensure_config, file):
            _LOG.info("a sample configuration was put at %s", file)
    except OSError as error:
        _LOG.error("no sample configuration can be put at %s: %s", file, error.strerror)


async def _make_folder(folder: Path) -> None:
    """Make a folder; where that fails, what plays without it still does."""
    try:
        await in_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        _LOG.error("%s cannot be made: %s", folder, error.strerror)


@dataclass(frozen=True, slots=True)
class _Run:
    settings: Settings
    household: Household
    shelves: Shelves
    plans: Plans

    async def until(self, stop: asyncio.Event) -> int:
        """Open the door, start everything, and end it all when `stop` is set.

        Raises: PortTakenError.
        """
        is_addon = "SUPERVISOR_TOKEN" in os.environ
        app = make_app(self.shelves, lambda: self.household.config.http, is_addon=is_addon)
        server = HttpServer(app, self.settings.host, self.settings.port)
        port = await server.open()
        turns = Turns(self.shelves)
        async with Supervisor(self.shelves.clock, turns.on_turn) as supervisor:
            console = Console(self.shelves.states, self.shelves.texts, f"http://{self.settings.host}:{port}")
            supervisor.start("console", console.main)
            await self._start(supervisor, turns)
            await stop.wait()
            _LOG.info("stopping")
            await server.close()
        return 0

    async def _start(self, supervisor: Supervisor, turns: Turns) -> None:
        shelves = self.shelves
        journal = shelves.catalog.journal
        cameras = Cameras(supervisor, shelves.states, shelves.live, journal, clock=shelves.clock)
        cameras.carry(shelves.actions)
        turns.attach(supervisor, cameras)
        supervisor.start("health", HealthService(shelves.states).main)
        crew = Crew(supervisor, self.plans, cameras)
        reload = ReloadService(self.household, self.settings.config_file, crew, journal)
        shelves.actions.carry("reload", reload.on_action)
        await worker.warm_up()
        for name, sample in (await in_thread(self.plans.samples, self.household.config)).items():
            supervisor.start(name, sample.main)
        await crew.apply(self.household.config)
        supervisor.start("config", reload.main)
