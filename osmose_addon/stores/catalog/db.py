"""Opening a database: write-ahead logging, the right durability, and its tables at their newest form.

Alembic costs memory that the hub does not get back, so it is loaded only when a database is not at its head.
"""

import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from osmose_addon.model.errors import StoreError
from osmose_addon.runtime.threads import in_thread

_LOG = logging.getLogger(__name__)
_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two databases: where its steps are, the newest one, and how much a power cut may take."""

    steps: str
    head: str
    synchronous: str


USER = Kind("user", "0001", "FULL")
WORK = Kind("work", "0001", "NORMAL")


class Database:
    """An open database."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Wrap an engine whose tables are there."""
        self._engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection; what is done in the block is kept whole or not at all. Raises: StoreError."""
        cause = ""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            cause = str(error.orig)
        if cause:
            raise StoreError(cause=cause)


@asynccontextmanager
async def opened(path: Path, kind: Kind) -> AsyncIterator[Database]:
    """Open a database file, making or renewing its tables; close it when the block is left. Raises: StoreError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(path, kind)
    try:
        if await _version(engine, path) != kind.head:
            await in_thread(_migrate, path, kind)
        yield Database(engine)
    finally:
        await engine.dispose()


def _engine(path: Path, kind: Kind) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=2, max_overflow=0)

    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", f"synchronous={kind.synchronous}", "busy_timeout=5000", "cache_size=-2000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sa.event.listen(engine.sync_engine, "connect", prepare)
    return engine


async def _version(engine: AsyncEngine, path: Path) -> str:
    """Return the step the database is at, empty for a new one."""
    cause = ""
    try:
        async with engine.connect() as connection:
            found = await connection.execute(sa.text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"))
            if found.first() is None:
                return ""
            return str((await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar())
    except DatabaseError as error:
        cause = str(error.orig)
    raise StoreError(file=path.name, cause=cause)


def _migrate(path: Path, kind: Kind) -> None:
    """Run the missing steps. Runs in a thread, on a connection of its own."""
    command, config = importlib.import_module("alembic.command"), importlib.import_module("alembic.config")
    settings = config.Config()
    settings.set_main_option("script_location", str(_MIGRATIONS / kind.steps).replace("%", "%%"))
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    _LOG.info("%s is at step %s", path.name, kind.head)
