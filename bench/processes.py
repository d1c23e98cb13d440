"""What processes cost, read from `/proc`."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU time since its start, and memory: with shared pages counted by share (PSS), or whole (RSS)."""

    cpu_s: float
    pss_mib: float
    rss_mib: float


def cost(pid: int) -> Cost:
    """Return what a process cost up to now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    pss_mib, rss_mib = (
        next(int(line.split()[1]) for line in rollup if line.startswith(which)) / 1024 for which in ("Pss:", "Rss:")
    )
    return Cost((int(fields[11]) + int(fields[12])) / _TICKS_PER_S, pss_mib, rss_mib)


def children(pid: int, *, deep: bool = True) -> list[int]:
    """Return all descendants of a process, or only its direct children."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        stat = folder / "stat"
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            child = int(folder.name)
            found += [child, *children(child)] if deep else [child]
    return found


def most_pss_mib(pids: list[int]) -> float:
    """Return the memory of the largest of these processes; those that ended meanwhile do not count."""
    most = 0.0
    for pid in pids:
        try:
            most = max(most, cost(pid).pss_mib)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return most


def share(before: Cost, after: Cost, seconds: float) -> float:
    """Return how much of one core was used between two looks, in percent."""
    return 100 * (after.cpu_s - before.cpu_s) / seconds
