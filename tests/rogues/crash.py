"""A worker that says something and then dies as C code does, or of an odd signal if its order says `nameless`."""

import os
import signal
import sys

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.runtime.child import HubLink

_NAMELESS = 40


def main(order: ProbeOrder, _hub: HubLink) -> None:
    """Die by SIGSEGV."""
    if order.path == b"nameless":
        sys.stderr.write("many words " * 10_000 + "\n")
        sys.stderr.flush()
        os.kill(os.getpid(), _NAMELESS)
    sys.stderr.write("the last words\n")
    os.kill(os.getpid(), signal.SIGSEGV)
