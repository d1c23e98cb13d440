"""Whether the disk has room for more cells."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from osmose_addon.model.config import StorageConfig
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.segments.cells import CellStore

_LOOK_EVERY_S = 10.0
_COUNT_EVERY_S = 600.0
_VIEWERS_SHARE = 10
"""Viewers may use the reserve down to this part of it."""
_FULL_PERCENT = 95
"""At the quota, room is made down to this part of it."""


@dataclass(slots=True)
class _Seen:
    looked_s: float = float("-inf")
    counted_s: float = float("-inf")
    free_bytes: int = 0
    held_bytes: int = 0


class Room:
    """Knows how much is free and how much the cache holds, without looking too often."""

    def __init__(self, cache: Path, cells: CellStore, storage: StorageConfig, clock: Clock) -> None:
        """Watch the disk of `cache`."""
        self._cache = cache
        self._cells = cells
        self._storage = storage
        self._clock = clock
        self._seen = _Seen()

    async def look(self) -> None:
        """Look again if the last look is old: the disk every few seconds, the whole cache every few minutes."""
        now_s = self._clock.monotonic_s()
        if now_s - self._seen.looked_s >= _LOOK_EVERY_S:
            self._seen.looked_s = now_s
            self._seen.free_bytes = await in_thread(_free_bytes, self._cache)
        if now_s - self._seen.counted_s >= _COUNT_EVERY_S:
            self._seen.counted_s = now_s
            self._seen.held_bytes = await self._cells.size_bytes()

    def forget(self) -> None:
        """Look at the disk anew the next time: it refused a write."""
        self._seen.looked_s = float("-inf")

    def add(self, size_bytes: int) -> None:
        """Count bytes that were just written."""
        self._seen.held_bytes += size_bytes

    def sub(self, size_bytes: int) -> None:
        """Count bytes that were just deleted."""
        self._seen.held_bytes = max(self._seen.held_bytes - size_bytes, 0)
        self.forget()

    @property
    def excess_bytes(self) -> int:
        """How much should go, so that there is room for a while; 0 below the quota."""
        if self._seen.held_bytes < self._storage.quota_bytes:
            return 0
        return self._seen.held_bytes - self._storage.quota_bytes * _FULL_PERCENT // 100

    @property
    def reason(self) -> str:
        """Why nothing may be made ahead now: `disk_full`, `quota`, or nothing."""
        if self._seen.free_bytes < self._storage.reserve_bytes:
            return "disk_full"
        return "quota" if self._seen.held_bytes >= self._storage.quota_bytes else ""

    @property
    def has_room_for_viewers(self) -> bool:
        """Whether cells that somebody waits for may still be made."""
        return self._seen.free_bytes >= self._storage.reserve_bytes // _VIEWERS_SHARE


def _free_bytes(cache: Path) -> int:
    """Return how much is free, nothing where the disk is away or may not be written."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(cache).free
    except OSError:
        return 0
