"""Looking through a library's folder: which files are films, and which of them changed."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from osmose_addon.stores.catalog.titles import KnownFile

RESTED_S = 10.0
"""A file counts once it has not been changed for so long: until then somebody may still be copying it."""

_FILMS = frozenset(
    b".mkv .mp4 .m4v .mov .webm .avi .ts .m2ts .mts .mpg .mpeg .vob .flv .wmv .asf .ogv .ogm .3gp .3g2 .divx".split(),
)
_PASSED_OVER = frozenset((b"lost+found", b"System Volume Information"))
_HIDDEN_BEGINNINGS = (b".", b"~", b"@", b"#", b"$")


@dataclass(frozen=True, slots=True)
class Seen:
    """A film file on disk. `path` may hold any bytes, `changed_ns` is its time of last change."""

    path: bytes
    size_bytes: int
    changed_ns: int


@dataclass(slots=True)
class Found:
    """All film files of a folder, and the folders below it that could not be read."""

    files: dict[bytes, Seen] = field(default_factory=dict)
    unread: list[bytes] = field(default_factory=list)
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new or changed, what still changes, and what is gone."""

    fresh: tuple[Seen, ...]
    restless: tuple[Seen, ...]
    gone: tuple[bytes, ...]


def walk(root: bytes) -> Found:
    """Find all film files below a folder. Links are followed, none twice. Blocking: call it in a thread.

    Raises: OSError when the folder itself cannot be read.
    """
    found = Found()
    found.is_empty = not os.listdir(root)  # noqa: PTH208 - names are bytes
    visited: set[tuple[int, int]] = set()
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            status = os.stat(folder)  # noqa: PTH116 - names are bytes
            if (status.st_dev, status.st_ino) not in visited:
                visited.add((status.st_dev, status.st_ino))
                pending += _look_into(folder, found)
        except OSError:
            found.unread.append(folder)
    return found


def compare(found: Found, known: Mapping[bytes, KnownFile], now_ns: int) -> Changes:
    """Return what changed since the files that are `known` were seen. `now_ns` is the wall clock.

    While a file still changes, none counts as gone: it may be one that is being renamed.
    """
    new = [seen for seen in found.files.values() if _differs(seen, known.get(seen.path))]
    restless = tuple(seen for seen in new if 0 <= now_ns - seen.changed_ns < RESTED_S * 1e9)
    fresh = tuple(seen for seen in new if seen not in restless)
    if restless:
        return Changes(fresh, restless, ())
    unread = tuple(folder + b"/" for folder in found.unread)
    gone = (path for path in known if path not in found.files and not path.startswith(unread))
    return Changes(fresh, restless, tuple(gone))


def _differs(seen: Seen, known: KnownFile | None) -> bool:
    return known is None or (known.size_bytes, known.changed_ns) != (seen.size_bytes, seen.changed_ns)


def _look_into(folder: bytes, found: Found) -> list[bytes]:
    """Note the films of one folder and return the folders in it."""
    below = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_HIDDEN_BEGINNINGS) or entry.name in _PASSED_OVER:
                continue
            if entry.is_dir():
                below.append(entry.path)
            else:
                found.files.update((seen.path, seen) for seen in _film(entry))
    return below


def _film(entry: "os.DirEntry[bytes]") -> Iterator[Seen]:
    if os.path.splitext(entry.name)[1].lower() not in _FILMS or not entry.is_file():  # noqa: PTH122 - names are bytes
        return
    path = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
    try:
        status = os.stat(path)  # noqa: PTH116 - names are bytes
    except OSError:
        return
    yield Seen(path, status.st_size, status.st_mtime_ns)
