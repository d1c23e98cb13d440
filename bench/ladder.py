"""A whole ladder made of one film: the chunk worker beside ffmpeg, in turns, with the same borders on both sides.

Pictures only. Both sides encode with the same preset, quality, rate bounds and key frames. Ours is a fork of this
process, as the fork server would make it. "Plain" is one ffmpeg command that splits and scales from the source; "tuned"
scales each rung from the one above, with 1 decoder thread and 2, 1, 1 encoder threads. CPU time and memory are what the
kernel counted for the child. Where key frames are close enough, our top rung is copied; ffmpeg encodes it.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from osmose_addon.formats import ladder
from osmose_addon.model.config import DEFAULT_RENDITIONS
from osmose_addon.model.media import Rung, RungGroup, RungMethod
from osmose_addon.model.orders import ChunkOrder
from osmose_addon.model.reports import Report
from osmose_addon.services.jobs.runs import LONGEST_RUN_S
from osmose_addon.workers import transcode
from tests import clips
from tests.tools import ffmpeg
from tests.workers.grids import facts_of

_THREADS = ("2", "1", "1")
_WISHED = DEFAULT_RENDITIONS[:3]


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run cost."""

    cpu_s: float
    wall_s: float
    most_mib: float


@dataclass(slots=True)
class Row:
    """One way to make the ladder, and what its runs cost."""

    name: str
    make: Callable[[Path], None]
    runs: list[Spent] = field(default_factory=list)

    def median(self, of: Callable[[Spent], float]) -> float:
        """Return the middle of one figure over all runs."""
        return statistics.median(of(run) for run in self.runs)


class _Deaf:
    """A hub that does not listen."""

    def send(self, report: Report) -> None:
        """Drop a report."""


def _spent(make: Callable[[Path], None]) -> Spent:
    """Do it in a child process, and return what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        began_s = time.monotonic()
        pid = os.fork()
        if not pid:
            make(Path(folder))
            os._exit(0)
        _, status, usage = os.wait4(pid, 0)
        if status:
            raise SystemExit(f"a run ended with {status}")
        wall_s = time.monotonic() - began_s
    return Spent(usage.ru_utime + usage.ru_stime, wall_s, usage.ru_maxrss / 1024)


def _ours(film: Path, rungs: list[Rung]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for method in RungMethod:
            some = tuple(rung for rung in rungs if rung.method is method)
            for first, count in _runs(some[0]) if some else ():
                transcode.main(ChunkOrder(bytes(film), str(folder), some, first, count), _Deaf())

    return make


def _runs(rung: Rung) -> list[tuple[int, int]]:
    """Return the runs in which a film is made ahead: first cell and count of each."""
    firsts = [0]
    for cell in range(rung.cells):
        if rung.start_s(cell + 1) - rung.start_s(firsts[-1]) > LONGEST_RUN_S:
            firsts.append(cell)
    return [(first, end - first) for first, end in zip(firsts, [*firsts[1:], rung.cells], strict=True)]


def _theirs(film: Path, rungs: list[Rung], *, is_tuned: bool) -> Callable[[Path], None]:
    borders = ",".join(f"{max(rungs[0].start_s(cell) - 0.001, 0):.6f}" for cell in range(rungs[0].cells))
    sizes = [f"scale={rung.width_px}:{rung.height_px}" for rung in rungs]
    if is_tuned:
        graph = f"[0:v]{sizes[0]},split[a][x];[x]{sizes[1]},split[b][y];[y]{sizes[2]}[c]"
    else:
        graph = f"[0:v]split=3[x][y][z];[x]{sizes[0]}[a];[y]{sizes[1]}[b];[z]{sizes[2]}[c]"
    arguments = ["-nostdin", "-loglevel", "error", "-y", *(("-threads", "1") if is_tuned else ()), "-i", str(film)]
    arguments += ["-filter_complex", graph]

    def make(folder: Path) -> None:
        outputs: list[str] = []
        for rung, label, threads in zip(rungs, "abc", _THREADS, strict=True):
            outputs += ["-map", f"[{label}]", *_encoder(rung, borders), *(("-threads", threads) if is_tuned else ())]
            outputs += ["-f", "mp4", str(folder / f"{rung.id}.mp4")]
        os.execv(ffmpeg(), ["ffmpeg", *arguments, *outputs])  # noqa: S606 - the peer, in this very process

    return make


def _encoder(rung: Rung, borders: str) -> list[str]:
    told = {
        "-c:v": "libx264",
        "-preset": rung.preset,
        "-crf": "23",
        "-maxrate": str(round(rung.target_bps * ladder.MAXRATE_SHARE)),
        "-bufsize": str(round(rung.target_bps * ladder.BUFFER_SHARE)),
        "-profile:v": "high",
        "-pix_fmt": "yuv420p",
        "-g": "100000",
        "-keyint_min": "1",
        "-sc_threshold": "0",
        "-forced-idr": "1",
        "-flags": "+cgop",
        "-force_key_frames": borders,
    }
    return [part for pair in told.items() for part in pair]


def _rows(film: Path) -> list[Row]:
    planned = ladder.plan(facts_of(film), _WISHED).rungs
    rungs = [rung for rung in planned if rung.group is RungGroup.LADDER]
    top = rungs[0]
    print(f"{top.method.value} at {top.height_px} lines, {len(rungs) - 1} encoded below; {top.cells} cells")
    if top.method is RungMethod.COPIED:
        top = replace(top, target_bps=_WISHED[0].video_bps, preset=_WISHED[0].preset)
    peers = [top, *rungs[1:]]
    return [
        Row("plain ffmpeg", _theirs(film, peers, is_tuned=False)),
        Row("tuned ffmpeg", _theirs(film, peers, is_tuned=True)),
        Row("Osmose", _ours(film, rungs)),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, help="a film; without it, a synthetic one of 1080p is made")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        own = clips.Clip("Slope.mp4", 30.0, width_px=1920, height_px=1080, gop=250)
        rows = _rows(asked.clip or clips.make(Path(folder), own))
        for _ in range(asked.rounds):
            for row in rows:
                row.runs.append(_spent(row.make))
    for row in rows:
        cpu_s, wall_s = row.median(lambda run: run.cpu_s), row.median(lambda run: run.wall_s)
        spread_s = max(run.cpu_s for run in row.runs) - min(run.cpu_s for run in row.runs)
        print(
            f"{row.name:14} {cpu_s:6.2f} CPU s (spread {spread_s:.2f}), {wall_s:6.2f} s, "
            f"at most {row.median(lambda run: run.most_mib):4.0f} MiB"
        )
    for peer in rows[:-1]:
        print(f"CPU against {peer.name}: {_share(rows[-1], peer):.3f}")


def _share(ours: Row, theirs: Row) -> float:
    """Return the median of the shares of each round, because a round's runs had the same company."""
    return statistics.median(one.cpu_s / other.cpu_s for one, other in zip(ours.runs, theirs.runs, strict=True))


if __name__ == "__main__":
    main()
