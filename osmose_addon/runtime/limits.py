"""What a worker may use of the machine. Linux only, as Osmose is."""

import contextlib
import ctypes
import os
import resource
from dataclasses import dataclass, replace
from pathlib import Path

from osmose_addon.model.orders import (
    ArtworkOrder,
    ChunkOrder,
    InitOrder,
    Order,
    PosterOrder,
    ProbeOrder,
    SampleOrder,
    SidecarOrder,
    StoryboardOrder,
    TextOrder,
)

_PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child process.

    `memory_bytes` counts address space, so libraries and thread stacks are in it. `file_bytes` is how long a file it
    may write, `cpu_s` how long it may compute, all threads together; `None` means what its order needs. `silence_s` is
    the longest time without a report, `deadline_s` the longest life; both are watched by the hub, `None` means none.
    """

    memory_bytes: int = 2 << 30
    open_files: int = 64
    nice: int = 0
    file_bytes: int | None = None
    cpu_s: int | None = None
    silence_s: float | None = None
    deadline_s: float | None = None


# The longest file: a chunk of copied 4K pictures, and the sample film. All others write no file at all.
_FILE_BYTES: dict[type[Order], int] = {ChunkOrder: 16 << 30, SampleOrder: 1 << 30}
# Many times what the slowest machine needs. A camera lives for ever, so it has none.
_CPU_S: dict[type[Order], int] = {
    ProbeOrder: 900,
    PosterOrder: 300,
    ArtworkOrder: 120,
    StoryboardOrder: 1800,
    InitOrder: 600,
    TextOrder: 900,
    SidecarOrder: 120,
    SampleOrder: 1800,
    ChunkOrder: 6 * 3600,
}


def fitted(limits: Limits, order: Order) -> Limits:
    """Return the limits with what they leave open set as this order needs it."""
    return replace(
        limits,
        file_bytes=_FILE_BYTES.get(type(order), 0) if limits.file_bytes is None else limits.file_bytes,
        cpu_s=_CPU_S.get(type(order)) if limits.cpu_s is None else limits.cpu_s,
    )


def enter(limits: Limits) -> None:
    """Give up, for good, what this process does not need. Call before the first foreign byte is read.

    No core dump is ever written: it would hold camera passwords.
    """
    for what, limit in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    if limits.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
    if limits.cpu_s is not None:
        # A second apart: the first signal says what it was (SIGXCPU), the second is a plain SIGKILL.
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    os.nice(limits.nice)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")


def give_way() -> None:
    """Let go first whoever is waited for: nearly twice as nice from now on, in every thread of this process."""
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # a thread that just ended
            os.setpriority(os.PRIO_PROCESS, int(task.name), max(nice, 2 * nice - 1))
