"""NFO files as Kodi and Jellyfin write them, read warily: no entities, no document types, no more than a megabyte.

What cannot be read tells nothing; it never hinders that a title is named by its path. Many programs write no XML but a
line with an address, or both: only the XML is read, and no address is ever followed.
Source: https://kodi.wiki/view/NFO_files
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from osmose_addon.formats.names_read import plain
from osmose_addon.model.media import Person
from osmose_addon.runtime.openfiles import open_file

_LARGEST_BYTES = 1 << 20
_ENDS = (b"</movie>", b"</episodedetails>", b"</tvshow>", b"</musicvideo>", b"</video>")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_HEAD = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_YEAR = re.compile(r"^(?:18|19|20)\d\d(?!\d)")
_DAY = re.compile(r"^(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBER = re.compile(r"^\d{1,5}$")
_NAME_LETTERS = 200
_PLOT_LETTERS = 4000
_MOST_PEOPLE = 30
_MOST_GENRES = 12


@dataclass(frozen=True, slots=True)
class Nfo:
    """What an NFO file tells; empty, 0 or -1 where it does not."""

    name: str = ""
    original_name: str = ""
    show: str = ""
    year: int = 0
    day: str = ""
    season: int = -1
    episode: int = -1
    plot: str = ""
    genres: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()


def read_nfo(path: bytes) -> Nfo:
    """Return what the NFO file at a path tells: nothing where there is none, or none that can be read."""
    root = _parsed(_body(path)) if path else None
    if root is None:
        return Nfo()
    day = next((day for tag in ("premiered", "aired", "releasedate") if _DAY.match(day := _text(root, tag))), "")[:10]
    year = _YEAR.match(_text(root, "year") or day)
    return Nfo(
        name=_text(root, "title"),
        original_name=_text(root, "originaltitle"),
        show=_text(root, "showtitle"),
        year=int(year[0]) if year else 0,
        day=day,
        season=_number(root, "season"),
        episode=_number(root, "episode"),
        plot=_text(root, "plot", _PLOT_LETTERS) or _text(root, "outline", _PLOT_LETTERS),
        genres=tuple(_genres(root))[:_MOST_GENRES],
        people=tuple(dict.fromkeys(_people(root)))[:_MOST_PEOPLE],
    )


def _body(path: bytes) -> bytes:
    """Return the bytes of a file, none where it is no plain file or a large one."""
    try:
        with open_file(path) as file:
            body = file.read(_LARGEST_BYTES + 1)
    except OSError:
        return b""
    return body if body and len(body) <= _LARGEST_BYTES else b""


def _parsed(body: bytes) -> Element | None:
    """Return the first element of a document, whatever follows it; what is no UTF-8 is taken for old Windows text."""
    if body.startswith(_WIDE):
        return _tried(body)
    body = body.strip(b"\0\t\r\n ")
    for end in _ENDS:
        at = body.find(end)
        if at >= 0:
            body = body[: at + len(end)]
            break
    root = _tried(body)
    if root is None and not _is_utf8(body):
        return _tried(_HEAD.sub("", body.decode("cp1252", "replace")).encode())
    return root


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _tried(body: bytes) -> Element | None:
    try:
        return fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None  # LookupError: an encoding that nobody knows


def _people(root: Element) -> Iterator[Person]:
    for tag in root.iter("director"):
        if name := _plain(tag.text):
            yield Person(name, "director")
    for actor in root.iter("actor"):
        if name := _text(actor, "name"):
            yield Person(name, _text(actor, "role"))


def _genres(root: Element) -> Iterator[str]:
    for tag in root.iter("genre"):
        yield from filter(None, (_plain(genre) for genre in re.split(r"[/,|]", (tag.text or "")[:_NAME_LETTERS])))


def _text(root: Element, tag: str, most: int = _NAME_LETTERS) -> str:
    return _plain(root.findtext(tag), most)


def _number(root: Element, tag: str) -> int:
    text = _text(root, tag)
    return int(text) if _NUMBER.match(text) and text.isascii() else -1


def _plain(text: str | None, most: int = _NAME_LETTERS) -> str:
    """Return a text as printable lines of one paragraph."""
    if not text:
        return ""
    pieces = (plain(text[at : at + 250]) for at in range(0, min(len(text), most + 250), 250))
    return " ".join(" ".join(pieces).split())[:most]
