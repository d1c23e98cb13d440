"""The film that a first visitor sees."""

from pathlib import Path

import pytest

from osmose_addon.model.config import LibraryConfig, LibraryKind
from osmose_addon.services.sample import wants_sample


def library(path: Path, kind: LibraryKind = LibraryKind.FILMS) -> LibraryConfig:
    """Return a library in this folder."""
    return LibraryConfig("films", "Films", kind, path)


def test_an_empty_films_folder_of_our_own_gets_one(tmp_path):
    """Whether it is there already or not."""
    assert wants_sample(library(tmp_path / "films"), tmp_path)
    (tmp_path / "films").mkdir()
    assert wants_sample(library(tmp_path / "films"), tmp_path)


def test_a_start_that_was_cut_off_is_made_up_for(tmp_path):
    """Half a film is no film."""
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / ".Over the Hills (2026).mkv.part").touch()
    assert wants_sample(library(tmp_path / "films"), tmp_path)


@pytest.mark.parametrize("name", ["Mine.mkv", ".sample-made"])
def test_who_has_films_or_deleted_the_sample_gets_none(tmp_path, name):
    """It is made once."""
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / name).touch()
    assert not wants_sample(library(tmp_path / "films"), tmp_path)


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path):
    """Nothing is ever put among the household's own files."""
    assert not wants_sample(library(tmp_path / "films"), tmp_path / "data")
    assert not wants_sample(library(tmp_path / "films", LibraryKind.SERIES), tmp_path)
