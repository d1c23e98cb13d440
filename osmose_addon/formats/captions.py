"""Subtitles as WebVTT. Sources: the WebVTT recommendation of the W3C; the ASS format as FFmpeg's decoders write it."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

CONTENT_TYPE = "text/vtt; charset=utf-8"

_OVERRIDE = re.compile(r"\{[^}]*\}")
_STYLE = re.compile(r"\\([ibu])([01])")
_DRAWING = re.compile(r"\{[^}]*\\p[1-9]")
_LINE_BREAK = re.compile(r"\\[Nn]|\r\n?|\n")
_SHORTEST_S = 0.001


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from `start_s` to `end_s`; `text` is plain WebVTT cue text, as `cue_text` returns it."""

    start_s: float
    end_s: float
    text: str


def cue_text(ass: str) -> str:
    """Return the text of an ASS event as WebVTT: italics, bold and underline stay, all other styling goes.

    Empty for an event that draws shapes.
    """
    if _DRAWING.search(ass):
        return ""
    pieces: list[str] = []
    opened: list[str] = []
    at = 0
    for tag in _OVERRIDE.finditer(ass):
        pieces += [_plain(ass[at : tag.start()]), _styled(tag[0], opened)]
        at = tag.end()
    pieces += [_plain(ass[at:]), _closed(opened)]
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if re.sub(r"<[^>]*>", "", line).strip())


def webvtt(cues: Iterable[Cue]) -> str:
    """Return a WebVTT document of these cues by their times; those before 0 and those without text are left out."""
    shown = sorted((cue for cue in cues if cue.text and cue.end_s > 0), key=lambda cue: cue.start_s)
    blocks = ["WEBVTT\n"]
    for cue in shown:
        start_s = max(cue.start_s, 0.0)
        end_s = max(cue.end_s, start_s + _SHORTEST_S)
        blocks.append(f"{clock(start_s)} --> {clock(end_s)}\n{cue.text}\n")
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
