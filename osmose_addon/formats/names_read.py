"""Pieces of file names as people read them: text out of bytes, separators, years, and what releases add to a name.

Every pattern here is bounded or free of nested repeats, and no more than `_LETTERS` of a name are ever looked at, so
that no name takes long.
"""

import re
import unicodedata
from dataclasses import dataclass

from osmose_addon.model.media import Description

_LETTERS = 300
_NAME_LETTERS = 200
_JOINERS = "\u200c\u200d"  # they belong to words (Persian) and to emoji
_ACRONYM = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,12}")
_HELD_DOT = "\ue000"
_BRACKET_YEAR = re.compile(r"[\[(] ?((?:18[89]|19\d|20\d)\d) ?[\])]")
# Later years stand in names of films (Blade Runner 2049, Cyberpunk 2077), not behind them.
_BARE_YEAR = re.compile(r"(?<![^ .\-])(19\d\d|20[0-3]\d)(?![^ .\-])")
_YEAR_FIRST = re.compile(r"^(19\d\d|20[0-3]\d) - (?=.)")
_MARK = re.compile(
    r"(?i)(?<![^ .\-\[(+,])(?:\d{3,4}[pi]|4k|uhd|blu-?ray|b[dr]-?rip|dvd-?(?:rip|scr|[59r])|hd-?(?:rip|tv|dvd)|"
    r"web-?(?:dl|rip)|remux|[xh][ .]?26[45]|hevc|avc|av1|xvid|divx|e?ac-?3|aac\d?|dts(?:-?hd)?|truehd|flac|"
    r"(?:8|10)-?bit|hdr(?:10\+?)?|sdr|ddp?\d?|amzn|dsnp|nfrip)(?![^ .\-\])+,])",
)
_LATE_WORDS = re.compile(
    r"(?i)[ \-.]+(?:multi|dual|dubbed|subbed|german|deutsch|english|french|truefrench|vostfr|spanish|castellano|"
    r"italian|ita|eng|ger|dl|ml|internal|proper|repack|rerip|real|limited|complete|web|dvd|hd|uncensored|custom|by|[vl]d)$",
)
_SQUARE = re.compile(r"\[[^\]]{0,120}\]|\{[^}]{0,120}\}")
_EMPTY_ROUND = re.compile(r"\( *\)|[(\[{] *$|^ *[)\]}]")
_LATE_ARTICLE = re.compile(r"(?i)^(.{1,180}), (the|a|an|der|die|das|le|la|les|el|los|las|il|lo)$")


_NOTHING = Description()


@dataclass(frozen=True, slots=True)
class Told:
    """What a path tells of the title in it. `is_sure` is false where more thorough rules may tell more."""

    name: str
    year: int = 0
    description: Description = _NOTHING
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """One part of a path, read: the name up to the year, and the rest behind it.

    `is_bracketed` tells that the year stood in brackets, `has_marks` that a release names its making.
    """

    name: str
    year: int
    rest: str
    is_bracketed: bool
    has_marks: bool


def text_of(raw: bytes) -> str:
    """Return a part of a path as one line of text; bytes that are no UTF-8 are taken for those of old Windows disks."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return plain(text)


def plain(text: str) -> str:
    """Return text as one printable line: composed, without signs that turn the direction of what follows."""
    kept = (_printable(letter) for letter in unicodedata.normalize("NFC", text[: _LETTERS * 2]))
    return " ".join("".join(kept).split())[:_LETTERS]


def spaced(text: str) -> str:
    """Return a name with spaces for the dots and underscores that stand for them; dots of acronyms stay."""
    text = text.replace("_", " ")
    if text.count(".") < max(2 * text.count(" "), 1):
        return " ".join(text.split())
    held = _ACRONYM.sub(lambda found: found[0].replace(".", _HELD_DOT) + " ", text)
    return " ".join(held.replace(".", " ").replace(_HELD_DOT, ".").split())


def read(text: str) -> Read:
    """Read one part of a path, without its ending. The name is empty where there is none."""
    text = spaced(text)
    mark = _MARK.search(text)
    if found := _BRACKET_YEAR.search(text):
        name, rest = text[: found.start()], text[found.end() :]
        if not clean(name):
            name, rest = _cut(rest)
        return Read(clean(name), int(found[1]), rest, is_bracketed=True, has_marks=mark is not None)
    if found := _YEAR_FIRST.match(text):
        name, rest = _cut(text[found.end() :])
        return Read(clean(name), int(found[1]), rest, is_bracketed=False, has_marks=mark is not None)
    head = text[: mark.start()] if mark else text
    found = _last_year(head) or _last_year(text)
    if found:
        name, rest = text[: found.start()], text[found.end() :]
        return Read(without_marks(name), int(found[1]), rest, is_bracketed=False, has_marks=mark is not None)
    name, rest = _cut(text)
    return Read(clean(name), 0, rest, is_bracketed=False, has_marks=mark is not None)


def without_marks(text: str) -> str:
    """Return a name without what a release adds to it, and without brackets."""
    return clean(_cut(text)[0])


def clean(name: str) -> str:
    """Return a name without square brackets and stray signs at its ends, its article in front."""
    bare = _tidy(_SQUARE.sub(" ", name))
    if not any(letter.isalpha() for letter in bare) and any(letter.isalpha() for letter in name):
        bare = _tidy(name.translate(str.maketrans("[]{}", "    "))) if not bare or bare.isdigit() else bare
    article = _LATE_ARTICLE.match(bare)
    return f"{article[2]} {article[1]}" if article else bare


def likeness(name: str) -> str:
    """Return a name without all that people write in different ways, to compare it by."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("&", "and"))
    return "".join(letter for letter in folded if letter.isalnum())


def _cut(text: str) -> tuple[str, str]:
    """Return what stands before the marks of a release, and the rest from there on."""
    mark = _MARK.search(text)
    if mark is None:
        return text, ""
    name = text[: mark.start()].rstrip(" -.[(")
    for _word in range(4):
        name = _LATE_WORDS.sub("", name)
    return name, text[mark.start() :]


def _last_year(text: str) -> "re.Match[str] | None":
    """Return the last bare year that has a name before it."""
    found = None
    for match in _BARE_YEAR.finditer(text):
        if clean(text[: match.start()]):
            found = match
    return found


def _tidy(name: str) -> str:
    return " ".join(_EMPTY_ROUND.sub(" ", " ".join(name.split())).split()).strip(" -._,")[:_NAME_LETTERS]


def _printable(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS:
        return letter
    return "" if unicodedata.category(letter) == "Cf" else " "
