"""Answers with bytes: an `ETag`, how long a client may keep them, and nothing but 304 for one that has them already."""

import hashlib
from pathlib import Path

from aiohttp import web

from osmose_addon.model.errors import NotFoundError
from osmose_addon.runtime.threads import in_thread

FOR_EVER = "private, max-age=31536000, immutable"
ASK_FIRST = "no-cache"


async def file_answer(request: web.Request, path: Path, content_type: str) -> web.StreamResponse:
    """Answer with a small file, read whole; its maker replaces it in one step. Raises: NotFoundError."""
    if not await in_thread(path.is_file):
        raise NotFoundError
    return answer(request, await in_thread(path.read_bytes), content_type, ASK_FIRST)


def answer(request: web.Request, body: bytes, content_type: str, caching: str, tag: str = "") -> web.StreamResponse:
    """Answer with bytes, or with nothing but 304 when the client has them already."""
    tag = tag or hashlib.blake2b(body, digest_size=12).hexdigest()
    headers = {"Cache-Control": caching, "ETag": f'"{tag}"'}
    known = request.if_none_match or ()
    if any(one.value in (tag, "*") for one in known):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=content_type, headers=headers)
