"""From checked values to the frozen `Config`, with the built-in ladder and the defaults filled in."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from osmose_addon.config.tree import DataPath
from osmose_addon.model.config import (
    DEFAULT_RENDITIONS,
    CameraConfig,
    Config,
    HttpConfig,
    LibraryConfig,
    LoggingConfig,
    MqttConfig,
    RenditionConfig,
    StorageConfig,
    WorkersConfig,
)
from osmose_addon.model.ids import slug

Section = Mapping[str, Any]

_RENDITION_FIELDS = {"height": "height_px", "video": "video_bps", "audio": "audio_bps", "preset": "preset"}
_STORAGE_FIELDS = {"quota": "quota_bytes", "reserve": "reserve_bytes"}


def built(checked: Section, folder: Path, data_dir: Path) -> Config:
    """Return the configuration; relative paths count from `folder`, those with `!data` from `data_dir`."""
    http = dict(checked.get("http", {}))
    return Config(
        libraries=tuple(_library(entry, folder, data_dir) for entry in checked.get("libraries", [])),
        cameras=tuple(_camera(entry) for entry in checked.get("cameras", [])),
        renditions=_ladder(checked.get("renditions", {})),
        storage=_storage(checked.get("storage", {}), folder, data_dir),
        workers=WorkersConfig(**checked.get("workers", {})),
        mqtt=MqttConfig(**checked.get("mqtt", {})),
        http=HttpConfig(**{key: tuple(value.items() if key == "people" else value) for key, value in http.items()}),
        logging=LoggingConfig(**{key: str(value) for key, value in checked.get("logging", {}).items()}),
    )


def _library(entry: Section, folder: Path, data_dir: Path) -> LibraryConfig:
    given = dict(entry)
    given["id"] = entry.get("id") or slug(entry["name"])
    given["path"] = _path(entry["path"], folder, data_dir)
    if "renditions" in given:
        given["renditions"] = tuple(given["renditions"])
    return LibraryConfig(**given)


def _camera(entry: Section) -> CameraConfig:
    given = dict(entry)
    given["id"] = entry.get("id") or slug(entry["name"])
    if "window" in given:
        given["window_s"] = given.pop("window")
    return CameraConfig(**given)


def _ladder(entries: Mapping[str, Section]) -> tuple[RenditionConfig, ...]:
    """Return the built-in ladder with overrides merged in and new rungs added, tallest first."""
    rungs = {rung.id: rung for rung in DEFAULT_RENDITIONS}
    for id_, entry in entries.items():
        given = {_RENDITION_FIELDS[key]: value for key, value in entry.items()}
        if "preset" in given:
            given["preset"] = str(given["preset"])
        rungs[id_] = replace(rungs[id_], **given) if id_ in rungs else RenditionConfig(id_, **given)
    return tuple(sorted(rungs.values(), key=lambda rung: (-rung.height_px, -rung.video_bps)))


def _storage(entry: Section, folder: Path, data_dir: Path) -> StorageConfig:
    given = {_STORAGE_FIELDS[key]: value for key, value in entry.items() if key in _STORAGE_FIELDS}
    cache = _path(entry["cache"], folder, data_dir) if "cache" in entry else None
    return StorageConfig(cache=cache, **given)


def _path(written: str | DataPath, folder: Path, data_dir: Path) -> Path:
    """Return an absolute path without `..`; whether it exists is not asked."""
    below = data_dir / written.text if isinstance(written, DataPath) else folder / written
    return Path(os.path.normpath(below.absolute()))
