"""The only door to voluptuous: which keys exist and what each may hold. Every mistake comes out, not only the first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import voluptuous as vol

from osmose_addon.config.findings import KeyPath, shown_name
from osmose_addon.config.units import DURATION, RATE, SIZE
from osmose_addon.config.values import (
    Check,
    Words,
    WrongValueError,
    address,
    choice,
    flag,
    folder,
    identifier,
    name,
    nearest,
    number,
    password,
    quantity,
    rung,
    secret_or_text,
    source,
    topic,
    whole,
)
from osmose_addon.model.config import CameraMode, LibraryKind, Right, TranscodeMode


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Preset(StrEnum):
    """How much work the H.264 encoder puts into a picture: the slower, the better it looks at the same rate."""

    ULTRAFAST = "ultrafast"
    SUPERFAST = "superfast"
    VERYFAST = "veryfast"
    FASTER = "faster"
    FAST = "fast"
    MEDIUM = "medium"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is not accepted."""

    path: KeyPath
    words: Words


class _Wrong(vol.Invalid):
    """Carries our words through voluptuous, which only adds the path."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.problem)
        self.words = words


def validated(tree: object) -> tuple[dict[str, object], tuple[Mistake, ...]]:
    """Return the checked values with their final types, or nothing and every mistake."""
    try:
        checked = _SCHEMA(tree)
    except vol.MultipleInvalid as error:
        mistakes = tuple(_mistake(invalid) for invalid in error.errors)
    except vol.Invalid as error:
        mistakes = (_mistake(error),)
    else:
        return checked, ()
    return {}, mistakes


def _mistake(invalid: vol.Invalid) -> Mistake:
    path = tuple(step if isinstance(step, int) else str(step) for step in invalid.path)
    if isinstance(invalid, _Wrong):
        return Mistake(path, invalid.words)
    if isinstance(invalid, vol.RequiredFieldInvalid):
        return Mistake(path, Words(f"the key {shown_name(str(path[-1]))} is missing", invalid.msg, is_quotable=False))
    return Mistake(path, Words("this value is not allowed here", is_quotable=False))


def _leaf(check: Check) -> Check:
    """Let a check of ours speak to voluptuous."""

    def checked(value: object) -> object:
        try:
            return check(value)
        except WrongValueError as error:
            words = error.words
        raise _Wrong(words)

    return checked


def _section(
    keys: Mapping[str, Check], required: Mapping[str, str] | None = None, later: tuple[str, ...] = ()
) -> Check:
    """Return a check for a mapping with these keys.

    `required` tells for what each needed key is there; keys in `later` come with another version and are refused.
    """
    needed = required or {}
    schema: dict[object, object] = {_unknown_key(tuple(keys)): object}
    for key, check in keys.items():
        marker = vol.Required(key, msg=needed[key]) if key in needed else vol.Optional(key)
        schema[marker] = _leaf(check)
    for key in later:
        schema[vol.Optional(key)] = _refused_key
    return _mapping(vol.Schema(schema), f"write its keys below it, indented: {', '.join(keys)}")


def _refused_key(value: object) -> object:
    del value
    hint = "remove it or put a # in front of it"
    words = Words("this key is not in this version yet", hint, is_quotable=False, is_about_key=True)
    raise _Wrong(words)


def _mapping(schema: vol.Schema, hint: str) -> Check:
    def checked(value: object) -> object:
        if not isinstance(value, dict):
            found = "a list" if isinstance(value, list) else "a single value"
            raise _Wrong(Words(f"must be a mapping of keys with values, not {found}", hint, is_quotable=False))
        return schema(value)

    return checked


def _unknown_key(keys: tuple[str, ...]) -> Check:
    """Return the check that meets every key which no other check knows."""

    def refused(key: object) -> object:
        near = nearest(str(key), keys)
        hint = f"keys are {', '.join(keys)}" + (f"; {near}" if near else "")
        problem = f"the key {shown_name(str(key))} is not known here"
        raise _Wrong(Words(problem, hint, is_quotable=False, is_about_key=True))

    return refused


def _named(check: Check) -> Check:
    """Return a check for a mapping whose keys the person chooses."""

    def named_key(key: object) -> object:
        try:
            return identifier(key)
        except WrongValueError as error:
            words = error.words
        raise _Wrong(replace(words, is_about_key=True))

    return _mapping(vol.Schema({named_key: check}), "write 'name: value' lines below it, indented")


def _each(check: Check, entry: str) -> Check:
    """Return a check for a list that looks at every entry, where voluptuous stops at the first bad one."""

    def checked(value: object) -> object:
        if not isinstance(value, list):
            raise _Wrong(Words("must be a list", f"begin each entry with a hyphen: '- {entry}'", is_quotable=False))
        good: list[object] = []
        wrong: list[vol.Invalid] = []
        for index, item in enumerate(value):
            try:
                good.append(check(item))
            except vol.MultipleInvalid as error:
                error.prepend([index])
                wrong.extend(error.errors)
            except vol.Invalid as error:
                error.prepend([index])
                wrong.append(error)
        if wrong:
            raise vol.MultipleInvalid(wrong)
        return good

    return checked


_GB = 1_000_000_000

_LIBRARY = _section(
    {
        "name": name,
        "id": identifier,
        "kind": choice(LibraryKind, later=("music", "books")),
        "path": folder,
        "transcode": choice(TranscodeMode),
        "renditions": _each(_leaf(rung), "720p"),
    },
    {
        "name": "write how people call it, e.g. name: Films",
        "kind": "write films, series or home_videos",
        "path": "write the folder, e.g. path: /media/films",
    },
)

_CAMERA = _section(
    {
        "name": name,
        "id": identifier,
        "source": source,
        "mode": choice(CameraMode, later=("on_demand", "battery")),
        "window": quantity(DURATION, 10, 7200),
    },
    {"name": "write how people call it, e.g. name: Porch", "source": "write its URL, e.g. source: !secret porch_url"},
    later=("substream", "record"),
)

_RENDITION = _section(
    {
        "height": number(64, 4320),
        "video": whole(quantity(RATE, 50_000, 100_000_000)),
        "audio": whole(quantity(RATE, 16_000, 512_000)),
        "preset": choice(Preset),
    }
)

_STORAGE = _section(
    {
        "cache": folder,
        "quota": whole(quantity(SIZE, 100_000_000, 1_000_000 * _GB)),
        "reserve": whole(quantity(SIZE, 100_000_000, 1_000_000 * _GB)),
    }
)

_MQTT = _section(
    {
        "host": secret_or_text,
        "port": number(1, 65_535),
        "username": secret_or_text,
        "password": password,
        "tls": flag,
        "discovery_prefix": topic,
        "base_topic": topic,
    }
)

# the names of Home Assistant's users are free text, no ids
_PEOPLE = _mapping(
    vol.Schema({str: _leaf(choice(Right))}), "write 'name: watch' or 'name: manage' lines below it, indented"
)

_HTTP = _section(
    {
        "trusted_ingress": _each(_leaf(address), "172.30.32.2"),
        "people": _PEOPLE,
    },
    later=("advertise", "password"),
)

_ROOT = _section(
    {
        "libraries": _each(_LIBRARY, "name: Films"),
        "cameras": _each(_CAMERA, "name: Porch"),
        "renditions": _named(_RENDITION),
        "storage": _STORAGE,
        "workers": _section({"transcodes": number(1, 64), "nice": number(0, 19)}),
        "mqtt": _MQTT,
        "http": _HTTP,
        "logging": _section({"level": choice(LogLevel)}),
    },
    later=("webrtc",),
)

_SCHEMA = vol.Schema(_ROOT)
