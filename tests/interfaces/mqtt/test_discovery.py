"""What Home Assistant is told keeps its rules; each was measured against Home Assistant 2026.11."""

import json

import pytest

from osmose_addon.interfaces.mqtt.discovery import HERE, Thing, discovery, keys_of, plan, remembered, steps
from osmose_addon.interfaces.mqtt.publish import state_text
from osmose_addon.interfaces.mqtt.topics import Topics
from osmose_addon.model.actions import ACTIONS
from osmose_addon.model.states import STATE_FIELDS, StateValue
from tests.interfaces.mqtt.conftest import english

TOPICS = Topics("osmose", "homeassistant")
PORCH = Thing("camera", "porch", "Porch")
FILMS = Thing("library", "films", "Films")
ALL = (HERE, FILMS, PORCH)

# The keys that the MQTT integration of Home Assistant knows; others refuse the device, or vanish in a component.
TOP = {"device", "origin", "availability", "availability_mode", "components"}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version", "via_device"}
ORIGIN = {"name", "sw_version", "support_url"}
ANY = {"platform", "unique_id", "name", "icon", "entity_category"}
PLATFORMS = {
    "sensor": {"state_topic", "unit_of_measurement", "device_class", "state_class", "options"},
    "binary_sensor": {"state_topic", "device_class"},
    "button": {"command_topic", "payload_press"},
    "camera": {"topic"},
    "event": {"state_topic", "event_types"},
}
REQUIRED = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "button": {"command_topic"},
    "camera": {"topic"},
    "event": {"state_topic", "event_types"},
}


def components(thing: Thing) -> dict[str, dict[str, object]]:
    found = discovery(thing, TOPICS, english())["components"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("thing", ALL, ids=lambda thing: thing.device_id)
def test_a_device_has_only_keys_that_home_assistant_knows(thing: Thing) -> None:
    payload = discovery(thing, TOPICS, english())
    assert set(payload) == TOP
    assert isinstance(payload["device"], dict)
    assert isinstance(payload["origin"], dict)
    assert set(payload["device"]) <= DEVICE
    assert set(payload["origin"]) == ORIGIN
    assert payload["device"]["identifiers"] == [thing.device_id]


@pytest.mark.parametrize("thing", ALL, ids=lambda thing: thing.device_id)
def test_a_component_has_all_that_its_platform_needs_and_nothing_else(thing: Thing) -> None:
    for component in components(thing).values():
        platform = str(component["platform"])
        assert REQUIRED[platform] | {"unique_id", "name"} <= set(component)
        assert set(component) <= ANY | PLATFORMS[platform]


@pytest.mark.parametrize("thing", ALL, ids=lambda thing: thing.device_id)
def test_sensors_keep_to_the_rules_for_classes_and_categories(thing: Thing) -> None:
    for component in components(thing).values():
        if component["platform"] in {"sensor", "binary_sensor"}:
            assert component.get("entity_category") in {None, "diagnostic"}
        if component.get("device_class") == "enum":
            assert component["options"]
            assert not {"unit_of_measurement", "state_class"} & set(component)
        else:
            assert "options" not in component


def test_unique_ids_are_unique_and_say_what_they_are() -> None:
    ids = [str(component["unique_id"]) for thing in ALL for component in components(thing).values()]
    assert len(ids) == len(set(ids))
    assert "osmose_camera_porch_phase" in ids
    assert "osmose_library_films_rescan" in ids


@pytest.mark.parametrize("thing", ALL, ids=lambda thing: thing.device_id)
def test_every_entity_has_an_english_name(thing: Thing) -> None:
    names = [component["name"] for component in components(thing).values()]
    assert not any(str(name).startswith(("state.", "action.", "event.")) for name in names)
    assert names.count(None) == (1 if thing.kind == "camera" else 0)


def test_the_picture_is_the_cameras_main_entity() -> None:
    assert components(PORCH)["image"] == {
        "platform": "camera",
        "name": None,
        "topic": "osmose/camera/porch/image",
        "unique_id": "osmose_camera_porch_image",
    }


def test_devices_hang_below_osmose_which_comes_first() -> None:
    planned = plan((PORCH, FILMS), TOPICS, english())
    assert next(iter(planned)) == "osmose"
    device = planned["osmose-camera-porch"]["device"]
    assert isinstance(device, dict)
    assert device["via_device"] == "osmose"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Gärten & Höfe 🏡", "Gärten & Höfe 🏡"),
        ("two\nlines\x00", "two lines"),
        ("x" * 300, "x" * 79 + "…"),
        (" \t ", "porch"),
    ],
)
def test_any_name_is_shown_on_one_short_line(name: str, shown: str) -> None:
    device = discovery(Thing("camera", "porch", name), TOPICS, english())["device"]
    assert isinstance(device, dict)
    assert device["name"] == shown


def test_a_thing_that_is_gone_is_removed() -> None:
    told = steps({"osmose-camera-porch": {"phase": "sensor"}}, {})
    assert [(step.device_id, step.text) for step in told] == [("osmose-camera-porch", "")]


def test_a_component_that_is_gone_or_changed_is_first_told_with_its_old_platform_alone() -> None:
    wanted = plan((), TOPICS, english())
    known = {"osmose": {**keys_of(wanted["osmose"]), "old": "switch", "health": "binary_sensor"}}
    first, second = steps(known, wanted)
    forgetting = json.loads(first.text)["components"]
    assert forgetting["old"] == {"platform": "switch"}
    assert forgetting["health"] == {"platform": "binary_sensor"}
    assert "old" not in json.loads(second.text)["components"]


def test_an_unchanged_device_is_told_once() -> None:
    wanted = plan((), TOPICS, english())
    assert len(steps({"osmose": keys_of(wanted["osmose"])}, wanted)) == 1


@pytest.mark.parametrize(
    "note",
    [b"", b"\xff", b"[]", b"{", b'{"tasmota": {"a": "sensor"}}', b'{"osmose-camera-x/../y": {}}', b'{"osmose": 3}'],
)
def test_a_note_that_is_not_ours_is_passed_over(note: bytes) -> None:
    assert remembered(note) == {}


def test_only_words_are_read_from_a_note() -> None:
    assert remembered(b'{"osmose": {"phase": "sensor", "a/b": "sensor", "c": 1}}') == {"osmose": {"phase": "sensor"}}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "ON"),
        (False, "OFF"),
        (0, "0"),
        (24.99958, "25.0"),
        ("ü" * 300, "ü" * 254 + "…"),
    ],
)
def test_a_state_is_written_as_home_assistant_reads_it(value: StateValue, text: str) -> None:
    assert state_text(value) == text


def test_every_state_and_action_has_a_name() -> None:
    texts = english()
    keys = [field.text_key for field in STATE_FIELDS] + [action.text_key for action in ACTIONS.values()]
    assert [key for key in keys if not texts.has(key)] == []
