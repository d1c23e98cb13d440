"""Workers that look at one film: started by name, with the bounds they all share."""

from collections.abc import Sequence

from osmose_addon.model.orders import Order
from osmose_addon.model.reports import Report
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits

_LIMITS = Limits(memory_bytes=4 << 30, nice=5, silence_s=60.0, deadline_s=900.0)


async def ask(name: str, order: Order) -> Sequence[Report]:
    """Return all that the worker `name` reports of an order. Raises: WorkerError, and what it gave up for."""
    async with worker.start(name, order, _LIMITS) as hand:
        return [report async for report in hand]
