"""The life of a worker process, seen from inside.

SIGTERM ends a worker at once, wherever it is: C code that hangs must not delay it, and what it keeps on disk is
written so that it may stop between any two bytes. It also ends by itself when its pipe to the hub does, because a
forkserver's children outlive a hub that was killed.
"""

import importlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import cast

from osmose_addon.model.errors import OsmoseError
from osmose_addon.model.orders import Command
from osmose_addon.model.reports import Failed, Report
from osmose_addon.runtime import limits as limits_of
from osmose_addon.runtime import wire

_EXIT_HUB_GONE = 3


class HubLink:
    """A worker's pipe to the hub."""

    def __init__(self, pipe: socket.socket) -> None:
        """Take over the pipe; commands are read once `listen` is called."""
        self._pipe = pipe
        self._sending = threading.Lock()
        self._on_command: Callable[[Command], None] = _ignore

    def send(self, report: Report) -> None:
        """Send a report, from any thread. Waits while the hub is slow."""
        frame = wire.pack(report)
        with self._sending:
            self._pipe.sendall(frame)

    def on_command(self, callback: Callable[[Command], None]) -> None:
        """Have commands given to `callback`, which runs in the reading thread and must be short."""
        self._on_command = callback

    def listen(self) -> None:
        """Start the thread that reads commands, and that ends this process when the hub is gone."""
        thread = threading.Thread(target=self._read, name="hub", daemon=True)  # noqa: TID251 - this is the one place
        thread.start()

    def _read(self) -> None:
        stream = self._pipe.makefile("rb")
        while len(head := stream.read(wire.LENGTH_BYTES)) == wire.LENGTH_BYTES:
            body = stream.read(int.from_bytes(head, "big"))
            self._on_command(cast("Command", wire.unpack(body)))
        os._exit(_EXIT_HUB_GONE)


def _ignore(_command: Command) -> None:
    """Drop a command nobody listens for."""


def enter(module: str, order: bytes, pipe: socket.socket, log: socket.socket, limits: limits_of.Limits) -> None:
    """Be the worker whose `main` lives in `module`: the target of the process that `runtime.worker` starts.

    An `OsmoseError` becomes a `Failed` report and a clean end; anything else ends with a traceback in the log.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for standard_fd in (1, 2):
        os.dup2(log.fileno(), standard_fd)
    log.close()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True)
    link = HubLink(pipe)
    link.listen()
    limits_of.enter(limits)
    main = importlib.import_module(module).main
    try:
        main(wire.unpack(order[wire.LENGTH_BYTES :]), link)
    except OsmoseError as error:
        link.send(Failed(error.key, error.fields))
