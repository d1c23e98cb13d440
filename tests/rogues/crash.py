"""A worker that says something and then dies as C code does."""

import os
import signal
import sys

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.runtime.child import HubLink


def main(_order: ProbeOrder, _hub: HubLink) -> None:
    """Die by SIGSEGV."""
    sys.stderr.write("the last words\n")
    os.kill(os.getpid(), signal.SIGSEGV)
