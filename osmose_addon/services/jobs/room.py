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
_COUNT_AT_QUOTA_S = 15.0
_COUNT_SHARE = 100
"""At the quota the cache is counted often, but not for more than this part of the time."""
_VIEWERS_SHARE = 10
"""Viewers may use the reserve down to this part of it."""
_FULL_PERCENT = 95
"""At the quota, room is made down to this part of it."""
_SLACK_PERCENT = 105
"""Where the reserve is used up, room is made up to so much of it."""
_REFUSED_S = 10.0
"""A disk that refused a write counts as full for so long, whatever it says: inodes or a quota may be used up."""
_LEAST_FREED_BYTES = 64_000_000


@dataclass(slots=True)
class _Seen:
    looked_s: float = float("-inf")
    counted_s: float = float("-inf")
    counting_s: float = 0.0
    refused_s: float = float("-inf")
    is_there: bool = False
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
            free_bytes = await in_thread(_free_bytes, self._cache)
            self._seen.is_there, self._seen.free_bytes = free_bytes is not None, free_bytes or 0
        if now_s - self._seen.counted_s >= self._count_every_s():
            self._seen.held_bytes = await self._cells.size_bytes()
            self._seen.counted_s = self._clock.monotonic_s()
            self._seen.counting_s = self._seen.counted_s - now_s

    def forget(self) -> None:
        """Look at the disk anew the next time."""
        self._seen.looked_s = float("-inf")

    def refuse(self) -> None:
        """Count the disk as full for a while: it refused a write."""
        self._seen.refused_s = self._clock.monotonic_s()
        self.forget()

    def add(self, size_bytes: int) -> None:
        """Count bytes that were just written."""
        self._seen.held_bytes += size_bytes
        self._seen.free_bytes = max(self._seen.free_bytes - size_bytes, 0)

    def sub(self, size_bytes: int) -> None:
        """Count bytes that were just deleted."""
        self._seen.held_bytes = max(self._seen.held_bytes - size_bytes, 0)
        if size_bytes:
            self._seen.refused_s = float("-inf")
        self.forget()

    @property
    def excess_bytes(self) -> int:
        """How much should go, so that quota and reserve are kept for a while; 0 where there is room."""
        return max(self._over_quota_bytes(), self._missing_bytes(self._storage.reserve_bytes))

    @property
    def missing_for_viewers_bytes(self) -> int:
        """How much must go, so that cells can be made for those who wait; 0 where there is room."""
        return self._missing_bytes(self._storage.reserve_bytes // _VIEWERS_SHARE)

    @property
    def reason(self) -> str:
        """Why nothing may be made ahead now: `disk_full`, `quota`, or nothing."""
        if self._is_refused() or self._seen.free_bytes < self._storage.reserve_bytes:
            return "disk_full"
        return "quota" if self._seen.held_bytes >= self._storage.quota_bytes else ""

    @property
    def has_room_for_viewers(self) -> bool:
        """Whether cells that somebody waits for may still be made."""
        least_bytes = self._storage.reserve_bytes // _VIEWERS_SHARE
        return not self._is_refused() and self._seen.free_bytes >= least_bytes

    def _over_quota_bytes(self) -> int:
        if self._seen.held_bytes < self._storage.quota_bytes:
            return 0
        return self._seen.held_bytes - self._storage.quota_bytes * _FULL_PERCENT // 100

    def _missing_bytes(self, least_bytes: int) -> int:
        """Return how much of a disk that is there is missing to so much room, and a little more."""
        if not self._seen.is_there:
            return 0
        missing_bytes = 0
        if self._seen.free_bytes < least_bytes:
            missing_bytes = least_bytes * _SLACK_PERCENT // 100 - self._seen.free_bytes
        return max(missing_bytes, _LEAST_FREED_BYTES) if self._is_refused() else missing_bytes

    def _is_refused(self) -> bool:
        return self._clock.monotonic_s() - self._seen.refused_s < _REFUSED_S

    def _count_every_s(self) -> float:
        """Return how often the cache is counted: at the quota, what somebody deletes shall be seen soon."""
        if self._seen.held_bytes < self._storage.quota_bytes:
            return _COUNT_EVERY_S
        return min(max(_COUNT_AT_QUOTA_S, self._seen.counting_s * _COUNT_SHARE), _COUNT_EVERY_S)


def _free_bytes(cache: Path) -> int | None:
    """Return how much is free, `None` where the disk is away or may not be written."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(cache).free
    except OSError:
        return None
