"""Imports point down, and every outside package has one door."""

import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT


def test_the_contracts_in_pyproject_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout
