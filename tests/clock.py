"""A clock that tests own."""

import asyncio

from osmose_addon.runtime.clock import Clock


class ManualClock(Clock):
    """Stands still until `advance`; what waits on it wakes when its time has come."""

    def __init__(self) -> None:
        """Begin on a fixed day."""
        self._now_s = 1_800_000_000.0
        self._alarms: list[tuple[float, asyncio.Event]] = []
        self.waits_s: list[float] = []

    def unix_s(self) -> float:
        """Return the time that the test set."""
        return self._now_s

    def monotonic_s(self) -> float:
        """Return the same time."""
        return self._now_s

    async def wait(self, event: asyncio.Event, longest_s: float) -> bool:
        """Wait for the event or for the test to pass the time; note how long was asked for."""
        self.waits_s.append(longest_s)
        alarm = (self._now_s + longest_s, event)
        self._alarms.append(alarm)
        await event.wait()
        return event.is_set()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_s += seconds
        due = [alarm for alarm in self._alarms if alarm[0] <= self._now_s]
        for alarm in due:
            self._alarms.remove(alarm)
            alarm[1].set()
