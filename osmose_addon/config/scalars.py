"""What YAML 1.1 makes of a word, and which of it is safe to believe."""

import re
from dataclasses import dataclass

from osmose_addon.config.nodes import Scalar

_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_OCTAL = re.compile(r"0[0-7]{1,20}")
_CLOCK = re.compile(r"[0-9]{1,9}(?::[0-9]{1,2}){1,3}")
_TRUE = ("yes", "true", "on")
_FALSE = ("no", "false", "off")


@dataclass(frozen=True, slots=True)
class Surprise:
    """A value that YAML 1.1 reads as something else than people do; no key accepts it."""

    meaning: str


def plain_value(node: Scalar) -> object:
    """Return the value of a scalar with a standard tag: text, int, float, bool, None, or a `Surprise`."""
    text = node.text
    if node.tag in ("str", "value"):
        return text
    if node.tag == "null":
        return None
    if node.tag == "bool" and text.lower() in (*_TRUE, *_FALSE):
        return text.lower() in _TRUE
    return _number(node)


def _number(node: Scalar) -> int | float | Surprise:
    if node.tag == "int" and _DECIMAL.fullmatch(node.text):
        return int(node.text)
    if node.tag == "float" and _FRACTION.fullmatch(node.text):
        return float(node.text)
    return Surprise(_meaning(node))


def meaning(node: Scalar) -> str:
    """Return what YAML 1.1 reads, in words: `true`, `the number 83`, `a date`; empty for text."""
    value = plain_value(node)
    if isinstance(value, Surprise):
        return value.meaning
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"the number {node.text}" if isinstance(value, int | float) else ""


def _meaning(node: Scalar) -> str:
    if node.tag == "timestamp":
        return "a date"
    if node.tag not in ("int", "float"):
        return "something else"
    if _OCTAL.fullmatch(node.text):
        return f"the number {int(node.text, 8)}"
    if _CLOCK.fullmatch(node.text):
        total = 0
        for part in node.text.split(":"):
            total = total * 60 + int(part)
        return f"the number {total}"
    return "a number"
