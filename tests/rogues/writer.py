"""A worker that writes a file longer than it may."""

from pathlib import Path

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import Progress
from osmose_addon.runtime.child import HubLink


def main(order: ProbeOrder, hub: HubLink) -> None:
    """Write 2 MiB to the path of the order."""
    Path(order.path.decode()).write_bytes(bytes(2 << 20))
    hub.send(Progress(1.0))
