"""Whether a camera sends us on to another address, asked before FFmpeg is: FFmpeg would go there with the password.

A short conversation of our own, without name and password: `OPTIONS`, then `DESCRIBE`, as every player begins. Whatever
else is answered, or nothing in time, is FFmpeg's to find out and to name; 401 is what most cameras say here.

This covers what can be covered: a camera that sends us on only after the login, or later, is not noticed. FFmpeg
follows by itself, and has no option against it.
"""

import re
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from osmose_addon.model.errors import SourceLostError
from osmose_addon.runtime.clock import Clock

_PORTS = {"rtsp": 554, "rtsps": 322}
_DEADLINE_S = 1.0
_MOST_BYTES = 16 << 10
_READ_BYTES = 4096
_STATUS = re.compile(rb"^RTSP/\d\.\d +(\d{3})\b", re.MULTILINE)
_HEAD_END = b"\r\n\r\n"
_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class _Door:
    """Where a camera is asked, and for what; no name, no password."""

    host: str
    port: int
    url: str
    is_secret: bool


def is_redirected(url: str, clock: Clock) -> bool:
    """Whether the camera answers that what `url` names lies elsewhere. Takes a second at most once it is connected.

    Raises: SourceLostError when its host's name is not known: FFmpeg does not tell that from any other end.
    """
    door = _door_of(url)
    if door is None:
        return False
    try:
        return _is_sent_on(door, clock, clock.monotonic_s() + _DEADLINE_S)
    except (socket.gaierror, UnicodeError):  # the latter for what cannot be a name, as `a..b`
        is_known = False
    except OSError:  # of the network, of TLS, of time: FFmpeg meets the same and says what it is
        is_known = True
    if not is_known:
        raise SourceLostError(reason="unknown_host")
    return False


def _door_of(url: str) -> _Door | None:
    """Return where to ask; nothing for an address that we do not understand, or that would break a line of ours."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    asked = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    if not parts.hostname or not _PRINTABLE.fullmatch(asked):
        return None
    return _Door(parts.hostname, port, asked, parts.scheme == "rtsps")


def _is_sent_on(door: _Door, clock: Clock, due_s: float) -> bool:
    with (
        socket.create_connection((door.host, door.port), _left_s(clock, due_s)) as plain,
        _covered(plain) if door.is_secret else plain as wire,
    ):
        heard = b""
        for number, method in enumerate(("OPTIONS", "DESCRIBE"), 1):
            wire.settimeout(_left_s(clock, due_s))
            wire.sendall(_question(method, door.url, number))
            heard = _heard(wire, heard, number, clock, due_s)
            if any(status.startswith(b"3") for status in _STATUS.findall(heard)):
                return True
    return False


def _covered(plain: socket.socket) -> ssl.SSLSocket:
    """Return the wire under TLS. As with FFmpeg, any certificate will do: cameras sign theirs themselves."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain)


def _question(method: str, url: str, number: int) -> bytes:
    wished = "Accept: application/sdp\r\n" if method == "DESCRIBE" else ""
    return f"{method} {url} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: Osmose\r\n{wished}\r\n".encode()


def _heard(wire: socket.socket, heard: bytes, answers: int, clock: Clock, due_s: float) -> bytes:
    """Return all that was heard, once the heads of so many answers are in it. Raises: OSError."""
    while heard.count(_HEAD_END) < answers or len(_STATUS.findall(heard)) < answers:
        wire.settimeout(_left_s(clock, due_s))
        more = wire.recv(_READ_BYTES)
        heard += more
        if not more or len(heard) > _MOST_BYTES:
            raise ConnectionResetError
    return heard


def _left_s(clock: Clock, due_s: float) -> float:
    left_s = due_s - clock.monotonic_s()
    if left_s <= 0:
        raise TimeoutError
    return left_s
