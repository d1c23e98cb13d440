"""The journal: a short numbered list of what happened, which readers follow by cursor."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa

from osmose_addon.model.errors import Field
from osmose_addon.model.journal import Entry, Event
from osmose_addon.runtime.clock import Clock
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.tables import journal

_MOST_ENTRIES = 5000
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
    """The journal of one catalog; bounded, its numbers grow for ever."""

    def __init__(self, database: Database, clock: Clock, most_entries: int = _MOST_ENTRIES) -> None:
        """Keep about `most_entries` in `database`, stamped by `clock`."""
        self._most_entries = most_entries
        self._database = database
        self._clock = clock
        self._followers: set[Follower] = set()

    async def write(self, event: Event, kind: str, id_: str, by: str = "", **fields: Field) -> Entry:
        """Add an entry and tell followers. Fields never hold a secret."""
        at_unix_s = self._clock.unix_s()
        values = {"at_unix_s": at_unix_s, "event": event.value, "kind": kind, "id": id_, "by": by}
        async with self._database.transaction() as connection:
            add = sa.insert(journal).values(fields=msgspec.msgpack.encode(fields), **values).returning(journal.c.number)
            number = (await connection.execute(add)).scalar_one()
            if number % _SPARE == 0:
                await connection.execute(sa.delete(journal).where(journal.c.number <= number - self._most_entries))
        entry = Entry(number, at_unix_s, event, kind, id_, fields, by)
        for follower in self._followers:
            follower.tell(entry)
        return entry

    async def since(self, number: int, limit: int = 100) -> tuple[Entry, ...]:
        """Return the entries after `number`, oldest first, at most `limit`."""
        return await self._read(
            sa.select(journal).where(journal.c.number > number).order_by(journal.c.number).limit(limit),
        )

    async def latest(self, limit: int = 100) -> tuple[Entry, ...]:
        """Return the newest entries, newest first."""
        return await self._read(sa.select(journal).order_by(journal.c.number.desc()).limit(limit))

    @contextmanager
    def follow(self) -> Iterator[Follower]:
        """Follow new entries while the block lasts."""
        follower = Follower(asyncio.Queue(_LONGEST_QUEUE))
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def _read(self, question: sa.Select[Any]) -> tuple[Entry, ...]:
        async with self._database.transaction() as connection:
            rows = (await connection.execute(question)).all()
        return tuple(_entry(row) for row in rows)


def _entry(row: sa.Row[Any]) -> Entry:
    fields = msgspec.msgpack.decode(row.fields, type=dict[str, Field])
    return Entry(row.number, row.at_unix_s, Event(row.event), row.kind, row.id, fields, row.by)
