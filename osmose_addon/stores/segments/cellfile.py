"""One chunk of one rung on disk: a file of cells and an index that says where each lies.

Both only ever grow. A cell's bytes are written first, then its record in the index, so a process that is killed between
any two bytes leaves a cell either whole and known, or unknown. A record carries checksums of itself and of its cell,
for what a power cut may leave behind: such a cell is forgotten and made again.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import uuid4

from osmose_addon.model.errors import StoreError

CELLS_SUFFIX = ".cells"
INDEX_SUFFIX = ".index"

_RECORD = struct.Struct(">IQII")
_CHECK = struct.Struct(">I")
RECORD_BYTES = _RECORD.size + _CHECK.size


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where the bytes of a cell lie, and their CRC-32."""

    file: Path
    offset_bytes: int
    size_bytes: int
    checksum: int


class CellWriter:
    """Writes one chunk of a rung, cell after cell, below `folder` (the title's folder of one revision).

    Use it as a context manager: leaving the block makes everything written durable. Each writer has files of its own,
    so two hands on the same cells never disturb one another.
    """

    def __init__(self, folder: str | Path, rung_id: str, first_cell: int) -> None:
        """Create the two files. Raises: StoreError."""
        home = Path(folder) / rung_id
        stem = f"{first_cell:06}-{uuid4().hex[:12]}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._offset_bytes = 0
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._cells = os.open(home / (stem + CELLS_SUFFIX), flags, 0o644)
            self._index = os.open(home / (stem + INDEX_SUFFIX), flags, 0o644)
        except OSError as error:
            raise StoreError(cause=error.strerror or "?") from None

    def __enter__(self) -> Self:
        """Write within the block."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Make what was written durable."""
        self.close()

    def write(self, cell: int, body: bytes) -> None:
        """Keep one more cell; once this returns, every reader finds it. Raises: StoreError (disk full)."""
        record = _RECORD.pack(cell, self._offset_bytes, len(body), zlib.crc32(body))
        try:
            _write_all(self._cells, body)
            _write_all(self._index, record + _CHECK.pack(zlib.crc32(record)))
        except OSError as error:
            raise StoreError(cause=error.strerror or "?") from None
        self._offset_bytes += len(body)

    def close(self) -> None:
        """Make what was written durable and close the files; once for each writer. Raises: StoreError."""
        try:
            os.fsync(self._cells)
            os.fsync(self._index)
        except OSError as error:
            raise StoreError(cause=error.strerror or "?") from None
        finally:
            os.close(self._cells)
            os.close(self._index)


def _write_all(fd: int, body: bytes) -> None:
    left = memoryview(body)
    while left:
        left = left[os.write(fd, left) :]


def read_index(index: Path, skip_bytes: int = 0) -> Iterator[tuple[int, CellPlace]]:
    """Yield (cell, place) for each whole record of an index file from `skip_bytes` on.

    It stops at the first torn or damaged record, and at one whose cell is longer than what the file of cells holds.
    """
    cells = index.with_suffix(CELLS_SUFFIX)
    try:
        with index.open("rb") as file:
            file.seek(skip_bytes)
            records = file.read()
        held_bytes = cells.stat().st_size
    except OSError:
        return
    for at in range(0, len(records) - RECORD_BYTES + 1, RECORD_BYTES):
        record = records[at : at + _RECORD.size]
        (check,) = _CHECK.unpack_from(records, at + _RECORD.size)
        cell, offset_bytes, size_bytes, checksum = _RECORD.unpack(record)
        if check != zlib.crc32(record) or offset_bytes + size_bytes > held_bytes:
            return
        yield cell, CellPlace(cells, offset_bytes, size_bytes, checksum)


def read_cell(place: CellPlace) -> bytes:
    """Return the bytes of a cell. Raises: StoreError when they are gone or not what was written."""
    try:
        with place.file.open("rb", buffering=0) as file:
            body = os.pread(file.fileno(), place.size_bytes, place.offset_bytes)
    except OSError as error:
        raise StoreError(cause=error.strerror or "?") from None
    if len(body) != place.size_bytes or zlib.crc32(body) != place.checksum:
        raise StoreError(cause="checksum")
    return body


def read_pieces(place: CellPlace, piece_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of a long cell, some at a time, unchecked. Raises: StoreError when they are gone."""
    try:
        with place.file.open("rb", buffering=0) as file:
            for at in range(0, place.size_bytes, piece_bytes):
                yield os.pread(file.fileno(), min(piece_bytes, place.size_bytes - at), place.offset_bytes + at)
    except OSError as error:
        raise StoreError(cause=error.strerror or "?") from None
