"""Where things lie: Home Assistant searches the whole repository for files by their names."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, text_of, tracked_files

# A pattern, so that this file does not name one itself.
REGISTRY_HOST = re.compile(rb"\b(?:pypi|pythonhosted|npmjs|yarnpkg)\.(?:org|com)\b")


def _named(stem: str, *, hidden: bool) -> list[str]:
    """Return the files `stem.yaml` and its like that Home Assistant would find."""
    found = [path for path in tracked_files() if path.stem == stem and path.suffix in {".yaml", ".yml", ".json"}]
    return [str(path) for path in found if hidden or not any(part[0] == "." or part == "rootfs" for part in path.parts)]


def test_there_is_one_manifest() -> None:
    assert _named("config", hidden=False) == ["config.yaml"]


def test_there_is_one_build_file_even_among_hidden_ones() -> None:
    assert _named("build", hidden=True) == ["build.yaml"]


def test_there_is_one_repository_file_even_among_hidden_ones() -> None:
    assert _named("repository", hidden=True) == ["repository.yaml"]


def test_there_is_one_python_package_beside_the_tests() -> None:
    roots = {path.parts[0] for path in tracked_files() if path.suffix == ".py"}
    assert roots <= {"osmose_addon", "tests", "bench"}


def test_no_package_registry_is_named_in_the_repository() -> None:
    naming = [str(path) for path in tracked_files() if REGISTRY_HOST.search((ROOT / path).read_bytes())]
    assert naming == []


def test_every_locked_package_has_a_hash() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text().replace("\\\n", " ")
        pinned = [line for line in text.splitlines() if "==" in line]
        assert pinned
        assert [line for line in pinned if "--hash=sha256:" not in line] == []
        assert not re.search(r"^\s*-{1,2}(index-url|extra-index-url|find-links|i|f)\b", text, re.MULTILINE)


def test_what_runs_is_locked_alike_for_tests() -> None:
    runtime, dev = (
        set(re.findall(r"^(\S+==\S+)", text_of(f"requirements/{name}.txt"), re.MULTILINE))
        for name in ("runtime", "dev")
    )
    assert runtime <= dev


def _scripts() -> list[Path]:
    return [path for path in tracked_files() if (ROOT / path).read_bytes()[:64].split(b"\n")[0].endswith(b"bash")]


def test_there_are_the_scripts_that_people_are_told_of() -> None:
    assert {str(path) for path in _scripts()} >= {
        ".ci/run",
        *(f"script/{name}" for name in ("run", "test", "check", "setup")),
    }


@pytest.mark.parametrize("script", _scripts(), ids=str)
def test_the_script_is_executable_and_well_formed(script: Path) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", ROOT / script], check=True, timeout=30)


@pytest.mark.parametrize("script", [path for path in _scripts() if path.parts[0] != "rootfs"], ids=str)
def test_the_script_stops_at_its_first_failure(script: Path) -> None:
    assert "set -euo pipefail" in text_of(str(script))


def test_ci_runs_what_a_person_runs() -> None:
    commands = [line for line in text_of(".ci/run").splitlines() if not line.startswith(("#", "set "))]
    assert commands == ['exec "$(dirname "${BASH_SOURCE[0]}")/../script/test"']


def _png_size_px(name: str) -> tuple[int, int]:
    head = (ROOT / name).read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def test_the_pictures_have_the_sizes_that_the_store_shows() -> None:
    assert _png_size_px("icon.png") == (128, 128)
    assert _png_size_px("logo.png") == (250, 100)
