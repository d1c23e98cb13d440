"""What a worker may use of the machine. Linux only, as Osmose is."""

import ctypes
import os
import resource
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child process.

    `memory_bytes` counts address space, so libraries and thread stacks are in it. `silence_s` is the longest time
    without a report, `deadline_s` the longest life; both are watched by the hub, `None` means none.
    """

    memory_bytes: int = 2 << 30
    open_files: int = 64
    nice: int = 0
    silence_s: float | None = None
    deadline_s: float | None = None


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
    os.nice(limits.nice)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
