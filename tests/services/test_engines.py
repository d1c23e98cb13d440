"""Who fills chunks is nobody's business but the engine's: an engine elsewhere serves as well."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import av

from osmose_addon.model.config import Config, LibraryConfig, LibraryKind, RenditionConfig, Right, StorageConfig
from osmose_addon.model.media import RungKind, Title, TitlePhase
from osmose_addon.model.orders import ChunkOrder
from osmose_addon.model.reports import CellFilled
from osmose_addon.model.states import StateKey
from osmose_addon.runtime import wire
from osmose_addon.services.jobs.engine import Engine, LocalEngine
from osmose_addon.services.jobs.service import JobService
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.stores.segments.cells import CellWriter
from osmose_addon.stores.shelves import Shelves
from tests.clips import Clip, make, read_number
from tests.household import shelves_in, until

_SECONDS = 12
_FILMS = LibraryConfig("films", "Films", LibraryKind.FILMS, Path("/nowhere"))


@dataclass
class _FarEngine:
    """Sends orders to a program that sees neither our folders nor our names of films, and keeps what it sends back."""

    film: Path
    folder: Path
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: int = 0

    async def fill_chunk(self, order: ChunkOrder, *, is_urgent: bool) -> AsyncGenerator[CellFilled, None]:
        del is_urgent
        there = replace(order, path=os.fsencode(self.film), folder=str(self.folder))
        far = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.services.far_worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self.begun.set()
        try:
            with ExitStack() as files:
                writers = {
                    rung.id: files.enter_context(CellWriter(order.folder, rung.id, order.first_cell))
                    for rung in order.rungs
                }
                async for made, body in _sent(far, there):
                    writers[made.rung_id].write(made.cell, body)
                    yield made
        finally:
            if far.returncode is None:
                far.kill()
            await far.communicate()
            self.ended += 1


async def _sent(far: asyncio.subprocess.Process, order: ChunkOrder) -> AsyncIterator[tuple[CellFilled, bytes]]:
    """Yield each cell that comes back."""
    assert far.stdin is not None
    assert far.stdout is not None
    far.stdin.write(wire.pack(order))
    far.stdin.close()
    while head := await far.stdout.read(wire.LENGTH_BYTES):
        made = cast("CellFilled", wire.unpack(await far.stdout.readexactly(int.from_bytes(head, "big"))))
        yield made, await far.stdout.readexactly(made.size_bytes)


@asynccontextmanager
async def _running(shelves: Shelves, engine: Engine) -> AsyncIterator[None]:
    config = Config(libraries=(_FILMS,), storage=StorageConfig(reserve_bytes=0))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(JobService(shelves, config, engine).main())
        await asyncio.sleep(0)
        yield
        task.cancel()


async def _film(shelves: Shelves, folder: Path) -> Title:
    path = os.fsencode(make(folder, Clip("film.mp4", seconds=_SECONDS)))
    wish = Wish(_FILMS, (RenditionConfig("144p", 144, 150_000, preset="ultrafast"),))
    title, inits = await Intake(shelves).examine(path, Title("film-1", "films", "", path, TitlePhase.FAILED), wish)
    await shelves.catalog.titles.save(title, inits)
    return title


async def _shown(shelves: Shelves, title: Title, rung_id: str) -> list[int]:
    """Return the numbers that the pictures of a rung show."""
    assert title.grid is not None
    rung = title.grid.rung(rung_id)
    assert rung is not None
    revision, cells = title.grid.revision, range(rung.cells)
    bodies = [await shelves.catalog.titles.init("film-1", rung_id) or b""]
    bodies += [await shelves.cells.read("film-1", revision, rung_id, cell) or b"" for cell in cells]
    with av.open(io.BytesIO(b"".join(bodies)), "r") as container:
        return [read_number(frame) for frame in container.decode(video=0)]


async def test_an_engine_elsewhere_fills_the_same_grid(tmp_path: Path) -> None:
    """Half of the film is made here, half over there: nobody can tell."""
    async with shelves_in(tmp_path / "data") as shelves:
        title = await _film(shelves, tmp_path)
        assert title.grid is not None
        (rung,) = [rung for rung in title.grid.rungs if rung.kind is RungKind.VIDEO and rung.id == "144p"]
        far_film = (tmp_path / "film.mp4").rename(tmp_path / "known only there.mp4")
        (tmp_path / "film.mp4").symlink_to("nowhere")  # our own name of it leads nowhere now
        far = _FarEngine(far_film, tmp_path / "far")
        order = ChunkOrder(
            os.fsencode(far_film), str(shelves.paths.title("film-1", title.grid.revision)), (rung,), 0, 2
        )
        async for _made in LocalEngine(0).fill_chunk(order, is_urgent=False):
            pass
        async with _running(shelves, far):
            await shelves.actions.ask("prepare", {"title": "film-1"}, right=Right.MANAGE)
            await until(shelves, StateKey("title", "film-1", "filled"), 100)
        assert await _shown(shelves, title, "144p") == list(range(_SECONDS * 25))
        assert far.ended


async def test_an_engine_elsewhere_is_stopped_like_ours(tmp_path: Path) -> None:
    """A cancelled job leaves no work behind, wherever it was done."""
    async with shelves_in(tmp_path / "data") as shelves:
        title = await _film(shelves, tmp_path)
        assert title.grid is not None
        far = _FarEngine(tmp_path / "film.mp4", tmp_path / "far")
        async with _running(shelves, far):
            await shelves.actions.ask("prepare", {"title": "film-1"}, right=Right.MANAGE)
            await far.begun.wait()
            await shelves.actions.ask("cancel", {"job": "prepare-film-1"}, right=Right.MANAGE)
            await until(shelves, StateKey("osmose", "", "jobs_running"), 0)
            assert far.ended == 1
