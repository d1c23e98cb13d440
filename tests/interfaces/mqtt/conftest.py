"""Osmose's MQTT side on a real broker, with a household listening in."""

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.mqtt.discovery import Thing
from osmose_addon.interfaces.mqtt.service import MqttService
from osmose_addon.model.actions import Done
from osmose_addon.model.config import MqttConfig, Secret
from osmose_addon.model.errors import OsmoseError
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import paths_of
from osmose_addon.runtime.supervision import RestartPolicy, Supervisor, Turn
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.catalog import db
from osmose_addon.stores.catalog.journal import Journal
from osmose_addon.stores.states import States
from tests.broker import RealBroker, broker_in

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
FAST = RestartPolicy(first_pause_s=0.05, longest_pause_s=0.2, refused_s=0.2)


def words(tree: Mapping[str, object], above: str = "") -> dict[str, str]:
    """Return the translations with their keys joined by dots."""
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= words(value, f"{above}{key}.")
        else:
            flat[f"{above}{key}"] = str(value)
    return flat


def english() -> Texts:
    """Return the words that Osmose ships."""
    file = Path(__file__).parents[3] / "translations" / "en.yaml"
    return Texts(words(yaml.safe_load(file.read_text("utf-8"))))


@dataclass
class House:
    """All that the MQTT side reads and asks, without the services behind it."""

    journal: Journal
    broker: RealBroker
    states: States = field(default_factory=States)
    actions: Actions = field(default_factory=Actions)
    things: tuple[Thing, ...] = (Thing("library", "films", "Films"), Thing("camera", "porch", "Porch"))
    turns: list[Turn] = field(default_factory=list)
    done: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    user: tuple[str, str] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Have a live camera and a library, and carriers for all that they can be asked."""
        self.states.set("osmose", "", version="0.2.0", jobs_running=0)
        self.states.set("camera", "porch", phase="live", live=True, viewers=2, resolution=None, frame_rate=24.999583)
        self.states.set("library", "films", phase="ready", titles=3)
        for name in ("rescan", "reload", "try_now"):
            self.actions.carry(name, functools.partial(self._do, name))
        self.actions.carry("snapshot", self._picture)

    def service(self) -> MqttService:
        """Return the service as the app would make it."""
        name, password = self.user or (None, None)
        config = MqttConfig("127.0.0.1", self.broker.port, name, Secret(password) if password else None)
        clock = Clock()
        given = (self.states, self.actions, self.journal, english(), lambda: self.things, clock)
        return MqttService(config, *given, token=None, jitter_s=0)

    @asynccontextmanager
    async def osmose(self) -> AsyncIterator[MqttService]:
        """Run the service under the supervisor while the block lasts."""
        service = self.service()
        async with Supervisor(Clock(), self._on_turn, seed=1) as supervisor:
            supervisor.start("mqtt", service.main, FAST)
            yield service

    async def until_turn(self, error: type[OsmoseError]) -> Turn:
        """Wait until the service failed with such an error."""
        async with asyncio.timeout(8):
            while True:
                for turn in self.turns:
                    if isinstance(turn.error, error):
                        return turn
                self.news.clear()
                await self.news.wait()

    async def until_state(self, field: str, value: object) -> None:
        """Wait until a state of Osmose itself is so."""
        with self.states.watch() as watch:
            async with asyncio.timeout(8):
                while self.states.get("osmose", "", field) != value:
                    await anext(watch)

    def _on_turn(self, turn: Turn) -> None:
        self.turns.append(turn)
        self.news.set()

    async def _do(self, name: str, given: Mapping[str, str]) -> Done:
        self.done.append((name, dict(given)))
        self.news.set()
        return Done({"found": 3})

    async def _picture(self, _given: Mapping[str, str]) -> Done:
        return Done({}, JPEG)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house with a broker."""
    paths = paths_of(tmp_path, None)
    async with broker_in(tmp_path) as broker, db.opened(paths.user_db, db.USER) as database:
        yield House(Journal(database, Clock()), broker)
