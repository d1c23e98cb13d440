"""The one place that knows the time, so that tests can own it."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Real time. Durations come from `monotonic_s`, which no clock change touches; `unix_s` is for people."""

    def unix_s(self) -> float:
        """Return the wall-clock time, in seconds since 1970."""
        return time.time()  # noqa: TID251 - this is the one place

    def monotonic_s(self) -> float:
        """Return a time in seconds that never goes back."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, longest_s: float) -> bool:
        """Wait until `event` is set, `longest_s` at most; return whether it was set."""
        try:
            async with asyncio.timeout(longest_s):
                await event.wait()
        except TimeoutError:
            return False
        return True


def iso(unix_s: float) -> str:
    """Return a wall-clock time in ISO 8601, UTC, whole seconds: the form Home Assistant takes for time stamps."""
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="seconds")
