"""The files that titles were found in, and what becomes of a title whose files go.

A title whose last file is missing leaves every list at once, but all that was made of it is kept for a day: a disk that
was not mounted gives it back for nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.model.media import TitlePhase
from osmose_addon.stores.catalog import index, watching
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.kept import KeptTitles
from osmose_addon.stores.catalog.rows import GONE, NAMED, name_of
from osmose_addon.stores.catalog.tables import files, inits, titles

_AT_ONCE = 100
"""So many files change in one transaction: others who write wait for no more than that."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that the catalog has seen: its size and change time then, the title it holds, and whether it is missing.

    `gone_unix_s` is when it was missed first, 0 while it is there. `beside` is a short text that changes with what lies
    beside the file and belongs to it: subtitles, an NFO, a picture.
    """

    size_bytes: int
    changed_ns: int
    title_id: str
    gone_unix_s: float = 0.0
    beside: str = ""


class Named(NamedTuple):
    """A title, as far as people need to be told of it."""

    id: str
    name: str


class Files:
    """All files of all libraries."""

    def __init__(self, database: Database, kept: KeptTitles) -> None:
        """Keep files in `database`; titles that change with them leave `kept`."""
        self._database = database
        self._kept = kept

    async def known(self, library_id: str) -> dict[bytes, KnownFile]:
        """Return the files of a library that were seen, by path."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(sa.select(files).where(files.c.library_id == library_id))).all()
        return {bytes(row.path): _known(row) for row in rows}

    async def get(self, library_id: str, path: bytes) -> KnownFile | None:
        """Return what is known of one file."""
        question = sa.select(files).where(files.c.library_id == library_id, files.c.path == path)
        async with self._database.reading() as connection:
            row = (await connection.execute(question)).first()
        return None if row is None else _known(row)

    async def note(self, library_id: str, path: bytes, file: KnownFile) -> None:
        """Remember a file of a title that is there already."""
        async with self._database.transaction() as connection:
            await save_file(connection, library_id, path, file)

    async def miss(self, library_id: str, paths: Iterable[bytes], at_unix_s: float) -> tuple[Named, ...]:
        """Note that files are missing; return the titles that cannot be played any more.

        A title with another file left is found there from now on. One that failed is forgotten: nothing was made of it.
        """
        left: list[Named] = []
        for batch in _batches(paths):
            these = sa.and_(files.c.library_id == library_id, files.c.path.in_(batch))
            async with self._database.transaction() as connection:
                left += await _forget(connection, sa.and_(these, files.c.title_id.in_(_FAILED)))
                await connection.execute(sa.update(files).where(these).values(gone_unix_s=at_unix_s))
                ids = await _ids(connection, these)
                await _move_on(connection, ids)
                left += await _put_away(connection, ids)
        self._kept.clear()
        return tuple(left)

    async def come_back(self, library_id: str, paths: Iterable[bytes]) -> tuple[Named, ...]:
        """Note that files which were missing are there as they were; return the titles that can be played again."""
        back: list[Named] = []
        for batch in _batches(paths):
            these = sa.and_(files.c.library_id == library_id, files.c.path.in_(batch))
            async with self._database.transaction() as connection:
                await connection.execute(sa.update(files).where(these).values(gone_unix_s=0.0))
                ids = await _ids(connection, these)
                await _move_on(connection, ids)
                change = sa.update(titles).where(titles.c.id.in_(ids), titles.c.reason == GONE)
                change = change.values(phase=TitlePhase.READY.value, reason="")
                back += _named(await connection.execute(change.returning(*NAMED)))
        self._kept.clear()
        return tuple(back)

    async def forget(self, library_id: str, paths: Iterable[bytes]) -> tuple[Named, ...]:
        """Forget files for good; return the titles that went with the last of theirs."""
        gone: list[Named] = []
        for batch in _batches(paths):
            async with self._database.transaction() as connection:
                gone += await _forget(connection, sa.and_(files.c.library_id == library_id, files.c.path.in_(batch)))
        self._kept.clear()
        return tuple(gone)


async def save_file(connection: AsyncConnection, library_id: str, path: bytes, file: KnownFile) -> None:
    """Keep the row of a file."""
    values = {"size_bytes": file.size_bytes, "changed_ns": file.changed_ns, "title_id": file.title_id}
    values |= {"library_id": library_id, "path": path, "gone_unix_s": file.gone_unix_s, "beside": file.beside}
    await connection.execute(sa.insert(files).prefix_with("OR REPLACE").values(**values))


async def stamp_files(connection: AsyncConnection, library_id: str, beside: Mapping[bytes, str]) -> None:
    """Note what lies beside files."""
    change = sa.update(files).where(files.c.library_id == library_id, files.c.path == sa.bindparam("at"))
    rows = [{"at": path, "told": stamp} for path, stamp in beside.items()]
    if rows:
        await connection.execute(change.values(beside=sa.bindparam("told")), rows)


async def remove_titles(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Remove titles with their init segments and files, and all that is known of who watched them."""
    for table, column in ((titles, titles.c.id), (inits, inits.c.title_id), (files, files.c.title_id)):
        await connection.execute(sa.delete(table).where(column.in_(ids)))
    await index.forget(connection, ids)
    await watching.forget(connection, "title", ids)


_FAILED = sa.select(titles.c.id).where(titles.c.phase == TitlePhase.FAILED.value)


def _known(row: sa.Row[Any]) -> KnownFile:
    return KnownFile(row.size_bytes, row.changed_ns, row.title_id, row.gone_unix_s, row.beside)


def _batches(paths: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(paths)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch


def _named(found: sa.CursorResult[Any]) -> list[Named]:
    return [Named(row.id, name_of(row)) for row in found.all()]


async def _ids(connection: AsyncConnection, these: sa.ColumnElement[bool]) -> list[str]:
    return list((await connection.execute(sa.select(files.c.title_id).where(these).distinct())).scalars())


def _there() -> sa.Select[Any]:
    """Select the files of a title that are there, for use within a question about titles."""
    mine = sa.select(files.c.path, files.c.library_id).where(files.c.title_id == titles.c.id, files.c.gone_unix_s == 0)
    return mine.order_by(files.c.path).correlate(titles)


async def _move_on(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Find titles that have a file left there, and forget those of their files that are missing."""
    there = _there()
    lost = sa.update(titles).where(
        titles.c.id.in_(ids),
        there.exists(),
        titles.c.path.not_in(there.with_only_columns(files.c.path).order_by(None)),
    )
    path, library_id = (there.with_only_columns(column).limit(1) for column in (files.c.path, files.c.library_id))
    lost = lost.values(path=path.scalar_subquery(), library_id=library_id.scalar_subquery())
    moved = (await connection.execute(lost.returning(titles.c.id, titles.c.path))).all()
    # What it is called where it lies now, the next look tells: it finds that nothing is known of what lies beside it.
    forgotten = sa.update(files).where(files.c.title_id.in_([row.id for row in moved])).values(beside="")
    await connection.execute(forgotten)
    await index.index_files(connection, ((row.id, bytes(row.path)) for row in moved))
    other = files.alias()
    has_other = sa.exists().where(other.c.title_id == files.c.title_id, other.c.gone_unix_s == 0)
    await connection.execute(
        sa.delete(files).where(files.c.title_id.in_(ids), files.c.gone_unix_s > 0, has_other),
    )


async def _put_away(connection: AsyncConnection, ids: Sequence[str]) -> list[Named]:
    """Let titles without any file that is there leave the lists; return those that were on them."""
    change = sa.update(titles).where(titles.c.id.in_(ids), titles.c.reason != GONE, sa.not_(_there().exists()))
    change = change.values(phase=TitlePhase.AWAY.value, reason=GONE)
    return _named(await connection.execute(change.returning(*NAMED)))


async def _forget(connection: AsyncConnection, these: sa.ColumnElement[bool]) -> list[Named]:
    """Forget some files; return the titles that went with the last of theirs."""
    ids = await _ids(connection, these)
    await connection.execute(sa.delete(files).where(these))
    await _move_on(connection, ids)
    has_file = sa.exists().where(files.c.title_id == titles.c.id)
    question = sa.select(*NAMED).where(titles.c.id.in_(ids), sa.not_(has_file))
    gone = _named(await connection.execute(question))
    await remove_titles(connection, [title.id for title in gone])
    return gone
