"""What programs and pages send: JSON of a declared shape, in good time."""

import asyncio
import re
from typing import TypeVar

import msgspec
from aiohttp import web

from osmose_addon.model.errors import ArgumentError

T = TypeVar("T")

_LONGEST_BODY_S = 10.0
_NAMED = re.compile(r"[`.](\w+)`$")


async def body_of(request: web.Request, shape: type[T]) -> T:
    """Return the body, which must come within seconds; an empty one counts as an empty object.

    Raises: ArgumentError, which names what in it cannot be used.
    """
    problem = ""
    try:
        async with asyncio.timeout(_LONGEST_BODY_S):
            body = await request.read()
        return msgspec.json.decode(body or b"{}", type=shape)
    except TimeoutError:
        argument, problem = "body", "too_slow"
    except msgspec.ValidationError as error:
        argument, problem = _argument(str(error)), _reason(str(error))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        argument, problem = "body", "not_json"
    raise ArgumentError(argument=argument, reason=problem)


def _argument(told: str) -> str:
    """Return the name of the field that msgspec complains of."""
    found = _NAMED.search(told)
    return found[1] if found else "body"


def _reason(told: str) -> str:
    if "missing required field" in told:
        return "missing"
    if "unknown field" in told:
        return "unknown"
    return "too_long" if "of length <=" in told else "unusable"
