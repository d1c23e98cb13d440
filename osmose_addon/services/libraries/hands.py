"""Workers that look at one film: started by name, with the bounds they all share."""

from collections.abc import Sequence

from osmose_addon.model.errors import WorkerError
from osmose_addon.model.orders import Order
from osmose_addon.model.reports import Report
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits

_LIMITS = Limits(memory_bytes=4 << 30, nice=5, silence_s=60.0, deadline_s=900.0)


_MOST_ATTEMPTS = 3
_COSTLY = frozenset(("took too long", "killed by SIGXCPU"))


async def ask(name: str, order: Order) -> Sequence[Report]:
    """Return all that the worker `name` reports of an order.

    One that died is no word about the film: the machine may have been short of memory, so it is asked again, twice.
    Raises: WorkerError, and what it gave up for.
    """
    for _attempt in range(_MOST_ATTEMPTS - 1):
        try:
            return await _ask(name, order)
        except WorkerError as error:
            if error.fields.get("cause") in _COSTLY:
                raise
    return await _ask(name, order)


async def _ask(name: str, order: Order) -> Sequence[Report]:
    async with worker.start(name, order, _LIMITS) as hand:
        return [report async for report in hand]
