"""A house with one camera, run by the real supervisor, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from osmose_addon.model.config import CameraConfig, Secret
from osmose_addon.model.errors import Field
from osmose_addon.model.journal import Entry, Event
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.supervision import Supervisor, Turn
from osmose_addon.services.cameras.cameras import Cameras
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.live import LiveGrid, LiveStore
from osmose_addon.stores.states import States


@dataclass
class Notes:
    """A journal that only keeps."""

    entries: list[Entry] = field(default_factory=list)

    async def write(self, event: Event, kind: str, id_: str, by: str = "", **fields: Field) -> Entry:
        """Add an entry."""
        entry = Entry(len(self.entries) + 1, 0.0, event, kind, id_, fields, by)
        self.entries.append(entry)
        return entry


@dataclass
class House:
    """A house with one camera, and everything that tells of it."""

    states: States
    live: LiveStore
    notes: Notes
    actions: Actions
    supervisor: Supervisor
    turns: list[Turn]
    cameras: Cameras

    @property
    def grid(self) -> LiveGrid:
        """The camera's grid."""
        grid = self.live.get("porch")
        assert grid is not None
        return grid

    @property
    def worker_pid(self) -> int:
        """The process id of the camera's worker; 0 while there is none."""
        running = self.cameras._services["porch"]._worker
        return running.pid if running else 0

    def state(self, name: str) -> object:
        """Return a state of the camera."""
        return self.states.get("camera", "porch", name)

    async def until(self, *phases: str) -> float:
        """Wait until the camera is in one of these phases, and return when that was."""
        await self.until_true(lambda: self.state("phase") in phases)
        return asyncio.get_running_loop().time()

    async def until_true(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so; states are looked at whenever one changes."""
        async with asyncio.timeout(40):
            with self.states.watch() as watch:
                if is_so():
                    return
                async for _ in watch:
                    if is_so():
                        return


@asynccontextmanager
async def house_of(url: str, window_s: float = 60.0) -> AsyncIterator[House]:
    """Run a house with this camera."""
    clock, states, notes, actions, turns = Clock(), States(), Notes(), Actions(), []
    live = LiveStore(clock)
    found: list[Cameras] = []

    def on_turn(turn: Turn) -> None:
        turns.append(turn)
        for each in found:
            each.on_turn(turn)

    async with Supervisor(clock, on_turn, seed=1) as supervisor:
        found.append(Cameras(supervisor, states, live, notes, clock=clock))
        found[0].carry(actions)
        await found[0].apply([CameraConfig("porch", "Porch", Secret(url), window_s=window_s)])
        yield House(states, live, notes, actions, supervisor, turns, found[0])
        await found[0].apply([])
