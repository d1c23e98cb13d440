"""The other machine of `test_engines`: it takes an order, makes cells in a folder of its own, and sends them away."""

import sys
from pathlib import Path
from typing import cast

from osmose_addon.model.orders import ChunkOrder
from osmose_addon.model.reports import CellFilled, Report
from osmose_addon.runtime import wire
from osmose_addon.stores.segments.cellfile import read_cell, read_index
from osmose_addon.workers import transcode


class _Line:
    """A hub far away: each report goes out with the bytes of its cell behind it."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def send(self, report: Report) -> None:
        """Send a report, and the cell that it tells of."""
        sys.stdout.buffer.write(wire.pack(report))
        if isinstance(report, CellFilled):
            sys.stdout.buffer.write(self._cell(report))
        sys.stdout.buffer.flush()

    def _cell(self, made: CellFilled) -> bytes:
        indexes = (self._folder / made.rung_id).glob("*.index")
        places = {cell: place for index in indexes for cell, place in read_index(index)}
        return read_cell(places[made.cell])


if __name__ == "__main__":
    order = cast("ChunkOrder", wire.unpack(sys.stdin.buffer.read()[wire.LENGTH_BYTES :]))
    transcode.main(order, _Line(order.folder))
