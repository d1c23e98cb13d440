"""What Home Assistant is told about Osmose, its libraries and its cameras: pure, from the declared states and actions.

One device per thing, one component per field, button, picture and journal. Home Assistant keeps a component by its key
until it is told to forget it, so what was announced before decides what has to be said now (`steps`).
Source: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and facts measured with 2026.11.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osmose_addon import __version__
from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.mqtt.topics import HOME, Topics
from osmose_addon.model.actions import ACTIONS, Action
from osmose_addon.model.ids import ID_PATTERN
from osmose_addon.model.journal import Event
from osmose_addon.model.states import STATE_FIELDS, StateField

Component = dict[str, object]
Announced = dict[str, dict[str, str]]
"""Device id -> component key -> platform: what Home Assistant was told to keep."""

KINDS = (HOME, "library", "camera")
PRESS = "PRESS"
_MODELS = {HOME: "App", "library": "Library", "camera": "Camera"}
_LONGEST_NAME = 80
_PROJECT = "https://github.com/osmose-addon/osmose"
_CAMERA_EVENTS = (Event.CAMERA_LOST, Event.CAMERA_BACK)
_LIBRARY_EVENTS = tuple(event for event in Event if event.startswith(("title_", "library_")))


@dataclass(frozen=True, slots=True)
class Thing:
    """One library or camera as the household named it; Osmose itself is `HERE`."""

    kind: str
    id: str
    name: str

    @property
    def device_id(self) -> str:
        """The id of its device in Home Assistant, e.g. `osmose-camera-porch`."""
        return f"{HOME}-{self.kind}-{self.id}" if self.id else HOME

    @property
    def events(self) -> tuple[Event, ...]:
        """The journal entries that are told about it; Osmose tells all that belong nowhere else."""
        return {"camera": _CAMERA_EVENTS, "library": _LIBRARY_EVENTS}.get(self.kind, tuple(Event))


HERE = Thing(HOME, "", "Osmose")


@dataclass(frozen=True, slots=True)
class Step:
    """One message to a discovery topic; an empty payload removes the device."""

    device_id: str
    payload: Mapping[str, object]

    @property
    def text(self) -> str:
        """The payload as it is told."""
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")) if self.payload else ""


def discovery(thing: Thing, topics: Topics, texts: Texts) -> dict[str, object]:
    """Return the payload that announces one thing.

    Only keys that Home Assistant knows: an unknown one in `device`, `origin` or at the top refuses the whole device.
    """
    device: dict[str, object] = {
        "identifiers": [thing.device_id],
        "name": _short(thing.name) or thing.id,
        "manufacturer": "Osmose",
        "model": _MODELS[thing.kind],
    }
    if thing.id:
        device["via_device"] = HERE.device_id
    else:
        device["sw_version"] = __version__
    return {
        "device": device,
        "origin": {"name": "Osmose", "sw_version": __version__, "support_url": _PROJECT},
        "availability": [{"topic": topics.status}],
        "availability_mode": "all",
        "components": _components(thing, topics, texts),
    }


def plan(things: Iterable[Thing], topics: Topics, texts: Texts) -> dict[str, dict[str, object]]:
    """Return device id -> payload of Osmose itself and of all things, Osmose first."""
    return {thing.device_id: discovery(thing, topics, texts) for thing in (HERE, *things)}


def keys_of(payload: Mapping[str, object]) -> dict[str, str]:
    """Return component key -> platform of a discovery payload."""
    components = payload["components"]
    if not isinstance(components, dict):
        raise TypeError
    return {key: str(component["platform"]) for key, component in components.items()}


def steps(known: Announced, wanted: Mapping[str, Mapping[str, object]]) -> tuple[Step, ...]:
    """Return what to tell, in order, so that Home Assistant has just what is `wanted` after it had what is `known`.

    A component that is gone, or whose platform changed, is first told with its old platform alone: leaving it out does
    not remove it, and its entity would stay for good. Osmose itself comes first, the others refer to it.
    """
    told = [Step(device_id, {}) for device_id in known if device_id not in wanted]
    for device_id, payload in wanted.items():
        now = keys_of(payload)
        old = {key: platform for key, platform in known.get(device_id, {}).items() if now.get(key) != platform}
        if old:
            forgotten = {key: {"platform": platform} for key, platform in old.items()}
            components = payload["components"]
            kept = components if isinstance(components, dict) else {}
            told.append(Step(device_id, {**payload, "components": {**kept, **forgotten}}))
        told.append(Step(device_id, payload))
    return tuple(told)


def remembered(note: bytes) -> Announced:
    """Read the note of what was announced; whatever is not of its form is passed over."""
    try:
        read: object = json.loads(note)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(read, dict):
        return {}
    return {
        device_id: {key: platform for key, platform in keys.items() if _is_word(key) and _is_word(platform)}
        for device_id, keys in read.items()
        if isinstance(keys, dict) and thing_of(device_id) is not None
    }


def thing_of(device_id: str) -> tuple[str, str] | None:
    """Return kind and id of a device id of ours, `None` for any other."""
    if device_id == HOME:
        return HOME, ""
    found = re.fullmatch(rf"{HOME}-(library|camera)-({ID_PATTERN.pattern})", device_id)
    return (found[1], found[2]) if found else None


def fields_of(kind: str) -> tuple[StateField, ...]:
    """Return all declared fields of a kind, also those that are no entity."""
    return tuple(field for field in STATE_FIELDS if field.kind == kind)


def buttons_of(kind: str) -> tuple[Action, ...]:
    """Return the actions that are a button of a kind's device."""
    return tuple(action for action in ACTIONS.values() if action.button_of == kind)


def _components(thing: Thing, topics: Topics, texts: Texts) -> dict[str, Component]:
    entities = [field for field in fields_of(thing.kind) if field.platform]
    parts: dict[str, Component] = {}
    if thing.kind == "camera":
        # No name: it is the device's main entity and carries the camera's name alone.
        parts["image"] = {"platform": "camera", "name": None, "topic": topics.image(thing.id)}
    parts |= {field.field: _entity(field, thing, topics, texts) for field in entities}
    parts |= {action.name: _button(action, thing, topics, texts) for action in buttons_of(thing.kind)}
    parts["event"] = {
        "platform": "event",
        "name": texts.say(f"event.{thing.kind}"),
        "state_topic": topics.event(thing.kind, thing.id),
        "event_types": [str(event) for event in thing.events],
        "icon": "mdi:text-box-outline",
    }
    for key, part in parts.items():
        part["unique_id"] = "_".join(filter(None, (HOME, thing.kind, thing.id, key)))
    return parts


def _entity(field: StateField, thing: Thing, topics: Topics, texts: Texts) -> Component:
    given: Component = {
        "unit_of_measurement": field.unit,
        "device_class": field.device_class,
        "state_class": field.state_class,
        "entity_category": field.category,
        "options": list(field.options),
        "icon": field.icon,
    }
    return {
        "platform": field.platform,
        "name": _short(texts.say(field.text_key)),
        "state_topic": topics.state(thing.kind, thing.id, field.field),
        **{key: value for key, value in given.items() if value},
    }


def _button(action: Action, thing: Thing, topics: Topics, texts: Texts) -> Component:
    return {
        "platform": "button",
        "name": _short(texts.say(action.text_key)),
        "command_topic": topics.command(thing.kind, thing.id, action.name),
        "payload_press": PRESS,
        "entity_category": "config",
        **({"icon": action.icon} if action.icon else {}),
    }


def _short(name: str) -> str:
    """Return the name on one line, at most 80 characters, so that the entity ids made of it stay legal."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1].rstrip()}…"


def _is_word(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z_]{1,40}", value) is not None
