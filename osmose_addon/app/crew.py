"""The services that run because of the configuration; a changed one touches only what differs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from osmose_addon.model.config import Config
from osmose_addon.runtime.supervision import Supervisor
from osmose_addon.services.cameras.cameras import Cameras

Main = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Planned:
    """A service that a configuration asks for. Equal `inputs` mean that a running one may stay as it is.

    `build` makes it, only if it is to run, and returns its main.
    """

    inputs: object
    build: Callable[[], Main]


class Planner(Protocol):
    """Knows what a configuration asks for."""

    def of(self, config: Config) -> Mapping[str, Planned]:
        """Return its services by name, but for the cameras."""

    async def settle(self, config: Config) -> None:
        """Do what is left to do once exactly these services run."""


class Crew:
    """Runs exactly what the newest configuration asks for."""

    def __init__(
        self,
        supervisor: Supervisor,
        planner: Planner,
        cameras: Cameras,
    ) -> None:
        """Begin with nobody at work."""
        self._supervisor = supervisor
        self._planner = planner
        self._cameras = cameras
        self._running: dict[str, Planned] = {}

    async def apply(self, config: Config) -> None:
        """Start, stop and restart services until they are those of this configuration."""
        wanted = self._planner.of(config)
        for name, planned in list(self._running.items()):
            if name not in wanted or wanted[name].inputs != planned.inputs:
                await self._supervisor.stop(name)
                del self._running[name]
        for name, planned in wanted.items():
            if name not in self._running:
                self._running[name] = planned
                self._supervisor.start(name, planned.build())
        await self._cameras.apply(config.cameras)
        await self._planner.settle(config)
