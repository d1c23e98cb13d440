"""Which bytes a `Range` header asks for. Source: RFC 9110, section 14."""

import re
from typing import NamedTuple

_RANGES = re.compile(r"bytes=(.*)", re.IGNORECASE | re.DOTALL)
_ONE = re.compile(r"([0-9]{0,1000})-([0-9]{0,1000})")


class ByteRange(NamedTuple):
    """So many bytes, from `first_byte` on."""

    first_byte: int
    size_bytes: int


class UnsatisfiableError(ValueError):
    """The range lies behind the end, or holds nothing: the answer is 416."""


def asked_range(header: str, size_bytes: int) -> ByteRange | None:
    """Return the one range that a header asks for out of `size_bytes`, or `None` where the whole is the answer.

    That is so without a header, for other units, for what is no range by the syntax, and for several ranges at once,
    which section 14.2 lets a server ignore. Raises: UnsatisfiableError.
    """
    unit = _RANGES.fullmatch(header)
    wishes = [wish for wish in (part.strip(" \t") for part in unit[1].split(",")) if wish] if unit else []
    found = _ONE.fullmatch(wishes[0]) if len(wishes) == 1 else None
    if found is None or found[0] == "-":
        return None
    if not found[1]:
        return _suffix(int(found[2]), size_bytes)
    first = int(found[1])
    last = int(found[2]) if found[2] else first
    if last < first:
        return None
    if first >= size_bytes:
        raise UnsatisfiableError
    end = min(last + 1, size_bytes) if found[2] else size_bytes
    return ByteRange(first, end - first)


def _suffix(length_bytes: int, size_bytes: int) -> ByteRange | None:
    if not length_bytes:
        raise UnsatisfiableError
    kept = min(length_bytes, size_bytes)
    return ByteRange(size_bytes - kept, kept) if kept else None
