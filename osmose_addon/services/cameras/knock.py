"""Knocks at a camera that is away, so that it is back at once when it answers again, however long it was gone.

The supervisor's pauses grow to half a minute, because each try is a login. A knock is none: it asks what the server can
do (`OPTIONS`), with no name and no password, about once a second. A camera that refused us is never knocked awake.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from osmose_addon.runtime.clock import Clock
from osmose_addon.services.cameras.camera import CameraService

_EVERY_S = 1.0
_ANSWER_S = 1.0
# A camera opens its port before its pictures are ready: after it answered, it is tried for a while once a second.
_EAGER_S = 10.0
_ENOUGH_BYTES = 5
_PORTS = {"rtsp": 554, "rtsps": 322}
_QUESTION = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Osmose\r\n\r\n"


class Knock:
    """A small service beside a camera's, which wakes it."""

    def __init__(self, camera: CameraService, wake: Callable[[], None], clock: Clock) -> None:
        """Wake the camera's service with `wake`."""
        self.name = f"{camera.name}.knock"
        self._camera = camera
        self._wake = wake
        self._clock = clock
        self._never = asyncio.Event()

    async def main(self) -> None:
        """Knock for ever, while the camera is away."""
        parts = urlsplit(self._camera.config.source.reveal())
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 554)
        while True:
            await self._camera.may_be_knocked.wait()
            await self._knock_until_back(host, port, asks=parts.scheme == "rtsp")

    async def _knock_until_back(self, host: str, port: int, *, asks: bool) -> None:
        """Wake the camera when it answers after it did not; one that answers all along is left to the supervisor."""
        was_silent = False
        answered_s: float | None = None
        while self._camera.may_be_knocked.is_set():
            if not await self._answers(host, port, asks=asks):
                was_silent, answered_s = True, None
            elif was_silent:
                answered_s = self._clock.monotonic_s()
                was_silent = False
            if answered_s is not None and self._clock.monotonic_s() - answered_s < _EAGER_S:
                self._wake()
            await self._clock.wait(self._never, _EVERY_S)

    async def _answers(self, host: str, port: int, *, asks: bool) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await _ask(host, port) if asks else await _connect(host, port)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False


async def _ask(host: str, port: int) -> bool:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(_QUESTION)
        return await reader.readexactly(_ENOUGH_BYTES) == b"RTSP/"
    finally:
        writer.close()


async def _connect(host: str, port: int) -> bool:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return True
