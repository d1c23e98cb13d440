"""What a run that was killed left behind among the cells: begun files of which nobody will ever read anything."""

import os
from collections.abc import Iterator
from pathlib import Path

from osmose_addon.stores.segments.cellfile import CELLS_SUFFIX, INDEX_SUFFIX, RECORD_BYTES

_PART_SUFFIX = ".part"


def tidy(home: Path) -> int:
    """Delete chunks without a whole cell and files that were never finished; return how many files went.

    Only for a time when nobody writes below `home`. Blocking: call it in a thread.
    """
    return sum(_delete(path) for folder, names in _folders(home) for path in _litter(folder, set(names)))


def _folders(home: Path) -> Iterator[tuple[Path, list[str]]]:
    for folder, _below, names in os.walk(home):
        yield Path(folder), names


def _litter(folder: Path, names: set[str]) -> Iterator[Path]:
    for name in names:
        path = folder / name
        is_part = name.startswith(".") and name.endswith(_PART_SUFFIX)
        if is_part or (name.endswith(CELLS_SUFFIX) and path.with_suffix(INDEX_SUFFIX).name not in names):
            yield path
        elif name.endswith(INDEX_SUFFIX):
            yield from _empty_chunk(path, has_cells=path.with_suffix(CELLS_SUFFIX).name in names)


def _empty_chunk(index: Path, *, has_cells: bool) -> Iterator[Path]:
    """Yield both files of a chunk of which no cell is known; cut what is left of a half-written record."""
    size_bytes = _size_bytes(index)
    if not has_cells or size_bytes < RECORD_BYTES:
        yield index
        yield from [index.with_suffix(CELLS_SUFFIX)] if has_cells else []
    elif size_bytes % RECORD_BYTES:
        _cut(index, size_bytes - size_bytes % RECORD_BYTES)


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return RECORD_BYTES  # who cannot be looked at is left alone


def _cut(path: Path, size_bytes: int) -> None:
    try:
        os.truncate(path, size_bytes)
    except OSError:
        return


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
