"""Cells and playlists answered exactly: ranges, conditions, heads, and from memory."""

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from osmose_addon.interfaces.http.playlists import Playlists
from osmose_addon.model.media import TextTrack, Title, TitlePhase
from osmose_addon.stores.segments.cells import CellWriter
from osmose_addon.stores.shelves import Shelves
from tests.household import shelves_in
from tests.interfaces.http.demo import add_film
from tests.interfaces.http.test_play_titles import _served

_RUNG = "film/r1/720p"
_BODIES = {0: os.urandom(300_000), 1: os.urandom(5 << 20)}


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data", deadline_s=0.2) as opened:
        await add_film(opened, ("film", "Film", 2020, 1))
        with CellWriter(opened.paths.title("film", "r1"), "720p", 0) as writer:
            for cell, body in _BODIES.items():
                writer.write(cell, body)
        yield opened


async def got(client: aiohttp.ClientSession, cell: int, **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.get(f"{_RUNG}/{cell}.m4s", headers=named) as answer:
        return answer.status, await answer.read(), answer.headers


@pytest.mark.parametrize("cell", [0, 1])
async def test_a_cell_by_ranges_is_the_same_cell_in_memory_or_not(shelves: Shelves, cell: int) -> None:
    body = _BODIES[cell]
    size = len(body)
    async with _served(shelves) as client:
        for _turn in range(2):  # first out of a checked read, then straight from the file
            status, told, headers = await got(client, cell)
            assert (status, told) == (200, body)
            assert headers["Accept-Ranges"] == "bytes"
            for asked, part in (("bytes=0-0", body[:1]), (f"bytes={size - 5}-", body[-5:]), ("bytes=-7", body[-7:])):
                status, told, headers = await got(client, cell, Range=asked)
                assert (status, told) == (206, part)
                assert headers["Content-Length"] == str(len(part))
                assert headers["Content-Range"].endswith(f"/{size}")
            for asked in ("bytes=0-1,4-5", "bytes=4-2", "lines=1-2", "bytes=x"):
                assert (await got(client, cell, Range=asked))[0] == 200
            for asked in ("bytes=-0", f"bytes={size}-"):
                status, told, headers = await got(client, cell, Range=asked)
                assert (status, headers["Content-Range"]) == (416, f"bytes */{size}")
                assert headers["Content-Type"] == "application/problem+json"


async def test_conditions_are_met_before_a_byte_is_sent(shelves: Shelves) -> None:
    async with _served(shelves) as client:
        tag = (await got(client, 0))[2]["ETag"]
        for known in (tag, f"W/{tag}", "*", f'"other", {tag}'):
            status, body, headers = await got(client, 0, If_None_Match=known)
            assert (status, body) == (304, b"")
            assert headers["ETag"] == tag
            assert "immutable" in headers["Cache-Control"]
        assert (await got(client, 0, If_None_Match='"other"'))[0] == 200
        assert (await got(client, 0, If_Match=tag))[0] == 200
        assert (await got(client, 0, If_Match=f"W/{tag}"))[0] == 412
        assert (await got(client, 0, If_Range=tag, Range="bytes=1-2"))[0] == 206
        for stale in ('"other"', f"W/{tag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
            assert (await got(client, 0, If_Range=stale, Range="bytes=1-2"))[0] == 200


async def test_who_has_a_cell_already_has_it_not_made_again(shelves: Shelves) -> None:
    async with _served(shelves) as client:
        tag = (await got(client, 0))[2]["ETag"]
        other = tag.replace("-0", "-9")
        assert (await got(client, 9, If_None_Match=other))[0] == 304
        assert (await got(client, 9))[0] == 503
    assert not shelves.ledger.wants()


async def test_a_head_tells_what_is_known_and_wants_nothing(shelves: Shelves) -> None:
    async with _served(shelves) as client:
        for cell, body in _BODIES.items():
            async with client.head(f"{_RUNG}/{cell}.m4s") as answer:
                assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(body)))
                assert await answer.read() == b""
        async with client.head(f"{_RUNG}/2.m4s", headers={"Range": "bytes=0-5"}) as answer:
            assert answer.status == 200
            assert "Content-Length" not in answer.headers
        async with client.head(f"{_RUNG}/99.m4s") as answer:
            assert answer.status == 404
        await shelves.catalog.titles.turn("films", TitlePhase.AWAY, back=TitlePhase.READY)
        async with client.head(f"{_RUNG}/2.m4s") as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
    assert not shelves.ledger.viewers()


async def test_a_cell_that_was_damaged_on_disk_is_never_sent(shelves: Shelves) -> None:
    (file,) = shelves.paths.title("film", "r1").glob("720p/*.cells")
    with file.open("r+b") as opened:
        opened.seek(1000)
        opened.write(b"damage")
    async with _served(shelves) as client:
        status, _body, headers = await got(client, 0)
        assert (status, headers["Content-Type"]) == (503, "application/problem+json")


async def test_a_playlist_is_written_once_until_its_title_changes(shelves: Shelves) -> None:
    title = await shelves.catalog.titles.get("film")
    assert title is not None
    kept, written = Playlists(), []

    def write() -> str:
        written.append(1)
        return f"list {len(written)}"

    first = kept.told(title, "master", write)
    assert kept.told(title, "master", write) == first
    changed = replace(title, sidecars=(TextTrack(1000, "subrip", "deu"),))
    assert kept.told(changed, "master", write) != first
    for number in range(500):
        kept.told(title, f"rung {number}", write)
    assert len(kept._kept) < 200


async def test_a_new_subtitle_is_in_the_playlist_at_once(shelves: Shelves) -> None:
    async with _served(shelves) as client:
        async with client.get("film/manifest.mpd") as answer:
            assert (answer.status, answer.content_type) == (200, "application/dash+xml")
            tag = answer.headers["ETag"]
            assert answer.headers["Cache-Control"] == "no-cache"
            assert "subtitles/1000.vtt" not in await answer.text()
        title = await shelves.catalog.titles.get("film")
        assert isinstance(title, Title)
        await shelves.catalog.titles.save(replace(title, sidecars=(TextTrack(1000, "subrip", "deu", file=b"/x.srt"),)))
        async with client.get("film/manifest.mpd", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 200
            assert "subtitles/1000.vtt" in await answer.text()
