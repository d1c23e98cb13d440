"""Rows for chunks that are not done: wanted, leased or failed. What is filled needs no row, its bytes tell."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from osmose_addon.model.errors import StoreError
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.tables import chunks

_LOG = logging.getLogger(__name__)


class ChunkPhase(StrEnum):
    """Where a chunk stands."""

    WANTED = "wanted"
    LEASED = "leased"
    FAILED = "failed"


class Cause(StrEnum):
    """Who wants a chunk, most urgent first: a viewer, a person who had a title prepared, a library made ahead."""

    VIEWER = "viewer"
    PREPARE = "prepare"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of neighbouring cells. `rung_id` is empty for "every rung" in the row that has a title prepared."""

    title_id: str
    revision: str
    rung_id: str
    first_cell: int
    count: int
    phase: ChunkPhase
    cause: Cause
    attempts: int = 0
    reason: str = ""


class Chunks:
    """The rows of all chunks that are wanted, leased or failed."""

    def __init__(self, database: Database) -> None:
        """Keep rows in `database`."""
        self._database = database

    async def all(self) -> tuple[Chunk, ...]:
        """Return every row."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(sa.select(chunks))).all()
        return tuple(_chunk(row) for row in rows)

    async def save(self, chunk: Chunk) -> None:
        """Keep a row, in place of the one for the same first cell."""
        values = {field: getattr(chunk, field) for field in Chunk.__slots__}
        async with self._database.transaction() as connection:
            await connection.execute(sa.insert(chunks).prefix_with("OR REPLACE").values(**values))

    async def remove(self, chunk: Chunk) -> None:
        """Forget the row of a chunk."""
        async with self._database.transaction() as connection:
            await connection.execute(
                sa.delete(chunks).where(
                    chunks.c.title_id == chunk.title_id,
                    chunks.c.revision == chunk.revision,
                    chunks.c.rung_id == chunk.rung_id,
                    chunks.c.first_cell == chunk.first_cell,
                ),
            )

    async def release(self) -> None:
        """Make every leased chunk wanted again: whoever held it is gone."""
        change = sa.update(chunks).where(chunks.c.phase == ChunkPhase.LEASED.value)
        async with self._database.transaction() as connection:
            await connection.execute(change.values(phase=ChunkPhase.WANTED.value))


class LenientChunks:
    """The same rows for those who hold them in memory too: a disk that takes none is told of once, and fails nobody."""

    def __init__(self, chunks_: Chunks) -> None:
        """Keep rows there, as long as that can be done."""
        self._chunks = chunks_
        self._is_lost = False

    async def all(self) -> tuple[Chunk, ...]:
        """Return every row, none if they cannot be read."""
        try:
            return await self._chunks.all()
        except StoreError as error:
            self._note(error)
            return ()

    async def save(self, chunk: Chunk) -> None:
        """Keep a row, if that can be done."""
        await self._try(self._chunks.save(chunk))

    async def remove(self, chunk: Chunk) -> None:
        """Forget a row, if that can be done; one that stays is done again after a restart."""
        await self._try(self._chunks.remove(chunk))

    async def _try(self, change: Awaitable[None]) -> None:
        problem = None
        try:
            await change
        except StoreError as error:
            problem = error
        self._note(problem)

    def _note(self, problem: StoreError | None) -> None:
        if problem is not None and not self._is_lost:
            _LOG.warning("what jobs are about cannot be written down: %s", problem)
        if problem is None and self._is_lost:
            _LOG.info("what jobs are about is written down again")
        self._is_lost = problem is not None


def _chunk(row: sa.Row[Any]) -> Chunk:
    return Chunk(
        row.title_id,
        row.revision,
        row.rung_id,
        row.first_cell,
        row._mapping[chunks.c.count],  # noqa: SLF001 - public despite its name; `row.count` is the tuple's method
        ChunkPhase(row.phase),
        Cause(row.cause),
        row.attempts,
        row.reason,
    )
