"""The journal: a short numbered list of what happened, which readers follow by cursor."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa

from osmose_addon.model.errors import Field, StoreError
from osmose_addon.model.journal import Entry, Event
from osmose_addon.runtime.clock import Clock
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.tables import journal

_LOG = logging.getLogger(__name__)
_MOST_ENTRIES = 5000
_MOST_WAITING = 200
_SPARE = 20
_LONGEST_QUEUE = 1000


class Follower:
    """Iterate over it for new entries. One that sleeps too long misses the oldest: read those by `Journal.since`."""

    def __init__(self, queue: asyncio.Queue[Entry]) -> None:
        """Read from a queue."""
        self._queue = queue

    def tell(self, entry: Entry) -> None:
        """Add an entry, in place of the oldest if nobody reads."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(entry)

    def __aiter__(self) -> AsyncIterator[Entry]:
        """Read entries."""
        return self

    async def __anext__(self) -> Entry:
        """Return the next entry; wait for one if there is none."""
        return await self._queue.get()


class Journal:
    """The journal of one catalog; bounded, its numbers grow for ever.

    While the disk takes nothing, entries wait in memory and are written once it does: no service fails for a note.
    """

    def __init__(self, database: Database, clock: Clock, most_entries: int = _MOST_ENTRIES) -> None:
        """Keep about `most_entries` in `database`, stamped by `clock`."""
        self._most_entries = most_entries
        self._database = database
        self._clock = clock
        self._followers: set[Follower] = set()
        self._last = 0
        self._waiting: deque[Entry] = deque(maxlen=_MOST_WAITING)
        self._is_lost = False

    async def load(self) -> None:
        """Go on after the last entry of an earlier run. Raises: StoreError."""
        async with self._database.reading() as connection:
            self._last = (await connection.execute(sa.select(sa.func.max(journal.c.number)))).scalar() or 0

    async def write(self, event: Event, kind: str, id_: str, by: str = "", **fields: Field) -> Entry:
        """Add an entry and tell followers; it never fails. Fields never hold a secret."""
        self._last += 1
        entry = Entry(self._last, self._clock.unix_s(), event, kind, id_, fields, by)
        self._waiting.append(entry)
        await self._keep()
        for follower in self._followers:
            follower.tell(entry)
        return entry

    async def since(self, number: int, limit: int = 100) -> tuple[Entry, ...]:
        """Return the entries after `number`, oldest first, at most `limit`. Raises: StoreError."""
        question = sa.select(journal).where(journal.c.number > number).order_by(journal.c.number)
        found = await self._read(question.limit(limit))
        return tuple(found[at] for at in sorted(found) if at > number)[:limit]

    async def latest(self, limit: int = 100) -> tuple[Entry, ...]:
        """Return the newest entries, newest first. Raises: StoreError."""
        found = await self._read(sa.select(journal).order_by(journal.c.number.desc()).limit(limit))
        return tuple(found[at] for at in sorted(found, reverse=True))[:limit]

    @contextmanager
    def follow(self) -> Iterator[Follower]:
        """Follow new entries while the block lasts."""
        follower = Follower(asyncio.Queue(_LONGEST_QUEUE))
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def _read(self, question: sa.Select[Any]) -> dict[int, Entry]:
        """Return what a question finds, and all that waits, by number."""
        if self._waiting:
            await self._keep()
        waiting = {entry.number: entry for entry in self._waiting}
        async with self._database.reading() as connection:
            rows = (await connection.execute(question)).all()
        return waiting | {row.number: _entry(row) for row in rows}

    async def _keep(self) -> None:
        """Write what waits, if the disk takes it."""
        entries = tuple(self._waiting)
        try:
            await self._insert(entries)
        except StoreError as error:
            if not self._is_lost:
                _LOG.warning("the journal cannot be written, its entries wait in memory: %s", error)
            self._is_lost = True
            return
        if self._is_lost:
            _LOG.info("the journal is written again")
        self._is_lost = False
        for entry in entries:
            if entry in self._waiting:
                self._waiting.remove(entry)

    async def _insert(self, entries: Sequence[Entry]) -> None:
        async with self._database.transaction() as connection:
            for entry in entries:
                await connection.execute(sa.insert(journal).prefix_with("OR REPLACE").values(**_row(entry)))
                if entry.number % _SPARE == 0:
                    old = journal.c.number <= entry.number - self._most_entries
                    await connection.execute(sa.delete(journal).where(old))


def _row(entry: Entry) -> dict[str, object]:
    values = {"number": entry.number, "at_unix_s": entry.at_unix_s, "event": entry.event.value}
    return values | {
        "kind": entry.kind,
        "id": entry.id,
        "by": entry.by,
        "fields": msgspec.msgpack.encode(entry.fields),
    }


def _entry(row: sa.Row[Any]) -> Entry:
    fields = msgspec.msgpack.decode(row.fields, type=dict[str, Field])
    return Entry(row.number, row.at_unix_s, Event(row.event), row.kind, row.id, fields, row.by)
