"""Cells on real files, and what is left of them when their writer is cut off."""

import asyncio
import os
from pathlib import Path

import pytest

from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod
from osmose_addon.runtime.paths import Paths, paths_of
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.segments.cellfile import RECORD_BYTES
from osmose_addon.stores.segments.cells import CellStore, CellWriter
from osmose_addon.stores.segments.eviction import Evicted

_RUNG = Rung("480p", RungKind.VIDEO, RungGroup.LADDER, RungMethod.ENCODED, "", 0, 1, 0, tuple(range(0, 24, 4)))
_GRID = Grid("rev1", 20.0, (_RUNG,))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return paths_of(tmp_path, None)


def _write(paths: Paths, *cells: int) -> Path:
    with CellWriter(paths.title("film-1", "rev1"), "480p", cells[0]) as writer:
        for cell in cells:
            writer.write(cell, _body(cell))
    return max((paths.title("film-1", "rev1") / "480p").glob("*.index"), key=lambda file: file.stat().st_mtime_ns)


def _body(cell: int) -> bytes:
    return bytes([cell + 1]) * (100 + cell)


async def test_written_cells_are_found_and_read(paths: Paths) -> None:
    _write(paths, 1, 2)
    cells = CellStore(paths)
    assert await cells.filled("film-1", _GRID, "480p") == [False, True, True, False, False]
    assert await cells.read("film-1", "rev1", "480p", 2) == _body(2)
    assert await cells.read("film-1", "rev1", "480p", 3) is None


async def test_a_loaded_store_learns_of_new_cells_by_note(paths: Paths) -> None:
    cells = CellStore(paths)
    assert not any(await cells.filled("film-1", _GRID, "480p"))
    _write(paths, 0)
    _write(paths, 3, 4)
    await cells.note("film-1", "rev1", "480p")
    assert await cells.filled("film-1", _GRID, "480p") == [True, False, False, True, True]


@pytest.mark.parametrize("cut_bytes", range(1, 25))
async def test_a_torn_record_is_no_cell(paths: Paths, cut_bytes: int) -> None:
    index = _write(paths, 0, 1)
    os.truncate(index, index.stat().st_size - cut_bytes)
    assert (await CellStore(paths).filled("film-1", _GRID, "480p"))[:2] == [True, False]


async def test_bytes_shorter_than_the_index_says_are_no_cell(paths: Paths) -> None:
    index = _write(paths, 0, 1)
    os.truncate(index.with_suffix(".cells"), 150)
    assert (await CellStore(paths).filled("film-1", _GRID, "480p"))[:2] == [True, False]


async def test_a_damaged_cell_is_forgotten_and_can_be_made_again(paths: Paths) -> None:
    index = _write(paths, 0)
    index.with_suffix(".cells").write_bytes(b"\0" * 100)
    cells = CellStore(paths)
    assert await cells.read("film-1", "rev1", "480p", 0) is None
    assert not any(await cells.filled("film-1", _GRID, "480p"))
    _write(paths, 0)
    await cells.note("film-1", "rev1", "480p")
    assert await cells.read("film-1", "rev1", "480p", 0) == _body(0)


async def test_a_sweep_leaves_only_what_titles_have(paths: Paths) -> None:
    _write(paths, 0)
    for other in ("film-1/rev0/480p", "film-2/rev1/480p", "film-1/texts"):
        (paths.cache / "titles" / other).mkdir(parents=True)
    (paths.pictures("film-1") / "poster.jpg").write_bytes(b"jpeg")

    async def kept() -> dict[str, str]:
        return {"film-1": "rev1"}

    assert await CellStore(paths).sweep(kept) == ("film-2",)
    left = {str(path.relative_to(paths.cache / "titles")) for path in paths.cache.rglob("*") if path.suffix == ""}
    assert left == {".", "film-1", "film-1/rev1", "film-1/rev1/480p", "film-1/texts"}
    assert (paths.pictures("film-1") / "poster.jpg").exists()


async def test_the_share_of_filled_cells_counts_every_rung(paths: Paths) -> None:
    _write(paths, 0, 1)
    cells = CellStore(paths)
    assert await cells.share("film-1", "rev1", _GRID.rungs) == 2 / 5
    assert await cells.share("film-1", "rev1", ()) == 1.0
    assert await cells.size_bytes() > 200


async def test_a_note_during_the_first_read_of_an_index_is_not_lost(paths: Paths) -> None:
    folder = paths.title("film-1", "rev1") / "480p"
    folder.mkdir(parents=True)
    slow = folder / "000000-slow.index"
    os.mkfifo(slow)  # whoever reads it waits for the writer
    cells = CellStore(paths)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(cells.find("film-1", "rev1", "480p", 3))
        held = await in_thread(slow.open, "wb")
        _write(paths, 3)
        slow.unlink()
        noted = group.create_task(cells.note("film-1", "rev1", "480p"))
        await asyncio.sleep(0)
        held.close()
    assert first.done()
    assert noted.done()
    assert await cells.find("film-1", "rev1", "480p", 3) is not None


def _write_of(paths: Paths, title_id: str, used_s: int) -> Path:
    with CellWriter(paths.title(title_id, "rev1"), "480p", 0) as writer:
        writer.write(0, bytes(1000))
    (file,) = (paths.title(title_id, "rev1") / "480p").glob("*.cells")
    os.utime(file, (used_s, used_s))
    return file


async def test_what_was_not_used_for_longest_goes_first(paths: Paths) -> None:
    ages = {"oldest": 100, "watched": 200, "kept": 300, "newer": 400, "newest": 500}
    files = {title_id: _write_of(paths, title_id, used_s) for title_id, used_s in ages.items()}
    cells = CellStore(paths)
    assert await cells.find("watched", "rev1", "480p", 0) is not None
    assert await cells.find("oldest", "rev1", "480p", 0) is not None
    await cells.note_use()
    os.utime(files["oldest"], (100, 100))
    evicted = await cells.evict(1500, {"kept"})
    assert evicted == Evicted(2000, frozenset({"oldest", "newer"}))
    assert {title_id for title_id, file in files.items() if file.exists()} == {"watched", "kept", "newest"}
    assert await cells.find("oldest", "rev1", "480p", 0) is None
    assert not list(paths.title("oldest", "rev1").glob("*/*"))


async def test_what_a_killed_run_left_unfinished_goes_and_nothing_else(paths: Paths) -> None:
    """Chunks without a whole cell, halves of records, parts of pictures; each whole cell stays."""
    _write(paths, 0, 1)
    rung = paths.title("film-1", "rev1") / "480p"
    (whole,) = rung.glob("*.index")
    whole.write_bytes(whole.read_bytes() + b"half")
    for name in ("empty.cells", "empty.index", "begun.cells", "lonely.index"):
        (rung / name).write_bytes(b"x" if name == "begun.cells" else b"")
    (rung / "begun.index").write_bytes(b"half")
    (paths.pictures("film-1") / ".poster.jpg.part").write_bytes(b"half")
    (paths.pictures("film-1") / "poster.jpg").write_bytes(b"whole")
    cells = CellStore(paths)
    await cells.tidy()
    left = {path.name for path in paths.cache.rglob("*") if path.is_file()}
    assert left == {whole.name, whole.with_suffix(".cells").name, "poster.jpg"}
    assert whole.stat().st_size == 2 * RECORD_BYTES
    assert [await cells.find("film-1", "rev1", "480p", cell) is not None for cell in (0, 1)] == [True, True]
    (rung / "empty.index").touch()
    await cells.tidy()  # from now on there are writers
    assert (rung / "empty.index").exists()
