"""Titles and the init segments of their rungs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.model.errors import NotFoundError
from osmose_addon.model.media import Title, TitleKind, TitlePhase
from osmose_addon.model.reports import InitMade
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.files import KnownFile, remove_titles, save_file, stamp_files
from osmose_addon.stores.catalog.index import index
from osmose_addon.stores.catalog.kept import KeptTitles
from osmose_addon.stores.catalog.rows import IS_LISTED, LIGHT, NAMED, lights, name_of, row_of, sort_key, whole
from osmose_addon.stores.catalog.tables import inits, titles

_BY_NAME = (titles.c.sort_key, titles.c.id)
_DESCRIBED = ("kind", "show", "season", "episode", "description", "sidecars")
_TOLD = ("name", "sort_key", "year", *_DESCRIBED)
_FOUND_AT = ("library_id", "name", "sort_key", "path", "phase", "year", "reason", *_DESCRIBED)


class Titles:
    """All titles. A title may lie in several files (copies); `Title.path` names one of them.

    Lists hold light titles, without the grid and key frames that `get` has, and pass over those whose files went.
    """

    def __init__(self, database: Database, kept: KeptTitles) -> None:
        """Keep titles in `database`, the last few in memory too."""
        self._database = database
        self._kept = kept

    async def list(self, library_id: str | None = None) -> tuple[Title, ...]:
        """Return all titles sorted by name: slow for a large library, which `page` is for."""
        return await self._lights(_listed(library_id).order_by(*_BY_NAME))

    async def page(
        self,
        library_id: str | None = None,
        *,
        kind: TitleKind | None = None,
        show: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Title, ...]:
        """Return titles sorted by name, at most `limit`, from the one after the title `after` on.

        `kind` and `show` (the exact name) leave out all others. Raises: NotFoundError when there is no title `after`.
        """
        question = _listed(library_id).order_by(*_BY_NAME).limit(limit)
        if kind is not None:
            question = question.where(titles.c.kind == kind.value)
        if show is not None:
            question = question.where(titles.c.show == show)
        if after is not None:
            async with self._database.reading() as connection:
                last = (await connection.execute(sa.select(*_BY_NAME).where(titles.c.id == after))).first()
            if last is None:
                raise NotFoundError
            question = question.where(sa.tuple_(*_BY_NAME) > sa.tuple_(*last))
        return await self._lights(question)

    async def newest(self, limit: int, library_id: str | None = None, *, only_ready: bool = False) -> tuple[Title, ...]:
        """Return the titles that were added last, newest first; all of them, or those that can be played."""
        question = _listed(library_id).order_by(titles.c.added_unix_s.desc(), titles.c.id).limit(limit)
        return await self._lights(question.where(_IS_READY) if only_ready else question)

    async def names(self, library_id: str) -> tuple[tuple[str, str, TitlePhase], ...]:
        """Return id, full name and phase of all titles of a library."""
        question = sa.select(*NAMED, titles.c.phase)
        async with self._database.reading() as connection:
            rows = (await connection.execute(question.where(titles.c.library_id == library_id, IS_LISTED))).all()
        return tuple((row.id, name_of(row), TitlePhase(row.phase)) for row in rows)

    async def get(self, id_: str) -> Title | None:
        """Return a whole title, or `None`. The last few are kept in memory."""
        kept = self._kept.get(id_)
        if kept is not None:
            return kept
        changes = self._kept.changes
        async with self._database.reading() as connection:
            row = (await connection.execute(sa.select(titles).where(titles.c.id == id_))).first()
        if row is None:
            return None
        title = whole(row)
        self._kept.keep(title, changes)
        return title

    async def save(
        self, title: Title, made: Iterable[InitMade] | None = None, file: KnownFile | None = None, wish: str = ""
    ) -> None:
        """Keep a title, and in the same transaction its init segments and the file it was found in, where given.

        `wish` tells what its grid was made for; see `made_for_other`.
        """
        try:
            async with self._database.transaction() as connection:
                await connection.execute(sa.insert(titles).prefix_with("OR REPLACE").values(**row_of(title, wish)))
                if made is not None:
                    await _replace_inits(connection, title, made)
                await index(connection, [title])
                if file is not None:
                    await save_file(connection, title.library_id, title.path, file)
        finally:
            self._kept.drop(title.id)

    async def found_at(self, title: Title, file: KnownFile) -> None:
        """Keep where a title lies now, and what that tells of its name; its grid and all else stay as they are."""
        row = row_of(title)
        changed = {key: row[key] for key in _FOUND_AT}
        try:
            async with self._database.transaction() as connection:
                await connection.execute(sa.update(titles).where(titles.c.id == title.id).values(**changed))
                await index(connection, [title])
                await save_file(connection, title.library_id, title.path, file)
        finally:
            self._kept.drop(title.id)

    async def neighbours(self, title: Title) -> tuple[Title | None, Title | None]:
        """Return the episodes of the same show before and after one, light, as far as there are any."""
        about = title.description
        if about.kind is not TitleKind.EPISODE:
            return None, None
        show = _listed(title.library_id).where(titles.c.show == about.show, titles.c.year == title.year)
        show = show.where(titles.c.kind == about.kind.value).limit(1)
        place, here = sa.tuple_(*_BY_NAME), sa.tuple_(sort_key(title), title.id)
        before = await self._lights(show.where(place < here).order_by(*(column.desc() for column in _BY_NAME)))
        after = await self._lights(show.where(place > here).order_by(*_BY_NAME))
        return next(iter(before), None), next(iter(after), None)

    async def at(self, library_id: str, paths: Sequence[bytes]) -> tuple[Title, ...]:
        """Return the light titles of a library that lie at some of these paths."""
        return await self._lights(_listed(library_id).where(titles.c.path.in_(paths)))

    async def describe(self, library_id: str, described: Sequence[Title], beside: Mapping[bytes, str]) -> None:
        """Keep what titles are called and about where they lie as told, and what lies `beside` the files at each path.

        All in one transaction, so give some hundreds at most. Nothing else of the titles changes.
        """
        try:
            async with self._database.transaction() as connection:
                for title in described:
                    row = row_of(title)
                    change = sa.update(titles).where(titles.c.id == title.id, titles.c.path == title.path)
                    await connection.execute(change.values(**{key: row[key] for key in _TOLD}))
                await index(connection, described)
                await stamp_files(connection, library_id, beside)
        finally:
            for title in described:
                self._kept.drop(title.id)

    async def remove(self, id_: str) -> None:
        """Forget a title, its init segments and its files."""
        try:
            async with self._database.transaction() as connection:
                await remove_titles(connection, [id_])
        finally:
            self._kept.drop(id_)

    async def init(self, title_id: str, rung_id: str) -> bytes | None:
        """Return the init segment of a rung of the title's grid, or `None`."""
        question = (
            sa.select(inits.c.body)
            .join(titles, sa.and_(titles.c.id == inits.c.title_id, titles.c.revision == inits.c.revision))
            .where(inits.c.title_id == title_id, inits.c.rung_id == rung_id)
        )
        async with self._database.reading() as connection:
            body = (await connection.execute(question)).scalar()
        return None if body is None else bytes(body)

    async def revisions(self) -> dict[str, str]:
        """Return the revision of each title's grid, empty where it has none; titles whose files went are among them."""
        return await self._revisions(sa.true())

    async def listed(self, library_ids: Iterable[str]) -> dict[str, str]:
        """Return the revision of each title of these libraries that lists show, empty where it has no grid."""
        return await self._revisions(titles.c.library_id.in_(tuple(library_ids)), IS_LISTED)

    async def ready(self, library_ids: Iterable[str]) -> dict[str, str]:
        """Return the revision of each title of these libraries that can be played, first added first."""
        return await self._revisions(titles.c.library_id.in_(tuple(library_ids)), _IS_READY)

    async def made_for_other(self, library_id: str, wish: str) -> dict[str, str]:
        """Return the ids of a library's titles that can be played, but were made for another wish, and that wish."""
        return await self._wishes(titles.c.library_id == library_id, _IS_READY, titles.c.wish != wish)

    async def failed_before(self, library_id: str, begin: str) -> tuple[str, ...]:
        """Return the ids of a library's titles that failed for a wish which does not begin so."""
        has_failed = titles.c.phase == TitlePhase.FAILED.value
        is_old = sa.not_(titles.c.wish.startswith(begin, autoescape=True))
        return tuple(await self._wishes(titles.c.library_id == library_id, has_failed, is_old))

    async def note_wish(self, id_: str, wish: str) -> None:
        """Note that the grid of a title is right for a wish."""
        async with self._database.transaction() as connection:
            await connection.execute(sa.update(titles).where(titles.c.id == id_).values(wish=wish))

    async def turn(self, library_id: str, phase: TitlePhase, *, back: TitlePhase) -> None:
        """Put all titles of a library that are in phase `back` into `phase` (away, or ready again)."""
        change = sa.update(titles).where(titles.c.library_id == library_id, titles.c.phase == back.value, IS_LISTED)
        async with self._database.transaction() as connection:
            await connection.execute(change.values(phase=phase.value))
        self._kept.clear()

    async def library_ids(self) -> tuple[str, ...]:
        """Return the ids of all libraries that titles come from, known to the configuration or not."""
        async with self._database.reading() as connection:
            return tuple((await connection.execute(sa.select(titles.c.library_id).distinct())).scalars())

    async def count(self, library_id: str | None = None) -> tuple[int, int]:
        """Return how many titles of a library, or of all, there are that did not fail, and how many that did."""
        question = _of(library_id, sa.select(titles.c.phase, sa.func.count())).group_by(titles.c.phase)
        async with self._database.reading() as connection:
            rows = (await connection.execute(question)).all()
        counts = {str(phase): int(number) for phase, number in rows}
        failed = counts.pop(TitlePhase.FAILED.value, 0)
        return sum(counts.values()), failed

    async def _lights(self, question: sa.Select[Any]) -> tuple[Title, ...]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(question)).all()
        return await in_thread(lights, rows)

    async def _wishes(self, *conditions: sa.ColumnElement[bool]) -> dict[str, str]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(sa.select(titles.c.id, titles.c.wish).where(*conditions))).all()
        return {row.id: row.wish for row in rows}

    async def _revisions(self, *conditions: sa.ColumnElement[bool]) -> dict[str, str]:
        question = sa.select(titles.c.id, titles.c.revision).where(*conditions)
        async with self._database.reading() as connection:
            rows = (await connection.execute(question.order_by(titles.c.added_unix_s))).all()
        return {row.id: row.revision for row in rows}


_IS_READY = titles.c.phase == TitlePhase.READY.value


def _of(library_id: str | None, question: sa.Select[Any]) -> sa.Select[Any]:
    """Restrict a question to a library, if one is given, and to titles that lists show."""
    question = question.where(IS_LISTED)
    return question if library_id is None else question.where(titles.c.library_id == library_id)


def _listed(library_id: str | None) -> sa.Select[Any]:
    return _of(library_id, sa.select(*LIGHT))


async def _replace_inits(connection: AsyncConnection, title: Title, made: Iterable[InitMade]) -> None:
    await connection.execute(sa.delete(inits).where(inits.c.title_id == title.id))
    revision = title.grid.revision if title.grid else ""
    for init in made:
        values = {"rung_id": init.rung_id, "codecs": init.codecs, "body": init.body}
        await connection.execute(sa.insert(inits).values(title_id=title.id, revision=revision, **values))
