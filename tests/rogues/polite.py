"""A worker that does its work: reports twice, or gives up in words if its order says `give up`."""

import os
import resource

from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import CellFilled, Progress
from osmose_addon.runtime.child import HubLink


def main(order: ProbeOrder, hub: HubLink) -> None:
    """Report progress, then its niceness and open-file limit dressed as a cell."""
    if order.path == b"give up":
        raise MediaError(reason="damaged")
    hub.send(Progress(1.0))
    hub.send(CellFilled("polite", os.nice(0), resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
