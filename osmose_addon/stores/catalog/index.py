"""What each title can be found by, kept true in the transaction that changes the title.

The rows of `searched` hold plain words (see `formats/words`); triggers carry them into a full-text index.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import PurePath

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.formats.words import key_of, plain, searchable
from osmose_addon.model.media import Title
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.rows import LIGHT, lights
from osmose_addon.stores.catalog.tables import searched, titles

_AT_ONCE = 500
_LONGEST_PLOT = 4000
_MOST_PEOPLE = 60


async def index(connection: AsyncConnection, found: Iterable[Title]) -> None:
    """Have these titles found by what is known of them now."""
    rows = [_row(title) for title in found]
    if not rows:
        return
    change = insert(searched)
    fresh = {name: change.excluded[name] for name in rows[0] if name != "title_id"}
    is_other = sa.or_(*(searched.c[name] != column for name, column in fresh.items()))
    await connection.execute(
        change.on_conflict_do_update(index_elements=[searched.c.title_id], set_=fresh, where=is_other), rows
    )


async def index_files(connection: AsyncConnection, moved: Iterable[tuple[str, bytes]]) -> None:
    """Have titles (id and new path) found by the file they lie in now."""
    for id_, path in moved:
        change = sa.update(searched).where(searched.c.title_id == id_)
        await connection.execute(change.values(file=plain(file_name(path))))


async def forget(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Have titles found no more."""
    await connection.execute(sa.delete(searched).where(searched.c.title_id.in_(ids)))


async def index_missing(database: Database) -> int:
    """Index titles that an earlier version kept without; return how many. Raises: StoreError."""
    known = sa.exists().where(searched.c.title_id == titles.c.id)
    question = sa.select(*LIGHT).where(sa.not_(known)).limit(_AT_ONCE)
    count = 0
    while True:
        async with database.transaction() as connection:
            rows = (await connection.execute(question)).all()
            await index(connection, await in_thread(lights, list(rows)))
        count += len(rows)
        if len(rows) < _AT_ONCE:
            return count


def file_name(path: bytes) -> str:
    """Return the name of a file without its folders; bytes that are no UTF-8 become question marks."""
    return PurePath(os.fsdecode(path)).name.encode("utf-8", "replace").decode()


def _row(title: Title) -> dict[str, str]:
    told = title.description
    return {
        "title_id": title.id,
        "kind": told.kind.value,
        "key": "\n".join(key_of(name) for name in (title.name, told.show, told.original_name)),
        "name": searchable(title.name),
        "show": searchable(told.show),
        "original_name": searchable(told.original_name),
        "people": searchable(" ".join(person.name for person in told.people[:_MOST_PEOPLE])),
        "genres": searchable(" ".join(told.genres)),
        "file": plain(file_name(title.path)),
        "year": plain(f"{title.year or ''} {told.taken_on}"),
        "plot": plain(told.plot[:_LONGEST_PLOT]),
    }
