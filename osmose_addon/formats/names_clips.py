"""What paths say of home videos: the day they were taken, as phones and cameras write it, and what people add."""

import re
from collections.abc import Sequence
from datetime import date

from osmose_addon.formats.names_read import Told, clean, spaced
from osmose_addon.model.media import Description, TitleKind

# 20240501, 2024-05-01, 2024.05.01, with or without a time behind it: _123456, T12-34-56, 12.34, " at 12.34.56"
_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([ ._-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d(?!\d{5}))"
    r"(?:(?:[ T._-]{0,3}|[ _](?:at|um)[ _])([01]\d|2[0-3])[-:.h_]?([0-5]\d)"
    r"(?:[-:.m_]?([0-5]\d))?(?:[.,_-]?\d{3})?s?(?!\d))?",
)
# 01.05.2024 as Central Europe writes it
_DAY_FIRST = re.compile(r"(?<![\d.])(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.((?:19|20)\d\d)(?!\d)")
_MONTH = re.compile(r"^((?:19|20)\d\d)(?:[ ._-]?(0[1-9]|1[0-2]))?(?![\d])")
_CAMERA = re.compile(
    r"(?i)(?<![^\W_])(?:vid|img|pxl|mvimg|mvi|mov|dsc[fn]?|dji|gopr|g[hxp]\d{2}|p10\d|c|cimg|movi|mah|hni|m2u|sany|"
    r"whatsapp (?:video|image)|wa|signal|video|screen[ _]?record(?:ing|er)?|bildschirmaufnahme|trim|clip|capture|"
    r"rpreplay|inshot|snapchat|telegram|received)(?=[ _.-]|\d|$)[ _.-]{0,2}",
)
_COUNT = re.compile(r"(?<![^\W_])(?:wa)?\d{1,10}(?![^\W_])|\(\d{1,4}\)|~\d")
_CAMERA_FOLDER = re.compile(
    r"(?i)^(?:dcim|camera(?: roll)?|\d{3}[a-z0-9_]{3,8}|private|avchd|bdmv|stream|videos?|movies?|whatsapp.*)$"
)
_MARKS_OF_MAKING = re.compile(r"(?i)(?:[ ._-](?:mp|lv|night|ts|main|pano|burst|cover|hd|uhd|4k|\d{3,4}p|\d{2,3}fps))+$")


def clip(folders: Sequence[str], stem: str) -> Told:
    """Return what the path of a home video tells. `folders` lie above the file, the nearest last."""
    own_day, time, words = _parts(stem)
    day_above, event = "", ""
    if folders and not _CAMERA_FOLDER.match(folders[-1]):
        day_above, _, event = _parts(folders[-1])
    day = own_day or day_above
    told = Description(TitleKind.HOME_VIDEO, taken_on=day)
    year = int(day[:4]) if day else next((year for folder in reversed(folders) if (year := _year(folder))), 0)
    return Told(_name(stem, words, event, f"{own_day} {time}".strip()), year, told)


def _name(stem: str, words: str, event: str, when: str) -> str:
    if words:
        return words
    token = when or clean(spaced(stem)) or "?"
    return f"{event} · {token}" if event else token


def _parts(text: str) -> tuple[str, str, str]:
    """Return the day and the time that a name tells, and its words without them; empty where there are none."""
    day = time = ""
    rest = _MARKS_OF_MAKING.sub("", text)
    if found := _DAY.search(rest):
        day = _iso(found[1], found[3], found[4])
        time = f"{found[5]}:{found[6]}" if found[5] else ""
    elif found := _DAY_FIRST.search(rest):
        day = _iso(found[3], found[2], found[1])
    elif found := _MONTH.match(rest):
        return "", "", _words(rest[found.end() :])
    if not day or found is None:
        return "", "", _words(rest)
    return day, time, _words(f"{rest[: found.start()]} {rest[found.end() :]}")


def _words(text: str) -> str:
    """Return what people wrote, without what cameras did."""
    left = clean(spaced(_CAMERA.sub(" ", text)))
    letters = [letter for letter in _COUNT.sub(" ", left) if letter.isalpha()]
    is_word = len(letters) > 1 or any(not letter.isascii() for letter in letters)
    return left if is_word else ""


def _year(folder: str) -> int:
    found = _MONTH.match(folder)
    return int(found[1]) if found else 0


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
