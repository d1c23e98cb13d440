"""A worker that wants more memory than it may have."""

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.runtime.child import HubLink


def main(_order: ProbeOrder, _hub: HubLink) -> None:
    """Ask for 8 GiB."""
    bytearray(8 << 30)
