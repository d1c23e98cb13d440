"""Subtitles as WebVTT. Sources: the WebVTT recommendation of the W3C; the ASS format as FFmpeg's decoders write it."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osmose_addon.formats.scripts import Style, old_place

CONTENT_TYPE = "text/vtt; charset=utf-8"

_LONGEST_EVENT_LETTERS = 1 << 16
_LONGEST_SAID_LETTERS = 2_000
_TAGS_BEGIN = re.compile(r"\{\s*\\")
_PLACE = re.compile(r"\\an([1-9])|\\a(1[01]?|[235679])(?!\d)")
_EMPTY = re.compile(r"<([ibu])></\1>")
_HEADER = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n"
"""Cells begin at 0, and so do cues. Source: draft-pantos-hls-rfc8216bis, section 3.1.4."""
_STYLE = re.compile(r"\\([ibu])([01])")
_DRAWING = re.compile(r"\\p[1-9]")
_LINE_BREAK = re.compile(r"\\[Nn]|\r\n?|\n")
_SHORTEST_S = 0.001
_PLAIN = Style()
_ACROSS = ("position:5% align:start", "", "position:95% align:end")


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from `start_s` to `end_s`.

    `text` is plain WebVTT cue text, as `cue_text` returns it, `settings` are WebVTT's: where it stands.
    """

    start_s: float
    end_s: float
    text: str
    settings: str = ""


def placed(ass: str, style: Style = _PLAIN, *, has_comments: bool = True) -> tuple[str, str]:
    """Return an ASS event as WebVTT: its text, and the settings for where it stands.

    Without `has_comments`, braces are kept that hold no tags: other formats borrow only those.
    """
    told = _PLACE.search(ass)
    place = style.place
    if told is not None:
        place = int(told[1]) if told[1] else old_place(int(told[2]))
    text = cue_text("{\\i1}" + ass if style.is_italic else ass, has_comments=has_comments)
    return text, _settings(place)


def _settings(place: int) -> str:
    """Return the settings for a place on the number pad; none for below in the middle, where cues are anyway."""
    down, across = divmod(place - 1, 3)
    return " ".join(filter(None, (("", "line:50%", "line:0")[down], _ACROSS[across])))


def cue_text(ass: str, *, has_comments: bool = True) -> str:
    """Return the text of an ASS event as WebVTT: italics, bold and underline stay, all other styling goes.

    Empty for an event that draws shapes. At most 2,000 letters of what is said are kept. For `has_comments` see
    `placed`.
    """
    ass = ass[:_LONGEST_EVENT_LETTERS]
    pieces: list[str] = []
    opened: list[str] = []
    at, room = 0, _LONGEST_SAID_LETTERS
    for start, end in _tags(ass, has_comments=has_comments):
        tag, said = ass[start:end], ass[at:start][:room]
        if _DRAWING.search(tag):
            return ""
        pieces += [_plain(said), _styled(tag, opened)]
        at, room = end, room - len(said)
    pieces += [_plain(ass[at:][:room]), _closed(opened)]
    text = "".join(pieces)
    while _EMPTY.search(text):
        text = _EMPTY.sub("", text)
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if re.sub(r"<[^>]*>", "", line).strip())


def _tags(ass: str, *, has_comments: bool) -> Iterator[tuple[int, int]]:
    """Yield where override tags and, if there are any, comments lie: from a brace to the next closing one.

    No regular expression: that would try every brace anew where none is closed.
    """
    at = 0
    while (start := ass.find("{", at)) >= 0 and (end := ass.find("}", start) + 1):
        if has_comments or _TAGS_BEGIN.match(ass, start):
            yield start, end
            at = end
        else:
            at = start + 1


def webvtt(cues: Iterable[Cue]) -> str:
    """Return a WebVTT document of these cues by their times; those before 0 and those without text are left out."""
    shown = sorted((cue for cue in cues if cue.text and cue.end_s > 0), key=lambda cue: cue.start_s)
    blocks = [_HEADER]
    for cue in shown:
        start_s = max(cue.start_s, 0.0)
        end_s = max(cue.end_s, start_s + _SHORTEST_S)
        times = f"{clock(start_s)} --> {clock(end_s)} {cue.settings}".rstrip()
        blocks.append(f"{times}\n{cue.text}\n")
    return "\n".join(blocks)


def _plain(text: str) -> str:
    return html.escape(_LINE_BREAK.sub("\n", text).replace("\\h", " "), quote=False)


def _styled(tag: str, opened: list[str]) -> str:
    """Return what an override tag means in WebVTT; `opened` is kept up to date, innermost last."""
    written = ""
    if "\\r" in tag:
        written += _closed(opened)
    for style, is_on in _STYLE.findall(tag):
        if is_on == "1" and style not in opened:
            opened.append(style)
            written += f"<{style}>"
        elif is_on == "0" and style in opened:
            inner = opened[opened.index(style) + 1 :]
            written += _closed(opened, down_to=style) + "".join(f"<{other}>" for other in inner)
            opened += inner
    return written


def _closed(opened: list[str], down_to: str = "") -> str:
    written = ""
    while opened:
        style = opened.pop()
        written += f"</{style}>"
        if style == down_to:
            break
    return written


def clock(seconds: float) -> str:
    """Return a time as WebVTT writes it."""
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
