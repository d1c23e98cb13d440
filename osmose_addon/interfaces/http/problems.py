"""Errors as problem JSON (RFC 9457): a key for programs, a sentence and a hint for people."""

import json
import logging

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from osmose_addon.formats.texts import Texts
from osmose_addon.model.errors import ArgumentError, BusyError, DeniedError, MediaError, NotFoundError, OsmoseError

_LOG = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[OsmoseError], int], ...] = (
    (NotFoundError, 404),
    (MediaError, 404),
    (DeniedError, 403),
    (ArgumentError, 400),
    (BusyError, 503),
)


def status_of(error: OsmoseError) -> int:
    """Return the HTTP status of an error: what is not the asker's fault and not a matter of time is 500."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(error: OsmoseError, texts: Texts) -> web.Response:
    """Return the answer that tells an error."""
    status = status_of(error)
    body = {
        "type": "about:blank",
        "status": status,
        "key": error.key,
        "title": texts.say(_sentence(error, texts), **error.fields),
        "detail": texts.say(f"error.{error.key}.hint", **error.fields),
    }
    headers = {}
    if isinstance(error, BusyError):
        headers["Retry-After"] = str(int(error.fields.get("retry_after_s", 2)))
    return web.Response(text=json.dumps(body), status=status, content_type="application/problem+json", headers=headers)


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
            if status_of(error) >= 500:  # noqa: PLR2004 - the HTTP class of server errors
                _LOG.warning("%s failed: %s", request.path, error)
            return problem(error, texts)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return problem(NotFoundError(), texts)

    return tell
