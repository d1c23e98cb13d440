"""The one place that asks web services, always with a deadline, a size cap and no redirects."""

import json
from collections.abc import Awaitable, Callable, Mapping

import aiohttp

from osmose_addon.model.errors import FetchError

Fetch = Callable[[str, Mapping[str, str]], Awaitable[object]]
_DEADLINE_S = 10.0
_LONGEST_ANSWER_BYTES = 256 * 1024


async def fetch_json(url: str, headers: Mapping[str, str]) -> object:
    """Ask for JSON and return it parsed; 10 s and 256 KiB at most, redirects are not followed.

    Raises: FetchError. Neither the URL nor a header shows in it, they may hold a secret.
    """
    status, body = await _answer(url, headers)
    if status != 200:  # noqa: PLR2004 - HTTP: OK
        raise FetchError(reason="status", status=status)
    if len(body) > _LONGEST_ANSWER_BYTES:
        raise FetchError(reason="too_long", status=status)
    parsed = _parsed(body)
    if parsed is None:
        raise FetchError(reason="not_json", status=status)
    return parsed


async def _answer(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    try:
        return await _get(url, headers)
    except (aiohttp.ClientError, TimeoutError) as error:
        reason = type(error).__name__
    raise FetchError(reason=reason)


async def _get(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    deadline = aiohttp.ClientTimeout(total=_DEADLINE_S)
    async with (
        aiohttp.ClientSession(timeout=deadline, trust_env=False) as session,
        session.get(url, headers=headers, allow_redirects=False) as response,
    ):
        body = bytearray()
        async for piece in response.content.iter_chunked(64 * 1024):
            body += piece
            if len(body) > _LONGEST_ANSWER_BYTES:
                break
        return response.status, bytes(body)


def _parsed(body: bytes) -> object:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed
