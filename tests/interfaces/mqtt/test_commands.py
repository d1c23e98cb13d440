"""Buttons and calls over a real broker."""

import json

import pytest

from osmose_addon.interfaces.mqtt.client import Message
from osmose_addon.interfaces.mqtt.commands import Commands, text_values
from osmose_addon.interfaces.mqtt.topics import Topics
from osmose_addon.stores.actions import Actions
from tests.interfaces.mqtt.conftest import House

ANSWER = "osmose/reply/me"


async def test_a_pressed_button_reaches_its_action(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        household.say("osmose/camera/porch/try_now/set", "PRESS")
        household.say("osmose/library/films/rescan/set", "PRESS")
        household.say("osmose/reload/set", "PRESS")
        household.say("osmose/actions/rescan", json.dumps({"reply_to": ANSWER, "correlation": "7"}))
        await household.until(lambda heard: heard.last(ANSWER) is not None)
    assert house.done == [
        ("try_now", {"camera": "porch"}),
        ("rescan", {"library": "films"}),
        ("reload", {}),
        ("rescan", {}),
    ]
    assert json.loads(household.last(ANSWER) or b"") == {"ok": True, "result": {"found": 3}, "correlation": "7"}


async def test_an_action_that_fails_says_why(house: House) -> None:
    async with house.broker.household() as household, house.osmose():
        await household.hears("osmose/status", "online")
        household.say("osmose/actions/try_now", json.dumps({"reply_to": ANSWER}))
        await household.until(lambda heard: heard.last(ANSWER) is not None)
    answer = json.loads(household.last(ANSWER) or b"")
    assert answer == {"ok": False, "error": "argument", "fields": {"argument": "camera", "reason": "missing"}}


async def test_garbage_is_dropped_counted_and_harmless(house: House) -> None:
    async with house.broker.household() as household, house.osmose() as osmose:
        await household.hears("osmose/status", "online")
        household.say("osmose/actions/rescan", b"\xff\xfe")
        household.say("osmose/actions/rescan", "[" * 4000)
        household.say("osmose/actions/rescan", "x" * 100_000)
        household.say("osmose/actions/rescan", "x" * 500_000)
        household.say("osmose/camera/porch/try_now/set", "PRESS", retain=True)
        household.say("osmose/camera/elsewhere/try_now/set", "PRESS")
        household.say("osmose/actions/rescan", json.dumps({"reply_to": ANSWER}))
        await household.until(lambda heard: heard.last(ANSWER) is not None)
        # The half megabyte never reaches us: the broker was told how much we take.
        assert osmose.dropped == 4
    assert [name for name, _ in house.done] == ["try_now", "rescan"]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("osmose/actions/format_disk", b"{}"),
        ("osmose/actions/rescan", b'{"library": 7}'),
        ("osmose/actions/rescan", b'{"library": {"a": "b"}}'),
        ("osmose/actions/rescan", b'"rescan"'),
        ("osmose/actions/rescan", b'{"reply_to": "homeassistant/device/osmose/config"}'),
        ("osmose/actions/rescan", b'{"reply_to": "osmose/reply/#"}'),
        ("osmose/reload/set", b"press"),
        ("osmose/reload/set", b""),
        ("osmose/pause_jobs/set", b"PRESS"),
        ("osmose/camera/porch/rescan/set", b"PRESS"),
        ("osmose/camera//try_now/set", b"PRESS"),
        ("elsewhere/reload/set", b"PRESS"),
    ],
)
def test_what_is_no_command_is_dropped(topic: str, payload: bytes) -> None:
    commands = Commands(Actions(), Topics("osmose", "homeassistant"), tuple)
    commands.hear(Message(topic, payload))
    assert commands.dropped == 1


def test_a_flood_is_bounded() -> None:
    commands = Commands(Actions(), Topics("osmose", "homeassistant"), tuple)
    for _ in range(100):
        commands.hear(Message("osmose/reload/set", b"PRESS"))
    assert commands.dropped == 68


def test_only_objects_of_text_are_arguments() -> None:
    assert text_values(b'{"library": "films"}') == {"library": "films"}
    assert text_values(b"") == {}
    assert text_values(b'["films"]') is None
    assert text_values(b"{" * 3000) is None
