"""Translations are one flat set of texts."""

from pathlib import Path

import pytest

from osmose_addon.config import ConfigFindingsError, load_texts


def _texts(folder: Path, text: str) -> dict[str, str]:
    path = folder / "en.yaml"
    path.write_text(text, encoding="utf-8")
    return load_texts(path)


def test_nested_keys_become_dotted_ones(tmp_path: Path) -> None:
    text = "error:\n  busy: Not now.\n  deep: {er: 'Größe: {size}'}\nnetwork: {8099/tcp: Panel}\n"
    assert _texts(tmp_path, text) == {
        "error.busy": "Not now.",
        "error.deep.er": "Größe: {size}",
        "network.8099/tcp": "Panel",
    }


def test_every_value_counts_as_text(tmp_path: Path) -> None:
    assert _texts(tmp_path, "state: {on: On, off: no, count: 0123}") == {
        "state.on": "On",
        "state.off": "no",
        "state.count": "0123",
    }


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("", 1, 1, "the file is empty"),
        ("- a\n", 1, 1, "the file must hold keys with values"),
        ("a:\n  b: [c]\n", 2, 6, "must be text"),
        ("a:\n", 1, 3, "must be text"),
        ("a: x\na: y\n", 2, 1, "the key 'a' is written twice"),
        ("a: {b: x}\na.b: y\n", 2, 1, "the key 'a.b' is written twice"),
        ("? [a]\n: b\n", 1, 3, "a key must be one word"),
        ("a: !include b.yaml\n", 1, 4, "must be text"),
    ],
)
def test_what_is_no_text_is_told_at_its_place(tmp_path: Path, text: str, line: int, column: int, problem: str) -> None:
    with pytest.raises(ConfigFindingsError) as caught:
        _texts(tmp_path, text)
    (finding,) = caught.value.findings
    assert (finding.line, finding.column, finding.problem) == (line, column, problem)
