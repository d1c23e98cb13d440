"""Quantities as people write them: `90s`, `15min`, `50GB`, `2800k`. A number without a unit is refused."""

import re
from dataclasses import dataclass
from decimal import Decimal

_WRITTEN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([A-Za-z]{1,8})")


@dataclass(frozen=True, slots=True)
class Unit:
    """One kind of quantity: its name, its units with their factors, other spellings people try, and an example."""

    name: str
    factors: tuple[tuple[str, int], ...]
    mistaken: tuple[tuple[str, str], ...]
    example: str

    @property
    def hint(self) -> str:
        """What is allowed, in words."""
        units = ", ".join(unit for unit, _ in self.factors)
        return f"write a number with a unit such as {self.example}; units are {units}"


DURATION = Unit(
    "a duration",
    (("s", 1), ("min", 60), ("h", 3600), ("d", 86_400)),
    (("sec", "s"), ("m", "min"), ("mins", "min"), ("hour", "h"), ("hours", "h"), ("day", "d"), ("days", "d")),
    "90s, 15min or 7d",
)
"""In seconds."""

SIZE = Unit(
    "a size",
    tuple((f"{letter}B", 1000**power) for power, letter in enumerate(("", "k", "M", "G", "T")) if power > 1)
    + tuple((f"{letter}iB", 1024**power) for power, letter in enumerate(("", "K", "M", "G", "T")) if power > 1),
    (("m", "MB"), ("mb", "MB"), ("g", "GB"), ("gb", "GB"), ("t", "TB"), ("tb", "TB"), ("gib", "GiB"), ("mib", "MiB")),
    "50GB or 500MiB",
)
"""In bytes."""

RATE = Unit(
    "a bit rate",
    (("k", 1000), ("M", 1_000_000)),
    (("m", "M"), ("kbps", "k"), ("mbps", "M"), ("kb", "k"), ("mb", "M")),
    "2800k or 5M",
)
"""In bits per second."""


class NotAQuantityError(ValueError):
    """The text is no quantity of this unit; `meant` is the nearest right spelling, or empty."""

    def __init__(self, meant: str = "") -> None:
        """Keep what was probably meant."""
        super().__init__()
        self.meant = meant


def amount(text: str, unit: Unit) -> Decimal:
    """Return the quantity in seconds, bytes or bits per second.

    Raises: NotAQuantityError.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise NotAQuantityError
    number, symbol = match.groups()
    factor = dict(unit.factors).get(symbol)
    if factor is None:
        lowered = {name.lower(): name for name, _ in unit.factors}
        meant = dict(unit.mistaken).get(symbol.lower()) or lowered.get(symbol.lower())
        raise NotAQuantityError(f"{number}{meant}" if meant else "")
    return Decimal(number) * factor


def written(quantity: int, unit: Unit) -> str:
    """Return how a person would write it, with the largest unit that gives a whole number: `15min` for 900."""
    fitting = [(factor, name) for name, factor in unit.factors if quantity and quantity % factor == 0]
    factor, name = max(fitting, default=(unit.factors[0][1], unit.factors[0][0]))
    return f"{quantity // factor}{name}"
