"""A title as one file: the original, and the plain MP4 that every player takes."""

import io
import os
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import aiohttp
import av
import pytest

from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.stores.shelves import Shelves
from tests.clips import Clip, make
from tests.household import shelves_in
from tests.interfaces.http.test_play_titles import _LADDER, _filling, _library, _served


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data", deadline_s=10.0) as opened:
        yield opened


async def take_in(shelves: Shelves, path: Path) -> Title:
    """Take a film in, as `film-1`."""
    raw = os.fsencode(path)
    wish = Wish(_library(path.parent), _LADDER)
    title, inits = await Intake(shelves).examine(raw, Title("film-1", "films", "", raw, TitlePhase.FAILED), wish)
    await shelves.catalog.titles.save(title, inits)
    return title


def times(body: bytes, kind: str) -> list[float]:
    """Return when each packet of a track is shown, in seconds, as FFmpeg reads it."""
    with av.open(io.BytesIO(body), "r") as film:
        stream = next(stream for stream in film.streams if stream.type == kind)
        return sorted(float((packet.pts or 0) * packet.time_base) for packet in film.demux(stream) if packet.size)


async def whole(client: aiohttp.ClientSession, name: str) -> bytes:
    async with client.get(f"film-1/{name}") as answer:
        assert answer.status == 200, await answer.text()
        body = await answer.read()
        assert len(body) == int(answer.headers["Content-Length"])
        assert answer.content_type == "video/mp4"
        return body


@pytest.mark.parametrize("clip", [Clip("film.mkv", 6), Clip("far.mkv", 6, gop=500), Clip("film.mp4", 6, sounds=())])
async def test_a_film_is_one_mp4_with_every_picture_in_its_place(shelves: Shelves, tmp_path: Path, clip: Clip) -> None:
    path = make(tmp_path, clip)
    await take_in(shelves, path)
    async with _served(shelves) as client, _filling(shelves, tmp_path):
        body = await whole(client, "stream.mp4")
    assert body[4:8] == b"ftyp"
    assert body.index(b"moov") < body.index(b"mdat")
    source = times(path.read_bytes(), "video")
    told = times(body, "video")
    assert len(told) == len(source) == 150
    assert told == pytest.approx([time - source[0] for time in source], abs=0.001)
    with av.open(io.BytesIO(body), "r") as film:
        assert sum(1 for _frame in film.decode(video=0)) == 150
    if clip.sounds:
        first = [time for time in times(path.read_bytes(), "audio") if time >= source[0]]
        sound = times(body, "audio")
        assert sound[0] == pytest.approx(first[0] - source[0], abs=0.001)
        assert all(0.02 < after - before < 0.023 for before, after in pairwise(sound))


async def test_any_range_of_the_mp4_is_the_same_bytes(shelves: Shelves, tmp_path: Path) -> None:
    await take_in(shelves, make(tmp_path, Clip("film.mkv", 6)))
    async with _served(shelves) as client, _filling(shelves, tmp_path):
        body = await whole(client, "stream.mp4")
        ends = (0, 1, 100, body.index(b"mdat"), body.index(b"mdat") + 5, len(body) // 2, len(body) - 1)
        for first in ends:
            for last in (end for end in ends if end >= first):
                async with client.get("film-1/stream.mp4", headers={"Range": f"bytes={first}-{last}"}) as answer:
                    assert answer.status == 206
                    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(body)}"
                    assert await answer.read() == body[first : last + 1]
        async with client.head("film-1/stream.mp4") as answer:
            assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(body))
            assert answer.headers["Content-Disposition"].endswith(".mp4")


async def test_a_film_that_every_player_takes_is_sent_as_it_is(shelves: Shelves, tmp_path: Path) -> None:
    path = make(tmp_path, Clip("film.mp4", 4, container_options=(("movflags", "faststart"),)))
    title = await take_in(shelves, path)
    assert title.facts is not None
    assert title.facts.has_index_first
    async with _served(shelves) as client:
        assert await whole(client, "stream.mp4") == await whole(client, "original") == path.read_bytes()


async def test_a_head_of_what_is_not_made_makes_nothing(shelves: Shelves, tmp_path: Path) -> None:
    title = await take_in(shelves, make(tmp_path, Clip("film.mkv", 6, gop=500)))
    assert title.grid is not None
    async with _served(shelves) as client:
        async with client.head("film-1/stream.mp4") as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
        async with client.head(f"film-1/{title.grid.revision}/{title.grid.rungs[0].id}/0.m4s") as answer:
            assert answer.status == 200
            assert answer.content_type == "video/iso.segment"
            assert "Content-Length" not in answer.headers
    assert not shelves.ledger.wants()
    assert not shelves.ledger.prepared()
    assert not shelves.ledger.viewers()


async def test_what_takes_long_is_a_job_of_just_these_rungs_and_says_how_far_it_is(
    shelves: Shelves, tmp_path: Path
) -> None:
    path = make(tmp_path, Clip("film.mkv", 40, sound_codec="ac3", width_px=320, height_px=180))
    title = await take_in(shelves, path)
    assert title.grid is not None
    async with _served(shelves) as client:
        async with _filling(shelves, tmp_path):
            async with client.get("film-1/stream.mp4") as answer:
                assert answer.status == 503
                told = await answer.json(content_type=None)
                assert told["key"] == "preparing"
            assert shelves.ledger.prepared_rungs("film-1") == {"sound-1"}
            while shelves.ledger.prepared():
                shelves.ledger.news.clear()
                await shelves.ledger.news.wait()
            body = await whole(client, "stream.mp4")
        assert len(times(body, "video")) == 1000
        filled = {rung.id: await shelves.cells.filled("film-1", title.grid, rung.id) for rung in title.grid.rungs}
        assert {rung_id for rung_id, cells in filled.items() if not any(cells)} == {
            rung.id for rung in title.grid.rungs if rung.kind == "video" and rung.method == "encoded"
        }


@pytest.mark.parametrize(
    ("name", "kind"), [("film.mkv", "video/x-matroska"), ("film.mov", "video/quicktime"), ("film.ts", "video/mp2t")]
)
async def test_the_original_is_the_file_itself_by_its_own_type(
    shelves: Shelves, tmp_path: Path, name: str, kind: str
) -> None:
    path = make(tmp_path, Clip(name, 2))
    await take_in(shelves, path)
    before = path.stat()
    async with _served(shelves) as client:
        async with client.get("film-1/original") as answer:
            assert (answer.status, answer.content_type) == (200, kind)
            assert await answer.read() == path.read_bytes()
            tag = answer.headers["ETag"]
        async with client.get("film-1/original", headers={"Range": "bytes=-0"}) as answer:
            assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{before.st_size}")
            assert (await answer.json(content_type=None))["key"] == "range"
        async with client.get("film-1/original", headers={"Range": "bytes=5-", "If-Range": '"other"'}) as answer:
            assert answer.status == 200
        async with client.get("film-1/original", headers={"Range": "bytes=5-", "If-Range": tag}) as answer:
            assert (answer.status, await answer.read()) == (206, path.read_bytes()[5:])
        async with client.get("film-1/original", headers={"If-None-Match": f'W/"x", {tag}'}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        async with client.get("film-1/original", headers={"If-Match": '"x"'}) as answer:
            assert answer.status == 412
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)


async def test_an_original_that_is_not_what_was_read_is_not_sent(shelves: Shelves, tmp_path: Path) -> None:
    path = make(tmp_path, Clip("film.mkv", 2))
    title = await take_in(shelves, path)
    secret = tmp_path / "secret"
    secret.write_bytes(path.read_bytes())

    async def told(client: aiohttp.ClientSession) -> tuple[int, str]:
        async with client.get("film-1/original") as answer:
            return answer.status, (await answer.json(content_type=None))["key"]

    async with _served(shelves) as client:
        path.unlink()
        assert await told(client) == (404, "media")
        path.symlink_to(secret)
        assert await told(client) == (422, "media")
        path.unlink()
        os.mkfifo(path)
        assert await told(client) == (422, "media")
        path.unlink()
        path.write_bytes(b"another film")
        assert await told(client) == (503, "media")
        await shelves.catalog.titles.turn("films", TitlePhase.AWAY, back=TitlePhase.READY)
        assert await told(client) == (503, "media")
    assert title.phase is TitlePhase.READY
