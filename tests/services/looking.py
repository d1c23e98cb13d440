"""A library that is looked through while a test watches."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from osmose_addon.model.config import Config, LibraryConfig, LibraryKind, Right
from osmose_addon.model.media import Title
from osmose_addon.model.states import StateKey
from osmose_addon.services.libraries.desk import Libraries
from osmose_addon.stores.shelves import Shelves
from tests.household import until

_PHASE = StateKey("library", "films", "phase")


def rested(path: Path) -> Path:
    """Make a file look as if it lay there for long."""
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def config_of(media: Path, **changes: object) -> Config:
    library = LibraryConfig("films", "Films", LibraryKind.FILMS, media)
    return Config(libraries=(replace(library, **changes),))  # type: ignore[arg-type]


@asynccontextmanager
async def running(shelves: Shelves, config: Config) -> AsyncIterator[Libraries]:
    """Run the library of a configuration and wait until its first look is over."""
    libraries = Libraries(shelves)
    service = libraries.service(config.libraries[0], config)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(service.main())
        await until(shelves, _PHASE, "ready", "away")
        yield libraries
        task.cancel()


async def look(shelves: Shelves) -> None:
    """Have the library looked through, and wait until that is done."""
    with shelves.states.watch():
        shelves.states.set("library", "films", phase="scanning")
        await shelves.actions.ask("rescan", {"library": "films"}, right=Right.MANAGE)
        await until(shelves, _PHASE, "ready", "away")


async def only_title(shelves: Shelves) -> Title:
    (light,) = await shelves.catalog.titles.list()
    title = await shelves.catalog.titles.get(light.id)
    assert title is not None
    return title
