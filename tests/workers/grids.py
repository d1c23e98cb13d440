"""Running film workers in the test's own process, and reading back what they made."""

import io
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from osmose_addon.formats import ladder
from osmose_addon.model.config import DEFAULT_RENDITIONS, RenditionConfig
from osmose_addon.model.media import Grid, MediaFacts, Rung
from osmose_addon.model.orders import ChunkOrder, InitOrder, ProbeOrder
from osmose_addon.model.reports import CellFilled, InitMade, Probed, Report
from osmose_addon.stores.segments.cellfile import read_cell, read_index
from osmose_addon.workers import probe, transcode
from tests.clips import read_number

RENDITIONS = (*DEFAULT_RENDITIONS[2:], RenditionConfig("120p", 120, 200_000, preset="ultrafast"))


@dataclass
class Listener:
    """A hub that keeps what it is told."""

    reports: list[Report] = field(default_factory=list)

    def send(self, report: Report) -> None:
        """Keep a report."""
        self.reports.append(report)


def facts_of(path: Path) -> MediaFacts:
    """Probe a film."""
    hub = Listener()
    probe.main(ProbeOrder(bytes(path)), hub)
    report = hub.reports[-1]
    assert isinstance(report, Probed)
    return report.facts


def grid_of(path: Path) -> Grid:
    """Probe a film and plan its grid: rungs of 360, 240 and 120 lines."""
    return ladder.plan(facts_of(path), [r for r in RENDITIONS if r.height_px < 480])


def inits_of(path: Path, grid: Grid) -> dict[str, InitMade]:
    """Make the init segments of all rungs."""
    hub = Listener()
    transcode.main(InitOrder(bytes(path), grid.rungs), hub)
    return {report.rung_id: report for report in hub.reports if isinstance(report, InitMade)}


def fill(path: Path, folder: Path, rungs: tuple[Rung, ...], first: int, count: int) -> list[CellFilled]:
    """Fill some cells."""
    hub = Listener()
    transcode.main(ChunkOrder(bytes(path), str(folder), rungs, first, count), hub)
    return [report for report in hub.reports if isinstance(report, CellFilled)]


def cells_of(folder: Path, rung: Rung) -> dict[int, bytes]:
    """Read back all cells of a rung."""
    indexes = sorted((folder / rung.id).glob("*.index"))
    return {cell: read_cell(place) for index in indexes for cell, place in read_index(index)}


@dataclass
class Seen:
    """What a player would show: (number burnt into the picture, ticks from the first one)."""

    numbers: list[int]
    ticks: list[int]
    width_px: int
    height_px: int


def watch(init: bytes, cells: dict[int, bytes]) -> Seen:
    """Decode a rung's pictures."""
    body = init + b"".join(cells[cell] for cell in sorted(cells))
    with av.open(io.BytesIO(body), "r") as film:
        frames = list(film.decode(video=0))
    ticks = [frame.pts or 0 for frame in frames]
    first = frames[0]
    return Seen([read_number(f) for f in frames], [t - ticks[0] for t in ticks], first.width, first.height)


def hear(init: bytes, cells: dict[int, bytes]) -> NDArray[np.float32]:
    """Decode a rung's sound, shape (channels, samples)."""
    body = init + b"".join(cells[cell] for cell in sorted(cells))
    with av.open(io.BytesIO(body), "r") as film:
        return np.concatenate([np.asarray(f.to_ndarray(), np.float32) for f in film.decode(audio=0)], axis=1)


def starts(cell: bytes) -> int:
    """Return the decode time at which a cell begins."""
    at = cell.index(b"tfdt")
    return int.from_bytes(cell[at + 8 : at + 16], "big")
