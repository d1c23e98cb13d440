"""Reading what a file holds, and making storyboards of it, beside what ffprobe and ffmpeg take for the same.

Both sides run in turn in the same run. Ours are a worker's own functions in one process, as a library is read; theirs
are a process a file, as everybody starts them. ffmpeg makes its storyboard the usual way: every picture is decoded, one
in five seconds is kept. The bytes read are those asked of the system, cached or not.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from osmose_addon.model.orders import ProbeOrder, StoryboardOrder
from osmose_addon.model.reports import Report, StoryboardMade
from osmose_addon.workers import probe, storyboard
from tests import clips
from tests.tools import ffmpeg

_GAP_S = 5
_PEER_FILES = 100


@dataclass
class _Listener:
    """A hub that keeps what it is told."""

    reports: list[Report] = field(default_factory=list)

    def send(self, report: Report) -> None:
        """Keep a report."""
        self.reports.append(report)


def _taken_s(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _read_bytes() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _probes(folder: Path, count: int, runs: int) -> None:
    clip = clips.make(folder, clips.Clip("small.mp4", seconds=2.0, width_px=320, height_px=180, gop=25))
    files = [folder / f"{number}.mp4" for number in range(count)]
    for file in files:
        file.hardlink_to(clip)
    names = [str(file) for file in files[:_PEER_FILES]]
    ffprobe = str(ffmpeg().with_name("ffprobe"))
    shown = ("-v", "error", "-show_streams", "-show_format", "-of", "json")
    ours, theirs = [], []

    def all_of_ours() -> None:
        for file in files:
            probe.main(ProbeOrder(bytes(file)), _Listener())

    def all_of_theirs() -> None:
        for name in names:
            _run(ffprobe, *shown, name)

    for _run_number in range(runs):
        ours.append(_taken_s(all_of_ours) / count)
        theirs.append(_taken_s(all_of_theirs) / len(names))
    mine, other = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    print(
        f"probe       {mine:7.2f} ms a small file, median of {runs} runs over {count:,}; worst {max(ours) * 1000:.2f}"
    )
    print(f"            {other:7.2f} ms by ffprobe, so {mine / other:.4f}")


def _storyboards(folder: Path, clip: Path | None, runs: int) -> None:
    film = _long_film(folder, clip)
    tiles = f"fps=1/{_GAP_S},scale=160:-2:flags=area,tile=10x10"
    theirs_command = (str(ffmpeg()), "-v", "error", "-y", "-i", str(film), "-vf", tiles, str(folder / "peer-%d.jpg"))
    ours, theirs, read = [], [], 0
    hub = _Listener()
    for _run_number in range(runs):
        before = _read_bytes()
        ours.append(_taken_s(lambda: storyboard.main(StoryboardOrder(bytes(film), gap_s=_GAP_S), hub)))
        read = _read_bytes() - before
        theirs.append(_taken_s(lambda: _run(*theirs_command)))
    made = next(report for report in hub.reports if isinstance(report, StoryboardMade))
    mine, other = statistics.median(ours), statistics.median(theirs)
    size = film.stat().st_size
    print(
        f"storyboard  {mine:7.2f} s for {len(made.times_s)} pictures of 5 min, median of {runs}; worst {max(ours):.2f}"
    )
    print(f"            {read / 1e6:7.0f} MB read of {size / 1e6:.0f} MB")
    print(f"            {other:7.2f} s by ffmpeg decoding all, so {mine / other:.3f}")


def _long_film(folder: Path, clip: Path | None) -> Path:
    """Return a film of five minutes: the clip again and again."""
    if clip is None:
        clip = clips.make(folder, clips.Clip("slope.mp4", 30.0, width_px=1920, height_px=1080, gop=50))
    film = folder / "film.mp4"
    again = ("-stream_loop", "-1", "-i", str(clip), "-t", "300", "-map", "0:v", "-c", "copy", str(film))
    _run(str(ffmpeg()), "-v", "error", "-y", *again)
    return film


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, help="a film to repeat; without it, a synthetic one of 1080p is made")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"python {sys.version.split()[0]}, {ffmpeg()}")
        _probes(Path(folder), asked.files, asked.runs)
        _storyboards(Path(folder), asked.clip, asked.runs)


if __name__ == "__main__":
    main()
