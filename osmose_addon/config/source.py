"""Which camera sources are allowed. The YAML is the administrator's word, yet a few places are never a camera.

What FFmpeg gets to open decides what it can reach: `file:` and `concat:` would read this machine's files, the
Supervisor and the link-local addresses (cloud metadata is one of them) would hand out secrets.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

TEST_PICTURE = "test"
NOW = ("rtsp", "rtsps")
LATER = ("rtmp", "rtmps", "http", "https", "whep", "whep+http", "whep+https")
ALLOWED_NOW = "write rtsp://…, rtsps://… or the word test"

_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_.])?")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\.?", re.IGNORECASE)
_FORBIDDEN_NAMES = ("supervisor", "hassio", "hassio_supervisor", "metadata", "metadata.google.internal")
_FORBIDDEN_NETWORKS = tuple(
    ipaddress.ip_network(text) for text in ("172.30.32.2/32", "169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128")
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a source is not accepted, in words that quote nothing of it, and what helps."""

    problem: str
    hint: str = ""


def checked_source(text: str) -> str | Refusal:
    """Return the source with its scheme in lower case, or why it is refused."""
    if text == TEST_PICTURE:
        return text
    scheme, separator, rest = text.partition(":")
    scheme = scheme.lower()
    if separator and scheme in LATER:
        return Refusal(f"sources that begin with {scheme}:// are not in this version yet", ALLOWED_NOW)
    if scheme not in NOW or not rest.startswith("//"):
        return Refusal("this is no source that a camera can have", ALLOWED_NOW)
    return _refusal_of_url(f"{scheme}:{rest}") or f"{scheme}:{rest}"


def passwords_in(source: str) -> tuple[str, ...]:
    """Return what a log must not show of the source: the URL itself, and its password as written and decoded."""
    if source == TEST_PICTURE:
        return ()
    parts = _split(source)
    written = (parts.password if parts else None) or ""
    return tuple(dict.fromkeys(text for text in (source, written, unquote(written)) if text))


def host_is_forbidden(host: str) -> bool:
    """Whether the host is the Supervisor, link-local or a metadata service, in whatever notation."""
    name = host.strip("[]").lower().rstrip(".")
    if name in _FORBIDDEN_NAMES or name.endswith(".local.hass.io"):
        return True
    address = _address(name)
    return address is not None and any(address in network for network in _FORBIDDEN_NETWORKS)


def _refusal_of_url(url: str) -> Refusal | None:
    encode = "in a user name or password write @ as %40, : as %3A, / as %2F, # as %23 and ? as %3F"
    if any(letter.isspace() or not letter.isprintable() for letter in url):
        return Refusal("there is a space or an invisible character in this URL", "write a space as %20")
    parts = _split(url)
    if parts is not None and parts.netloc.count("@") > 1:
        return Refusal("there is more than one @ before the host of this URL", encode)
    if parts is None:
        return Refusal("the host or the port of this URL cannot be read", encode)
    return _refusal_of_host(parts.hostname or "", encode)


def _refusal_of_host(host: str, encode: str) -> Refusal | None:
    if not host:
        return Refusal("the host is missing in this URL", "write rtsp://user:password@host:554/path")
    if ":" not in host and not _HOST_NAME.fullmatch(host):
        return Refusal("the host of this URL is not a name or an address", encode)
    if host_is_forbidden(host):
        return Refusal("this host is never a camera", "the Supervisor, link-local and metadata addresses are refused")
    return None


def _split(url: str) -> SplitResult | None:
    try:
        parts = _split_with_port(url)
    except ValueError:
        return None
    return parts


def _split_with_port(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.port == 0:
        raise ValueError
    return parts


def _address(name: str) -> _Address | None:
    """Return the address behind a literal, also in the short, octal and hexadecimal forms that the resolver takes."""
    if _NUMERIC.fullmatch(name):
        return _short_address(name)
    try:
        address: _Address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
    return _embedded(address) if isinstance(address, ipaddress.IPv6Address) else address


def _short_address(name: str) -> _Address | None:
    try:
        packed = socket.inet_aton(name)
    except OSError:
        return None
    return ipaddress.IPv4Address(packed)


def _embedded(address: ipaddress.IPv6Address) -> _Address:
    """Return the IPv4 address that a mapped, 6to4 or NAT64 address leads to, else the address itself."""
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
