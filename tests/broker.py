"""A real Mosquitto for tests: on a free port, without persistence, with a password if asked."""

import asyncio
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.tools import mosquitto


class FakeHousehold:
    """Somebody else on the broker: hears everything, can say anything."""

    def __init__(self, port: int, user: tuple[str, str] | None) -> None:
        """Join and listen."""
        self.heard: list[tuple[str, bytes, bool]] = []
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        if user is not None:
            self._client.username_pw_set(*user)
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#")
        self._client.loop_start()

    async def until(self, is_so: Callable[["FakeHousehold"], bool], longest_s: float = 8.0) -> None:
        """Wait until what was heard is as described."""
        async with asyncio.timeout(longest_s):
            while not is_so(self):
                self._news.clear()
                await self._news.wait()

    async def hears(self, topic: str, payload: bytes | str, longest_s: float = 8.0) -> None:
        """Wait until the newest message on a topic is this one."""
        wanted = payload.encode() if isinstance(payload, str) else payload
        await self.until(lambda heard: heard.last(topic) == wanted, longest_s)

    def last(self, topic: str) -> bytes | None:
        """Return the newest payload of a topic, `None` if there was none."""
        return next((payload for name, payload, _ in reversed(self.heard) if name == topic), None)

    def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Publish something."""
        self._client.publish(topic, payload, retain=retain)

    def leave(self) -> None:
        """Go away."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: object, _userdata: object, message: paho.MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._hear, message.topic, bytes(message.payload), message.retain)

    def _hear(self, topic: str, payload: bytes, is_retained: bool) -> None:  # noqa: FBT001
        self.heard.append((topic, payload, is_retained))
        self._news.set()


class RealBroker:
    """One Mosquitto process that can be stopped and started again on its port, forgetting everything."""

    def __init__(self, folder: Path) -> None:
        """Choose a port; files go to `folder`."""
        self.port = _free_port()
        self.settings: tuple[str, ...] = ("max_packet_size 2000000",)
        self._folder = folder
        self._user: tuple[str, str] | None = None
        self._process: asyncio.subprocess.Process | None = None

    def admit(self, username: str, password: str) -> None:
        """Let in only this one from the next start on."""
        self._user = (username, password)
        users = self._folder / "users"
        users.touch(mode=0o600)
        subprocess.run(["mosquitto_passwd", "-b", str(users), username, password], check=True, capture_output=True)

    async def start(self) -> None:
        """Start and wait until it listens."""
        conf = self._folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", *self.settings, "persistence false", "user root"]
        known = [f"password_file {self._folder / 'users'}", "allow_anonymous false"]
        conf.write_text("\n".join([*lines, *(known if self._user else ["allow_anonymous true"])]) + "\n")
        self._process = await asyncio.create_subprocess_exec(mosquitto(), "-c", str(conf), stderr=subprocess.PIPE)
        said = b""
        async with asyncio.timeout(5):
            while b"running" not in said:
                said = await _line(self._process)

    def freeze(self) -> None:
        """Let it stand still with its connections open."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        """End it."""
        if self._process is not None:
            # A gentle end is overlooked by Mosquitto 2.0 in the moment after it says that it runs.
            self._process.kill()
            await self._process.communicate()
            self._process = None

    @asynccontextmanager
    async def household(self) -> AsyncIterator[FakeHousehold]:
        """Join as somebody else."""
        household = FakeHousehold(self.port, self._user)
        try:
            yield household
        finally:
            household.leave()


@asynccontextmanager
async def broker_in(folder: Path) -> AsyncIterator[RealBroker]:
    """Run a broker while the block lasts."""
    broker = RealBroker(folder)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


async def _line(process: asyncio.subprocess.Process) -> bytes:
    line = b"" if process.stderr is None else await process.stderr.readline()
    if not line:
        raise EOFError
    return line


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
