"""Making room: at the quota and on a full disk, cells that were not watched for the longest time go."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from osmose_addon.services.jobs.hands import Hands
from osmose_addon.services.jobs.room import Room
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)
_PAUSE_S = 15.0
"""Where nothing may go now, something may later: somebody stops watching, or a title is deleted."""

Tell = Callable[[str], Awaitable[object]]


class Clearing:
    """Deletes cells so that others find room; never those of what is watched, and nothing outside the cache."""

    def __init__(self, shelves: Shelves, room: Room, hands: Hands, ahead: tuple[str, ...]) -> None:
        """Spare what the libraries named by `ahead` hold for as long as anything else is left."""
        self._shelves = shelves
        self._room = room
        self._hands = hands
        self._ahead = ahead
        self._is_asked = asyncio.Event()
        self._others_came = asyncio.Event()
        self._for: set[str] = set()
        self._is_vain = False

    def ask(self) -> None:
        """Have room made, where it is wanted; at once for who has just come."""
        if not self._is_wanted():
            self._is_vain = False
            return
        self._is_asked.set()
        if not self._watched() <= self._for:
            self._others_came.set()

    @property
    def reason(self) -> str:
        """Why nothing can be made ahead and nothing can be done about it: `disk_full`, `quota`, or nothing."""
        return self._room.reason if self._is_vain else ""

    @property
    def hindrance(self) -> str:
        """Why not even those who wait can be served: `disk_full`, or nothing."""
        return "" if self._room.has_room_for_viewers or not self._is_vain else "disk_full"

    async def main(self, tell: Tell) -> None:
        """Run for ever; `tell` is called with each title that lost cells."""
        while True:
            await self._is_asked.wait()
            self._is_asked.clear()
            self._others_came.clear()
            self._for = self._watched()
            freed_bytes = await self._clear(tell)
            self._is_vain = freed_bytes < max(self._room.excess_bytes, 1)
            self._room.sub(freed_bytes)
            if freed_bytes:
                _LOG.info("deleted %s MB of cells, unused for longest, to make room", freed_bytes // 10**6)
            self._shelves.ledger.news.set()
            if self._is_vain:
                await self._shelves.clock.wait(self._others_came, _PAUSE_S)

    def _watched(self) -> set[str]:
        return {row.title_id for row in self._shelves.ledger.viewers()}

    def _is_wanted(self) -> bool:
        return bool(self._room.reason) or not self._room.has_room_for_viewers

    async def _clear(self, tell: Tell) -> int:
        """Delete what may go; for those who wait even what was made ahead, if that helps. Return how much it was."""
        busy = self._watched() | {hand.run.title_id for hand in self._hands}
        freed_bytes = await self._evict(self._room.excess_bytes, busy | await self._only_made_again(), tell)
        missing_bytes = self._room.missing_for_viewers_bytes - freed_bytes
        if missing_bytes > 0 and self._for:
            freed_bytes += await self._evict(missing_bytes, busy, tell, or_nothing=True)
        return freed_bytes

    async def _only_made_again(self) -> set[str]:
        """Return the titles whose cells would be made again as soon as they went."""
        names = self._shelves.catalog.titles.names
        ahead = {id_ for library in self._ahead for id_, _name, _phase in await names(library)}
        return ahead | set(self._shelves.ledger.prepared())

    async def _evict(self, size_bytes: int, spared: set[str], tell: Tell, *, or_nothing: bool = False) -> int:
        if size_bytes <= 0:
            return 0
        evicted = await self._shelves.cells.evict(size_bytes, spared, or_nothing=or_nothing)
        for title_id in evicted.title_ids:
            await tell(title_id)
        return evicted.size_bytes
