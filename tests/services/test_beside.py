"""What lies beside films is found in one look, and its stamp changes whenever any of it does."""

import os
import time
from pathlib import Path

import pytest

from osmose_addon.model.config import LibraryKind
from osmose_addon.services.libraries.beside import Beside, bare
from osmose_addon.services.libraries.mounts import is_remote
from osmose_addon.services.libraries.scan import walk


def _touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def _beside(root: Path, kind: LibraryKind = LibraryKind.FILMS) -> dict[str, Beside]:
    found = walk(bytes(root), kind)
    return {os.fsdecode(path)[len(str(root)) + 1 :]: seen.beside for path, seen in found.files.items()}


def _texts(beside: Beside, root: Path) -> list[tuple[str, str]]:
    return [(os.fsdecode(track.file)[len(str(root)) + 1 :], track.language) for track in beside.sidecars]


def test_nothing_beside_a_film_is_nothing(tmp_path: Path) -> None:
    _touch(tmp_path, "A.mkv", "B.mkv", "notes.txt", "other.srt", "x.jpg")
    assert set(_beside(tmp_path).values()) == {bare(LibraryKind.FILMS)}


def test_subtitles_belong_to_the_film_of_their_name(tmp_path: Path) -> None:
    _touch(tmp_path, "A.mkv", "B.mkv", "A.de.srt", "A.en.ass", "B.vtt", "B.sub", "C.srt")
    found = _beside(tmp_path)
    assert _texts(found["A.mkv"], tmp_path) == [("A.de.srt", "de"), ("A.en.ass", "en")]
    assert _texts(found["B.mkv"], tmp_path) == [("B.vtt", "")]
    assert [track.index for track in found["A.mkv"].sidecars] == [1000, 1001]


def test_a_folder_of_one_film_gives_it_all_its_subtitles(tmp_path: Path) -> None:
    _touch(tmp_path, "F/A.mkv", "F/A-trailer.mkv", "F/English.srt", "F/Subs/2_German.srt", "F/Subs/b/x.srt")
    assert _texts(_beside(tmp_path)["F/A.mkv"], tmp_path) == [("F/English.srt", "en"), ("F/Subs/2_German.srt", "de")]


def test_a_folder_of_subtitles_may_have_folders_for_each_film(tmp_path: Path) -> None:
    _touch(tmp_path, "A.mkv", "B.mkv", "Subs/A/2_English.srt", "Subs/B.de.srt")
    found = _beside(tmp_path)
    assert _texts(found["A.mkv"], tmp_path) == [("Subs/A/2_English.srt", "en")]
    assert _texts(found["B.mkv"], tmp_path) == [("Subs/B.de.srt", "de")]


@pytest.mark.parametrize(
    ("names", "artwork"),
    [
        (("A.mkv", "B.mkv", "A-poster.jpg", "poster.jpg"), "A-poster.jpg"),
        (("A.mkv", "B.mkv", "A.png"), "A.png"),
        (("A.mkv", "poster.webp"), "poster.webp"),
        (("A.mkv", "folder.jpg", "cover.jpg"), "cover.jpg"),
        (("A.mkv", "poster.jpg", "A-poster.jpeg"), "A-poster.jpeg"),
        (("A.mkv", "B.mkv", "poster.jpg"), ""),
        (("A.mkv", "fanart.jpg"), ""),
    ],
)
def test_a_picture_belongs_to_its_film_or_to_the_only_one(tmp_path: Path, names: tuple[str, ...], artwork: str) -> None:
    _touch(tmp_path, *(f"F/{name}" for name in names))
    found = _beside(tmp_path)["F/A.mkv"]
    assert found.artwork == (bytes(tmp_path / "F" / artwork) if artwork else b"")
    assert bool(found.artwork_stamp) is bool(artwork)


def test_all_parts_in_the_folder_of_a_film_share_its_picture(tmp_path: Path) -> None:
    folder = "Heat (1995)"
    _touch(tmp_path, f"{folder}/Heat cd1.avi", f"{folder}/Heat cd2.avi", f"{folder}/poster.jpg", f"{folder}/movie.nfo")
    for beside in _beside(tmp_path).values():
        assert beside.artwork == bytes(tmp_path / folder / "poster.jpg")
        assert beside.nfo == bytes(tmp_path / folder / "movie.nfo")


def test_versions_of_a_film_share_what_is_named_like_their_folder(tmp_path: Path) -> None:
    folder = "Heat (1995)"
    _touch(
        tmp_path, f"{folder}/{folder} - 1080p.mkv", f"{folder}/{folder} - 2160p.mkv", f"{folder}/{folder}-poster.jpg"
    )
    _touch(tmp_path, f"{folder}/{folder}.nfo", f"{folder}/{folder}.de.srt", f"{folder}/{folder} - 1080p.en.srt")
    found = _beside(tmp_path)
    small, large = found[f"{folder}/{folder} - 1080p.mkv"], found[f"{folder}/{folder} - 2160p.mkv"]
    assert small.nfo == large.nfo == bytes(tmp_path / folder / f"{folder}.nfo")
    assert small.artwork == large.artwork == bytes(tmp_path / folder / f"{folder}-poster.jpg")
    assert [track.language for track in small.sidecars] == ["en", "de"]
    assert [track.language for track in large.sidecars] == ["de"]


def test_capitals_of_names_do_not_matter(tmp_path: Path) -> None:
    _touch(tmp_path, "Film.MKV", "Other.mkv", "FILM.De.SRT", "film.NFO", "film-Poster.JPG")
    found = _beside(tmp_path)["Film.MKV"]
    assert [track.language for track in found.sidecars] == ["de"]
    assert (found.nfo, found.artwork) == (bytes(tmp_path / "film.NFO"), bytes(tmp_path / "film-Poster.JPG"))


def test_hidden_files_are_nobodys(tmp_path: Path) -> None:
    _touch(tmp_path, "F/A.mkv", "F/._A.srt", "F/Subs/._English.srt")
    assert _beside(tmp_path)["F/A.mkv"].sidecars == ()


def test_the_nfo_of_a_show_holds_for_all_its_seasons(tmp_path: Path) -> None:
    _touch(tmp_path, "S/tvshow.nfo", "S/poster.jpg", "S/Season 1/S01E01.mkv", "S/Season 1/S01E01.nfo", "T/S01E01.mkv")
    found = _beside(tmp_path, LibraryKind.SERIES)
    one = found["S/Season 1/S01E01.mkv"]
    assert (one.nfo, one.show_nfo) == (
        bytes(tmp_path / "S/Season 1/S01E01.nfo"),
        bytes(tmp_path / "S/tvshow.nfo"),
    )
    assert not one.artwork
    assert found["T/S01E01.mkv"] == bare(LibraryKind.SERIES)


def test_links_beside_a_film_are_not_followed(tmp_path: Path) -> None:
    _touch(tmp_path, "A.mkv", "secret")
    for name in ("A.srt", "A.nfo", "A-poster.jpg"):
        (tmp_path / name).symlink_to(tmp_path / "secret")
    found = _beside(tmp_path)["A.mkv"]
    assert (found.sidecars, found.nfo, found.artwork) == ((), b"", b"")


@pytest.mark.parametrize("name", ["A.srt", "A.nfo", "A-poster.jpg", "tvshow.nfo"])
def test_the_stamp_changes_with_each_of_them(tmp_path: Path, name: str) -> None:
    _touch(tmp_path, "A.mkv")
    without = _beside(tmp_path, LibraryKind.SERIES)["A.mkv"].stamp
    _touch(tmp_path, name)
    first = _beside(tmp_path, LibraryKind.SERIES)["A.mkv"].stamp
    os.utime(tmp_path / name, (1, 1))
    second = _beside(tmp_path, LibraryKind.SERIES)["A.mkv"].stamp
    assert len({without, first, second}) == 3
    assert _beside(tmp_path, LibraryKind.SERIES)["A.mkv"].stamp == second


def test_names_that_are_no_text_have_things_beside_them_too(tmp_path: Path) -> None:
    odd = bytes(tmp_path) + b"/caf\xe9"
    for ending in (b".mkv", b".de.srt"):
        Path(os.fsdecode(odd + ending)).write_text("x")
    (found,) = walk(bytes(tmp_path)).files.values()
    assert [track.file for track in found.beside.sidecars] == [odd + b".de.srt"]


def test_a_large_library_is_looked_through_quickly(tmp_path: Path) -> None:
    for number in range(500):
        folder = tmp_path / f"Film {number} (2000)"
        folder.mkdir()
        for name in ("Film.mkv", "Film.nfo", "Film.de.srt", "poster.jpg", "fanart.jpg"):
            (folder / name).touch()
    begun_s = time.process_time()
    assert len(walk(bytes(tmp_path)).files) == 500
    assert time.process_time() - begun_s < 1.0


_MOUNTS = rb"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
25 22 0:23 / /proc rw - proc proc rw
40 22 0:50 / /media/nas rw,relatime shared:9 - cifs //nas/films rw
41 22 0:51 / /media/with\040space rw,relatime - nfs4 nas:/x rw
42 40 0:52 / /media/nas/usb rw,relatime master:3 - ext4 /dev/sdb1 rw
43 22 0:53 / /media/cloud rw - fuse.rclone cloud: rw
44 22 0:54 / /media/stick rw - fuseblk /dev/sdc1 rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "is_far"),
    [
        (b"/media/films", False),
        (b"/media/nas", True),
        (b"/media/nas/films", True),
        (b"/media/nasty", False),
        (b"/media/nas/usb/films", False),
        (b"/media/with space/films", True),
        (b"/media/cloud/x", True),
        (b"/media/stick/x", False),
    ],
)
def test_a_network_share_is_known_by_its_mount(path: bytes, *, is_far: bool) -> None:
    assert is_remote(_MOUNTS, path) is is_far
