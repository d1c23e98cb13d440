"""The catalog as the rest of Osmose sees it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from osmose_addon.model.errors import StoreError
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import Paths
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog import db
from osmose_addon.stores.catalog.chunks import Chunks
from osmose_addon.stores.catalog.journal import Journal
from osmose_addon.stores.catalog.titles import Titles

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is known of titles, what happened, and which chunks are under way."""

    titles: Titles
    journal: Journal
    chunks: Chunks

    @classmethod
    @asynccontextmanager
    async def opened(cls, paths: Paths, clock: Clock) -> AsyncIterator[Self]:
        """Open both databases while the block lasts; a broken `work.db` is begun anew.

        Raises: StoreError when `osmose.db` cannot be used.
        """
        async with db.opened(paths.user_db, db.USER) as user, _work(paths.work_db) as work:
            chunks = Chunks(work)
            await chunks.release()
            yield cls(Titles(user), Journal(user, clock), chunks)


@asynccontextmanager
async def _work(path: Path) -> AsyncIterator[db.Database]:
    if not await _is_sound(path):
        _LOG.warning("%s is broken and begun anew; jobs start over", path.name)
        await in_thread(_put_away, path)
    async with db.opened(path, db.WORK) as database:
        yield database


def _put_away(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


async def _is_sound(path: Path) -> bool:
    try:
        async with db.opened(path, db.WORK) as database:
            await Chunks(database).all()
    except StoreError:
        return False
    return True
