"""The configuration in force: loaded, watched, and handed to the crew when it changed."""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from osmose_addon.app.crew import Crew
from osmose_addon.config import ConfigFindingsError, Loaded, load_config, watch_config
from osmose_addon.model.actions import Done
from osmose_addon.model.config import Config, Finding
from osmose_addon.model.journal import Event
from osmose_addon.runtime.log import Redaction
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.journal import Journal
from osmose_addon.stores.states import States

_LOG = logging.getLogger(__name__)


def read(file: Path, data: Path) -> tuple[Loaded | None, tuple[Finding, ...]]:
    """Return what the file says, or nothing and the findings. It blocks for some milliseconds."""
    try:
        return load_config(file, data), ()
    except ConfigFindingsError as error:
        return None, error.findings


class Household:
    """What the household wrote, and the services that run because of it."""

    def __init__(self, file: Path, data: Path, redaction: Redaction, states: States) -> None:
        """Begin with nothing in force."""
        self.config = Config()
        self._file = file
        self._data = data
        self._redaction = redaction
        self._states = states

    async def load(self) -> bool:
        """Read the file and put it in force; if it has mistakes, what was in force stays. Returns whether it is."""
        loaded, findings = await in_thread(read, self._file, self._data)
        self._tell(findings)
        if loaded is None:
            return False
        self._redaction.learn(loaded.secrets)
        self.config = loaded.config
        return True

    def _tell(self, findings: tuple[Finding, ...]) -> None:
        for told in self._states.ids("finding"):
            self._states.drop("finding", told)
        for number, finding in enumerate(findings):
            self._states.set("finding", str(number), text=str(finding))
            _LOG.error("configuration: %s", finding)
        self._states.set("osmose", "", config_findings=len(findings))


class ReloadService:
    """Carries changes of the file over, whenever it changes or somebody asks."""

    def __init__(self, household: Household, file: Path, crew: Crew, journal: Journal) -> None:
        """Take what a reload touches."""
        self._household = household
        self._file = file
        self._crew = crew
        self._journal = journal
        self._asked: asyncio.Queue[asyncio.Future[bool]] = asyncio.Queue()
        self._one_at_a_time = asyncio.Lock()

    async def main(self) -> None:
        """Run for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_file())
            group.create_task(self._follow_asks())

    async def on_action(self, _arguments: Mapping[str, str]) -> Done:
        """Carry out the action `reload`. One who leaves does not stop it half-way: it is this service that reloads."""
        ask: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        await self._asked.put(ask)
        return Done({"loaded": await ask})

    async def _follow_file(self) -> None:
        async for _ in watch_config(self._file):
            await self._reload()

    async def _follow_asks(self) -> None:
        while True:
            ask = await self._asked.get()
            is_good = False
            try:
                is_good = await self._reload()
            finally:
                if not ask.done():
                    ask.set_result(is_good)

    async def _reload(self) -> bool:
        """Load the file and apply what differs; return whether it is in force now."""
        async with self._one_at_a_time:
            return await self._reload_alone()

    async def _reload_alone(self) -> bool:
        is_good = await self._household.load()
        await self._journal.write(Event.CONFIG_LOADED if is_good else Event.CONFIG_REFUSED, "osmose", "")
        if is_good:
            logging.getLogger("osmose_addon").setLevel(self._household.config.logging.level.upper())
            await self._crew.apply(self._household.config)
            _LOG.info("the configuration was loaded anew")
        return is_good
