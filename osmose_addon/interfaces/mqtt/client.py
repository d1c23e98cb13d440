"""The only door to the MQTT broker: one connection, on the event loop, from greeting to loss.

paho speaks the protocol (MQTT 5). Its blocking dial runs in a thread; from then on the loop serves its socket.
Everything goes out with quality 0: the stream either arrives in order or breaks, and after a break all is told anew.
So nothing queues up while the broker is away, and a slow one slows the teller (`Connection.tell` waits).
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from osmose_addon.model.config import Secret
from osmose_addon.model.errors import BrokerError, BrokerLostError, BrokerRefusedError
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.threads import in_thread

_LOG = logging.getLogger(__name__)
_KEEPALIVE_S = 20
_DIAL_S = 5.0
_GREETING_S = 10.0
_FAREWELL_S = 2.0
_BEAT_S = 1.0
_LONGEST_HEARD_BYTES = 256 * 1024
_LONGEST_TOLD_BYTES = 1 << 20
_PACKETS_AT_ONCE = 50
# MQTT 5, 3.2.2.2: bad user name or password, not authorised, banned.
_REFUSALS = {134, 135, 138}


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and who we are to it."""

    host: str
    port: int = 1883
    username: str | None = None
    password: Secret | None = None
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Greeting:
    """How we present ourselves: a lasting `client_id` (so that an old connection of ours ends at once) and a last will.

    The will is told, retained, by the broker when the connection breaks and by us when we leave.
    """

    client_id: str
    will_topic: str
    will: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message heard. `reply_to` and `correlation` are the properties of MQTT 5, empty if not given."""

    topic: str
    payload: bytes
    is_retained: bool = False
    reply_to: str = ""
    correlation: bytes = b""


class Connection:
    """One connection. `lost` is set when it ends, in whatever way; `on_message` gets what is heard after `listen`."""

    def __init__(self, client: Client, broker: Broker) -> None:
        """Take a client that has dialled; read and write it on the running loop from now on."""
        self.lost = asyncio.Event()
        self.longest_told_bytes = _LONGEST_TOLD_BYTES
        self.on_message: Callable[[Message], None] = lambda _message: None
        self._client = client
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        self._greeted = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._problem: BrokerError | None = None
        line = client.socket()
        self._fileno = -1 if line is None else line.fileno()
        self._attach()

    async def admitted(self, clock: Clock) -> None:
        """Wait until the broker has let us in.

        Raises: BrokerRefusedError, BrokerLostError.
        """
        if not await clock.wait(self._greeted, _GREETING_S):
            raise self._lost("no_greeting")
        if self._problem is not None:
            raise self._problem

    async def tell(
        self, topic: str, payload: bytes | str, *, is_retained: bool = False, correlation: bytes = b""
    ) -> None:
        """Publish; returns when the socket has taken it. An empty retained payload clears the topic.

        Raises: BrokerLostError.
        """
        if self.lost.is_set():
            raise self._problem or self._lost("closed")
        properties = _properties(PacketTypes.PUBLISH)
        if correlation:
            properties.CorrelationData = correlation
        self._client.publish(topic, payload, qos=0, retain=is_retained, properties=properties)
        await self._drained.wait()
        if self.lost.is_set():
            raise self._problem or self._lost("closed")

    async def listen(self, topics: Iterable[str]) -> None:
        """Subscribe; retained messages on these topics come before anything told later."""
        self._client.subscribe([(topic, 0) for topic in topics])
        await self._drained.wait()

    async def keep(self, clock: Clock) -> None:
        """Keep the connection alive until it is lost.

        Raises: BrokerLostError, always: a connection has no good end of its own.
        """
        while not await clock.wait(self.lost, _BEAT_S):
            self._client.loop_misc()
        raise self._problem or self._lost("closed")

    async def leave(self, greeting: Greeting, clock: Clock) -> None:
        """Disconnect; if we had been let in, tell the will ourselves first, since a good-bye suppresses it."""
        if not self.lost.is_set():
            if self._greeted.is_set() and self._problem is None:
                self._client.publish(greeting.will_topic, greeting.will, qos=0, retain=True)
            self._client.disconnect()
            await clock.wait(self._drained, _FAREWELL_S)
        self._detach()

    def _attach(self) -> None:
        client = self._client
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_paho_message
        client.on_socket_close = lambda *_: self._detach()
        client.on_socket_register_write = lambda *_: self._want_write()
        client.on_socket_unregister_write = lambda *_: self._written()
        if self._fileno < 0:
            self._end(self._lost("closed"))
            return
        self._loop.add_reader(self._fileno, self._read)
        if client.want_write():
            self._want_write()

    def _detach(self) -> None:
        if self._fileno >= 0:
            self._loop.remove_reader(self._fileno)
            self._loop.remove_writer(self._fileno)
        self._fileno = -1
        self._drained.set()

    def _want_write(self) -> None:
        if self._fileno >= 0:
            self._drained.clear()
            self._loop.add_writer(self._fileno, self._client.loop_write)

    def _written(self) -> None:
        if self._fileno >= 0:
            self._loop.remove_writer(self._fileno)
        self._drained.set()

    def _read(self) -> None:
        # With TLS, packets may wait in the library where the loop does not see them.
        for _ in range(_PACKETS_AT_ONCE):
            self._client.loop_read()
            line = self._client.socket()
            if not isinstance(line, ssl.SSLSocket) or not line.pending():
                return
        self._loop.call_soon(self._read)

    def _on_connect(
        self, _client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, told: Properties | None
    ) -> None:
        if reason.value in _REFUSALS:
            self._problem = BrokerRefusedError(host=self._broker.host, port=self._broker.port)
        elif reason.is_failure:
            self._problem = self._lost(reason.getName())
        allowed_bytes = getattr(told, "MaximumPacketSize", _LONGEST_TOLD_BYTES)
        self.longest_told_bytes = min(_LONGEST_TOLD_BYTES, allowed_bytes - 1024)
        self._greeted.set()

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: DisconnectFlags, reason: ReasonCode, _told: object
    ) -> None:
        # paho calls a broken line an unspecified error.
        name = reason.getName()
        self._end(self._lost("connection ended" if name == "Unspecified error" else name))

    def _on_paho_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        told = message.properties
        reply_to: str = getattr(told, "ResponseTopic", "")
        correlation: bytes = getattr(told, "CorrelationData", b"")
        self.on_message(Message(message.topic, bytes(message.payload), message.retain, reply_to, correlation))

    def _end(self, problem: BrokerError) -> None:
        self._problem = self._problem or problem
        self._detach()
        self.lost.set()
        self._greeted.set()

    def _lost(self, reason: str) -> BrokerLostError:
        return BrokerLostError(host=self._broker.host, port=self._broker.port, reason=reason)


@asynccontextmanager
async def connected(broker: Broker, greeting: Greeting, clock: Clock) -> AsyncIterator[Connection]:
    """Connect, hand out the connection, and leave in good order when the block ends.

    Raises: BrokerLostError (with what the system said), BrokerRefusedError.
    """
    connection = Connection(await _dialled(broker, greeting), broker)
    try:
        await connection.admitted(clock)
        yield connection
    finally:
        await connection.leave(greeting, clock)


async def _dialled(broker: Broker, greeting: Greeting) -> Client:
    try:
        return await in_thread(_dial, broker, greeting)
    except (OSError, ValueError) as error:
        reason = _reason(error)
    raise BrokerLostError(host=broker.host, port=broker.port, reason=reason)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _dial(broker: Broker, greeting: Greeting) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id=greeting.client_id, protocol=MQTTv5)
    client.connect_timeout = _DIAL_S
    client.will_set(greeting.will_topic, greeting.will, qos=0, retain=True)
    if broker.username is not None:
        client.username_pw_set(broker.username, broker.password.reveal() if broker.password is not None else None)
    if broker.tls:
        client.tls_set_context(ssl.create_default_context())
    hello = _properties(PacketTypes.CONNECT)
    hello.MaximumPacketSize = _LONGEST_HEARD_BYTES
    client.connect(broker.host, broker.port, keepalive=_KEEPALIVE_S, clean_start=True, properties=hello)
    return client


def _properties(packet: int) -> Properties:
    properties_of: Callable[[int], Properties] = Properties  # untyped in paho
    return properties_of(packet)
