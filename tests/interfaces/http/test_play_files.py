"""A title as one file: the original, and the plain MP4 that every player takes."""

import io
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import aiohttp
import av
import numpy as np
import pytest
from numpy.typing import NDArray

from osmose_addon.formats.downloads import chosen
from osmose_addon.formats.ranges import ByteRange
from osmose_addon.interfaces.http.play_files import FilmBody
from osmose_addon.model.errors import OsmoseError
from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.runtime.openfiles import OpenFiles
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.stores.films import FilmStore
from osmose_addon.stores.shelves import Shelves
from tests.clips import OPEN_GOPS, Clip, make, tone
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


def heard(body: bytes, start_s: float, count: int) -> NDArray[np.float64]:
    """Return so many samples of the first channel from a time on, by the time stamps of the decoded frames."""
    found = np.zeros(count)
    with av.open(io.BytesIO(body), "r") as film:
        sound = film.streams.audio[0]
        for frame in film.decode(sound):
            first = round(((frame.time or 0.0) - start_s) * frame.sample_rate)
            piece = np.asarray(frame.to_ndarray()[0], dtype=np.float64)
            low, high = max(first, 0), min(first + len(piece), count)
            if low < high:
                found[low:high] = piece[low - first : high - first]
    return found


def lag_samples(one: NDArray[np.float64], other: NDArray[np.float64], most: int) -> int:
    """Return by how many samples `other` comes later than `one`."""
    inner = one[most:-most]
    return max(range(-most, most + 1), key=lambda lag: float(inner @ other[most + lag : len(other) - most + lag]))


async def _collect(pieces: AsyncIterator[bytes], into: list[bytes]) -> None:
    async for piece in pieces:
        into += [piece]


async def whole(client: aiohttp.ClientSession, name: str) -> bytes:
    async with client.get(f"film-1/{name}") as answer:
        assert answer.status == 200, await answer.text()
        body = await answer.read()
        assert len(body) == int(answer.headers["Content-Length"])
        assert answer.content_type == "video/mp4"
        return body


_HDR = Clip(
    "hdr.mkv", 6, codec="libx265", pixel_format="yuv420p10le", transfer=16,
    options=(("preset", "ultrafast"), ("x265-params", "log-level=none:keyint=50:no-open-gop=1")),
)  # fmt: skip


@pytest.mark.parametrize(
    "clip",
    [
        Clip("film.mkv", 6),
        Clip("far.mkv", 6, gop=500),
        Clip("silent.mp4", 6, sounds=()),
        Clip("uneven.mp4", 6, steps=(24, 20, 31, 24, 40), sample_rate_hz=44100),
        Clip("stream.ts", 6),
        replace(OPEN_GOPS, seconds=6),
        Clip("turned.mp4", 6, turn_deg=90),
        _HDR,
    ],
    ids=lambda clip: clip.name,
)
async def test_a_film_is_one_mp4_with_every_picture_in_its_place(shelves: Shelves, tmp_path: Path, clip: Clip) -> None:
    path = make(tmp_path, clip)
    await take_in(shelves, path)
    async with _served(shelves) as client, _filling(shelves, tmp_path):
        body = await whole(client, "stream.mp4")
    assert body[4:8] == b"ftyp"
    assert body.index(b"moov") < body.index(b"mdat")
    source = times(path.read_bytes(), "video")
    told = times(body, "video")
    assert len(told) == len(source)
    assert told == pytest.approx([time - source[0] for time in source], abs=0.001)
    with av.open(io.BytesIO(body), "r") as film:
        assert sum(1 for _frame in film.decode(video=0)) == len(source)
    if clip.sounds:
        first = [time for time in times(path.read_bytes(), "audio") if time >= source[0]]
        sound = times(body, "audio")
        assert sound[0] == pytest.approx(first[0] - source[0], abs=0.001)
        assert all(0.02 < after - before < 0.024 for before, after in pairwise(sound))


@pytest.mark.parametrize("codec", ["aac", "ac3"])
async def test_picture_and_sound_are_as_far_apart_as_in_the_source(
    shelves: Shelves, tmp_path: Path, codec: str
) -> None:
    """By what is heard, not by what is written: the same chord, less than a millisecond earlier or later."""
    path = make(tmp_path, Clip("film.mkv", 6, sound_codec=codec))
    await take_in(shelves, path)
    async with _served(shelves) as client, _filling(shelves, tmp_path):
        body = await whole(client, "stream.mp4")
    start_s = times(path.read_bytes(), "video")[0]
    source, told = heard(path.read_bytes(), start_s + 2.0, 24_000), heard(body, 2.0, 24_000)
    assert abs(lag_samples(source, told, 100)) < 48


async def test_sound_alone_is_an_mp4_too(shelves: Shelves, tmp_path: Path) -> None:
    path = tmp_path / "song.mkv"
    with av.open(str(path), "w") as out:
        sound = out.add_stream("aac", rate=48_000, layout="stereo")
        for start in range(0, 5 * 48_000, 1024):
            out.mux(sound.encode(tone(start, 1024, 2, 48_000)))
        out.mux(sound.encode(None))
    await take_in(shelves, path)
    async with _served(shelves) as client, _filling(shelves, tmp_path):
        async with client.get("film-1/stream.mp4") as answer:
            assert (answer.status, answer.content_type) == (200, "audio/mp4")
            assert len(times(await answer.read(), "audio")) > 200
        async with client.get("film-1/manifest.mpd") as answer:
            assert 'contentType="video"' not in await answer.text()


async def test_cells_that_went_meanwhile_are_never_filled_with_something_else(tmp_path: Path) -> None:
    """The connection ends, and who comes again gets the film anew: the same copies are the same film."""
    async with shelves_in(tmp_path / "data", deadline_s=2.0) as shelves:
        title = await take_in(shelves, make(tmp_path, Clip("film.mkv", 12, gop=25)))
        assert title.grid is not None
        async with _served(shelves) as client, _filling(shelves, tmp_path):
            body = await whole(client, "stream.mp4")
        films, files = FilmStore(shelves.catalog, shelves.cells), OpenFiles()
        film = await films.film(title, chosen(title.grid, ()))
        assert film is not None
        pieces = FilmBody(shelves, files, title, film).pieces(ByteRange(0, film.size_bytes))
        read = await anext(pieces) + await anext(pieces)
        assert body.startswith(read)
        await shelves.cells.evict(1 << 40, ())
        rest: list[bytes] = []
        with pytest.raises(OsmoseError):
            await _collect(pieces, rest)
        assert body.startswith(b"".join((read, *rest)))
        assert await films.film(title, chosen(title.grid, ())) is None
        files.close()
        async with _served(shelves) as client, _filling(shelves, tmp_path):
            assert await whole(client, "stream.mp4") == body


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
