"""Titles, the files they were found in, and the init segments of their rungs."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.formats.names import sort_name
from osmose_addon.model.media import Grid, KeyFrames, MediaFacts, Title, TitlePhase
from osmose_addon.model.reports import InitMade
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.tables import files, inits, titles

_KEPT_TITLES = 16
_LIGHT = [column for column in titles.c if column.name not in {"key_frames", "grid"}]


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that the catalog has seen: its size and change time then, and the title it holds."""

    size_bytes: int
    changed_ns: int
    title_id: str


class Titles:
    """All titles. A title may lie in several files (copies); `Title.path` names one of them."""

    def __init__(self, database: Database) -> None:
        """Keep titles in `database`."""
        self._database = database
        self._kept: OrderedDict[str, Title] = OrderedDict()

    async def list(self, library_id: str | None = None) -> tuple[Title, ...]:
        """Return titles sorted by name, light ones: without grid and key frames, which `get` has."""
        question = sa.select(*_LIGHT)
        if library_id is not None:
            question = question.where(titles.c.library_id == library_id)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(question)).all()
        return tuple(sorted((_title(row) for row in rows), key=lambda title: (sort_name(title.name), title.id)))

    async def get(self, id_: str) -> Title | None:
        """Return a whole title, or `None`. The last few are kept in memory."""
        kept = self._kept.get(id_)
        if kept is not None:
            self._kept.move_to_end(id_)
            return kept
        async with self._database.transaction() as connection:
            row = (await connection.execute(sa.select(titles).where(titles.c.id == id_))).first()
        if row is None:
            return None
        self._kept[id_] = whole = _whole(row)
        while len(self._kept) > _KEPT_TITLES:
            self._kept.popitem(last=False)
        return whole

    async def save(self, title: Title, made: Iterable[InitMade] | None = None, file: KnownFile | None = None) -> None:
        """Keep a title, and in the same transaction its init segments and the file it was found in, where given."""
        async with self._database.transaction() as connection:
            await connection.execute(sa.insert(titles).prefix_with("OR REPLACE").values(**_row(title)))
            if made is not None:
                await _replace_inits(connection, title, made)
            if file is not None:
                await _save_file(connection, title.library_id, title.path, file)
        self._kept.pop(title.id, None)

    async def remove(self, id_: str) -> None:
        """Forget a title, its init segments and its files."""
        async with self._database.transaction() as connection:
            await _remove(connection, id_)
        self._kept.pop(id_, None)

    async def init(self, title_id: str, rung_id: str) -> bytes | None:
        """Return the init segment of a rung of the title's grid, or `None`."""
        question = (
            sa.select(inits.c.body)
            .join(titles, sa.and_(titles.c.id == inits.c.title_id, titles.c.revision == inits.c.revision))
            .where(inits.c.title_id == title_id, inits.c.rung_id == rung_id)
        )
        async with self._database.transaction() as connection:
            body = (await connection.execute(question)).scalar()
        return None if body is None else bytes(body)

    async def revisions(self) -> dict[str, str]:
        """Return the revision of each title's grid, empty where it has none."""
        async with self._database.transaction() as connection:
            rows = (await connection.execute(sa.select(titles.c.id, titles.c.revision))).all()
        return {row.id: row.revision for row in rows}

    async def ready(self, library_ids: Iterable[str]) -> dict[str, str]:
        """Return the revision of each title of these libraries that can be played, first added first."""
        question = sa.select(titles.c.id, titles.c.revision).where(
            titles.c.library_id.in_(tuple(library_ids)),
            titles.c.phase == TitlePhase.READY.value,
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(question.order_by(titles.c.added_unix_s))).all()
        return {row.id: row.revision for row in rows}

    async def turn(self, library_id: str, phase: TitlePhase, *, back: TitlePhase) -> None:
        """Put all titles of a library that are in phase `back` into `phase` (away, or ready again)."""
        change = sa.update(titles).where(titles.c.library_id == library_id, titles.c.phase == back.value)
        async with self._database.transaction() as connection:
            await connection.execute(change.values(phase=phase.value))
        self._kept.clear()

    async def library_ids(self) -> tuple[str, ...]:
        """Return the ids of all libraries that titles come from, known to the configuration or not."""
        async with self._database.transaction() as connection:
            return tuple((await connection.execute(sa.select(titles.c.library_id).distinct())).scalars())

    async def count(self, library_id: str) -> tuple[int, int]:
        """Return how many titles of a library there are that did not fail, and how many that did."""
        question = sa.select(titles.c.phase, sa.func.count()).where(titles.c.library_id == library_id)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(question.group_by(titles.c.phase))).all()
        counts = {str(phase): int(number) for phase, number in rows}
        failed = counts.pop(TitlePhase.FAILED.value, 0)
        return sum(counts.values()), failed

    async def known(self, library_id: str) -> dict[bytes, KnownFile]:
        """Return the files of a library that were seen, by path."""
        async with self._database.transaction() as connection:
            rows = (await connection.execute(sa.select(files).where(files.c.library_id == library_id))).all()
        return {bytes(row.path): KnownFile(row.size_bytes, row.changed_ns, row.title_id) for row in rows}

    async def note_file(self, library_id: str, path: bytes, file: KnownFile) -> None:
        """Remember a file of a title that is there already."""
        async with self._database.transaction() as connection:
            await _save_file(connection, library_id, path, file)

    async def forget_files(self, library_id: str, paths: Iterable[bytes]) -> tuple[Title, ...]:
        """Forget files that are gone; return the titles that went with the last of theirs.

        A title with another file left stays, and is found there from now on.
        """
        gone = []
        async with self._database.transaction() as connection:
            for path in paths:
                row = await _forget_file(connection, library_id, path)
                if row is not None:
                    gone.append(_title(row))
        self._kept.clear()
        return tuple(gone)


async def _save_file(connection: AsyncConnection, library_id: str, path: bytes, file: KnownFile) -> None:
    values = {"size_bytes": file.size_bytes, "changed_ns": file.changed_ns, "title_id": file.title_id}
    await connection.execute(
        sa.insert(files).prefix_with("OR REPLACE").values(library_id=library_id, path=path, **values),
    )


async def _forget_file(connection: AsyncConnection, library_id: str, path: bytes) -> sa.Row[Any] | None:
    """Forget one file; return its title's row if that is gone now."""
    this = sa.and_(files.c.library_id == library_id, files.c.path == path)
    title_id = (await connection.execute(sa.select(files.c.title_id).where(this))).scalar()
    await connection.execute(sa.delete(files).where(this))
    other = (await connection.execute(sa.select(files).where(files.c.title_id == title_id))).first()
    if other is not None:
        moved = sa.update(titles).where(titles.c.id == title_id, titles.c.path == path)
        await connection.execute(moved.values(path=other.path, library_id=other.library_id))
        return None
    row = (await connection.execute(sa.select(*_LIGHT).where(titles.c.id == title_id))).first()
    if row is not None:
        await _remove(connection, row.id)
    return row


async def _remove(connection: AsyncConnection, id_: str) -> None:
    for table, column in ((titles, titles.c.id), (inits, inits.c.title_id), (files, files.c.title_id)):
        await connection.execute(sa.delete(table).where(column == id_))


async def _replace_inits(connection: AsyncConnection, title: Title, made: Iterable[InitMade]) -> None:
    await connection.execute(sa.delete(inits).where(inits.c.title_id == title.id))
    revision = title.grid.revision if title.grid else ""
    for init in made:
        values = {"rung_id": init.rung_id, "codecs": init.codecs, "body": init.body}
        await connection.execute(sa.insert(inits).values(title_id=title.id, revision=revision, **values))


def _row(title: Title) -> dict[str, object]:
    facts, grid = title.facts, title.grid
    return {
        "id": title.id,
        "library_id": title.library_id,
        "name": title.name,
        "path": title.path,
        "phase": title.phase.value,
        "year": title.year,
        "added_unix_s": title.added_unix_s,
        "reason": title.reason,
        "facts": None if facts is None else msgspec.msgpack.encode(replace(facts, key_frames=KeyFrames())),
        "key_frames": None if facts is None else msgspec.msgpack.encode(facts.key_frames),
        "revision": "" if grid is None else grid.revision,
        "grid": None if grid is None else msgspec.msgpack.encode(grid),
    }


def _title(row: sa.Row[Any]) -> Title:
    return Title(
        id=row.id,
        library_id=row.library_id,
        name=row.name,
        path=bytes(row.path),
        phase=TitlePhase(row.phase),
        year=row.year,
        added_unix_s=row.added_unix_s,
        reason=row.reason,
        facts=None if row.facts is None else msgspec.msgpack.decode(row.facts, type=MediaFacts),
    )


def _whole(row: sa.Row[Any]) -> Title:
    light = _title(row)
    grid = None if row.grid is None else msgspec.msgpack.decode(row.grid, type=Grid)
    if light.facts is None or row.key_frames is None:
        return replace(light, grid=grid)
    key_frames = msgspec.msgpack.decode(row.key_frames, type=KeyFrames)
    return replace(light, grid=grid, facts=replace(light.facts, key_frames=key_frames))
