"""ASS and SSA scripts, line by line: the styles that matter for plain subtitles, and what is said when.

A line that makes no sense is passed over; fields stand where the section's `Format` line says, else where they usually
do.
"""

import re
from dataclasses import dataclass

_CLOCK = re.compile(r"\s*(-?)(\d{1,3}):(\d{1,2}):(\d{1,2})(?:[.:,](\d{1,3}))?\s*$")
_STYLE_FIELDS = {
    "v4+ styles": (
        "name,fontname,fontsize,primarycolour,secondarycolour,outlinecolour,backcolour,bold,italic,underline,strikeout,"
        "scalex,scaley,spacing,angle,borderstyle,outline,shadow,alignment,marginl,marginr,marginv,encoding"
    ),
    "v4 styles": (
        "name,fontname,fontsize,primarycolour,secondarycolour,tertiarycolour,backcolour,bold,italic,"
        "borderstyle,outline,shadow,alignment,marginl,marginr,marginv,alphalevel,encoding"
    ),
}
_EVENT_FIELDS = "layer,start,end,style,name,marginl,marginr,marginv,effect,text"
_OLD_PLACES = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}
_PLACES = range(1, 10)
_MOST_STYLES = 1_000


@dataclass(frozen=True, slots=True)
class Style:
    """What of a style WebVTT can show. `place` is where the text stands, as on a number pad: 2 is below, 8 on top."""

    is_italic: bool = False
    place: int = 2


@dataclass(frozen=True, slots=True)
class Event:
    """A line of dialogue with its override tags."""

    start_s: float
    end_s: float
    style: Style
    text: str


class Script:
    """Reads a script. An embedded track's header may be read first, for its styles."""

    def __init__(self, header: str = "") -> None:
        """Read a header, if there is one."""
        self._section = ""
        self._fields: list[str] = []
        self._styles: dict[str, Style] = {}
        for line in header.splitlines():
            self.event(line)

    def style(self, name: str) -> Style:
        """Return a style by its name; a plain one when it is not known."""
        return self._styles.get(name.strip().lstrip("*").casefold(), Style())

    def event(self, line: str) -> Event | None:
        """Take a line; return what it says, if it is dialogue."""
        line = line.strip().lstrip("\ufeff")
        if line.startswith("[") and line.endswith("]"):
            self._section = line[1:-1].strip().casefold()
            self._fields = _STYLE_FIELDS.get(self._section, _EVENT_FIELDS).split(",")
            return None
        key, _, value = line.partition(":")
        match key.strip().casefold():
            case "format":
                self._fields = [field.strip().casefold() for field in value.split(",")]
            case "style":
                self._take_style(value)
            case "dialogue":
                return self._dialogue(value)
            case _:
                pass
        return None

    def _take_style(self, value: str) -> None:
        told = self._told(value)
        if "name" in told and len(self._styles) < _MOST_STYLES:
            place = _number(told.get("alignment", ""), 2)
            if self._section == "v4 styles":
                place = _OLD_PLACES.get(place, 2)
            is_italic = _number(told.get("italic", ""), 0) != 0
            self._styles[told["name"].lstrip("*").casefold()] = Style(is_italic, place if place in _PLACES else 2)

    def _dialogue(self, value: str) -> Event | None:
        if "text" not in self._fields:
            self._fields = _EVENT_FIELDS.split(",")
        told = self._told(value)
        start_s, end_s = _seconds(told.get("start", "")), _seconds(told.get("end", ""))
        if start_s is None or end_s is None:
            return None
        return Event(start_s, end_s, self.style(told.get("style", "")), told.get("text", ""))

    def _told(self, value: str) -> dict[str, str]:
        """Return the fields of a line; the last may hold commas."""
        parts = value.split(",", len(self._fields) - 1) if self._fields else []
        told = dict(zip(self._fields, parts, strict=False))
        return {field: part if field == "text" else part.strip() for field, part in told.items()}


def old_place(number: int) -> int:
    """Return what an SSA alignment is as on a number pad."""
    return _OLD_PLACES.get(number, 2)


def _number(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,6}", text) else otherwise


def _seconds(text: str) -> float | None:
    clock = _CLOCK.match(text)
    if clock is None:
        return None
    sign, hours, minutes, seconds, rest = clock.groups()
    fraction = int(rest) / 10 ** len(rest) if rest else 0.0
    value = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + fraction
    return -value if sign else value
