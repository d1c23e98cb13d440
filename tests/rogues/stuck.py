"""A worker that reports once and then hangs, deaf to SIGTERM if its order says `deaf`."""

import signal
import time

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import Progress
from osmose_addon.runtime.child import HubLink


def main(order: ProbeOrder, hub: HubLink) -> None:
    """Hang for longer than any test."""
    if order.path == b"deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hub.send(Progress(0.5))
    time.sleep(600)
