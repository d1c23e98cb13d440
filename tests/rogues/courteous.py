"""A worker with two threads that gives way, and tells how nice each of them is then."""

import os
import threading
from pathlib import Path

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import CellFilled
from osmose_addon.runtime.child import HubLink
from osmose_addon.runtime.limits import give_way


def main(_order: ProbeOrder, hub: HubLink) -> None:
    """Report the niceness of every thread, after giving way."""
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    give_way()
    for place, task in enumerate(Path("/proc/self/task").iterdir()):
        hub.send(CellFilled("nice", place, os.getpriority(os.PRIO_PROCESS, int(task.name))))
    over.set()
    other.join()
