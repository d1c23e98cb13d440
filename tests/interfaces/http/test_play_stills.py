"""Storyboards over a real server, made by real workers."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from osmose_addon.interfaces.http.server import HttpServer, make_app
from osmose_addon.model.config import Config, HttpConfig, LibraryConfig, LibraryKind, RenditionConfig, StorageConfig
from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.services.jobs.service import JobService
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.stores.shelves import Shelves
from tests.clips import Clip, make
from tests.household import shelves_in

_LADDER = (RenditionConfig("240p", 240, 300_000, preset="ultrafast"),)


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data", deadline_s=20.0) as opened:
        yield opened


async def _add(shelves: Shelves, path: Path) -> Title:
    intake, name = Intake(shelves), os.fsencode(path)
    wish = Wish(LibraryConfig("films", "Films", LibraryKind.FILMS, path.parent), _LADDER)
    title, inits = await intake.examine(name, Title("film-1", "films", "", name, TitlePhase.FAILED), wish)
    await shelves.catalog.titles.save(title, inits)
    return title


@asynccontextmanager
async def _served(shelves: Shelves) -> AsyncIterator[aiohttp.ClientSession]:
    server = HttpServer(make_app(shelves, HttpConfig, is_addon=False), "127.0.0.1", 0)
    port = await server.open()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}/play/titles/") as client:
        yield client
    await server.close()


@asynccontextmanager
async def _working(shelves: Shelves) -> AsyncIterator[None]:
    library = LibraryConfig("films", "Films", LibraryKind.FILMS, shelves.paths.data)
    config = Config(libraries=(library,), storage=StorageConfig(reserve_bytes=0))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(JobService(shelves, config).main())
        yield
        task.cancel()


async def test_a_storyboard_is_made_when_first_asked_for_and_kept(shelves: Shelves, tmp_path: Path) -> None:
    """The list names sheets beside it; both are served with what caches need."""
    await _add(shelves, make(tmp_path, Clip("film.mp4", seconds=14, gop=25)))
    async with _served(shelves) as client:
        async with client.head("film-1/storyboard.vtt") as answer:
            assert (answer.status, answer.content_type) == (200, "text/vtt")  # which makes nothing
        async with _working(shelves), client.get("film-1/storyboard-0.jpg") as answer:
            assert (answer.status, answer.content_type) == (200, "image/jpeg")
            sheet = await answer.read()
        async with client.get("film-1/storyboard.vtt") as answer:
            assert (answer.status, answer.content_type) == (200, "text/vtt")
            told, tag = await answer.text(), answer.headers["ETag"]
        assert re.findall(r"(\S+) --> (\S+)\n(\S+)", told) == [
            ("00:00:00.000", "00:00:05.000", "storyboard-0.jpg#xywh=0,0,160,90"),
            ("00:00:05.000", "00:00:10.000", "storyboard-0.jpg#xywh=160,0,160,90"),
            ("00:00:10.000", "00:00:14.000", "storyboard-0.jpg#xywh=320,0,160,90"),
        ]
        async with client.head("film-1/storyboard-0.jpg") as answer:
            assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(sheet))
        async with client.get("film-1/storyboard.vtt", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        async with client.get("film-1/storyboard-1.jpg") as answer:
            assert answer.status == 404


async def test_who_asks_while_a_storyboard_is_made_is_told_to_come_again(tmp_path: Path) -> None:
    """Nobody makes one here, so the deadline passes."""
    async with shelves_in(tmp_path / "data", deadline_s=0.1) as shelves, _served(shelves) as client:
        await _add(shelves, make(tmp_path, Clip("film.mp4", seconds=2)))
        async with client.get("film-1/storyboard.vtt") as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0


async def test_what_has_no_storyboard_says_why(shelves: Shelves, tmp_path: Path) -> None:
    """A film that is gone meanwhile, a title that failed, a title nobody knows."""
    path = make(tmp_path, Clip("film.mp4", seconds=2))
    await _add(shelves, path)
    path.unlink()
    failed = Title("film-2", "films", "", b"/nowhere", TitlePhase.FAILED, reason="damaged")
    await shelves.catalog.titles.save(failed)
    async with _served(shelves) as client, _working(shelves):
        for title_id, status in (("film-1", 404), ("film-2", 422), ("nobody", 404)):
            async with client.get(f"{title_id}/storyboard.vtt") as answer:
                assert answer.status == status, title_id
                assert answer.content_type == "application/problem+json"
