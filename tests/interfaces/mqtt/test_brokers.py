"""Which broker is spoken to."""

from collections.abc import Mapping

import pytest

from osmose_addon.interfaces.mqtt.brokers import supervised, written
from osmose_addon.interfaces.mqtt.client import Broker
from osmose_addon.model.config import MqttConfig, Secret
from osmose_addon.model.errors import FetchError

TOKEN = Secret("t0ken")


async def test_the_supervisors_answer_is_taken() -> None:
    async def fetch(_url: str, _headers: Mapping[str, str]) -> object:
        told = {"host": "core-mosquitto", "port": 1883, "ssl": False, "username": "addons", "password": "pw"}
        return {"result": "ok", "data": {**told, "protocol": "3.1.1", "addon": "core_mosquitto"}}

    assert await supervised(fetch, TOKEN) == Broker("core-mosquitto", 1883, "addons", Secret("pw"))


async def test_a_supervisor_without_a_broker_is_no_error() -> None:
    async def fetch(_url: str, _headers: Mapping[str, str]) -> object:
        raise FetchError(reason="status", status=400)

    assert await supervised(fetch, TOKEN) is None


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"data": None}, {"data": {}}, {"data": {"host": "", "port": 1}}, {"data": {"host": "a", "port": "1883"}}],
)
async def test_an_odd_answer_is_no_broker(answer: object) -> None:
    async def fetch(_url: str, _headers: Mapping[str, str]) -> object:
        return answer

    assert await supervised(fetch, TOKEN) is None


def test_the_household_has_the_first_word() -> None:
    config = MqttConfig("broker.lan", 8883, "osmose", Secret("pw"), tls=True)
    assert written(config) == Broker("broker.lan", 8883, "osmose", Secret("pw"), tls=True)
    assert written(MqttConfig()) is None
