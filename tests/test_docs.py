"""DOCS.md tells everything that is seen from outside, and nothing that is not there."""

import re
from pathlib import Path

import pytest

from osmose_addon.model.actions import ACTIONS
from osmose_addon.model.journal import Event
from osmose_addon.model.states import STATE_FIELDS, StateField

ROOT = Path(__file__).parent.parent
DOCS = (ROOT / "DOCS.md").read_text()
ROWS = [line for line in DOCS.splitlines() if line.startswith("|")]


def row(first: str) -> str:
    """Return the table row whose first cell holds this word."""
    return next(line for line in ROWS if f"`{first}`" in line.split("|")[1])


@pytest.mark.parametrize("declared", STATE_FIELDS, ids=lambda declared: f"{declared.kind}/{declared.field}")
def test_every_state_is_documented_where_it_belongs(declared: StateField):
    """Entities in one column, the rest in the other."""
    _, kind, entities, others, _ = row(declared.kind).split("|")
    assert f"`{declared.field}`" in (entities if declared.platform else others), kind


def test_every_action_is_documented_with_its_right_and_arguments():
    """What the table says is what `api/actions` takes."""
    for action in ACTIONS.values():
        _, _, arguments, right, _, _ = row(action.name).split("|")
        assert action.right.value in right
        for argument in action.arguments:
            assert f"`{argument.name}`" in arguments


def test_every_journal_entry_is_documented():
    """By its name."""
    for event in Event:
        assert f"`{event.value}`" in DOCS


def test_every_key_of_the_sample_is_documented():
    """The sample is the manual of every key; the short list in DOCS.md may not fall behind."""
    sample = (ROOT / "config" / "osmose.yaml").read_text()
    keys = set(re.findall(r"^\s*(?:# {1,3})?(?:- )?([a-z_]+):(?: |$)", sample, re.MULTILINE))
    people = {"parent", "child"}
    assert keys - people == {key for key in keys - people if f"`{key}`" in DOCS or f"`{key}:`" in DOCS}


def test_every_http_path_is_documented():
    """Paths for programs; the panel's own pages are for people."""
    from osmose_addon.interfaces.http import (  # noqa: PLC0415
        api,
        events,
        health,
        play_cameras,
        play_cells,
        play_files,
        play_stills,
        play_titles,
        search,
        watching,
    )

    told = DOCS.replace("<id>", "{}").replace("<action>", "{}")
    for module in (
        api,
        search,
        watching,
        events,
        health,
        play_titles,
        play_files,
        play_cells,
        play_stills,
        play_cameras,
    ):
        for route in module.routes:
            path = re.sub(r"\{[^}]*\}", "{}", route.path).lstrip("/")
            is_piece = path.count("{}") > 1 or "subtitles" in path
            assert is_piece or path.rsplit("/", 1)[-1] in told, path


def test_the_folders_drawn_in_the_architecture_are_the_real_ones():
    """Every folder of the package is drawn, and no other."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    drawn = set(re.findall(r"^\| `([a-z]+)/`", text, re.MULTILINE))
    package = ROOT / "osmose_addon"
    assert drawn | {"app"} == {folder.name for folder in package.iterdir() if (folder / "__init__.py").exists()}
