"""However somebody mangles the file: it is read, or explained in moments; never a traceback, never a secret."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osmose_addon.config import ConfigFindingsError, load_config
from osmose_addon.model.config import Finding
from tests.config.test_sample import uncommented

_SECRET = "h%nt3r-Üx7"
_LINES = uncommented().splitlines(keepends=True)
_BITS = (
    *(
        "\t",
        " ",
        "  ",
        "\n",
        "- ",
        ": ",
        "#",
        "&a ",
        "*a",
        "<<: *a\n",
        "!secret porch_url",
        "!secret nobody",
        "!data ..",
    ),
    *("!x ", "!include osmose.yaml", "!include nothing.yaml", "yes", "0123", "12:30:45", "1e3", ".inf", "~", "[", "]"),
    *("{", "}", "'", '"', "|", ">", "%", "@", "`", "---\n", "...\n", "\x00", "\x85", "\u2028", "\ufeff", "ä" * 50),
    *("[" * 60, "{a: " * 60, "libraries:\n", "id: films\n", "path: /\n", "rtsp://u:p@h/", "9" * 30, "5GB", "-1"),
)

_Change = tuple[str, int, int, str]
_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("cut", "twice", "swap", "put", "indent", "key", "chars")),
        st.integers(0, len(_LINES) - 1),
        st.integers(0, 60),
        st.sampled_from(_BITS) | st.text(max_size=8),
    ),
    min_size=1,
    max_size=6,
)


def _changed(lines: list[str], change: _Change) -> list[str]:
    """Return the lines after one mishap."""
    kind, at, column, bit = change
    line = lines[at % len(lines)] if lines else ""
    column = min(column, len(line))
    new = {
        "cut": [],
        "twice": [line, line],
        "swap": [lines[(at + 1) % len(lines)] if lines else "", line],
        "put": [line[:column] + bit + line[column:]],
        "indent": [" " * (column % 7) + line.lstrip()],
        "key": [line.replace(":", bit, 1)],
        "chars": [line[:column] + line[column + 3 :]],
    }[kind]
    at %= max(len(lines), 1)
    return [*lines[:at], *new, *lines[at + 1 :]]


def _told(path: Path) -> tuple[Finding, ...]:
    """Return the findings of a file, none where it is good; nothing else may come of it."""
    try:
        load_config(path, path.parent / "data")
    except ConfigFindingsError as error:
        return error.findings
    return ()


@settings(max_examples=300, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_CHANGES)
def test_the_mangled_sample_is_read_or_explained(tmp_path: Path, changes: list[_Change]) -> None:
    lines = _LINES
    for change in changes:
        lines = _changed(lines, change)
    path = tmp_path / "osmose.yaml"
    path.write_bytes("".join(lines).encode("utf-8", "surrogatepass"))
    (tmp_path / "secrets.yaml").write_text(f"porch_url: 'rtsp://u:{_SECRET}@h/s'\nmqtt_password: '{_SECRET}'\n")
    told = _told(path)
    assert all(finding.problem and finding.line >= 1 and finding.column >= 1 for finding in told)
    assert _SECRET not in "".join(map(str, told))


@settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.integers(0, 3000))
def test_bytes_in_the_midst_of_it_are_read_or_explained(tmp_path: Path, noise: bytes, at: int) -> None:
    whole = "".join(_LINES).encode()
    path = tmp_path / "osmose.yaml"
    path.write_bytes(whole[:at] + noise + whole[at:])
    _told(path)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("logging: {level: info}\n", 0),
        ("cameras: 12\n", 2),
        ("[" * 3000, 2),
        ("mqtt: {password: !secret s, port: x}\n", 2),
    ],
)
def test_check_ends_with_0_or_2_and_no_traceback(tmp_path: Path, text: str, code: int) -> None:
    """One finding a line, on the standard output."""
    (tmp_path / "osmose.yaml").write_text(text)
    (tmp_path / "secrets.yaml").write_text(f"s: {_SECRET}\n")
    asked = (sys.executable, "-m", "osmose_addon", "check", "--config", str(tmp_path / "osmose.yaml"))
    ended = subprocess.run(asked, capture_output=True, check=False, timeout=30, text=True)
    assert ended.returncode == code
    assert "Traceback" not in ended.stdout + ended.stderr
    assert _SECRET not in ended.stdout + ended.stderr
    assert all(line.startswith(str(tmp_path)) for line in ended.stdout.splitlines() if code)
