"""Reading MP4 boxes that we wrote ourselves. Source: ISO/IEC 14496-12, sections 4.2 and 8.8.

Cells are written by workers that read foreign media, so nothing here believes a length without looking.
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_HEAD = struct.Struct(">I4s")
_FRAGMENT_FLAGS = 0x020000
_ROWS_FLAGS = 0x701
_OFFSETS_FLAG = 0x800
_NOT_KEY = 0x10000


class BadBoxError(ValueError):
    """These are not the boxes that were expected."""


class Box(NamedTuple):
    """Where a box lies: its kind, where it begins, where its content begins, and where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


@dataclass(frozen=True, slots=True)
class SampleRun:
    """The samples of one fragment of one track, in decode order: how long each lasts, its bytes, its offset, its kind.

    `data_bytes` is where their bytes begin, counted from the start of the `moof`.
    """

    start_ticks: int
    data_bytes: int
    lasts_ticks: "array[int]"
    sizes_bytes: "array[int]"
    offsets_ticks: "array[int]"
    keys: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        """How many bytes all samples have."""
        return sum(self.sizes_bytes)


def boxes(body: bytes, at: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes that lie side by side in a stretch of bytes. Raises: BadBoxError."""
    end = len(body) if end is None else end
    while at < end:
        if at + _HEAD.size > end:
            raise BadBoxError("torn head")
        size, kind = _HEAD.unpack_from(body, at)
        if not _HEAD.size <= size <= end - at:
            raise BadBoxError("wrong size")
        yield Box(kind, at, at + _HEAD.size, at + size)
        at += size


def inner(body: bytes, *path: bytes) -> bytes:
    """Return the first box at a path such as `moov`, `trak`, with its head. Raises: BadBoxError."""
    found = Box(b"", 0, 0, len(body))
    for kind in path:
        fitting = (one for one in boxes(body, found.content, found.end) if one.kind == kind)
        below = next(fitting, None)
        if below is None:
            raise BadBoxError(f"no {kind!r}")
        found = below
    return body[found.start : found.end]


def sample_run(moof: bytes) -> SampleRun:
    """Return the samples that a `moof` of one track tells of. Raises: BadBoxError."""
    fragment = inner(moof, b"moof", b"traf")
    head, times, rows = (inner(fragment, b"traf", kind) for kind in (b"tfhd", b"tfdt", b"trun"))
    try:
        (flags,) = struct.unpack_from(">I", head, 8)
        version, start_ticks = struct.unpack_from(">BxxxQ", times, 8)
        row_flags, count, data_bytes = struct.unpack_from(">IIi", rows, 8)
    except struct.error:
        raise BadBoxError("too short") from None
    has_offsets = bool(row_flags & _OFFSETS_FLAG)
    width = 4 if has_offsets else 3
    table = rows[20:]
    expected = (_FRAGMENT_FLAGS, 1, 1 << 24 | _ROWS_FLAGS, count * width * 4)
    if (flags, version, row_flags & ~_OFFSETS_FLAG, len(table)) != expected or not count:
        raise BadBoxError("not a fragment of ours")
    return _run(start_ticks, data_bytes, table, width)


def _run(start_ticks: int, data_bytes: int, table: bytes, width: int) -> SampleRun:
    """Return the columns of a table; whole columns are cut out at once, a film has half a million rows."""
    cells = big_endian(array("I", table))
    lasts, sizes, flags = cells[0::width], cells[1::width], cells[2::width]
    offsets = array("i", cells[3::width].tobytes()) if width > 3 else array("i", bytes(4 * len(lasts)))  # noqa: PLR2004
    keys = tuple(place for place, one in enumerate(flags) if not one & _NOT_KEY)
    return SampleRun(start_ticks, data_bytes, lasts, sizes, offsets, keys)


def big_endian(numbers: "array[int]") -> "array[int]":
    """Turn numbers between this machine's order of bytes and that of MP4, in place, and return them."""
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
