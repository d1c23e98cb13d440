"""Tells `osmose/health` and `osmose/needs_you`, and ends a program whose loop hangs."""

import faulthandler
from asyncio import timeout

from osmose_addon import __version__
from osmose_addon.model.states import StateKey, StateValue
from osmose_addon.stores.states import States, Watch

_HEARTBEAT_S = 2.0
_HANGING_S = 10.0
"""A loop that turns no more for so long dumps all stacks and exits; s6 or Home Assistant start it anew."""

_NEEDY = {
    ("camera", "phase"): frozenset({"lost", "frozen", "refused", "unusable"}),
    ("title", "phase"): frozenset({"failed"}),
    ("library", "phase"): frozenset({"away"}),
    ("service", "phase"): frozenset({"parked"}),
}


def needs_somebody(key: StateKey, value: StateValue) -> bool:
    """Whether this state is something that a person should look at."""
    return key.kind == "finding" or value in _NEEDY.get((key.kind, key.field), frozenset())


def is_ill(key: StateKey, value: StateValue) -> bool:
    """Whether this state means that Osmose itself is unwell: a camera that is away is not."""
    return (key.kind, key.field, value) == ("service", "phase", "parked") and not key.id.startswith("camera.")


class HealthService:
    """Watches all states; it runs as long as the program does."""

    def __init__(self, states: States) -> None:
        """Take the board to watch."""
        self._states = states

    async def main(self) -> None:
        """Run for ever."""
        with self._states.watch() as watch:
            try:
                while True:
                    self._tell()
                    await self._rest(watch)
            finally:
                faulthandler.cancel_dump_traceback_later()

    def _tell(self) -> None:
        values = self._states.values.items()
        self._states.set(
            "osmose",
            "",
            version=__version__,
            needs_you=sum(needs_somebody(key, value) for key, value in values),
            health="impaired" if any(is_ill(key, value) for key, value in values) else "good",
        )

    async def _rest(self, watch: Watch) -> None:
        """Wait for changes, no longer than a heartbeat."""
        faulthandler.dump_traceback_later(_HANGING_S, exit=True)
        try:
            async with timeout(_HEARTBEAT_S):
                await anext(watch)
        except TimeoutError:
            return
