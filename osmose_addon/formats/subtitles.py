"""Subtitle files as people have them: SubRip, ASS, SSA and WebVTT, well-formed or not, read as far as they make sense.

Sources: the ASS format as libass reads it; the WebVTT recommendation of the W3C; SubRip as it is found.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osmose_addon.formats.captions import Cue, placed
from osmose_addon.formats.scripts import Script

_MOST_CUES = 100_000
_LONGEST_LETTERS = 2_000
_GUESSED_S = 3.0
_TIME = r"(-?)(?:(\d{1,3})\s?:\s?)?(\d{1,2})\s?:\s?(\d{1,2})(?:\s?[.,:]\s?(\d{1,3}))?"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-{{1,3}}>\s*{_TIME}[ \t]*(.*)$")
_SCRIPT = re.compile(r"(?im)^[ \t]*(?:\[(?:script info|v4\+? styles|events)\]|dialogue\s*:)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_BLANKS = re.compile(r"\n{3,}")
_NUMBER = re.compile(r"^\s*\d+\s*$")
_TAG = re.compile(r"<\s{0,2}(/?)\s{0,2}([a-zA-Z]{1,8})(?:[.\s][^<>]{0,200})?>")
_MOMENT = re.compile(r"<[\d:.]{5,16}>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|quot|apos|lrm|rlm|#\d{1,7});")
_NOTES = ("NOTE", "STYLE", "REGION")
_STYLES = frozenset("ibu")
_SETTING = re.compile(
    r"(?:line:(?:-?\d{1,3}|\d{1,3}(?:\.\d+)?%)(?:,(?:start|center|end))?"
    r"|position:\d{1,3}(?:\.\d+)?%|size:\d{1,3}(?:\.\d+)?%"
    r"|align:(?:start|center|end|left|right)|vertical:(?:rl|lr))"
)


def read(text: str) -> list[Cue]:
    """Return what is said and when, in the order of the file; nothing when it is no subtitle file that is known.

    Of a very long file the first 100,000 cues are returned.
    """
    text = _BLANKS.sub("\n\n", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    if _SCRIPT.search(text) and not text.lstrip("\ufeff \n").startswith("WEBVTT"):
        cues = _script_cues(text)
    else:
        cues = _timed_cues(text)
    return list(_first(cues))


def _first(cues: Iterator[Cue]) -> Iterator[Cue]:
    """Yield each cue once: scripts say a line again for every layer of its outline."""
    seen = set[Cue]()
    for cue in cues:
        if cue.text and cue not in seen:
            seen.add(cue)
            yield cue
        if len(seen) == _MOST_CUES:
            return


def _lines(text: str) -> Iterator[str]:
    """Yield lines one by one: a list of all would take many times the memory of the text."""
    return (found[0].rstrip("\n") for found in _LINE.finditer(text))


def _script_cues(text: str) -> Iterator[Cue]:
    script = Script()
    for line in _lines(text):
        event = script.event(line)
        if event is not None:
            said, settings = placed(event.text, event.style)
            yield _cue(event.start_s, event.end_s, said, settings)


@dataclass(slots=True)
class _Block:
    """A line with times, and the lines that follow it."""

    start_s: float
    end_s: float
    settings: str
    lines: list[str]


def _timed_cues(text: str) -> Iterator[Cue]:
    """Yield the cues of SubRip and WebVTT. Times begin a cue; numbers and blank lines are often missing."""
    block: _Block | None = None
    is_note = False
    for line in _lines(text):
        times = _TIMES.match(line)
        if times is not None:
            if block is not None:
                yield _timed_cue(block, is_last=False)
            told = times.groups()
            block, is_note = _Block(_seconds(told[:5]), _seconds(told[5:10]), told[10], []), False
        elif block is not None:
            is_note = bool(line.strip()) if is_note else line.startswith(_NOTES) and _ended(block)
            if not is_note:
                block.lines.append(line)
    if block is not None:
        yield _timed_cue(block, is_last=True)


def _ended(block: _Block) -> bool:
    return bool(block.lines) and not block.lines[-1].strip()


def _timed_cue(block: _Block, *, is_last: bool) -> Cue:
    lines = block.lines
    if not is_last and lines and (_NUMBER.match(lines[-1]) or (len(lines) > 1 and not lines[-2].strip())):
        lines = lines[:-1]  # the number, or WebVTT's name, of the next cue
    said = "\n".join(line.strip() for line in lines if line.strip())[:_LONGEST_LETTERS]
    text, settings = placed(_as_script(said), has_comments=False)
    own = " ".join(one for one in block.settings.split() if _SETTING.fullmatch(one))
    return _cue(block.start_s, block.end_s, text, own or settings)


def _cue(start_s: float, end_s: float, text: str, settings: str) -> Cue:
    return Cue(start_s, end_s if end_s > start_s else start_s + _GUESSED_S, text, settings)


def _as_script(text: str) -> str:
    """Return text with its tags written as ASS writes them; tags that mean nothing here are left out."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), _TAG.sub(_override, _MOMENT.sub("", text)))


def _override(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    return f"{{\\{name}{0 if tag[1] else 1}}}" if name in _STYLES else ""


def _seconds(parts: Sequence[str | None]) -> float:
    sign, hours, minutes, seconds, rest = parts
    fraction = int(rest) / 10 ** len(rest) if rest else 0.0
    value = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + fraction
    return -value if sign else value
