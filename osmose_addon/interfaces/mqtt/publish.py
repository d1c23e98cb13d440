"""What goes out over MQTT: declared states, journal entries and camera pictures; never anything else."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Protocol

from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.mqtt.client import Connection
from osmose_addon.interfaces.mqtt.discovery import (
    HERE,
    KINDS,
    Announced,
    Thing,
    fields_of,
    keys_of,
    plan,
    remembered,
    steps,
    thing_of,
)
from osmose_addon.interfaces.mqtt.topics import Topics
from osmose_addon.model.config import Right
from osmose_addon.model.errors import OsmoseError
from osmose_addon.model.journal import Entry
from osmose_addon.model.states import StateKey, StateValue
from osmose_addon.runtime.clock import Clock, iso
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.states import States, Watch

_LOG = logging.getLogger(__name__)
# Home Assistant cuts nothing: a longer state shows as `unknown` (measured, 2026.11).
_LONGEST_STATE = 255
# Retained, it would say "connected" for ever: the status topic tells it better.
_OWN = StateKey("osmose", "", "mqtt")
# It listens to an event entity up to 0.1 s after it made it (measured, 2026.11).
_EVENT_REST_S = 1.0
_STATE_REST_S = 0.2
_PICTURE_PAUSE_S = 10.0
_PICTURE_DEADLINE_S = 10.0
_OLDEST_ENTRY_S = 600.0


class Journal(Protocol):
    """What is read of the journal in the catalog."""

    async def since(self, number: int, limit: int = 100) -> tuple[Entry, ...]:
        """Return the entries after this number, oldest first."""

    async def latest(self, limit: int) -> tuple[Entry, ...]:
        """Return the newest entries."""

    def follow(self) -> AbstractContextManager[AsyncIterator[Entry]]:
        """Follow new entries while the block lasts."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What is read and asked. `names` gives the libraries and cameras that exist now."""

    states: States
    actions: Actions
    journal: Journal
    texts: Texts
    names: Callable[[], tuple[Thing, ...]]
    clock: Clock


@dataclass(slots=True)
class Memory:
    """What outlives a connection: what Home Assistant was told to keep, last pictures, the last entry told."""

    announced: Announced = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    last_entry: int | None = None


class Publisher:
    """Tells everything over one connection."""

    def __init__(self, connection: Connection, sources: Sources, topics: Topics, memory: Memory) -> None:
        """Begin with nothing told on this connection."""
        self._connection = connection
        self._sources = sources
        self._topics = topics
        self._memory = memory
        self._things: tuple[Thing, ...] = ()
        self._noted: Announced = {}
        self._turn = asyncio.Lock()
        self._events_from_s = 0.0

    def note(self, payload: bytes) -> None:
        """Take what an earlier run noted, retained, about what it announced."""
        self._noted = remembered(payload)
        for device_id, keys in self._noted.items():
            self._memory.announced[device_id] = {**keys, **self._memory.announced.get(device_id, {})}

    async def tell_all(self) -> None:
        """Announce everything, tell all states, then that we are here."""
        async with self._turn:
            await self._announce()
            await self._tell_states(self._sources.states.values)
            await self._connection.tell(self._topics.status, "online", is_retained=True)

    async def states(self, watch: Watch) -> None:
        """Tell states as they change, newest value wins; announce anew when things come, go or change their name."""
        async for changes in watch:
            async with self._turn:
                if self._sources.names() != self._things:
                    await self._announce()
                    await self._tell_states(self._sources.states.values)
                await self._tell_states(changes)
            await self._sources.clock.wait(self._connection.lost, _STATE_REST_S)

    async def journal(self) -> None:
        """Tell entries as they are written, and first those of the last ten minutes that the broker missed."""
        journal, memory = self._sources.journal, self._memory
        with journal.follow() as entries:
            while missed := await journal.since(memory.last_entry or 0):
                for entry in missed:
                    await self._tell_entry(entry)
            async for entry in entries:
                await self._tell_entry(entry)

    async def pictures(self) -> None:
        """Tell a new picture of each live camera, about every ten seconds."""
        is_over = False
        while not is_over:
            for thing in self._sources.names():
                if thing.kind == "camera" and self._sources.states.get("camera", thing.id, "live") is True:
                    await self._tell_picture(thing.id)
            is_over = await self._sources.clock.wait(self._connection.lost, _PICTURE_PAUSE_S)

    async def _announce(self) -> None:
        self._things = self._sources.names()
        known = self._memory.announced
        wanted = plan(self._things, self._topics, self._sources.texts)
        now = {device_id: keys_of(payload) for device_id, payload in wanted.items()}
        # Noted before it is told: if we are cut off in between, the next run still knows what to take back.
        self._memory.announced = {key: {**now.get(key, {}), **known.get(key, {})} for key in {**known, **now}}
        await self._tell_note()
        for step in steps(known, wanted):
            await self._connection.tell(self._topics.discovery(step.device_id), step.text, is_retained=True)
        await self._clear(known, now)
        self._memory.announced = now
        await self._tell_note()
        await self._tell_first_pictures()
        self._noted = now
        self._events_from_s = self._sources.clock.monotonic_s() + _EVENT_REST_S

    async def _tell_note(self) -> None:
        note = json.dumps(self._memory.announced, separators=(",", ":"))
        await self._connection.tell(self._topics.announced, note, is_retained=True)

    async def _clear(self, known: Announced, now: Announced) -> None:
        """Take back retained states and pictures of what is no more."""
        for device_id, keys in known.items():
            kind, id_ = thing_of(device_id) or ("", "")
            gone = [key for key in keys if key not in now.get(device_id, {})]
            if device_id not in now:
                gone += [field.field for field in fields_of(kind) if field.field not in gone]
                self._memory.pictures.pop(id_, None)
            for key in gone:
                await self._connection.tell(self._topics.state(kind, id_, key), "", is_retained=True)

    async def _tell_first_pictures(self) -> None:
        """Tell a picture of each camera that this broker has none of: without one, Home Assistant's proxy fails."""
        for thing in self._things:
            if thing.kind == "camera" and thing.device_id not in self._noted:
                picture = self._memory.pictures.get(thing.id) or _placeholder()
                await self._connection.tell(self._topics.image(thing.id), picture, is_retained=True)

    async def _tell_states(self, states: Mapping[StateKey, StateValue]) -> None:
        here = {(thing.kind, thing.id) for thing in (HERE, *self._things)}
        for key, value in tuple(states.items()):
            if key.kind in KINDS and (key.kind, key.id) in here and key != _OWN:
                is_gone = value is None and key.field not in self._sources.states.fields(key.kind, key.id)
                text = "" if is_gone else state_text(value)
                await self._connection.tell(self._topics.state(key.kind, key.id, key.field), text, is_retained=True)

    async def _tell_entry(self, entry: Entry) -> None:
        last_entry = self._memory.last_entry or 0
        if entry.number <= last_entry:
            return
        self._memory.last_entry = entry.number
        clock = self._sources.clock
        if clock.unix_s() - entry.at_unix_s > _OLDEST_ENTRY_S:
            return
        rest_s = self._events_from_s - clock.monotonic_s()
        if rest_s > 0:
            await clock.wait(self._connection.lost, rest_s)
        thing = about(entry, self._things)
        await self._connection.tell(self._topics.event(thing.kind, thing.id), entry_text(entry))

    async def _tell_picture(self, camera_id: str) -> None:
        picture = await self._picture(camera_id)
        is_jpeg = picture.startswith(b"\xff\xd8") and len(picture) <= self._connection.longest_told_bytes
        if is_jpeg:
            self._memory.pictures[camera_id] = picture
            await self._connection.tell(self._topics.image(camera_id), picture, is_retained=True)

    async def _picture(self, camera_id: str) -> bytes:
        try:
            async with asyncio.timeout(_PICTURE_DEADLINE_S):
                ask = self._sources.actions.ask
                done = await ask("snapshot", {"camera": camera_id}, right=Right.WATCH, who="mqtt")
        except (OsmoseError, TimeoutError) as error:
            _LOG.debug("no picture of camera %s: %s", camera_id, type(error).__name__)
            return b""
        return done.body


async def newest_number(journal: Journal) -> int:
    """Return the number of the newest entry, 0 if there is none: what was before Osmose started is not told."""
    return max((entry.number for entry in await journal.latest(1)), default=0)


def state_text(value: StateValue) -> str:
    """Return a state as Home Assistant reads it: `ON` and `OFF`, `None` for unknown, at most 255 characters."""
    if isinstance(value, bool):
        return "ON" if value else "OFF"
    text = str(round(value, 3) if isinstance(value, float) else value)
    return text if len(text) <= _LONGEST_STATE else f"{text[: _LONGEST_STATE - 1]}…"


def about(entry: Entry, things: tuple[Thing, ...]) -> Thing:
    """Return the thing whose device tells this entry: its own, its title's library, else Osmose itself."""
    library_id = entry.fields.get("library")
    for thing in things:
        is_meant = (thing.kind, thing.id) in {(entry.kind, entry.id), ("library", library_id)}
        if is_meant and entry.event in thing.events:
            return thing
    return HERE


def entry_text(entry: Entry) -> str:
    """Return an entry as an event of Home Assistant. Who did it stays in the house: it is not told."""
    fields = {name: value[:_LONGEST_STATE] if isinstance(value, str) else value for name, value in entry.fields.items()}
    told = {"event_type": str(entry.event), "number": entry.number, "at": iso(entry.at_unix_s)}
    return json.dumps({**fields, "kind": entry.kind, "id": entry.id, **told}, ensure_ascii=False)


def _placeholder() -> bytes:
    return files(__package__).joinpath("placeholder.jpg").read_bytes()
