"""Errors as problem JSON (RFC 9457): a key for programs, a sentence and a hint for people."""

import json
import logging

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from osmose_addon.formats.texts import Texts
from osmose_addon.model.errors import (
    ArgumentError,
    BusyError,
    DeniedError,
    MediaError,
    NotFoundError,
    OsmoseError,
    RangeError,
)

_LOG = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[OsmoseError], int], ...] = (
    (NotFoundError, 404),
    (MediaError, 422),
    (DeniedError, 403),
    (ArgumentError, 400),
    (BusyError, 503),
    (RangeError, 416),
)
_COMES_BACK = frozenset(("away", "changed", "no_space"))
_COMES_BACK_S = 30


def status_of(error: OsmoseError) -> int:
    """Return the HTTP status of an error: what is not the asker's fault and not a matter of time is 500.

    A file that cannot be used is 422 (RFC 9110, 15.5.21), so that no player takes it for one that is not there.
    """
    reason = error.fields.get("reason") if isinstance(error, MediaError) else ""
    if reason in _COMES_BACK:
        return 503
    if reason == "gone":
        return 404
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(error: OsmoseError, texts: Texts) -> web.Response:
    """Return the answer that tells an error."""
    status = status_of(error)
    body = {
        "type": "about:blank",
        "status": status,
        "key": error.key,
        "title": texts.say(_sentence(error, texts), **error.fields),
        "detail": texts.say(_hint(error, texts), **error.fields),
    }
    if error.fields.get("reason"):
        body["reason"] = error.fields["reason"]
    told, headers = json.dumps(body).encode(), _headers(error)
    return web.Response(body=told, status=status, content_type="application/problem+json", headers=headers)


def _headers(error: OsmoseError) -> dict[str, str]:
    """Return what an error says in headers: when to ask again, or how many bytes there are."""
    if isinstance(error, RangeError):
        return {"Content-Range": f"bytes */{error.fields.get('size_bytes', 0)}"}
    if status_of(error) == 503:  # noqa: PLR2004 - the one status that asks to come again
        usual_s = 2 if isinstance(error, BusyError) else _COMES_BACK_S
        return {"Retry-After": str(int(error.fields.get("retry_after_s", usual_s)))}
    return {}


def _hint(error: OsmoseError, texts: Texts) -> str:
    """Return the key of what to do about it: of media and of what is not ready, the reason itself where it is known."""
    exact = f"{error.key}_reason.{error.fields.get('reason')}"
    return exact if isinstance(error, MediaError | BusyError) and texts.has(exact) else f"error.{error.key}.hint"


def _sentence(error: OsmoseError, texts: Texts) -> str:
    """Return the key of what went wrong in words: of an argument, exactly what is wrong with it where that is known."""
    exact = f"argument_reason.{error.fields.get('reason')}"
    return exact if isinstance(error, ArgumentError) and texts.has(exact) else f"error.{error.key}.text"


def middleware(texts: Texts) -> Middleware:
    """Return the middleware that turns every `OsmoseError` and every unknown path or method into problem JSON."""

    @web.middleware
    async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except OsmoseError as error:
            if status_of(error) == 500:  # noqa: PLR2004 - a fault of ours; 503 is a matter of time
                _LOG.warning("%s failed: %s", request.path, error)
            return problem(error, texts)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return problem(NotFoundError(), texts)

    return tell
