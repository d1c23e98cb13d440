"""Which broker to speak to: the one in the YAML, else the one the Supervisor knows."""

import logging
from collections.abc import Mapping

from osmose_addon.interfaces.mqtt.client import Broker
from osmose_addon.model.config import MqttConfig, Secret
from osmose_addon.model.errors import FetchError
from osmose_addon.runtime.fetch import Fetch

_LOG = logging.getLogger(__name__)
SUPERVISOR = "http://supervisor"
_MOST_PORT = 65535


def written(config: MqttConfig) -> Broker | None:
    """Return the broker that the household wrote down, if it did."""
    if config.host is None:
        return None
    return Broker(config.host, config.port, config.username, config.password, config.tls)


async def supervised(fetch: Fetch, token: Secret) -> Broker | None:
    """Return the broker of the Supervisor's MQTT service, `None` if there is none or no usable answer.

    Ask before every connection: its password changes when the broker's app is installed anew.
    """
    try:
        answer = await fetch(f"{SUPERVISOR}/services/mqtt", {"Authorization": f"Bearer {token.reveal()}"})
    except FetchError as error:
        _LOG.debug("the Supervisor names no broker: %s", error)
        return None
    if isinstance(answer, Mapping) and isinstance(answer.get("data"), Mapping):
        return _broker(answer["data"])
    return None


def _broker(told: Mapping[str, object]) -> Broker | None:
    host, port, username, password = (told.get(key) for key in ("host", "port", "username", "password"))
    if not isinstance(host, str) or not host or not isinstance(port, int) or not 0 < port <= _MOST_PORT:
        return None
    return Broker(
        host,
        port,
        username if isinstance(username, str) and username else None,
        Secret(password) if isinstance(password, str) else None,
        tls=told.get("ssl") is True,
    )
