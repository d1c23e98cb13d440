"""All stores of a household in a folder of its own, for tests of services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from osmose_addon.formats.texts import Texts
from osmose_addon.model.states import StateKey, StateValue
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import paths_of
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.ledger import Ledger
from osmose_addon.stores.live import LiveStore
from osmose_addon.stores.segments.cells import CellStore
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.states import States


@asynccontextmanager
async def shelves_in(folder: Path, *, deadline_s: float = 20.0) -> AsyncIterator[Shelves]:
    """Open all stores below `folder`."""
    clock, paths = Clock(), paths_of(folder, None)
    async with Catalog.opened(paths, clock) as catalog:
        cells = CellStore(paths)
        ledger = Ledger(catalog, cells, clock, deadline_s)
        yield Shelves(States(), Actions(), catalog, cells, ledger, LiveStore(clock), Texts({}), paths, clock)


async def until(shelves: Shelves, key: StateKey, *values: StateValue, longest_s: float = 25.0) -> None:
    """Wait until a state has one of these values."""
    async with asyncio.timeout(longest_s):
        with shelves.states.watch() as watch:
            while shelves.states.get(*key) not in values:
                await anext(watch)
