"""Tells `osmose/health` and `osmose/needs_you`, and ends a program whose loop hangs."""

import faulthandler
from asyncio import timeout
from collections.abc import Iterable, Mapping

from osmose_addon import __version__
from osmose_addon.model.states import StateKey, StateValue
from osmose_addon.stores.states import States, Watch

_HEARTBEAT_S = 2.0
_HANGING_S = 10.0
"""A loop that turns no more for so long dumps all stacks and exits; s6 or Home Assistant start it anew."""

_NEEDY: dict[tuple[str, str], frozenset[StateValue]] = {
    ("camera", "phase"): frozenset({"lost", "frozen", "refused", "unusable"}),
    ("title", "phase"): frozenset({"failed"}),
    ("library", "phase"): frozenset({"away"}),
    ("service", "phase"): frozenset({"parked"}),
    ("osmose", "is_lasting"): frozenset({False}),
    ("osmose", "jobs_reason"): frozenset({"disk_full", "quota"}),
}


def needs_somebody(key: StateKey, value: StateValue) -> bool:
    """Whether this state is something that a person should look at."""
    return key.kind == "finding" or value in _NEEDY.get((key.kind, key.field), frozenset())


def count(needy: Iterable[StateKey]) -> int:
    """Return how many things these states are for a person, as pages show them."""
    return len({_thing(key) for key in needy})


def _thing(key: StateKey) -> tuple[str, str]:
    """Return what to look at: one file has all mistakes of the YAML, and the service of a camera is the camera."""
    if key.kind == "finding":
        return key.kind, ""
    if key.kind == "service" and key.id.startswith("camera."):
        return "camera", key.id.removeprefix("camera.")
    return key.kind, key.id or key.field


def is_ill(key: StateKey, value: StateValue) -> bool:
    """Whether this state means that Osmose itself is unwell: a camera that is away is not."""
    return (key.kind, key.field, value) == ("service", "phase", "parked") and not key.id.startswith("camera.")


class HealthService:
    """Watches all states; it runs as long as the program does."""

    def __init__(self, states: States) -> None:
        """Take the board to watch."""
        self._states = states
        self._needy: set[StateKey] = set()
        self._ill: set[StateKey] = set()

    async def main(self) -> None:
        """Run for ever."""
        self._states.set("osmose", "", version=__version__)
        self._needy.clear()
        self._ill.clear()
        with self._states.watch() as watch:
            self._take(self._states.values)
            try:
                while True:
                    self._take(await self._news(watch))
            finally:
                faulthandler.cancel_dump_traceback_later()

    def _take(self, changes: Mapping[StateKey, StateValue]) -> None:
        for key, value in changes.items():
            for keys, is_so in ((self._needy, needs_somebody), (self._ill, is_ill)):
                if value is not None and is_so(key, value):
                    keys.add(key)
                else:
                    keys.discard(key)
        self._states.set("osmose", "", needs_you=count(self._needy), health="impaired" if self._ill else "good")

    async def _news(self, watch: Watch) -> Mapping[StateKey, StateValue]:
        """Return what changed; nothing after a heartbeat without changes."""
        faulthandler.dump_traceback_later(_HANGING_S, exit=True)
        try:
            async with timeout(_HEARTBEAT_S):
                return await anext(watch)
        except TimeoutError:
            return {}
