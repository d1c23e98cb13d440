"""A database in memory, for a disk that is full or may not be written: it holds what the file still tells."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import sqlalchemy as sa

from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog import db

_LOG = logging.getLogger(__name__)
_LARGEST_BYTES = 256 << 20
"""A larger file is not copied: the machine needs its memory for other things."""


@asynccontextmanager
async def opened(path: Path, kind: db.Kind, tables: sa.MetaData) -> AsyncIterator[db.Database]:
    """Open a database in memory while the block lasts, with the rows that can be read of the file at `path`."""
    uri = f"file:/osmose-{uuid4().hex}?vfs=memdb"
    with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as anchor:  # it lasts as long as this is open
        async with db.at(f"{uri}&uri=true", kind) as database:
            rows = await in_thread(_copy, path, anchor, kind, tables)
            _LOG.info("%s rows of %s are held in memory", rows, path.name)
            yield database


def _copy(path: Path, into: sqlite3.Connection, kind: db.Kind, tables: sa.MetaData) -> int:
    """Copy what can be read; return how many rows. Runs in a thread."""
    for how in ("mode=rw", "mode=ro&immutable=1"):
        copied = _copy_by(how, path, into, kind, tables)
        if copied:
            return copied
    return 0


def _copy_by(how: str, path: Path, into: sqlite3.Connection, kind: db.Kind, tables: sa.MetaData) -> int:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return 0
        with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)) as source:
            source.execute("PRAGMA locking_mode=EXCLUSIVE")  # else write-ahead logging needs a new file beside it
            if source.execute("SELECT version_num FROM alembic_version").fetchall() != [(kind.head,)]:
                return 0
            return sum(_copy_table(source, into, table) for table in tables.sorted_tables)
    except (OSError, sqlite3.Error):
        return 0


def _copy_table(source: sqlite3.Connection, into: sqlite3.Connection, table: sa.Table) -> int:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    marks = ", ".join("?" for _column in table.c)
    rows = source.execute(f'SELECT {names} FROM "{table.name}"')  # noqa: S608 - names are our own
    with into:
        added = into.executemany(f'INSERT OR REPLACE INTO "{table.name}" ({names}) VALUES ({marks})', _sound(rows))  # noqa: S608 - as above
    return added.rowcount


def _sound(rows: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    """Yield rows up to the first that cannot be read."""
    try:
        yield from rows
    except sqlite3.Error:
        return
