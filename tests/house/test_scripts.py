"""What the scripts do with a visitor's own words."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Path:
    """Return a copy of script/run whose Python only repeats what it is told, one word a line."""
    root = tmp_path / "a copy"
    (root / "script").mkdir(parents=True)
    (root / ".venv/bin").mkdir(parents=True)
    shutil.copy(ROOT / "script/run", root / "script/run")
    for name, does in (("script/setup", "exit 0"), (".venv/bin/python", 'printf "%s\\n" "$@"; echo "$PYTHONPATH"')):
        (root / name).write_text(f"#!/bin/bash\n{does}\n")
        (root / name).chmod(0o755)
    return root


def _told(copy: Path, *arguments: str) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(copy / "script/run"), *arguments]
    ran = subprocess.run(command, cwd="/", env=environment, check=True, capture_output=True, text=True, timeout=10)
    assert ran.stdout.splitlines()[:3] == ["-m", "osmose_addon", "run"]
    return ran.stdout.splitlines()[3:]


def test_run_alone_takes_the_sample_the_data_folder_and_the_loopback(copy: Path) -> None:
    sample, data = f"{copy}/config/osmose.yaml", f"{copy}/data"
    wanted = ["--config", sample, "--data", data, "--host", "127.0.0.1", "--port", "8099"]
    assert _told(copy) == [*wanted, str(copy)]


def test_run_keeps_what_the_visitor_says_and_fills_in_the_rest(copy: Path) -> None:
    told = _told(copy, "--port=8080", "--config", "my own.yaml", "--media-port", "8098")
    assert told.count("--port") == told.count("--port=8099") == 0
    assert told[:4] == ["--data", f"{copy}/data", "--host", "127.0.0.1"]
    assert told[4:-1] == ["--port=8080", "--config", "my own.yaml", "--media-port", "8098"]
