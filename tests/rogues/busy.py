"""A worker that computes without end, as a decoder in a loop does, and still reports."""

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import Progress
from osmose_addon.runtime.child import HubLink


def main(_order: ProbeOrder, hub: HubLink) -> None:
    """Be busy for ever."""
    hub.send(Progress(0.5))
    while True:
        pass
