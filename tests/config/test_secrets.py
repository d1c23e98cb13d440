"""Secrets come from `secrets.yaml`, and never leave in a finding, a repr or a text."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from osmose_addon.config import ConfigFindingsError, load_config
from tests.config.written import findings, loaded, only

HARD = "p@ss:w/rd%41#?'\""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def test_a_secret_is_taken_from_the_file_beside(tmp_path: Path) -> None:
    outcome = loaded(tmp_path, osmose="mqtt: {password: !secret pass_word}", secrets=f"pass_word: {_quoted(HARD)}")
    password = outcome.config.mqtt.password
    assert password is not None
    assert password.reveal() == HARD
    assert outcome.secrets == (HARD,)
    assert HARD not in f"{outcome!r} {outcome} {outcome.config}"


@pytest.mark.parametrize("written", ["0123", "12345678", "yes", "12:30:45", "1e3", "2026-11-20"])
def test_a_secret_counts_as_it_is_written(tmp_path: Path, written: str) -> None:
    outcome = loaded(tmp_path, osmose="mqtt: {password: !secret pin}", secrets=f"pin: {written}")
    assert outcome.secrets == (written,)


def test_the_secrets_of_a_source_are_its_url_and_its_password_in_both_forms(tmp_path: Path) -> None:
    url = "rtsp://me:p%40ss@192.168.1.2:554/s"
    outcome = loaded(tmp_path, osmose=f"cameras: [{{name: Porch, source: '{url}'}}]")
    assert set(outcome.secrets) == {url, "p%40ss", "p@ss"}
    assert outcome.config.cameras[0].source.reveal() == url


def test_a_secret_that_is_not_used_is_not_told(tmp_path: Path) -> None:
    outcome = loaded(tmp_path, osmose="mqtt: {password: !secret a}", secrets="a: one\nb: two\n")
    assert outcome.secrets == ("one",)


def test_a_missing_secret_is_told_where_it_is_used_with_the_nearest_name(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="mqtt:\n  password: !secret mqtt_pass\n", secrets="mqtt_password: hunter2\n")
    assert (finding.line, finding.column, finding.path) == (2, 13, "mqtt.password")
    assert finding.problem == "the secret 'mqtt_pass' is not known"
    assert finding.hint == "did you mean 'mqtt_password'?"


def test_a_missing_secrets_file_is_told_where_it_is_needed(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="mqtt:\n  password: !secret mqtt_pass\n")
    assert (finding.line, finding.path) == (2, "mqtt.password")
    assert "there is no secrets.yaml beside this file" in finding.hint


@pytest.mark.parametrize(
    "case",
    [
        ("hunter2\n", 1, 1, "", "secrets.yaml must hold names with texts"),
        ("a: [hunter2]\n", 1, 4, "a", "a secret must be one text"),
        ("a: !secret hunter2\n", 1, 4, "a", "a secret must be one text"),
        ("a:\n", 1, 3, "a", "a secret must be one text"),
        ("a: @hunter2\n", 1, 4, "", "a value cannot start with this character"),
        ("a: hunter2: x\n", 1, 11, "", "there is a colon where none can be"),
        ("a: *hunter2\n", 1, 4, "", "this alias is not defined above"),
    ],
)
def test_a_faulty_secrets_file_is_told_without_its_texts(tmp_path: Path, case: tuple[str, int, int, str, str]) -> None:
    secrets, line, column, path, problem = case
    finding = only(tmp_path, osmose="mqtt: {password: !secret a}", secrets=secrets)
    assert finding.file == str(tmp_path / "secrets.yaml")
    assert (finding.line, finding.column, finding.path, finding.problem) == (line, column, path, problem)
    assert "hunter2" not in str(finding)


def test_a_secret_written_twice_is_told(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="mqtt: {password: !secret a}", secrets="a: one\na: two\n")
    assert (finding.line, finding.problem) == (2, "the secret 'a' is written twice")


@pytest.mark.parametrize("key", ["name: !secret a", "name: A\n    id: !secret a", "name: A\n    window: !secret a"])
def test_a_secret_is_not_accepted_where_it_would_be_seen(tmp_path: Path, key: str) -> None:
    told = findings(tmp_path, osmose=f"cameras:\n  - {key}\n    source: test\n", secrets="a: hunter2")
    assert len(told) == 1
    assert "hunter2" not in str(told)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cn", "Co"]), min_size=4, max_size=30)
)
@example(HARD)
@example("*hunter2")
@example("!hunter2")
def test_no_text_of_a_secret_is_ever_in_a_finding(tmp_path: Path, middle: str) -> None:
    plain = f"S3{middle}x7"
    places = (
        f"cameras: [{{name: A, source: {_quoted(f'rtsp://u:{plain}@h:port/')}}}]",
        f"cameras: [{{name: {_quoted(f'rtsp://u:{plain}@h/')}, source: test}}]",
        f"cameras: [{_quoted(f'rtsp://u:{plain}@h/')}]",
        f"cameras: [{{name: A, source: {_quoted(plain)}, record: {_quoted(plain)}}}]",
        f"mqtt:\n  password: {plain}\n  port: x\n",
        f"mqtt: {{password: [{_quoted(plain)}]}}",
        "mqtt: {password: !secret s, username: [], host: !secret t}",
    )
    for text in places:
        told = findings(tmp_path, osmose=text, secrets=f"s: {_quoted(plain)}\n")
        assert plain not in "".join(f"{finding} {finding!r}" for finding in told)


def test_the_error_itself_shows_no_more_than_a_count(tmp_path: Path) -> None:
    (tmp_path / "osmose.yaml").write_text("mqtt: {password: [hunter2]}")
    with pytest.raises(ConfigFindingsError) as caught:
        load_config(tmp_path / "osmose.yaml", tmp_path)
    assert "hunter2" not in f"{caught.value} {caught.value!r} {caught.value.findings!r}"
