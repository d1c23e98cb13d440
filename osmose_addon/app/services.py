"""Which services a configuration asks for, and what carries word of them to the board."""

from collections.abc import Mapping

from osmose_addon.app.crew import Main, Planned
from osmose_addon.interfaces.mqtt.discovery import Thing
from osmose_addon.interfaces.mqtt.service import MqttService
from osmose_addon.model.config import Config, LibraryConfig
from osmose_addon.model.journal import Event
from osmose_addon.runtime.clock import iso
from osmose_addon.runtime.log import Redaction
from osmose_addon.runtime.supervision import Phase, Supervisor, Turn
from osmose_addon.services.cameras.cameras import Cameras
from osmose_addon.services.jobs.service import JobService
from osmose_addon.services.libraries.desk import Libraries, put_away_others
from osmose_addon.services.sample import SampleService, wants_sample
from osmose_addon.stores.shelves import Shelves


class Turns:
    """Tells every change of a service's phase: to the board, to its camera, and to the journal if it was parked."""

    def __init__(self, shelves: Shelves) -> None:
        """Begin before there are services; `attach` follows."""
        self._shelves = shelves
        self._supervisor: Supervisor | None = None
        self._cameras: Cameras | None = None

    def attach(self, supervisor: Supervisor, cameras: Cameras) -> None:
        """Take the supervisor whose turns these are, and the cameras that want to hear of them."""
        self._supervisor = supervisor
        self._cameras = cameras

    def on_turn(self, turn: Turn) -> None:
        """Take a turn of the supervisor."""
        states = self._shelves.states
        if turn.phase is Phase.DONE:
            states.drop("service", turn.service)
            return
        reason = turn.error.key if turn.error else ""
        next_try = iso(turn.next_try_unix_s) if turn.next_try_unix_s else None
        states.set("service", turn.service, phase=turn.phase.value, reason=reason, next_try=next_try)
        if self._cameras is not None:
            self._cameras.on_turn(turn)
        if turn.phase is Phase.PARKED and self._supervisor is not None:
            self._supervisor.spawn(self._note(turn.service, reason), f"note {turn.service}")

    async def _note(self, service: str, reason: str) -> None:
        await self._shelves.catalog.journal.write(Event.SERVICE_PARKED, "service", service, reason=reason)


class Plans:
    """Turns a configuration into the services it asks for."""

    def __init__(self, shelves: Shelves, redaction: Redaction) -> None:
        """Take what services are built from."""
        self._shelves = shelves
        self._redaction = redaction
        self._libraries = Libraries(shelves)

    async def settle(self, config: Config) -> None:
        """Name what runs, and put away what libraries left behind that the configuration has no more."""
        for library in config.libraries:
            self._shelves.states.set("library", library.id, name=library.name, kind=library.kind.value)
        for camera in config.cameras:
            self._shelves.states.set("camera", camera.id, name=camera.name)
        await put_away_others(self._shelves, config)

    def of(self, config: Config) -> Mapping[str, Planned]:
        """Return every service of a configuration but the cameras, by name."""
        planned = {"jobs": self._jobs(config), "mqtt": self._mqtt(config)}
        for library in config.libraries:
            planned[f"library.{library.id}"] = self._library(library, config)
        return planned

    def samples(self, config: Config) -> Mapping[str, SampleService]:
        """Return the sample films that a first visitor shall see, by service name."""
        data = self._shelves.paths.data
        return {
            f"sample.{library.id}": SampleService(library, self._shelves.states)
            for library in config.libraries
            if wants_sample(library, data)
        }

    def _jobs(self, config: Config) -> Planned:
        inputs = (config.libraries, config.storage, config.workers)
        return Planned(inputs, lambda: JobService(self._shelves, config).main)

    def _library(self, library: LibraryConfig, config: Config) -> Planned:
        return Planned((library, config.renditions), lambda: self._libraries.service(library, config).main)

    def _mqtt(self, config: Config) -> Planned:
        shelves = self._shelves
        things = things_of(config)

        def build() -> Main:
            return MqttService(
                config.mqtt,
                shelves.states,
                shelves.actions,
                shelves.catalog.journal,
                shelves.texts,
                lambda: things,
                shelves.clock,
                learn=lambda secret: self._redaction.learn([secret]),
            ).main

        return Planned((config.mqtt, things), build)


def things_of(config: Config) -> tuple[Thing, ...]:
    """Return the libraries and cameras of a configuration, as Home Assistant shall know them."""
    libraries = (Thing("library", library.id, library.name) for library in config.libraries)
    cameras = (Thing("camera", camera.id, camera.name) for camera in config.cameras)
    return (*libraries, *cameras)
