"""Osmose on a real broker."""

import asyncio
import json
import logging

import pytest

from osmose_addon.interfaces.mqtt.discovery import Thing
from osmose_addon.interfaces.mqtt.service import MqttService
from osmose_addon.model.config import MqttConfig, Secret
from osmose_addon.model.errors import BrokerLostError, BrokerRefusedError
from osmose_addon.model.journal import Event
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.supervision import Phase
from tests.interfaces.mqtt.conftest import JPEG, House, english

PORCH = "homeassistant/device/osmose-camera-porch/config"


async def test_everything_is_announced_and_told(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        await household.hears("osmose/camera/porch/phase", "live")
        await household.hears("osmose/camera/porch/live", "ON")
        await household.hears("osmose/camera/porch/resolution", "None")
        await household.hears("osmose/camera/porch/frame_rate", "25.0")
        await household.hears("osmose/library/films/titles", "3")
        await household.hears("osmose/jobs_running", "0")
        await household.hears("osmose/camera/porch/image", JPEG)
        await household.until(lambda heard: heard.last(PORCH) is not None)
        assert household.last("osmose/mqtt") is None


async def test_all_is_retained_for_who_comes_later(house: House) -> None:
    async with house.broker.household() as early, house.osmose():
        await early.hears("osmose/status", "online")
        async with house.broker.household() as household:
            await household.hears("osmose/status", "online")
            await household.hears("osmose/camera/porch/phase", "live")
            await household.until(lambda heard: heard.last(PORCH) is not None)
            assert all(is_retained for topic, _, is_retained in household.heard if topic.endswith(("phase", "config")))


async def test_a_change_is_told_and_only_the_last_of_many(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        for viewers in range(3, 500):
            house.states.set("camera", "porch", viewers=viewers)
        await household.hears("osmose/camera/porch/viewers", "499")
        told = [payload for topic, payload, _ in household.heard if topic == "osmose/camera/porch/viewers"]
        assert len(told) == 2


async def test_leaving_tells_offline(house: House) -> None:
    async with house.broker.household() as household:
        async with house.osmose():
            await household.hears("osmose/status", "online")
        await household.hears("osmose/status", "offline")
        assert house.states.get("osmose", "", "mqtt") == "off"


async def test_a_dead_osmose_is_told_offline_by_the_broker(house: House) -> None:
    async with house.broker.household() as household:
        service = house.service()
        program = (
            "import asyncio, sys; from osmose_addon.interfaces.mqtt.client import *;"
            "from osmose_addon.runtime.clock import Clock\n"
            "async def main():\n"
            f"  async with connected(Broker('127.0.0.1', {house.broker.port}),"
            f" Greeting('x', {service.topics.status!r}, 'offline'), Clock()) as line:\n"
            f"    await line.tell({service.topics.status!r}, 'online', is_retained=True)\n"
            "    await line.keep(Clock())\n"
            "asyncio.run(main())"
        )
        process = await asyncio.create_subprocess_exec(".venv/bin/python", "-c", program)
        await household.hears("osmose/status", "online")
        process.kill()
        await process.wait()
        await household.hears("osmose/status", "offline")


async def test_a_broker_that_forgot_everything_learns_it_again(house: House) -> None:
    async with house.osmose():
        await house.until_state("mqtt", "connected")
        await house.broker.stop()
        await house.until_turn(BrokerLostError)
        await house.until_state("mqtt", "lost")
        await house.broker.start()
        await house.until_state("mqtt", "connected")
        async with house.broker.household() as household:
            await household.hears("osmose/status", "online")
            await household.hears("osmose/library/films/phase", "ready")
            await household.until(lambda heard: heard.last(PORCH) is not None)
            await household.until(lambda heard: heard.last("osmose/camera/porch/image") is not None)
    assert all(turn.phase is not Phase.PARKED for turn in house.turns)


async def test_home_assistants_birth_brings_everything_again(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        household.heard.clear()
        household.say("homeassistant/status", "online")
        await household.hears("osmose/camera/porch/phase", "live")
        await household.until(lambda heard: heard.last(PORCH) is not None)


async def test_a_wrong_password_is_named_and_never_shown(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await house.broker.stop()
    house.broker.admit("osmose", "right-one")
    await house.broker.start()
    house.user = ("osmose", "wrong-one")
    async with house.osmose():
        turn = await house.until_turn(BrokerRefusedError)
        assert turn.phase is Phase.WAITING
        assert "wrong-one" not in str(turn.error) + caplog.text
    house.user = ("osmose", "right-one")
    async with house.osmose():
        await house.until_state("mqtt", "connected")


async def test_a_broker_that_is_not_there_is_named(house: House) -> None:
    await house.broker.stop()
    async with house.osmose():
        turn = await house.until_turn(BrokerLostError)
        assert "refused" in str(turn.error)


async def test_an_entry_becomes_an_event_that_is_not_retained(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        await house.journal.write(Event.CAMERA_LOST, "camera", "porch", by="alice", reason="source_lost")
        await house.journal.write(Event.TITLE_ADDED, "title", "abcd", library="films", name="Der Hölle Rache")
        await house.journal.write(Event.ACTION_DONE, "action", "rescan", by="alice")
        await household.until(lambda heard: heard.last("osmose/event") is not None)
        lost = json.loads(household.last("osmose/camera/porch/event") or b"")
        added = json.loads(household.last("osmose/library/films/event") or b"")
        assert (lost["event_type"], lost["reason"]) == ("camera_lost", "source_lost")
        assert (added["event_type"], added["name"]) == ("title_added", "Der Hölle Rache")
        assert not any("alice" in payload.decode("utf-8", "replace") for _, payload, _ in household.heard)
    async with house.broker.household() as household:
        await household.hears("osmose/status", "offline")
        assert household.last("osmose/camera/porch/event") is None


async def test_entries_written_while_the_broker_was_away_are_told_later(house: House) -> None:
    async with house.osmose():
        await house.until_state("mqtt", "connected")
        await house.broker.stop()
        await house.until_state("mqtt", "lost")
        await house.journal.write(Event.CAMERA_BACK, "camera", "porch")
        await house.broker.start()
        async with house.broker.household() as household:
            await household.until(lambda heard: heard.last("osmose/camera/porch/event") is not None)


async def test_what_is_gone_from_the_yaml_is_gone_from_home_assistant(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        house.things = house.things[:1]
        house.states.drop("camera", "porch")
        await household.hears(PORCH, b"")
        await household.hears("osmose/camera/porch/phase", b"")
        await household.hears("osmose/camera/porch/image", b"")


async def test_what_went_while_osmose_was_off_is_gone_too(house: House) -> None:
    async with house.osmose():
        await house.until_state("mqtt", "connected")
    house.things = house.things[:1]
    async with house.broker.household() as household, house.osmose():
        await household.hears(PORCH, b"")
        await household.hears("osmose/camera/porch/phase", b"")
        await household.hears("osmose/status", "online")


async def test_a_new_camera_appears_with_a_placeholder(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        house.things = (*house.things, Thing("camera", "garten", "Gärten & Höfe"))
        house.states.set("camera", "garten", phase="starting", live=False)
        await household.hears("osmose/camera/garten/live", "OFF")
        announced = json.loads(household.last("homeassistant/device/osmose-camera-garten/config") or b"")
        assert announced["device"]["name"] == "Gärten & Höfe"
        await household.until(lambda heard: (heard.last("osmose/camera/garten/image") or b"").startswith(b"\xff\xd8"))


async def test_only_declared_states_of_known_things_go_out(house: House) -> None:
    house.states.set("title", "abcd", phase="ready")
    house.states.set("camera", "unknown", phase="live")
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        topics = {topic for topic, _, _ in household.heard}
        assert not any("abcd" in topic or "unknown" in topic for topic in topics)


async def test_without_a_broker_it_waits_quietly(house: House, caplog: pytest.LogCaptureFixture) -> None:
    given = (house.states, house.actions, house.journal, english(), lambda: house.things, Clock())
    service = MqttService(MqttConfig(), *given, token=None)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(service.main())
        await house.until_state("mqtt", "off")
        task.cancel()
    assert caplog.text == ""


async def test_the_supervisors_broker_is_used(house: House) -> None:
    asked: list[str] = []

    async def fetch(url: str, headers: object) -> object:
        asked.append(f"{url} {headers}")
        return {"result": "ok", "data": {"host": "127.0.0.1", "port": house.broker.port, "ssl": False}}

    given = (house.states, house.actions, house.journal, english(), lambda: house.things, Clock())
    service = MqttService(MqttConfig(), *given, fetch=fetch, token=Secret("t0ken"))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(service.main())
        await house.until_state("mqtt", "connected")
        task.cancel()
    assert asked == ["http://supervisor/services/mqtt {'Authorization': 'Bearer t0ken'}"]
