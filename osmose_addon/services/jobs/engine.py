"""Hands that fill cells. The ledger does not care whose they are: this machine's now, other machines' later."""

from collections.abc import AsyncGenerator
from typing import Protocol

from osmose_addon.model.orders import ChunkOrder
from osmose_addon.model.reports import CellFilled
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits

_MEMORY_BYTES = 6 << 30
"""Address space, not memory: three rungs at once take about 300 MiB, but threads reserve much more."""
_SILENCE_S = 120.0
_HURRIED_SHARE = 2


class Engine(Protocol):
    """Anything that can fill a chunk: worker processes here, or another machine.

    What an engine must do, and all that jobs count on:

    - It decodes the film of `order.path` and makes the cells of `order.rungs` exactly on their borders, as
      `workers/transcode` does. An engine that has the film under another name, or makes cells in another folder, puts
      its own `path` and `folder` into the order that it sends away; nothing else in it speaks of a machine.
    - It keeps each cell with a `CellWriter` of its own below `order.folder`, which two hands on one chunk do not mind,
      and yields it afterwards: cells in order for each rung, each once. What was yielded is never lost, whatever
      happens to the engine next; what was not is made again by somebody.
    - Closing the generator ends the work at once, wherever it is done.
    - It decides nothing: who is next, leases, attempts and room are matters of the jobs and their ledger.
    """

    def fill_chunk(self, order: ChunkOrder, *, is_urgent: bool) -> AsyncGenerator[CellFilled, None]:
        """Fill the cells of an order and yield each once it lies whole in the store.

        Closing the generator ends the work at once. Raises: MediaError, WorkerError, StoreError.
        """
        ...


class LocalEngine:
    """Fills chunks in worker processes of this machine."""

    def __init__(self, nice: int) -> None:
        """Give way to everything else by `nice` (0-19), half of that while somebody waits."""
        self._nice = nice

    async def fill_chunk(self, order: ChunkOrder, *, is_urgent: bool) -> AsyncGenerator[CellFilled, None]:
        """Fill the cells of an order in one process of its own; see `Engine`."""
        nice = self._nice // _HURRIED_SHARE if is_urgent else self._nice
        limits = Limits(memory_bytes=_MEMORY_BYTES, nice=nice, silence_s=_SILENCE_S)
        async with worker.start("transcode", order, limits) as hand:
            async for report in hand:
                if isinstance(report, CellFilled):
                    yield report
