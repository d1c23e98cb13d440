"""Who asks, and what that person may do.

Identity headers are believed only from the peers named in `http: trusted_ingress:` (Home Assistant's Supervisor). As an
add-on nobody else is let in, but for `health` from this machine. Standalone, whoever sits at this machine manages; the
`Host` must then be this machine's too, or a web page could reach us through a name it owns (DNS rebinding).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from osmose_addon.model.config import HttpConfig, Right
from osmose_addon.model.errors import DeniedError

_HEALTH = "/health"
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST_PERSON = 200
_OURS = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as Home Assistant names them (empty when it does not), and their right.

    `name` is for people and may change, `person` is what their things are kept by. `is_ingress` tells that the request
    came through Home Assistant.
    """

    name: str
    right: Right
    is_ingress: bool = False
    person: str = ""


IDENTITY = web.RequestKey("identity", Identity)


@lru_cache(maxsize=64)
def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=64)
def _host_name(host: str) -> str:
    """Return the name in a `Host` header without its port; empty if it makes no sense."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _right_of(names: tuple[str, ...], config: HttpConfig) -> Right:
    """Return the right of a Home Assistant user. A household that lists nobody trusts whom it lets into its home."""
    if not config.people:
        return Right.MANAGE
    listed = dict(config.people)
    return next((listed[name] for name in names if name in listed), Right.WATCH)


def identify(peer: str, path: str, headers: Mapping[str, str], config: HttpConfig, *, is_addon: bool) -> Identity:
    """Return who asks.

    Raises: DeniedError for a peer that is not to be let in.
    """
    if peer in config.trusted_ingress:
        user_id = headers.get("X-Remote-User-Id", "")
        login = unquote(headers.get("X-Remote-User-Name", ""))
        shown = unquote(headers.get("X-Remote-User-Display-Name", "")) or login
        right = _right_of((user_id, login), config)
        return Identity(shown, right, is_ingress=True, person=(user_id or login)[:_LONGEST_PERSON])
    if _is_loopback(peer):
        if path == _HEALTH:
            return Identity("", Right.WATCH)
        if not is_addon and _is_loopback(_host_name(headers.get("Host", ""))):
            return Identity("", Right.MANAGE)
    raise DeniedError


def refuse_foreign_writes(method: str, headers: Mapping[str, str], content_type: str) -> None:
    """Let only our own pages and programs change things: no other web page can send JSON here without our consent.

    Raises: DeniedError.
    """
    if method not in _CHANGING:
        return
    if content_type != "application/json" or headers.get("Sec-Fetch-Site", "none") not in _OURS:
        raise DeniedError


def middleware(config: Callable[[], HttpConfig], *, is_addon: bool) -> Middleware:
    """Return the middleware that puts the `IDENTITY` on each request, by the configuration of that moment."""

    @web.middleware
    async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[IDENTITY] = identify(request.remote or "", request.path, request.headers, config(), is_addon=is_addon)
        refuse_foreign_writes(request.method, request.headers, request.content_type)
        return await handler(request)

    return recognise
