"""A disk that fills up, to the last byte, and has room again: films play on, nothing breaks, all goes on by itself."""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import clips
from tests.small_disk import SmallDisk, small_disk
from tests.whole.running import Running, running

_YAML = """
libraries:
  - {name: Films, kind: films, path: films, transcode: ahead, renditions: [240p]}
  - {name: Others, kind: films, path: others, renditions: [240p]}
storage: {reserve: 100MB}
"""
_DISK_BYTES = 240_000_000
_TIGHT_BYTES = 60_000_000
_BACK_S = 30.0


def _films(folder: Path) -> None:
    for library, seconds in (("films", 40), ("others", 30)):
        (folder / library).mkdir()
        film = clips.make(folder / library, clips.Clip(f"{library}.mp4", seconds=seconds))
        os.utime(film, (1_700_000_000, 1_700_000_000))


async def _ready(osmose: Running, library: str) -> dict[str, Any]:
    """Return the one title of a library, once it is there."""
    await osmose.until(f"library.{library}/titles", 1)
    titles = (await osmose.json("api/titles"))["items"]
    found: dict[str, Any] = next(title for title in titles if title["name"] == library)
    whole: dict[str, Any] = await osmose.json(f"api/titles/{found['id']}")
    return whole


async def _cell(osmose: Running, title: dict[str, Any], number: int) -> tuple[int, dict[str, str], bytes]:
    """Return what is answered for a cell of the rung that must be encoded."""
    playlist = next(
        line
        for line in (await osmose.text(f"play/titles/{title['id']}/master.m3u8")).splitlines()
        if line.endswith("240p/index.m3u8")
    )
    folder = f"play/titles/{title['id']}/{playlist.rpartition('/')[0]}"
    status, headers, body = await osmose.get(f"{folder}/{number}.m4s")
    return status, dict(headers), body


def _is_whole(disk: SmallDisk, copy: Path) -> bool:
    """Whether both databases are what they should be."""
    for name in ("osmose.db", "work.db"):
        for file in disk.folder.glob(f"{name}*"):
            shutil.copyfile(file, copy / file.name)
        with closing(sqlite3.connect(copy / name)) as database:
            if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return False
    return True


@pytest.mark.timeout(240)
async def test_a_disk_fills_up_and_has_room_again(tmp_path: Path) -> None:
    """Making ahead stops with its reason, watching goes on, and half a minute after there is room all goes on."""
    _films(tmp_path)
    async with small_disk(tmp_path / "data", _DISK_BYTES) as disk:
        disk.leave(_TIGHT_BYTES)
        async with running(tmp_path, _YAML, through=disk.through) as osmose:
            ahead, other = await _ready(osmose, "films"), await _ready(osmose, "others")
            await osmose.until("osmose/jobs_reason", "disk_full")
            await osmose.until("osmose/needs_you", 1)
            assert "The disk is full" in await osmose.text("activity")
            status, _headers, shown = await _cell(osmose, other, 0)  # there is room for who waits
            assert status == 200
            disk.leave(0)
            assert disk.free_bytes == 0
            assert (await _cell(osmose, other, 0))[2] == shown
            status, headers, told = await _cell(osmose, ahead, 5)
            assert (status, b'"disk_full"' in told) == (503, True)
            assert int(headers["Retry-After"]) > 0
            assert (await osmose.act("prepare", title=other["id"]))[0] in {200, 500}
            assert (await osmose.act("rescan"))[0] in {200, 500}
            assert (await osmose.json("health"))["health"] == "good"
            disk.empty()
            async with asyncio.timeout(_BACK_S):
                await osmose.until("osmose/jobs_reason", "")
                assert (await _until_made(osmose, ahead, 5))[0] == 200
            await osmose.until(f"title.{ahead['id']}/filled", 100)
            assert (await _cell(osmose, other, 0))[2] == shown
            assert await osmose.until("osmose/is_lasting") is True
            assert await osmose.stop() == 0
        assert _is_whole(disk, tmp_path)
        assert "Traceback" not in (tmp_path / "log.txt").read_text()


async def _until_made(osmose: Running, title: dict[str, Any], number: int) -> tuple[int, dict[str, str], bytes]:
    """Ask as players do: again whenever it is said to be for later."""
    while (answered := await _cell(osmose, title, number))[0] == 503:  # noqa: ASYNC110 - as players do
        await asyncio.sleep(1)
    return answered


@pytest.mark.timeout(240)
async def test_a_start_on_a_disk_without_a_free_byte_shows_what_is_there(tmp_path: Path) -> None:
    """Killed on the full disk and started again: films and cells are there, and it says why it waits."""
    _films(tmp_path)
    async with small_disk(tmp_path / "data", _DISK_BYTES) as disk:
        async with running(tmp_path, _YAML, through=disk.through) as osmose:
            ahead, other = await _ready(osmose, "films"), await _ready(osmose, "others")
            await osmose.until(f"title.{ahead['id']}/filled", 100)
            shown = (await _cell(osmose, ahead, 3))[2]
            disk.leave(0)
            osmose.kill()
            await osmose.process.wait()
        async with running(tmp_path, _YAML, through=disk.through) as osmose:
            assert (await osmose.json(f"api/titles/{ahead['id']}"))["name"] == "films"
            assert (await _cell(osmose, ahead, 3))[::2] == (200, shown)
            status, _headers, told = await _cell(osmose, other, 4)
            assert (status, b'"disk_full"' in told) == (503, True)
            disk.empty()
            async with asyncio.timeout(_BACK_S):
                assert (await _until_made(osmose, other, 4))[0] == 200
            assert await osmose.stop() == 0
        assert _is_whole(disk, tmp_path)
