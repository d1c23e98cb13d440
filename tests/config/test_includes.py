"""A configuration may be in several files, all of them in one folder."""

from pathlib import Path

import pytest

from tests.config.written import loaded, only


def test_an_included_file_stands_where_it_is_named(tmp_path: Path) -> None:
    outcome = loaded(tmp_path, osmose="cameras: !include cameras.yaml", cameras="- {name: Porch, source: test}\n")
    assert [camera.id for camera in outcome.config.cameras] == ["porch"]


def test_a_mistake_in_an_included_file_is_told_with_that_file(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="cameras: !include cameras.yaml", cameras="- {name: Porch, source: 5}\n")
    assert finding.file == str(tmp_path / "cameras.yaml")
    assert (finding.line, finding.column, finding.path) == (1, 25, "cameras[0].source")


def test_an_included_file_may_include_and_use_secrets(tmp_path: Path) -> None:
    outcome = loaded(
        tmp_path,
        osmose="cameras: !include cameras.yaml",
        cameras="- !include porch.yaml\n",
        porch="{name: Porch, source: !secret porch}",
        secrets="porch: rtsp://a:b@c/d",
    )
    assert outcome.config.cameras[0].source.reveal() == "rtsp://a:b@c/d"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../other.yaml", "'../other.yaml' cannot be included"),
        ("/etc/passwd", "'/etc/passwd' cannot be included"),
        ("/etc/hosts.yaml", "'/etc/hosts.yaml' cannot be included"),
        ("link.yaml", "'link.yaml' cannot be included"),
        (f"{'n' * 5000}.yaml", "this file does not exist"),
        ("missing.yaml", "'missing.yaml' does not exist"),
        ("secrets.yaml", "secrets are never included"),
        ("osmose.yaml", "'osmose.yaml' includes itself"),
    ],
)
def test_a_file_that_cannot_be_included_is_told_at_the_line_that_names_it(
    tmp_path: Path, name: str, problem: str
) -> None:
    (tmp_path / "link.yaml").symlink_to("/etc/hosts")
    finding = only(tmp_path, osmose=f"mqtt: {{}}\ncameras: !include {name}\n", secrets="a: b")
    assert (finding.line, finding.column, finding.path, finding.problem) == (2, 10, "cameras", problem)


def test_a_loop_over_two_files_is_told(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="cameras: !include a.yaml", a="- !include b.yaml", b="!include a.yaml")
    assert (Path(finding.file).name, finding.problem) == ("b.yaml", "'a.yaml' includes itself")


def test_includes_cannot_grow_without_limit(tmp_path: Path) -> None:
    parts = {f"a{n}": f"[{', '.join([f'!include a{n + 1}.yaml'] * 30)}]" for n in range(5)}
    finding = only(tmp_path, osmose="cameras: !include a0.yaml", **parts, a5="[x]")
    assert "too many" in finding.problem
