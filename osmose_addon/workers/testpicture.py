"""The built-in moving picture."""

from collections.abc import Iterator

from osmose_addon.runtime.clock import Clock
from osmose_addon.workers.source import Facts, Unit


class TestPicture:
    """A camera that is always there."""

    def __init__(self, clock: Clock) -> None:
        """Begin."""
        self._clock = clock

    @property
    def facts(self) -> Facts:
        """What it sends."""
        raise NotImplementedError

    def units(self) -> Iterator[Unit]:
        """Yield pictures in real time."""
        raise NotImplementedError
