"""One version, wherever it is written."""

import re
import tomllib

import yaml

import osmose_addon
from tests.house.tree import text_of

VERSION = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]


def test_the_manifest_has_the_version() -> None:
    assert yaml.safe_load(text_of("config.yaml"))["version"] == VERSION


def test_the_package_has_the_version() -> None:
    assert osmose_addon.__version__ == VERSION


def test_the_newest_entry_of_the_changelog_has_the_version() -> None:
    newest = re.search(r"^## \[(.+?)\] - \d{4}-\d{2}-\d{2}$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert newest
    assert newest[1] == VERSION
