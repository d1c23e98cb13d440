"""The manifest says what we mean: Home Assistant drops keys that it does not know in silence."""

import re
from typing import Any

import pytest
import yaml

from tests.house.tree import text_of

# Key -> its default, or ... where there is none. Source: home-assistant/supervisor, apps/validate.py, August 2026;
# deprecated and harmful keys are left out on purpose: they must not appear.
KNOWN: dict[str, Any] = {
    "name": ...,
    "version": ...,
    "slug": ...,
    "description": ...,
    "arch": ...,
    "url": ...,
    "image": ...,
    "machine": ...,
    "stage": "stable",
    "startup": "application",
    "boot": "auto",
    "init": True,
    "homeassistant": ...,
    "homeassistant_api": False,
    "auth_api": False,
    "services": [],
    "discovery": [],
    "ingress": False,
    "ingress_port": 8099,
    "ingress_entry": "/",
    "ingress_stream": False,
    "panel_icon": "mdi:puzzle",
    "panel_title": ...,
    "panel_admin": True,
    "ports": {},
    "ports_description": {},
    "map": [],
    "video": False,
    "audio": False,
    "tmpfs": False,
    "timeout": 10,
    "backup": "hot",
    "backup_pre": ...,
    "backup_post": ...,
    "backup_exclude": [],
    "options": {},
    "schema": {},
    "breaking_versions": [],
}
MAP_TYPES = {"app_config", "media", "share", "ssl"}


@pytest.fixture(name="manifest")
def _manifest() -> dict[str, Any]:
    parsed = yaml.safe_load(text_of("config.yaml"))
    assert isinstance(parsed, dict)
    return parsed


def test_every_key_is_one_that_home_assistant_knows(manifest: dict[str, Any]) -> None:
    assert set(manifest) <= set(KNOWN)


def test_no_key_repeats_its_default(manifest: dict[str, Any]) -> None:
    assert [key for key, value in manifest.items() if KNOWN.get(key, ...) == value] == []


def test_the_required_keys_are_there_in_their_shapes(manifest: dict[str, Any]) -> None:
    assert manifest["slug"] == "osmose"
    assert re.fullmatch(r"[-_.A-Za-z0-9]+", manifest["slug"])
    assert isinstance(manifest["version"], str)
    assert sorted(manifest["arch"]) == ["aarch64", "amd64"]
    assert 10 <= manifest["timeout"] <= 300


def test_folders_are_mapped_by_current_names_and_in_one_form(manifest: dict[str, Any]) -> None:
    assert all(isinstance(entry, dict) for entry in manifest["map"])
    assert {entry["type"] for entry in manifest["map"]} <= MAP_TYPES
    assert not [entry for entry in manifest["map"] if entry.get("read_only") is True]


def test_nothing_that_lowers_the_security_rating_is_asked_for(manifest: dict[str, Any]) -> None:
    """5 + 2 for ingress + 1 for our own AppArmor profile is 8, the best there is."""
    assert manifest["ingress"] is True
    lowering = {
        "privileged",
        "host_network",
        "host_pid",
        "host_uts",
        "full_access",
        "docker_api",
        "hassio_role",
        "apparmor",
    }
    assert not lowering & set(manifest)


def test_every_port_has_a_description_in_the_translations(manifest: dict[str, Any]) -> None:
    described = yaml.safe_load(text_of("translations/en.yaml")).get("network") or {}
    assert set(manifest.get("ports", {})) == set(described)


def test_every_option_is_described_in_the_translations(manifest: dict[str, Any]) -> None:
    described = yaml.safe_load(text_of("translations/en.yaml")).get("configuration") or {}
    assert set(manifest.get("schema", {})) == set(described)
    assert all(entry.get("name") for entry in described.values())
