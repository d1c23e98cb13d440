"""What paths say of films: `Title (Year)`, names of releases, editions, discs and extras."""

import re
import string
from collections.abc import Sequence

from osmose_addon.formats.names_read import Read, Told, clean, likeness, read, spaced

_DISC_FOLDERS = frozenset(("video_ts", "audio_ts", "bdmv", "stream", "mpegav", "hvdvd_ts"))
_EXTRAS = frozenset(
    (
        *(
            "extras",
            "extra",
            "featurettes",
            "featurette",
            "behind the scenes",
            "deleted scenes",
            "interviews",
            "scenes",
        ),
        *("shorts", "trailers", "trailer", "clips", "other", "samples", "sample", "bonus", "bonus material"),
    ),
)
_EXTRA_FILES = frozenset(("trailer", "sample"))
_EXTRA_ENDING = re.compile(
    r"(?i)-(trailer|sample|featurette|behindthescenes|deleted|deletedscene|interview|scene|short|extra|clip|other)"
    r"[ -]?(\d{0,2})$",
)
_EDITION = re.compile(
    r"(?i)(?<![^\W_])(director'?s'?[ -]cut|final cut|theatrical(?: (?:cut|edition|version))?|"
    r"extended(?: (?:director'?s )?(?:cut|edition|version))?|unrated(?: cut)?|uncut|remastered|special edition|"
    r"ultimate (?:cut|edition)|collector'?s edition|(?:\d{1,3}th )?anniversary edition|imax(?: edition)?|open matte|"
    r"criterion(?: (?:collection|edition))?|redux|fan ?edit|kinofassung|langfassung)(?![^\W_])",
)
_TOLD_EDITION = re.compile(r"(?i)\{edition-([^}]{1,60})\}")
_PART = re.compile(r"(?i)(?<![^\W_])(?:cd|dvd|dis[ck]|part|pt|teil)[ ._-]?(\d{1,2}|[a-d])(?![^\W_])")
_SOME_FILE = re.compile(r"(?i)^(?:movie|film|video|title[ _]?t?\d{1,3}|\d{1,5}|[a-z0-9]{1,8}-.*)$")


def film(folders: Sequence[str], stem: str) -> Told:
    """Return what the path of a film tells. `folders` lie above the file, the nearest last."""
    if ending := _EXTRA_ENDING.search(stem):
        told = film(folders, stem[: ending.start()])
        return Told(f"{told.name} · {' '.join(filter(None, (ending[1].capitalize(), ending[2])))}", told.year)
    if folders and _PART.fullmatch(folders[-1]):
        return _named(folders[:-1], stem, folders[-1])
    whole = _film_folders(folders)
    if whole and stem.casefold() in _EXTRA_FILES:
        return _below(whole, stem.capitalize())
    return _named(folders, stem) if len(whole) == len(folders) else _below(whole, stem)


def _film_folders(folders: Sequence[str]) -> Sequence[str]:
    """Return the folders down to that of the film, without those of a disc or of extras in it."""
    for number, folder in enumerate(folders):
        if folder.casefold() in _DISC_FOLDERS:
            return folders[:number]
    return folders[:-1] if folders and folders[-1].casefold() in _EXTRAS else folders


def _named(folders: Sequence[str], stem: str, disc: str = "") -> Told:
    own, above = read(stem), read(folders[-1]) if folders else read("")
    told = above if _tells_more(above, own) else own
    is_own = told is own
    # A number of a part belongs to the name before a year, and to the disc behind it.
    behind = f"{own.rest} {disc}" if is_own and own.year else f"{stem if not is_own else own.rest} {disc}"
    name = told.name or above.name or "?"
    extra = (_edition(f"{stem} {told.rest}", behind, name), _part(behind, name))
    is_odd = stem.count(".") > 1 or "[" in stem or not told.name
    return Told(" · ".join(filter(None, (name, *extra))), told.year, is_sure=bool(told.year) or not is_odd)


def _tells_more(above: Read, own: Read) -> bool:
    """Whether the folder tells the film better than the file does."""
    if not above.name or not above.year:
        return not own.name and bool(above.name)
    if own.year:
        return not own.name
    if above.is_bracketed or above.has_marks or not own.name:
        return True
    return likeness(own.name) in likeness(above.name) or _SOME_FILE.match(own.name) is not None


def _edition(braced: str, behind: str, name: str) -> str:
    if told := _TOLD_EDITION.search(braced):
        return clean(told[1])
    found = _EDITION.search(spaced(behind))
    return "" if found is None or likeness(found[1]) in likeness(name) else string.capwords(found[1])


def _part(behind: str, name: str) -> str:
    found = _PART.search(behind)
    return "" if found is None or likeness(found[0]) in likeness(name) else f"Part {found[1].upper()}"


def _below(folders: Sequence[str], stem: str) -> Told:
    """Return what tells of something that belongs to the film a folder is named after."""
    own = clean(spaced(stem)) or "?"
    if not folders:
        return Told(own)
    above = read(folders[-1])
    return Told(f"{above.name} · {own}" if above.name else own, above.year)
