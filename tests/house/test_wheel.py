"""The wheel, which the image installs, carries more than Python: words, the sample, the panel's files."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import ROOT, tracked_files


@pytest.fixture(name="wheel", scope="module")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_it_carries_every_tracked_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    tracked = {str(path) for path in tracked_files() if path.parts[0] == "osmose_addon"}
    assert tracked <= set(wheel.namelist())


def test_it_carries_the_translations_and_the_sample(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert "osmose_addon/config/osmose.yaml" in names
    assert {f"osmose_addon/translations/{path.name}" for path in (ROOT / "translations").glob("*.yaml")} <= names


def test_it_carries_the_player_the_font_and_the_icons(wheel: zipfile.ZipFile) -> None:
    vendor = "osmose_addon/interfaces/http/panel/static/vendor"
    names = {name.removeprefix(f"{vendor}/") for name in wheel.namelist() if name.startswith(vendor)}
    assert {"hls.min.js", "hls.worker.js", "icons.svg", "roboto.css", "licenses/hls.js.txt"} <= names


def test_it_installs_the_command(wheel: zipfile.ZipFile) -> None:
    points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert wheel.read(points).decode().split() == ["[console_scripts]", "osmose", "=", "osmose_addon.__main__:main"]


def test_it_carries_both_licence_files(wheel: zipfile.ZipFile) -> None:
    licences = {Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}
