"""Making room among cells: which chunks were not used for the longest time, and deleting them.

The time of change of a file of cells is when it was written or last used; nothing else remembers it.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from osmose_addon.stores.segments.cellfile import CELLS_SUFFIX, INDEX_SUFFIX


@dataclass(frozen=True, slots=True)
class Evicted:
    """What was deleted: how much, and cells of which titles."""

    size_bytes: int
    title_ids: frozenset[str]


class _Chunk(NamedTuple):
    used_ns: int
    size_bytes: int
    title_id: str
    file: Path


def touch(files: Iterable[Path]) -> None:
    """Note that files of cells were used just now. Blocking: call it in a thread."""
    for file in files:
        try:
            os.utime(file)
        except OSError:
            continue


def evict(home: Path, size_bytes: int, spared: Collection[str], *, or_nothing: bool = False) -> Evicted:
    """Delete whole chunks, the one unused for longest first, until so much is free. Blocking: call it in a thread.

    With `or_nothing` none goes where all of them are not enough.
    """
    freed_bytes, title_ids = 0, set()
    chunks = sorted(_chunks(home, spared))
    if or_nothing and sum(chunk.size_bytes for chunk in chunks) < size_bytes:
        chunks = []
    for chunk in chunks:
        if freed_bytes >= size_bytes:
            break
        if _delete(chunk.file):
            freed_bytes += chunk.size_bytes
            title_ids.add(chunk.title_id)
    return Evicted(freed_bytes, frozenset(title_ids))


def _chunks(home: Path, spared: Collection[str]) -> Iterator[_Chunk]:
    titles = [folder for folder in home.iterdir() if folder.name not in spared] if home.is_dir() else []
    for file in (file for folder in titles for file in folder.glob(f"*/*/*{CELLS_SUFFIX}")):
        try:
            status = file.stat()
        except OSError:
            continue
        yield _Chunk(status.st_mtime_ns, status.st_size, file.relative_to(home).parts[0], file)


def _delete(file: Path) -> bool:
    """Delete a file of cells, then its index: an index without cells tells of none."""
    try:
        file.unlink()
        file.with_suffix(INDEX_SUFFIX).unlink(missing_ok=True)
    except OSError:
        return False
    return True
