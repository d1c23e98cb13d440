"""Looking through a library's folder: which files are films, and which of them changed."""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from osmose_addon.model.config import LibraryKind
from osmose_addon.services.libraries.beside import (
    NOTHING,
    Beside,
    Folder,
    ShowFile,
    bare,
    is_companion,
    is_subtitle_folder,
    sort_out,
    stem_of,
)
from osmose_addon.stores.catalog.files import KnownFile

RESTED_S = 10.0
"""A file counts once it has not been changed for so long: until then somebody may still be copying it."""
KEPT_S = 86_400.0
"""A file that is missing for so long is forgotten, and all that was made of it."""

_FILMS = frozenset(
    b".mkv .mp4 .m4v .mov .webm .avi .ts .m2ts .mts .mpg .mpeg .vob .flv .wmv .asf .ogv .ogm .3gp .3g2 .divx".split(),
)
_PASSED_OVER = frozenset((b"lost+found", b"System Volume Information"))
_NOWHERE = (errno.ELOOP, errno.EACCES, errno.ENAMETOOLONG)
_HIDDEN_BEGINNINGS = (b".", b"~", b"@", b"#", b"$")


@dataclass(frozen=True, slots=True)
class Seen:
    """A film file on disk. `path` may hold any bytes, `changed_ns` is its time of last change.

    `beside` is what lies beside it and belongs to it.
    """

    path: bytes
    size_bytes: int
    changed_ns: int
    beside: Beside = NOTHING


@dataclass(slots=True)
class Found:
    """All film files of a folder, and the folders below it that could not be read."""

    files: dict[bytes, Seen] = field(default_factory=dict)
    unread: list[bytes] = field(default_factory=list)
    is_empty: bool = False


class Moment(NamedTuple):
    """When a look was: by the wall clock, and by one that never goes back."""

    unix_s: float
    monotonic_s: float


@dataclass(frozen=True, slots=True)
class Restless:
    """A file that may still change: how it looked, and since when it looks so (monotonic)."""

    seen: Seen
    since_s: float


@dataclass(slots=True)
class Changes:
    """What a look found: new or changed files, those that were missing and are there again, and those missing now.

    `restless` still change, by path; `old` were missing for so long that they are forgotten. Of files in `beside` only
    what lies beside them changed.
    """

    fresh: list[Seen] = field(default_factory=list)
    restless: dict[bytes, Restless] = field(default_factory=dict)
    back: list[bytes] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)
    old: list[bytes] = field(default_factory=list)
    beside: list[Seen] = field(default_factory=list)


def walk(root: bytes, kind: LibraryKind = LibraryKind.FILMS) -> Found:
    """Find all film files below a folder. Links are followed, none twice. Blocking: call it in a thread.

    Raises: OSError when the folder itself cannot be read.
    """
    found = Found()
    found.is_empty = not os.listdir(root)  # noqa: PTH208 - names are bytes
    visited: set[tuple[int, int]] = set()
    pending = [(root, ShowFile())]
    while pending:
        path, show = pending.pop()
        try:
            status = os.stat(path)  # noqa: PTH116 - names are bytes
            if (status.st_dev, status.st_ino) not in visited:
                visited.add((status.st_dev, status.st_ino))
                folder = Folder(path, show)
                below = _look_into(folder, kind, found)
                pending += [(path, folder.show) for path in below]
        except OSError:
            found.unread.append(path)
    return found


def compare(found: Found, known: Mapping[bytes, KnownFile], before: Mapping[bytes, Restless], now: Moment) -> Changes:
    """Return what changed since the files that are `known` were seen. `before` were restless at the look before.

    The clock of a network share may be wrong, so a time of change is believed only at first sight, and only if it lies
    in the past; else a file must look the same for some seconds.
    """
    changes = Changes()
    for seen in found.files.values():
        row = known.get(seen.path)
        if row is not None and (row.size_bytes, row.changed_ns) == (seen.size_bytes, seen.changed_ns):
            changes.back += [seen.path] if row.gone_unix_s else []
            changes.beside += [seen] if row.beside != seen.beside.stamp else []
            continue
        since = _since(seen, before.get(seen.path), now)
        is_old = row is None and seen.path not in before and now.unix_s - seen.changed_ns / 1e9 > RESTED_S
        if is_old or now.monotonic_s - since.since_s >= RESTED_S:
            changes.fresh.append(seen)
        else:
            changes.restless[seen.path] = since
    _find_missing(found, known, changes, now)
    return changes


def pause_s(restless: Mapping[bytes, Restless], now: Moment, longest_s: float) -> float:
    """Return how long to wait before the next look."""
    rested_s = min((file.since_s + RESTED_S for file in restless.values()), default=now.monotonic_s + longest_s)
    return max(rested_s - now.monotonic_s, 0.0) + 0.1


def _since(seen: Seen, before: Restless | None, now: Moment) -> Restless:
    return before if before is not None and before.seen == seen else Restless(seen, now.monotonic_s)


def _find_missing(found: Found, known: Mapping[bytes, KnownFile], changes: Changes, now: Moment) -> None:
    """Note files that are missing, but for those that a restless one of the same size may be under a new name."""
    sizes = {file.seen.size_bytes for file in changes.restless.values()}
    unread = tuple(folder + b"/" for folder in found.unread)
    for path, row in known.items():
        if path in found.files or path.startswith(unread):
            continue
        if row.gone_unix_s:
            changes.old += [path] if now.unix_s - row.gone_unix_s > KEPT_S else []
        elif row.size_bytes not in sizes:
            changes.gone.append(path)


def _look_into(folder: Folder, kind: LibraryKind, found: Found) -> list[bytes]:
    """Note the films of one folder and what belongs to them, and return the folders in it."""
    below = []
    with os.scandir(folder.path) as entries:
        for entry in entries:
            if entry.name.startswith(_HIDDEN_BEGINNINGS) or entry.name in _PASSED_OVER:
                continue
            if _leads_to(entry, is_folder=True):
                below.append(entry.path)
                folder.subtitle_folders += [entry.path] if is_subtitle_folder(entry.name) else []
            elif is_companion(entry.name):
                folder.companions.append(entry)
            elif _is_film(entry):
                path = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                folder.films.setdefault(stem_of(entry.name), []).append(path)
    _note(folder, kind, found)
    return below


def _note(folder: Folder, kind: LibraryKind, found: Found) -> None:
    besides, nothing = sort_out(folder, kind), bare(kind)
    for stem, paths in folder.films.items():
        beside = besides.get(stem, nothing)
        found.files.update((seen.path, seen) for path in paths for seen in look_at(path, beside))


def look_at(path: bytes, beside: Beside = NOTHING) -> tuple[Seen, ...]:
    """Return the file at a path, or nothing when it is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116 - names are bytes
    except OSError:
        return ()
    return (Seen(path, status.st_size, status.st_mtime_ns, beside),)


def _is_film(entry: "os.DirEntry[bytes]") -> bool:
    """Whether this is a film by its name; pipes, sockets and devices are passed over, whatever their name."""
    is_named = os.path.splitext(entry.name)[1].lower() in _FILMS  # noqa: PTH122 - names are bytes
    return is_named and _leads_to(entry, is_folder=False)


def _leads_to(entry: "os.DirEntry[bytes]", *, is_folder: bool) -> bool:
    """Whether an entry is a folder (or a file), or a link to one.

    A link in a circle, or to where we may not look, is neither.

    Raises: OSError when the disk fails, so that the whole folder counts as unread.
    """
    try:
        return entry.is_dir() if is_folder else entry.is_file()
    except OSError as error:
        if error.errno not in _NOWHERE:
            raise
    return False
