"""The catalog as the rest of Osmose sees it."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from osmose_addon.model.errors import StoreError
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import Paths
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog import db, in_memory, tables
from osmose_addon.stores.catalog.chunks import Chunks
from osmose_addon.stores.catalog.files import Files
from osmose_addon.stores.catalog.index import index_missing
from osmose_addon.stores.catalog.journal import Journal
from osmose_addon.stores.catalog.kept import KeptTitles
from osmose_addon.stores.catalog.search import Search
from osmose_addon.stores.catalog.titles import Titles
from osmose_addon.stores.catalog.watching import Watching

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is known of titles and their files, who watched them, what happened, and which chunks are under way.

    `is_lasting` is false where the disk could not be used: then all of it is in memory and gone after this run.
    """

    titles: Titles
    files: Files
    journal: Journal
    chunks: Chunks
    search: Search
    watching: Watching
    is_lasting: bool

    @classmethod
    @asynccontextmanager
    async def opened(cls, paths: Paths, clock: Clock) -> AsyncIterator[Self]:
        """Open both databases while the block lasts. A broken `work.db` is begun anew; `osmose.db` is never touched.

        Where the disk is full, may not be written or holds nothing that can be used, the catalog is in memory.
        """
        async with AsyncExitStack() as stack:
            user, is_user_lasting = await _user(stack, paths.user_db)
            work, is_work_lasting = await _work(stack, paths.work_db, may_renew=is_user_lasting)
            journal = Journal(user, clock)
            await journal.load()
            kept = KeptTitles()
            is_lasting = is_user_lasting and is_work_lasting
            await _index(user)
            search, watching = Search(user), Watching(user, clock)
            yield cls(Titles(user, kept), Files(user, kept), journal, Chunks(work), search, watching, is_lasting)


async def _user(stack: AsyncExitStack, path: Path) -> tuple[db.Database, bool]:
    """Return the database, and whether what is written to it lasts."""
    try:
        return await stack.enter_async_context(_tried_user(path)), True
    except StoreError as error:
        problem = error
    _LOG.error("%s cannot be used; until the next start everything is kept in memory: %s", path.name, problem)
    return await stack.enter_async_context(in_memory.opened(path, db.USER, tables.USER)), False


async def _index(user: db.Database) -> None:
    """Have titles found that an earlier version kept."""
    try:
        count = await index_missing(user)
    except StoreError as error:
        _LOG.warning("some titles are not found by searching until the next start: %s", error)
        return
    if count:
        _LOG.info("%s titles can be found by searching now", count)


async def _work(stack: AsyncExitStack, path: Path, *, may_renew: bool) -> tuple[db.Database, bool]:
    """Return the database, and whether what is written to it lasts. A disk that takes nothing is no reason to renew."""
    try:
        return await stack.enter_async_context(_tried_work(path)), True
    except StoreError as error:
        problem = error
    if may_renew:
        _LOG.warning("%s cannot be used and is begun anew; jobs start over: %s", path.name, problem)
        try:
            return await stack.enter_async_context(_renewed_work(path)), True
        except StoreError as error:
            problem = error
    _LOG.error("%s cannot be used; until the next start jobs are kept in memory: %s", path.name, problem)
    return await stack.enter_async_context(in_memory.opened(path, db.WORK, tables.WORK)), False


@asynccontextmanager
async def _tried_user(path: Path) -> AsyncIterator[db.Database]:
    """Open `osmose.db`, if it can be read and written. Raises: StoreError."""
    async with db.opened(path, db.USER) as database:
        await Journal(database, Clock()).load()
        await database.check()
        yield database


@asynccontextmanager
async def _renewed_work(path: Path) -> AsyncIterator[db.Database]:
    await in_thread(_put_away, path)
    async with _tried_work(path) as database:
        yield database


@asynccontextmanager
async def _tried_work(path: Path) -> AsyncIterator[db.Database]:
    """Open `work.db`, if it can be read and written. Raises: StoreError."""
    async with db.opened(path, db.WORK) as database:
        await database.check()
        await Chunks(database).all()
        await Chunks(database).release()
        yield database


def _put_away(path: Path) -> None:
    cause = ""
    try:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        cause = error.strerror or "?"
    if cause:
        raise StoreError(cause=cause)
