"""The one place that starts processes: workers, by name, from a fork server that has FFmpeg loaded.

Starting one takes about 7 ms and 6 MiB, because the fork server imports everything once and freezes it.
"""

import asyncio
import logging
import multiprocessing
import multiprocessing.context
import os
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import cast

from osmose_addon.model.errors import WorkerError, error_of
from osmose_addon.model.orders import Command, Order
from osmose_addon.model.reports import Failed, Report
from osmose_addon.runtime import child, wire
from osmose_addon.runtime.limits import Limits, fitted
from osmose_addon.runtime.threads import in_thread

_LOG = logging.getLogger(__name__)
_PRELOAD = "osmose_addon.workers.preload"
_TAIL_LINES = 200
_LINE_BYTES = 4096
_GRACE_S = 2.0
_KILLED_S = 3.0
# What a worker needs of the hub's environment; tokens and passwords are not in it.
_NEEDED = ("PATH", "HOME", "LANG", "TZ", "TZDIR", "TMPDIR", "LD_LIBRARY_PATH", "LD_PRELOAD")
_NEEDED_BEGINNINGS = ("PYTHON", "LC_", "MALLOC_")
_STREAM_LIMIT_BYTES = 1 << 20
_SIGNALS = {one.value: one.name for one in signal.Signals}  # most of those for programs' own use have no name


class _LogTail(asyncio.Protocol):
    """Keeps the last lines a worker wrote, to be shown only if it dies."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=_TAIL_LINES)
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Cut what arrived into lines."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_LINE_BYTES:]
        self.lines.extend(line[-_LINE_BYTES:].decode(errors="replace") for line in lines)


class Worker:
    """A running child process: iterate over it to read its reports until it ends.

    The iteration stops when the worker ends well. It raises the error that a `Failed` report stands for, or
    `WorkerError` when the process died, fell silent or reached its deadline.
    """

    def __init__(
        self,
        name: str,
        process: multiprocessing.context.ForkServerProcess,
        limits: Limits,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Wrap a process that was just started."""
        self.name = name
        self._process = process
        self._limits = limits
        self._reader = reader
        self._writer = writer
        self._tail: deque[str] = deque()
        loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._deadline = None if limits.deadline_s is None else loop.time() + limits.deadline_s
        loop.add_reader(process.sentinel, self._on_end)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    def __aiter__(self) -> AsyncIterator[Report]:
        """Read reports."""
        return self

    async def __anext__(self) -> Report:
        """Return the next report; see the class for how it ends."""
        cause = ""
        try:
            async with asyncio.timeout_at(self._due()):
                report = await self._read()
        except TimeoutError:
            cause = "took too long"
        except (asyncio.IncompleteReadError, ConnectionError):
            cause = await self._cause_of_end()
            if not cause:
                raise StopAsyncIteration from None
        else:
            if isinstance(report, Failed):
                raise error_of(report.key, report.fields)
            return report
        self._replay(cause)
        raise WorkerError(name=self.name, cause=cause)

    async def command(self, command: Command) -> None:
        """Send a command to the running worker; a worker that is already gone does not hear it."""
        self._writer.write(wire.pack(command))
        try:
            await self._writer.drain()
        except ConnectionError:
            _LOG.debug("worker %s is gone and misses a command", self.name)

    def keep_tail(self, lines: deque[str]) -> None:
        """Use `lines` as the log to replay if this worker dies."""
        self._tail = lines

    async def end(self) -> None:
        """End the process: TERM, KILL two seconds later, and three seconds later it is left to the kernel."""
        self._writer.close()
        if not self._ended.is_set():
            self._process.terminate()
            if not await self._has_ended(_GRACE_S):
                await self._kill()
        if self._ended.is_set():
            self._process.close()

    async def _kill(self) -> None:
        """Kill the process. One that hangs in the kernel (a dead network share) may not even die of that."""
        self._process.kill()
        if not await self._has_ended(_KILLED_S):
            _LOG.error("worker %s, process %d, does not end although it was killed", self.name, self.pid)
            asyncio.get_running_loop().remove_reader(self._process.sentinel)

    async def _has_ended(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                await self._ended.wait()
        except TimeoutError:
            return False
        return True

    def _due(self) -> float | None:
        """Return the loop time by which the next report must be here."""
        silence_s = self._limits.silence_s
        silent_at = None if silence_s is None else asyncio.get_running_loop().time() + silence_s
        return min((at for at in (self._deadline, silent_at) if at is not None), default=None)

    async def _read(self) -> Report:
        head = await self._reader.readexactly(wire.LENGTH_BYTES)
        size_bytes = int.from_bytes(head, "big")
        if size_bytes > wire.LONGEST_FRAME_BYTES:
            raise WorkerError(name=self.name, cause="sent a frame that is too long")
        return cast("Report", wire.unpack(await self._reader.readexactly(size_bytes)))

    async def _cause_of_end(self) -> str:
        if not await self._has_ended(_GRACE_S):
            return "closed its pipe, but did not end"
        code = self._process.exitcode or 0
        if code < 0:
            return f"killed by {_SIGNALS.get(-code, f'signal {-code}')}"
        return f"exit code {code}" if code else ""

    def _on_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        self._ended.set()

    def _replay(self, cause: str) -> None:
        _LOG.warning("worker %s died: %s", self.name, cause)
        for line in self._tail:
            _LOG.warning("worker %s said: %s", self.name, line)


@cache
def _hide_environment() -> None:
    """Let processes that start from now on inherit only what they need, e.g. not Home Assistant's token.

    `os.environ` keeps everything for the hub: it is Python's own copy. What a process began with stays readable below
    `/proc` as long as it lives, so this comes before the fork server does.
    """
    for name in os.environ:
        if name not in _NEEDED and not name.startswith(_NEEDED_BEGINNINGS):
            os.unsetenv(name)


def _context() -> multiprocessing.context.ForkServerContext:
    _hide_environment()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PRELOAD])
    return context


def _warm_up() -> None:
    process = _context().Process(target=_nothing, daemon=True)
    _launch(process, "nothing")
    process.join()
    process.close()


def _launch(process: multiprocessing.context.ForkServerProcess, name: str) -> None:
    """Start a process. The fork server may die just now; the next one to start a process starts it anew.

    Raises: WorkerError.
    """
    try:
        process.start()
    except (EOFError, OSError) as error:
        cause = f"could not be started: {type(error).__name__}"
    else:
        return
    raise WorkerError(name=name, cause=cause)


def _nothing() -> None:
    """Be a process that does nothing."""


async def warm_up() -> None:
    """Start the fork server ahead of need (about 130 ms), so that the first worker starts as fast as all others."""
    try:
        await in_thread(_warm_up)
    except WorkerError as error:
        _LOG.warning("the first worker will start more slowly: %s", error)


@asynccontextmanager
async def start(
    name: str, order: Order, limits: Limits | None = None, *, package: str = "osmose_addon.workers"
) -> AsyncIterator[Worker]:
    """Start the worker `<package>.<name>` with its order; it is gone when the block is left. Raises: WorkerError."""
    limits = fitted(limits or Limits(), order)
    pipe, child_pipe = socket.socketpair()
    log, child_log = socket.socketpair()
    with child_pipe, child_log:
        process = _context().Process(
            target=child.enter,
            args=(f"{package}.{name}", wire.pack(order), child_pipe, child_log, limits),
            name=f"osmose {name}",
            daemon=True,
        )
        try:
            _launch(process, name)
        except WorkerError:
            pipe.close()
            log.close()
            raise
    reader, writer = await asyncio.open_connection(sock=pipe, limit=_STREAM_LIMIT_BYTES)
    worker = Worker(name, process, limits, reader, writer)
    log_transport, tail = await asyncio.get_running_loop().create_connection(_LogTail, sock=log)
    worker.keep_tail(tail.lines)
    try:
        yield worker
    finally:
        await worker.end()
        log_transport.close()
