"""What lies beside a film and belongs to it: subtitles, NFO files, a picture.

Files are told by name; only those that belong to a film are asked for their size and time. Links are not followed:
what they lead to may be anybody's.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from osmose_addon.formats.names import RULES
from osmose_addon.formats.names_read import read, text_of
from osmose_addon.formats.sidecars import SUBTITLES, owner, text_track
from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import TextTrack

_PICTURES = (b".jpg", b".jpeg", b".png", b".webp")
_ENDINGS = frozenset((*SUBTITLES, *_PICTURES, b".nfo"))
_SUBTITLE_FOLDERS = frozenset((b"subs", b"subtitles", b"sub", b"untertitel"))
_OWN_PICTURES = (b"-poster", b"-cover", b"-thumb", b"")
_FOLDER_PICTURES = (b"poster", b"cover", b"folder", b"movie")
_EXTRAS = (b"-trailer", b"-sample", b"-featurette", b"-behindthescenes", b"-deleted", b"-interview", b"-scene")
_ONLY_EXTRAS = frozenset((b"trailer", b"sample"))
_MOST_SUBTITLES = 64
_MOST_ENTRIES = 1000
_STAMP_BYTES = 8

Entry = os.DirEntry[bytes]


@dataclass(frozen=True, slots=True)
class Beside:
    """What belongs to one film. Paths are empty where there is none.

    `stamp` is a short text that changes whenever any of it does, or the rules its names are read by; `artwork_stamp`
    only with the picture.
    """

    stamp: str
    nfo: bytes = b""
    show_nfo: bytes = b""
    artwork: bytes = b""
    artwork_stamp: str = ""
    sidecars: tuple[TextTrack, ...] = ()


NOTHING = Beside("")


@dataclass(frozen=True, slots=True)
class ShowFile:
    """The NFO of a show, in its folder or one above; `look` changes with it."""

    path: bytes = b""
    look: bytes = b""


@dataclass(slots=True)
class Folder:
    """What a look into one folder found, by kind. Films by `stem_of` their names. `show` holds below it too."""

    path: bytes
    show: "ShowFile"
    films: dict[bytes, list[bytes]] = field(default_factory=dict)
    companions: list[Entry] = field(default_factory=list)
    subtitle_folders: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    """Files that belong to one film."""

    nfo: Entry | None = None
    pictures: dict[int, Entry] = field(default_factory=dict)
    subtitles: list[tuple[Entry, str]] = field(default_factory=list)


def bare(kind: LibraryKind) -> Beside:
    """Return what stands for nothing beside a film of such a library."""
    return Beside(f"{kind.value}.{RULES}")


def stem_of(name: bytes) -> bytes:
    """Return a file's name without its ending, in lower case: network shares do not care."""
    return _split(name)[0].lower()


def is_companion(name: bytes) -> bool:
    """Whether a file may belong to a film, by its ending."""
    return os.path.splitext(name)[1].lower() in _ENDINGS  # noqa: PTH122 - names are bytes


def is_subtitle_folder(name: bytes) -> bool:
    """Whether a folder holds subtitles for the films beside it."""
    return name.lower() in _SUBTITLE_FOLDERS


def sort_out(folder: Folder, kind: LibraryKind) -> dict[bytes, Beside]:
    """Return what belongs to each film of a folder, by `stem_of` its name; films with nothing are left out.

    `folder.show` becomes the NFO of this folder if it has one. Blocking. Raises: OSError.
    """
    found: dict[bytes, _Found] = {}
    lone = _lone(folder.films)
    shared = list[Entry]()
    for entry in folder.companions:
        stem, ending = _split(entry.name)
        if ending == b".nfo" and stem.lower() == b"tvshow":
            folder.show = _show_file(entry) or folder.show
        elif not _put(entry, stem, ending, folder.films, found):
            shared.append(entry)
    _share(shared, folder, kind, lone, found)
    for entry, stem in _in_subtitle_folders(folder):
        told = owner(stem, folder.films) or ((lone, text_of(stem)) if lone else None)
        if told:
            found.setdefault(told[0], _Found()).subtitles.append((entry, told[1]))
    show = folder.show if kind is LibraryKind.SERIES else ShowFile()
    films = folder.films if show.path else found
    return {film: _beside(found.get(film) or _Found(), show, kind) for film in films}


def _put(entry: Entry, stem: bytes, ending: bytes, films: dict[bytes, list[bytes]], found: dict[bytes, _Found]) -> bool:
    """Give a file to the film its name begins with, if there is one."""
    if ending in SUBTITLES:
        told = owner(stem, films)
        if told:
            found.setdefault(told[0], _Found()).subtitles.append((entry, told[1]))
        return told is not None
    stem = stem.lower()
    if ending == b".nfo":
        if stem in films:
            found.setdefault(stem, _Found()).nfo = entry
        return stem in films
    for rank, suffix in enumerate(_OWN_PICTURES):
        film = stem[: len(stem) - len(suffix)]
        if stem.endswith(suffix) and film in films:
            found.setdefault(film, _Found()).pictures.setdefault(rank, entry)
            return True
    return False


def _share(shared: Iterable[Entry], folder: Folder, kind: LibraryKind, lone: bytes, found: dict[bytes, _Found]) -> None:
    """Give files that are named for their folder to the film in it, or to all parts and versions of that film."""
    if not shared or kind is LibraryKind.SERIES:
        return
    name = folder.path.rsplit(b"/", 1)[-1].lower()
    is_film = kind is LibraryKind.FILMS and read(text_of(name)).is_bracketed
    films = [lone] if lone else list(folder.films) if is_film else []
    for entry in shared:
        stem, ending = _split(entry.name)
        if ending in SUBTITLES:
            told = owner(stem, (name,)) if is_film else None
            added = told[1] if told else text_of(stem) if lone else None
            for film in films if added is not None else ():
                found.setdefault(film, _Found()).subtitles.append((entry, added or ""))
            continue
        rank = _rank(stem.lower(), name if is_film else b"movie")
        for film in films if rank is not None else ():
            mine = found.setdefault(film, _Found())
            if ending != b".nfo":
                mine.pictures.setdefault(len(_OWN_PICTURES) + (rank or 0), entry)
            elif stem.lower() in (b"movie", name):
                mine.nfo = mine.nfo or entry


def _rank(stem: bytes, name: bytes) -> int | None:
    """Return the place of a folder's file among its pictures, `None` for one that is nobody's."""
    if stem in _FOLDER_PICTURES:
        return _FOLDER_PICTURES.index(stem)
    is_named = any(stem == name + suffix for suffix in _OWN_PICTURES)
    return len(_FOLDER_PICTURES) if is_named else None


def _lone(films: dict[bytes, list[bytes]]) -> bytes:
    """Return the only film of a folder, if it is that; trailers do not count."""
    if len(films) > len(_EXTRAS):
        return b""
    whole = [stem for stem in films if not stem.endswith(_EXTRAS) and stem not in _ONLY_EXTRAS]
    return whole[0] if len(whole) == 1 and len(films[whole[0]]) == 1 else b""


def _in_subtitle_folders(folder: Folder) -> Iterator[tuple[Entry, bytes]]:
    """Yield subtitle files in folders for them, with the name they go by: that of a folder below counts as theirs."""
    for path in folder.subtitle_folders:
        for entry in _entries(path):
            stem, ending = _split(entry.name)
            if ending in SUBTITLES:
                yield entry, stem
            elif entry.name.lower() in folder.films and entry.is_dir(follow_symlinks=False):
                for below in _entries(entry.path):
                    stem, ending = _split(below.name)
                    if ending in SUBTITLES:
                        yield below, entry.name + b"." + stem


def _entries(path: bytes) -> Sequence[Entry]:
    try:
        with os.scandir(path) as entries:
            seen = sorted(entries, key=lambda entry: entry.name)
            return [entry for entry in seen if not entry.name.startswith(b".")][:_MOST_ENTRIES]
    except OSError:
        return ()


def _beside(found: _Found, show: ShowFile, kind: LibraryKind) -> Beside:
    told = blake2b(digest_size=_STAMP_BYTES)
    nfo = _stamped([found.nfo] if found.nfo else [], told)
    picture = blake2b(digest_size=_STAMP_BYTES)
    artwork = _stamped([found.pictures[rank] for rank in sorted(found.pictures)][:1], picture)
    told.update(picture.digest() if artwork else b"")
    order = sorted(found.subtitles, key=lambda subtitle: subtitle[0].path)[:_MOST_SUBTITLES]
    there = set(_stamped([entry for entry, _added in order], told))
    added = [(entry.path, _split(entry.name)[1], added) for entry, added in order if entry.path in there]
    told.update(show.look)
    return Beside(
        stamp=f"{bare(kind).stamp}.{told.hexdigest()}",
        nfo=nfo[0] if nfo else b"",
        show_nfo=show.path,
        artwork=artwork[0] if artwork else b"",
        artwork_stamp=picture.hexdigest() if artwork else "",
        sidecars=tuple(text_track(number, *track) for number, track in enumerate(added)),
    )


def _show_file(entry: Entry) -> ShowFile | None:
    look = _look(entry)
    return ShowFile(entry.path, look) if look else None


def _stamped(entries: Iterable[Entry], told: "blake2b") -> list[bytes]:
    """Return the paths of those entries that are plain files, and let `told` know how they look."""
    there = []
    for entry in entries:
        look = _look(entry)
        if look:
            told.update(look)
            there.append(entry.path)
    return there


def _look(entry: Entry) -> bytes:
    """Return what changes with a file; nothing if it is no plain file, or just went."""
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return b""
    is_plain = stat.S_ISREG(status.st_mode)
    return b"%b\0%d\0%d\0" % (entry.path, status.st_size, status.st_mtime_ns) if is_plain else b""


def _split(name: bytes) -> tuple[bytes, bytes]:
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - names are bytes
    return stem, ending.lower()
