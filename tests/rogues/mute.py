"""A worker that closes its end of the pipe and stays."""

import signal
import socket
import time

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.runtime.child import HubLink


def main(_order: ProbeOrder, hub: HubLink) -> None:
    """Say nothing any more, for longer than any test, deaf to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hub._pipe.shutdown(socket.SHUT_WR)
    time.sleep(600)
