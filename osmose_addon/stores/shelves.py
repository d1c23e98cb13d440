"""All stores in one frozen value: what interfaces are given to read."""

from dataclasses import dataclass

from osmose_addon.formats.texts import Texts
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import Paths
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.ledger import Ledger
from osmose_addon.stores.live import LiveStore
from osmose_addon.stores.segments.cells import CellStore
from osmose_addon.stores.states import States


@dataclass(frozen=True, slots=True)
class Shelves:
    """Everything that is kept, by name."""

    states: States
    actions: Actions
    catalog: Catalog
    cells: CellStore
    ledger: Ledger
    live: LiveStore
    texts: Texts
    paths: Paths
    clock: Clock
