"""Osmose over MQTT, as one supervised service: one call of `main` is one connection from greeting to loss."""

import asyncio
import logging
import os
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.mqtt.brokers import supervised, written
from osmose_addon.interfaces.mqtt.client import Broker, Connection, Greeting, Message, connected
from osmose_addon.interfaces.mqtt.commands import Commands
from osmose_addon.interfaces.mqtt.discovery import Thing
from osmose_addon.interfaces.mqtt.publish import Journal, Memory, Publisher, Sources, newest_number
from osmose_addon.interfaces.mqtt.topics import Topics
from osmose_addon.model.config import MqttConfig, Secret
from osmose_addon.model.errors import BrokerError, OsmoseError
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.fetch import Fetch, fetch_json
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.states import States

_LOG = logging.getLogger(__name__)
_LOOK_AGAIN_S = 60.0
_NOTE_DEADLINE_S = 2.0


def _token() -> Secret | None:
    given = os.environ.get("SUPERVISOR_TOKEN")
    return Secret(given) if given else None


@dataclass(slots=True)
class MqttService:
    """Tells Home Assistant what is, hears what shall be done.

    `names` gives the libraries and cameras that exist now. `learn` is told the Supervisor's password for the broker, so
    that logs can be cleaned of it. After Home Assistant's birth all is told again within `jitter_s`.
    """

    config: MqttConfig
    states: States
    actions: Actions
    journal: Journal
    texts: Texts
    names: Callable[[], tuple[Thing, ...]]
    clock: Clock
    fetch: Fetch = fetch_json
    token: Secret | None = field(default_factory=_token)
    learn: Callable[[str], None] = lambda _secret: None
    jitter_s: float = 3.0
    memory: Memory = field(default_factory=Memory, init=False)
    is_loss_told: bool = field(default=False, init=False)
    commands: Commands = field(init=False)
    topics: Topics = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the topics."""
        self.topics = Topics(self.config.base_topic, self.config.discovery_prefix)
        self.commands = Commands(self.actions, self.topics, self.names)

    @property
    def dropped(self) -> int:
        """How many messages were dropped because they were no command of ours, since the start."""
        return self.commands.dropped

    async def main(self) -> None:
        """Wait quietly until there is a broker, connect, and talk until the connection is lost.

        Raises: BrokerLostError, BrokerRefusedError; the supervisor decides when to try again.
        """
        if self.memory.last_entry is None:
            self.memory.last_entry = await newest_number(self.journal)
        broker = await self._broker()
        ended = "off"
        try:
            await self._live(broker)
        except BrokerError as problem:
            ended = "lost"
            self._tell_loss(problem)
            raise
        finally:
            self.states.set("osmose", "", mqtt=ended)

    async def _broker(self) -> Broker:
        clear_of_news = asyncio.Event()
        while True:
            broker = await self._named_broker()
            if broker is not None:
                return broker
            self.states.set("osmose", "", mqtt="off")
            if self.token is None:
                await clear_of_news.wait()
            await self.clock.wait(clear_of_news, _LOOK_AGAIN_S)

    async def _named_broker(self) -> Broker | None:
        broker = written(self.config)
        if broker is None and self.token is not None:
            broker = await supervised(self.fetch, self.token)
            if broker is not None and broker.password is not None:
                self.learn(broker.password.reveal())
        return broker

    async def _live(self, broker: Broker) -> None:
        greeting = Greeting(f"{self.config.base_topic.replace('/', '-')}-hub", self.topics.status, "offline")
        async with connected(broker, greeting, self.clock) as connection:
            _LOG.info("connected to the MQTT broker at %s:%s", broker.host, broker.port)
            self.is_loss_told = False
            await _together(connection.keep(self.clock), _Conversation(self, connection).hold())

    def _tell_loss(self, problem: BrokerError) -> None:
        if not self.is_loss_told:
            _LOG.warning("MQTT is off until the broker is back: %s", problem)
        self.is_loss_told = True


class _Conversation:
    """All that is said and heard over one connection."""

    def __init__(self, service: MqttService, connection: Connection) -> None:
        self._service = service
        self._connection = connection
        given = service
        sources = Sources(given.states, given.actions, given.journal, given.texts, given.names, given.clock)
        self._publisher = Publisher(connection, sources, service.topics, service.memory)
        self._is_noted = asyncio.Event()
        self._is_born = asyncio.Event()

    async def hold(self) -> None:
        """Tell and hear until the connection is lost."""
        service, publisher = self._service, self._publisher
        with service.states.watch() as watch:
            await self._read_note()
            await publisher.tell_all()
            service.states.set("osmose", "", mqtt="connected")
            await _together(
                publisher.states(watch),
                publisher.journal(),
                publisher.pictures(),
                service.commands.carry_on(self._connection),
                self._births(),
            )

    def _hear(self, message: Message) -> None:
        topics = self._service.topics
        if message.topic == topics.announced:
            # Ours comes back unretained, after the retained one: then nothing more is to be waited for.
            if message.is_retained:
                self._publisher.note(message.payload)
            else:
                self._is_noted.set()
        elif message.topic not in topics.births():
            self._service.commands.hear(message)
        elif message.payload == b"online" and not message.is_retained:
            self._is_born.set()

    async def _read_note(self) -> None:
        topics = self._service.topics
        self._connection.on_message = self._hear
        await self._connection.listen(topics.subscriptions())
        await self._connection.tell(topics.announced, "{}")
        await self._service.clock.wait(self._is_noted, _NOTE_DEADLINE_S)

    async def _births(self) -> None:
        service = self._service
        while True:
            await self._is_born.wait()
            self._is_born.clear()
            jitter_s = random.uniform(0, service.jitter_s)  # noqa: S311 - spreads load, no secret
            await service.clock.wait(self._connection.lost, jitter_s)
            await self._publisher.tell_all()


async def _together(*works: Coroutine[None, None, None]) -> None:
    """Do all at once; the first error of ours ends the others and is raised by itself, not in a group.

    Raises: whatever of OsmoseError one of them raised first.
    """
    first: OsmoseError | None = None
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except* OsmoseError as problems:
        first = next((problem for problem in problems.exceptions if isinstance(problem, OsmoseError)), None)
    if first is not None:
        raise first
