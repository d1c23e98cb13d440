"""What one value may be: each check returns its final form or raises `WrongValueError` with words for a person."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from osmose_addon.config.findings import shown
from osmose_addon.config.source import ALLOWED_NOW, Refusal, checked_source
from osmose_addon.config.tree import DataPath
from osmose_addon.config.units import NotAQuantityError, Unit, amount, written
from osmose_addon.model.config import Secret
from osmose_addon.model.ids import ID_PATTERN

Check = Callable[[object], object]
Choice = TypeVar("Choice", bound=StrEnum)

LONGEST_NAME = 80
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Words:
    """What is wrong with a value and what helps. `is_quotable`: what YAML read may be told, as it is no secret."""

    problem: str
    hint: str = ""
    is_quotable: bool = True
    wants_text: bool = False
    is_about_key: bool = False


class WrongValueError(Exception):
    """The value cannot be used."""

    def __init__(self, problem: str, hint: str = "", *, is_quotable: bool = True, wants_text: bool = False) -> None:
        """Keep the words for the finding."""
        super().__init__()
        self.words = Words(problem, hint, is_quotable=is_quotable, wants_text=wants_text)


def text(value: object) -> str:
    """Accept a text of one line."""
    if isinstance(value, Secret):
        raise WrongValueError("a secret cannot be used here", "write the text itself")
    if not isinstance(value, str):
        raise WrongValueError("must be text", wants_text=True)
    if not value.strip() or len(value) > LONGEST_TEXT or not value.isprintable():
        raise WrongValueError("must be a text of one line, without invisible characters")
    return value.strip()


def secret_or_text(value: object) -> str:
    """Accept a text, also from `!secret`."""
    return text(value.reveal() if isinstance(value, Secret) else value)


def password(value: object) -> Secret:
    """Accept any text and lock it away; nothing of it is ever quoted."""
    plain = value.reveal() if isinstance(value, Secret) else value
    if not isinstance(plain, str) or not plain or len(plain) > LONGEST_TEXT:
        raise WrongValueError(
            "must be text", "write !secret and a name, or put the password in 'single quotes'", is_quotable=False
        )
    return Secret(plain)


def source(value: object) -> Secret:
    """Accept the source of a camera; nothing of it is ever quoted."""
    if isinstance(value, dict):
        hint = f"cameras that push are not in this version yet: {ALLOWED_NOW}"
        raise WrongValueError("must be text", hint, is_quotable=False)
    plain = value.reveal() if isinstance(value, Secret) else value
    if not isinstance(plain, str):
        raise WrongValueError("must be text", ALLOWED_NOW, is_quotable=False)
    outcome = checked_source(plain.strip())
    if isinstance(outcome, Refusal):
        raise WrongValueError(outcome.problem, outcome.hint, is_quotable=False)
    return Secret(outcome)


def name(value: object) -> str:
    """Accept the name of a library or camera as people read it."""
    plain = text(value)
    if len(plain) > LONGEST_NAME or "://" in plain:
        raise WrongValueError(f"must be a name of at most {LONGEST_NAME} characters, not an address")
    return plain


def identifier(value: object) -> str:
    """Accept an id."""
    plain = text(value)
    if not ID_PATTERN.fullmatch(plain):
        raise WrongValueError(f"{shown(plain)} is no id", "use a-z, 0-9 and -, at most 40 characters")
    return plain


def rung(value: object) -> object:
    """Accept the id of a rung, and a bare number: `agreement` has better words for that."""
    return value if isinstance(value, int) and not isinstance(value, bool) else identifier(value)


def folder(value: object) -> str | DataPath:
    """Accept the path of a folder; whether it exists is a matter of the day, not of the file."""
    return value if isinstance(value, DataPath) else text(value)


def flag(value: object) -> bool:
    """Accept true or false."""
    if not isinstance(value, bool):
        raise WrongValueError("must be true or false", _instead(str(value), ("true", "false")))
    return value


def address(value: object) -> str:
    """Accept an IP address."""
    plain = text(value)
    try:
        parsed = ipaddress.ip_address(plain)
    except ValueError:
        parsed = None
    if parsed is None:
        raise WrongValueError(f"{shown(plain)} is no IP address", "write e.g. 172.30.32.2")
    return str(parsed)


def topic(value: object) -> str:
    """Accept the first part of MQTT topics."""
    plain = text(value)
    if any(letter in plain for letter in "+# $") or plain.startswith("/") or plain.endswith("/"):
        hint = "use letters, digits, - and _, with / only in between"
        raise WrongValueError(f"{shown(plain)} cannot begin an MQTT topic", hint)
    return plain


def choice(kind: type[Choice], later: tuple[str, ...] = ()) -> Callable[[object], Choice]:
    """Return a check for one of the words of an enumeration; the words in `later` come with another version."""
    words = [member.value for member in kind]

    def check(value: object) -> Choice:
        if isinstance(value, str) and value in words:
            return kind(value)
        allowed = f"allowed: {', '.join(words)}"
        if isinstance(value, str) and value in later:
            raise WrongValueError(f"{shown(value)} is not in this version yet", allowed)
        if not isinstance(value, str):
            raise WrongValueError(f"must be one of {', '.join(words)}")
        raise WrongValueError(f"{shown(value)} is not allowed here", _joined(allowed, _instead(value, words)))

    return check


def number(least: int, most: int) -> Callable[[object], int]:
    """Return a check for a whole number within bounds, both allowed."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongValueError("must be a whole number", f"allowed: {least} to {most}")
        if not least <= value <= most:
            raise WrongValueError(f"{value} is out of range", f"allowed: {least} to {most}")
        return value

    return check


def quantity(unit: Unit, least: int, most: int) -> Callable[[object], float]:
    """Return a check for a quantity with a unit within bounds, both allowed; the result is in the unit's measure."""
    allowed = f"allowed: {written(least, unit)} to {written(most, unit)}"

    def check(value: object) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise WrongValueError(f"the number {value} has no unit", unit.hint)
        if not isinstance(value, str):
            raise WrongValueError(f"must be {unit.name}", unit.hint)
        try:
            measured = amount(value, unit)
        except NotAQuantityError as error:
            hint = _joined(unit.hint, f"did you mean {error.meant}?" if error.meant else "")
            problem = f"{shown(value)} is not {unit.name}"
        else:
            if least <= measured <= most:
                return float(measured)
            problem, hint = f"{shown(value)} is out of range", allowed
        raise WrongValueError(problem, hint)

    return check


def whole(check: Callable[[object], float]) -> Callable[[object], int]:
    """Return the check with its result rounded to a whole number."""
    return lambda value: round(check(value))


def nearest(word: str, words: tuple[str, ...]) -> str:
    """Return `did you mean …` for the likeliest word, or nothing."""
    return _instead(word, words)


def _instead(word: str, words: list[str] | tuple[str, ...]) -> str:
    near = get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def _joined(*hints: str) -> str:
    return "; ".join(hint for hint in hints if hint)
