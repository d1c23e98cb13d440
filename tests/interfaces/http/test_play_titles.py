"""Playing titles over a real server, with real cells."""

import asyncio
import os
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
from osmose_addon.stores.catalog.chunks import Cause
from osmose_addon.stores.ledger import MOST_ATTEMPTS, Spot
from osmose_addon.stores.segments.cells import CellWriter
from osmose_addon.stores.shelves import Shelves
from osmose_addon.workers import sample
from tests.clips import Clip, make
from tests.household import shelves_in
from tests.workers.grids import Listener

_LADDER = (RenditionConfig("240p", 240, 300_000, preset="ultrafast"),)


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data", deadline_s=10.0) as opened:
        yield opened


@pytest.fixture
async def film(shelves: Shelves, tmp_path: Path) -> Title:
    path = os.fsencode(make(tmp_path, Clip("film.mp4", seconds=12)))
    intake = Intake(shelves)
    wish = Wish(_library(tmp_path), _LADDER)
    title, inits = await intake.examine(path, Title("film-1", "films", "", path, TitlePhase.FAILED), wish)
    await shelves.catalog.titles.save(title, inits)
    await intake.picture(title)
    return title


def _library(folder: Path) -> LibraryConfig:
    return LibraryConfig("films", "Films", LibraryKind.FILMS, folder)


@asynccontextmanager
async def _served(shelves: Shelves) -> AsyncIterator[aiohttp.ClientSession]:
    server = HttpServer(make_app(shelves, HttpConfig, is_addon=False), "127.0.0.1", 0)
    port = await server.open()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}/play/titles/") as client:
        yield client
    await server.close()


@asynccontextmanager
async def _filling(shelves: Shelves, folder: Path) -> AsyncIterator[None]:
    config = Config(libraries=(_library(folder),), storage=StorageConfig(reserve_bytes=0))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(JobService(shelves, config).main())
        yield
        task.cancel()


def _uris(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


async def _text(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, path
        assert answer.content_type == "application/vnd.apple.mpegurl"
        return await answer.text()


@pytest.mark.usefixtures("film")
async def test_every_playlist_init_and_cell_of_a_film_is_served(shelves: Shelves, tmp_path: Path) -> None:
    async with _served(shelves) as client, _filling(shelves, tmp_path):
        master = await _text(client, "film-1/master.m3u8")
        sounds = [line.split('URI="')[1].split('"')[0] for line in master.splitlines() if 'URI="' in line]
        assert len(_uris(master)) >= 1
        for rung in [*_uris(master), *sounds]:
            cells = _uris(await _text(client, f"film-1/{rung}"))
            folder = rung.rpartition("/")[0]
            async with client.get(f"film-1/{folder}/init.mp4") as answer:
                kind = "audio/mp4" if rung in sounds else "video/mp4"
                assert (answer.status, answer.content_type) == (200, kind)
                assert (await answer.read())[4:8] == b"ftyp"
            for cell in cells:
                async with client.get(f"film-1/{folder}/{cell}") as answer:
                    assert (answer.status, answer.content_type) == (200, "video/iso.segment")
                    assert "immutable" in answer.headers["Cache-Control"]
                    body = await answer.read()
                    assert b"moof" in body
                    assert len(body) == int(answer.headers["Content-Length"])


async def test_subtitles_are_made_when_first_asked_for_though_their_film_was_away_before(
    shelves: Shelves, tmp_path: Path
) -> None:
    path = tmp_path / "hills.mkv"
    sample.make(path, Listener(), until_s=6)
    wish, raw = Wish(_library(tmp_path), _LADDER), os.fsencode(path)
    title, inits = await Intake(shelves).examine(raw, Title("hills-1", "films", "", raw, TitlePhase.FAILED), wish)
    await shelves.catalog.titles.save(title, inits)
    async with _served(shelves) as client, _filling(shelves, tmp_path):
        assert "subtitles/4.m3u8" in await _text(client, "hills-1/master.m3u8")
        (uri,) = _uris(await _text(client, "hills-1/subtitles/4.m3u8"))
        path.rename(tmp_path / "away")
        await shelves.catalog.titles.turn("films", TitlePhase.AWAY, back=TitlePhase.READY)
        async with client.get(
            f"hills-1/subtitles/{uri}"
        ) as answer:  # in vain, but not for longer than the film is away
            assert (answer.status, (await answer.json(content_type=None))["reason"]) == (503, "away")
        (tmp_path / "away").rename(path)
        await shelves.catalog.titles.turn("films", TitlePhase.READY, back=TitlePhase.AWAY)
        for _turn in range(2):
            async with client.get(f"hills-1/subtitles/{uri}") as answer:
                assert (answer.status, answer.content_type) == (200, "text/vtt")
                assert "über den Hügeln" in await answer.text("utf-8")


@pytest.mark.usefixtures("film")
async def test_a_long_cell_comes_whole_though_in_pieces(shelves: Shelves, film: Title) -> None:
    assert film.grid is not None
    body = os.urandom(5 << 20)
    rung = film.grid.rungs[0]
    with CellWriter(shelves.paths.title("film-1", film.grid.revision), rung.id, 0) as writer:
        writer.write(0, b"before")
        writer.write(1, body)
    async with _served(shelves) as client, client.get(f"film-1/{film.grid.revision}/{rung.id}/1.m4s") as answer:
        assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(body))
        assert await answer.read() == body


@pytest.mark.usefixtures("film")
async def test_what_the_client_has_already_is_not_sent_again(shelves: Shelves) -> None:
    async with _served(shelves) as client:
        async with client.get("film-1/master.m3u8") as answer:
            tag = answer.headers["ETag"]
            assert answer.headers["Cache-Control"] == "no-cache"
        async with client.get("film-1/master.m3u8", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        async with client.head("film-1/master.m3u8") as answer:
            assert answer.status == 200
            assert int(answer.headers["Content-Length"]) > 0
        for poster in ("poster.jpg", "poster-small.jpg"):
            async with client.get(f"film-1/{poster}") as answer:
                assert (answer.status, answer.content_type) == (200, "image/jpeg")


@pytest.mark.usefixtures("film")
async def test_a_closed_tab_wants_nothing_any_more(shelves: Shelves) -> None:
    async with _served(shelves) as client:
        master = await _text(client, "film-1/master.m3u8")
        folder = _uris(master)[0].rpartition("/")[0]
        request = asyncio.ensure_future(client.get(f"film-1/{folder}/1.m4s"))
        async with asyncio.timeout(5):
            while not shelves.ledger.wants():
                shelves.ledger.news.clear()
                await shelves.ledger.news.wait()
            request.cancel()
            while shelves.ledger.wants():
                shelves.ledger.news.clear()
                await shelves.ledger.news.wait()


@pytest.mark.usefixtures("film")
async def test_a_cell_that_nobody_makes_is_asked_for_again_later(tmp_path: Path) -> None:
    async with shelves_in(tmp_path / "data", deadline_s=0.1) as shelves, _served(shelves) as client:
        folder = _uris(await _text(client, "film-1/master.m3u8"))[0].rpartition("/")[0]
        async with client.get(f"film-1/{folder}/0.m4s") as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert (await answer.json(content_type=None))["key"] == "busy"


@pytest.mark.usefixtures("film")
@pytest.mark.parametrize(
    "path",
    [
        "nobody/master.m3u8",
        "film-1/oldrevision/240p/index.m3u8",
        "film-1/{revision}/999p/index.m3u8",
        "film-1/{revision}/240p/0999.m4s",
        "film-1/{revision}/240p/99999.m4s",
        "film-1/{revision}/240p/-1.m4s",
        "film-1/subtitles/7.vtt",
        "film-1/{revision}/..%2f..%2f..%2f/init.mp4",
    ],
)
async def test_what_is_not_there_is_a_plain_404(shelves: Shelves, film: Title, path: str) -> None:
    assert film.grid is not None
    async with _served(shelves) as client, client.get(path.format(revision=film.grid.revision)) as answer:
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"


async def test_a_damaged_film_says_so_in_words(shelves: Shelves) -> None:
    broken = Title("broken-1", "films", "Broken", b"/nowhere", TitlePhase.FAILED, reason="damaged")
    await shelves.catalog.titles.save(broken)
    async with _served(shelves) as client, client.get("broken-1/master.m3u8") as answer:
        assert answer.status == 422
        told = await answer.json(content_type=None)
        assert (told["key"], told["reason"]) == ("media", "damaged")


async def test_a_cell_that_cannot_be_made_says_why(shelves: Shelves, film: Title) -> None:
    """Not that it is not there."""
    assert film.grid is not None
    spot = Spot(film.id, film.grid.revision, "240p", 1)
    for _attempt in range(MOST_ATTEMPTS):
        await shelves.ledger.failed(spot, Cause.VIEWER, "unknown_codec")
    async with _served(shelves) as client, client.get(f"film-1/{film.grid.revision}/240p/1.m4s") as answer:
        assert answer.status == 422
        assert (await answer.json(content_type=None))["reason"] == "unknown_codec"


async def test_on_a_full_disk_a_cell_that_is_missing_is_busy_with_the_reason(shelves: Shelves, film: Title) -> None:
    """Players come again by themselves, people read why."""
    assert film.grid is not None
    shelves.ledger.hinder("disk_full")
    async with _served(shelves) as client, client.get(f"film-1/{film.grid.revision}/240p/1.m4s") as answer:
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert (await answer.json(content_type=None))["reason"] == "disk_full"
