"""Answers with bytes, exactly as RFC 9110 wants them: strong `ETag`, 304 and 412, `HEAD`, and ranges (206, 416).

What fits in memory is answered by `answer`. What does not comes piece by piece out of a `Whole` by `whole_answer`.
"""

import hashlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import ETag, hdrs, web

from osmose_addon.formats.ranges import ByteRange, UnsatisfiableError, asked_range
from osmose_addon.model.errors import NotFoundError, OsmoseError, RangeError
from osmose_addon.runtime.threads import in_thread

FOR_EVER = "private, max-age=31536000, immutable"
ASK_FIRST = "no-cache"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of its bytes. `tag` is the strong ETag without its quotes; `name` is that of a saved copy."""

    content_type: str
    caching: str
    tag: str
    name: str = ""

    def headers(self) -> dict[str, str]:
        """Return what 200, 206 and 304 have in common."""
        headers: dict[str, str] = {
            hdrs.CACHE_CONTROL: self.caching,
            hdrs.ETAG: f'"{self.tag}"',
            hdrs.ACCEPT_RANGES: "bytes",
        }
        return headers | {"Content-Disposition": self.name} if self.name else headers


class Whole(Protocol):
    """Something that is answered with, in part or whole, and need not fit in memory."""

    @property
    def size_bytes(self) -> int:
        """How long it is."""

    def pieces(self, part: ByteRange) -> AsyncIterator[bytes]:
        """Yield the bytes of a part. Raises: OSError, OsmoseError."""


def tag_of(body: bytes) -> str:
    """Return the strong ETag of some bytes."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()


async def file_answer(request: web.Request, path: Path, content_type: str) -> web.StreamResponse:
    """Answer with a small file, read whole; its maker replaces it in one step. Raises: NotFoundError, RangeError."""
    if not await in_thread(path.is_file):
        raise NotFoundError
    return answer(request, await in_thread(path.read_bytes), content_type, ASK_FIRST)


def answer(request: web.Request, body: bytes, content_type: str, caching: str, tag: str = "") -> web.StreamResponse:
    """Answer with bytes, or with the range of them that was asked for, or with nothing but 304. Raises: RangeError."""
    told = Told(content_type, caching, tag or tag_of(body))
    refused = refusal(request, told)
    if refused is not None:
        return refused
    part, headers = _part(request, told, len(body)), told.headers()
    if part is None:
        return web.Response(body=body, content_type=content_type, headers=headers)
    headers[hdrs.CONTENT_RANGE] = _content_range(part, len(body))
    piece = body[part.first_byte : part.first_byte + part.size_bytes]
    return web.Response(status=206, body=piece, content_type=content_type, headers=headers)


async def whole_answer(request: web.Request, whole: Whole, told: Told) -> web.StreamResponse:
    """Answer with something long, or a range of it. Bytes that turn out to be gone end the connection.

    Raises: RangeError.
    """
    refused = refusal(request, told)
    if refused is not None:
        return refused
    part = _part(request, told, whole.size_bytes)
    response = web.StreamResponse(status=206 if part else 200, headers=told.headers())
    response.headers[hdrs.CONTENT_TYPE] = told.content_type
    if part:
        response.headers[hdrs.CONTENT_RANGE] = _content_range(part, whole.size_bytes)
    part = part or ByteRange(0, whole.size_bytes)
    response.content_length = part.size_bytes
    await _send(request, response, whole.pieces(part))
    return response


def unknown_length(told: Told) -> web.StreamResponse:
    """Return the answer to a HEAD of what is not made yet: all but its length, as RFC 9110, section 9.3.2, allows."""
    return web.StreamResponse(headers={**told.headers(), hdrs.CONTENT_TYPE: told.content_type})


def refusal(request: web.Request, told: Told) -> web.Response | None:
    """Return 412 or 304 where the client's own conditions ask for it. Source: RFC 9110, section 13.2.2."""
    if hdrs.IF_MATCH in request.headers and not _is_among(told.tag, request.if_match, is_strong=True):
        return web.Response(status=412, headers=told.headers())
    if hdrs.IF_NONE_MATCH in request.headers and _is_among(told.tag, request.if_none_match):
        return web.Response(status=304, headers=told.headers())
    return None


async def _send(request: web.Request, response: web.StreamResponse, pieces: AsyncIterator[bytes]) -> None:
    try:
        await response.prepare(request)
        if request.method == hdrs.METH_HEAD:
            return
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    except ConnectionError:  # who asked has left
        return
    except (OSError, OsmoseError) as error:
        # The length is promised already: only a connection that ends tells the client that this is not all.
        _LOG.warning("%s broke off: %s", request.path, type(error).__name__)
        if request.transport is not None:
            request.transport.abort()


def _is_among(tag: str, known: tuple[ETag, ...] | None, *, is_strong: bool = False) -> bool:
    return any(one.value == "*" or (one.value == tag and not (is_strong and one.is_weak)) for one in known or ())


def _part(request: web.Request, told: Told, size_bytes: int) -> ByteRange | None:
    """Return the range asked for, or `None` for all, as an `If-Range` with another tag means. Raises: RangeError."""
    header = request.headers.get(hdrs.RANGE)
    if header is None or request.method != hdrs.METH_GET:
        return None
    if request.headers.get(hdrs.IF_RANGE, f'"{told.tag}"') != f'"{told.tag}"':
        return None
    try:
        return asked_range(header, size_bytes)
    except UnsatisfiableError:
        pass
    raise RangeError(size_bytes=size_bytes)


def _content_range(part: ByteRange, size_bytes: int) -> str:
    return f"bytes {part.first_byte}-{part.first_byte + part.size_bytes - 1}/{size_bytes}"
