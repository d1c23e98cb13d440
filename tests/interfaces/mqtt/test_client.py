"""One connection to a real broker: bounded, encrypted if asked, and clear about its end."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from osmose_addon.interfaces.mqtt.client import Broker, Connection, Greeting, Message, connected
from osmose_addon.model.errors import BrokerLostError
from osmose_addon.runtime.clock import Clock
from tests.broker import RealBroker, broker_in

GREETING = Greeting("test", "test/status", "offline")
CLOCK = Clock()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[RealBroker]:
    async with broker_in(tmp_path) as started:
        yield started


def certify(folder: Path) -> Path:
    """Write a key and a certificate that only this test trusts; return the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    draft = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    draft = draft.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    draft = draft.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = draft.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    form, lock = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, lock))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    return folder / "certificate.pem"


async def restart_with_tls(broker: RealBroker, certificate: Path) -> None:
    await broker.stop()
    broker.settings = (f"certfile {certificate}", f"keyfile {certificate.parent / 'key.pem'}")
    await broker.start()


async def test_a_frozen_broker_slows_the_teller_instead_of_filling_memory(broker: RealBroker) -> None:
    told: list[int] = []

    async def tell_much(connection: Connection) -> None:
        for number in range(1000):
            await connection.tell("test/picture", b"x" * 900_000)
            told.append(number)

    async with connected(Broker("127.0.0.1", broker.port), GREETING, CLOCK) as connection:
        broker.freeze()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(tell_much(connection), 0.5)
        broker.thaw()
    assert len(told) < 20


async def test_what_the_broker_takes_at_most_is_known(broker: RealBroker) -> None:
    await broker.stop()
    broker.settings = ("max_packet_size 100000",)
    await broker.start()
    async with connected(Broker("127.0.0.1", broker.port), GREETING, CLOCK) as connection:
        assert 90_000 < connection.longest_told_bytes < 100_000


async def test_telling_over_a_lost_connection_is_refused(broker: RealBroker) -> None:
    async with connected(Broker("127.0.0.1", broker.port), GREETING, CLOCK) as connection:
        await broker.stop()
        with pytest.raises(BrokerLostError, match="connection ended"):
            await connection.keep(CLOCK)
        with pytest.raises(BrokerLostError):
            await connection.tell("test/a", "b")


async def test_many_messages_pass_a_trusted_encrypted_line(
    broker: RealBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certify(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await restart_with_tls(broker, certificate)
    heard: list[bytes] = []
    is_all = asyncio.Event()

    def hear(message: Message) -> None:
        heard.append(message.payload)
        if len(heard) == 200:
            is_all.set()

    async with connected(Broker("localhost", broker.port, tls=True), GREETING, CLOCK) as connection:
        connection.on_message = hear
        await connection.listen(["test/#"])
        for number in range(200):
            await connection.tell("test/a", f"{number} {'x' * 2000}")
        assert await CLOCK.wait(is_all, 5)


# paho leaves the socket of a failed handshake to be closed when it is let go, which is at once.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_an_untrusted_certificate_is_named(broker: RealBroker, tmp_path: Path) -> None:
    await restart_with_tls(broker, certify(tmp_path))
    with pytest.raises(BrokerLostError, match="certificate"):
        async with connected(Broker("localhost", broker.port, tls=True), GREETING, CLOCK):
            pass


async def test_plain_speech_to_an_encrypted_port_ends_with_a_reason(broker: RealBroker, tmp_path: Path) -> None:
    await restart_with_tls(broker, certify(tmp_path))
    with pytest.raises(BrokerLostError):
        async with connected(Broker("localhost", broker.port), GREETING, CLOCK):
            pass
