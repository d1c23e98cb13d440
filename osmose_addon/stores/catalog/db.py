"""Opening a database: write-ahead logging, the right durability, and its tables at their newest form.

Alembic costs memory that the hub does not get back, so it is loaded only when a database is not at its head.
"""

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
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


USER = Kind("user", "0003", "FULL")
WORK = Kind("work", "0001", "NORMAL")


class Database:
    """An open database. Writers take turns, so that none finds it locked by another."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Wrap an engine whose tables are there."""
        self._engine = engine
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection to write; what is done in the block is kept whole or not at all. Raises: StoreError."""
        async with self._turn, self.reading() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection to read; a writer holds up nobody who reads. Raises: StoreError."""
        cause = ""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = _cause(error)
        if cause:
            raise StoreError(cause=cause)

    async def check(self) -> None:
        """See whether it may be written; a full disk and another program at work pass. Raises: StoreError."""
        try:
            async with self.transaction() as connection:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
        except StoreError as error:
            problem = error
        else:
            return
        if "locked" not in str(problem):
            raise problem


@asynccontextmanager
async def opened(path: Path, kind: Kind) -> AsyncIterator[Database]:
    """Open a database file, making or renewing its tables; close it when the block is left. Raises: StoreError."""
    await in_thread(_make_folder, path.parent)
    async with at(str(path), kind) as database:
        yield database


@asynccontextmanager
async def at(address: str, kind: Kind) -> AsyncIterator[Database]:
    """Open what lies at SQLAlchemy's idea of a SQLite address: a path, or a `file:` URI. Raises: StoreError."""
    engine = _engine(address, kind)
    try:
        if await _version(engine) != kind.head:
            await in_thread(_migrate, address, kind)
        yield Database(engine)
    finally:
        await engine.dispose()


def _make_folder(folder: Path) -> None:
    cause = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cause = error.strerror or "?"
    if cause:
        raise StoreError(cause=cause)


def _engine(address: str, kind: Kind) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{address}", pool_size=2, max_overflow=0)

    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", f"synchronous={kind.synchronous}", "busy_timeout=5000", "cache_size=-2000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sa.event.listen(engine.sync_engine, "connect", prepare)
    return engine


async def _version(engine: AsyncEngine) -> str:
    """Return the step the database is at, empty for a new one."""
    async with Database(engine).reading() as connection:
        found = await connection.execute(sa.text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"))
        if found.first() is None:
            return ""
        return str((await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar())


def _migrate(address: str, kind: Kind) -> None:
    """Run the missing steps, all or none. Runs in a thread, on a connection of its own. Raises: StoreError."""
    command, config = importlib.import_module("alembic.command"), importlib.import_module("alembic.config")
    refusals: tuple[type[Exception], ...] = (importlib.import_module("alembic.util.exc").CommandError, SQLAlchemyError)
    settings = config.Config()
    settings.set_main_option("script_location", str(_MIGRATIONS / kind.steps).replace("%", "%%"))
    cause = ""
    try:
        with _whole_or_not(address).begin() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    except refusals as error:
        cause = _cause(error)
    if cause:
        raise StoreError(cause=cause)
    _LOG.info("the %s database is at step %s", kind.steps, kind.head)


def _whole_or_not(address: str) -> sa.Engine:
    """Return an engine that can undo the making of tables: Python's driver would begin no transaction for that."""
    engine = sa.create_engine(f"sqlite:///{address}", poolclass=sa.pool.NullPool)

    def take_over(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    sa.event.listen(engine, "connect", take_over)
    sa.event.listen(engine, "begin", begin)
    return engine


def _cause(error: Exception) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error) or type(error).__name__
