"""Files that are lent, and read without holding anybody up."""

import os
from pathlib import Path

import pytest

from osmose_addon.runtime.openfiles import PIECE_BYTES, OpenFiles, open_file, read_pieces


async def test_a_stretch_is_read_exactly(tmp_path: Path) -> None:
    body = os.urandom(3 * PIECE_BYTES + 17)
    path = tmp_path / "film"
    path.write_bytes(body)
    files = OpenFiles()
    async with files.lent(path) as fd:
        for first, size in ((0, len(body)), (5, 1), (PIECE_BYTES - 1, PIECE_BYTES + 2), (len(body) - 3, 3)):
            read = b"".join([bytes(piece) async for piece in read_pieces(fd, first, size)])
            assert read == body[first : first + size]
    files.close()


async def test_a_file_that_ends_too_early_is_told(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(b"short")
    with open_file(path) as file, pytest.raises(OSError, match="shorter"):
        assert [piece async for piece in read_pieces(file.fileno(), 0, 100)]


async def test_what_was_lent_is_kept_open_only_for_a_while_and_only_a_few(tmp_path: Path) -> None:
    files = OpenFiles(idle_s=0.01)
    open_before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - not a folder of ours
    for number in range(40):
        path = tmp_path / str(number)
        path.write_bytes(b"cell")
        async with files.lent(path), files.lent(path) as again:
            assert os.pread(again, 4, 0) == b"cell"
        assert len(os.listdir("/proc/self/fd")) <= open_before + 16  # noqa: PTH208
    files.close()
    assert len(os.listdir("/proc/self/fd")) == open_before  # noqa: PTH208


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_regular_files_are_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    {
        "link": lambda: path.symlink_to("/etc/hostname"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[kind]()
    with pytest.raises(OSError, match=r"(?i)not a regular file|symbolic|link|directory"):
        open_file(path)
