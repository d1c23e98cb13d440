"""Killed at any moment, Osmose goes on where it was: nothing is lost, nothing is there twice, nothing is left over."""

import asyncio
import io
import os
import random
import signal
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from bench.processes import children
from osmose_addon.stores.segments.cellfile import RECORD_BYTES
from tests import clips
from tests.whole.running import Running, running
from tests.whole.test_film import cells

_YAML = """
libraries:
  - {name: Films, kind: films, path: films, transcode: ahead, renditions: [360p, 240p, 144p]}
renditions:
  144p: {height: 144, video: 150k, preset: medium}
  240p: {preset: medium}
"""
_MOMENTS = 20
_LOOP_S, _LOOPS = 12, 12
_PICTURES = _LOOP_S * _LOOPS * 25
_SAMPLES = _LOOP_S * _LOOPS * 48_000
_SEEDS = (20261120,)


def _film(folder: Path) -> None:
    """Put a film of some minutes into the library: a short one again and again, with sound that must be encoded."""
    source = clips.make(folder, clips.Clip("loop.mp4", seconds=_LOOP_S, sound_codec="ac3"))
    (folder / "films").mkdir()
    target = folder / "films" / "Long.mkv"
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        streams = [out.add_stream_from_template(stream) for stream in given.streams]
        for loop in range(_LOOPS):
            given.seek(0)
            for packet in given.demux():
                if packet.dts is None or packet.pts is None or not packet.time_base:
                    continue
                shift = int(loop * _LOOP_S / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = streams[packet.stream_index]
                out.mux(packet)
    os.utime(target, (1_700_000_000, 1_700_000_000))


def _running(folder: Path, mark: str) -> AbstractAsyncContextManager[Running]:
    """Run Osmose with a mark on all its processes."""
    return running(folder, _YAML, PYTHONMARK=mark)


@dataclass
class _Fate:
    """Who dies when."""

    chance: random.Random
    mark: str
    left: int = _MOMENTS

    async def strike(self, osmose: Running) -> bool:
        """Kill the hub or one of its processes at some moment; return whether the hub lives on."""
        await asyncio.sleep(self.chance.uniform(0.05, 0.6))
        self.left -= 1
        victims = children(osmose.process.pid)
        if victims and self.chance.random() < 0.5:
            _kill(self.chance.choice(victims))
            return True
        osmose.kill()
        await osmose.process.wait()
        return False

    async def until_gone(self) -> None:
        """Wait until no process of any run is left; the test's own time limit ends a vain wait."""
        while any(self._is_ours(environ) for environ in Path("/proc").glob("[0-9]*/environ")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    def _is_ours(self, environ: Path) -> bool:
        try:
            return f"PYTHONMARK={self.mark}".encode() in environ.read_bytes()
        except OSError:
            return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@dataclass(frozen=True)
class _Fragment:
    """A cell: when it begins, and how long each of its samples lasts, in ticks."""

    start: int
    lasts: tuple[int, ...]


def _boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(body):
        size, kind = struct.unpack_from(">I4s", body, at)
        yield kind, body[at + 8 : at + size]
        at += size


def _fragment(cell: bytes) -> _Fragment:
    """Read the times of a cell (ISO/IEC 14496-12, 8.8.7, 8.8.8 and 8.8.12)."""
    moof = next(body for kind, body in _boxes(cell) if kind == b"moof")
    track = dict(_boxes(next(body for kind, body in _boxes(moof) if kind == b"traf")))
    wide = track[b"tfdt"][0] == 1
    (start,) = struct.unpack_from(">Q" if wide else ">I", track[b"tfdt"], 4)
    flags, count = struct.unpack_from(">II", track[b"trun"])
    at = 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    step = 4 * sum(bool(flags & flag) for flag in (0x100, 0x200, 0x400, 0x800))
    if not flags & 0x100:
        return _Fragment(start, (_default_lasts(track[b"tfhd"]),) * count)
    return _Fragment(start, tuple(struct.unpack_from(">I", track[b"trun"], at + step * n)[0] for n in range(count)))


def _default_lasts(tfhd: bytes) -> int:
    (flags,) = struct.unpack_from(">I", tfhd)
    assert flags & 8
    (lasts,) = struct.unpack_from(">I", tfhd, 8 + 8 * bool(flags & 1) + 4 * bool(flags & 2))
    return int(lasts)


def _rungs(made: dict[str, bytes]) -> dict[str, list[bytes]]:
    """Return the cells of each rung in order."""
    by_rung: dict[str, dict[int, bytes]] = {}
    for path, body in made.items():
        rung, name = path.split("/")[-2:]
        by_rung.setdefault(rung, {})[int(name.removesuffix(".m4s"))] = body
    return {rung: [found[number] for number in range(len(found))] for rung, found in by_rung.items()}


def _gaps(fragments: list[_Fragment]) -> list[int]:
    """Return between which cells there is a gap or an overlap."""
    ends = [one.start + sum(one.lasts) for one in fragments]
    return [number for number, end in enumerate(ends[:-1]) if fragments[number + 1].start != end]


def _litter(data: Path) -> list[str]:
    """Return files that nobody will ever need, and index files that end in half a record."""
    found = [path for path in data.rglob("*") if path.name.endswith((".part", ".tmp"))]
    for index in data.rglob("*.index"):
        size_bytes = index.stat().st_size
        if not size_bytes or size_bytes % RECORD_BYTES or not index.with_suffix(".cells").exists():
            found.append(index)
    found += [path for path in data.rglob("*.cells") if not path.with_suffix(".index").exists()]
    return [str(path.relative_to(data)) for path in found]


def _rows(data: Path) -> list[object]:
    with closing(sqlite3.connect(f"file:{data / 'work.db'}?mode=ro", uri=True)) as database:
        return database.execute("SELECT * FROM chunks").fetchall()


def _known_cells(data: Path) -> int:
    return sum(index.stat().st_size for index in data.rglob("*.index")) // RECORD_BYTES


async def _numbers(osmose: Running, title_id: str, made: dict[str, bytes], rung: str) -> list[int]:
    """Return the numbers that the pictures of a rung show."""
    root = next(path.rsplit("/", 1)[0] for path in made if path.split("/")[-2] == rung)
    assert title_id in root
    film = (await osmose.get(f"{root}/init.mp4"))[2] + b"".join(_rungs(made)[rung])
    with av.open(io.BytesIO(film), "r") as container:
        return [clips.read_number(frame) for frame in container.decode(video=0)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", _SEEDS)
async def test_killed_at_twenty_moments_it_ends_with_everything_once(tmp_path: Path, seed: int) -> None:
    """Hub and workers die by kill -9 while three rungs and the sound of a film are made; each start goes on."""
    _film(tmp_path)
    fate = _Fate(random.Random(seed), str(tmp_path))  # noqa: S311 - a test
    data, known = tmp_path / "data", []
    while fate.left:
        async with _running(tmp_path, fate.mark) as osmose:
            while fate.left and await fate.strike(osmose):
                known.append(_known_cells(data))
    async with _running(tmp_path, fate.mark) as osmose:
        title = await osmose.title()
        await osmose.act("retry", title=title["id"])  # a cell whose worker was shot three times is given up
        await osmose.until(f"title.{title['id']}/filled", 100)
        made = await cells(osmose, title)
        shown = await _numbers(osmose, title["id"], made, "144p")
        await osmose.until("osmose/jobs_running", 0)
        assert await osmose.stop() == 0
    await fate.until_gone()
    rungs = {rung: [_fragment(cell) for cell in found] for rung, found in _rungs(made).items()}
    assert {rung for rung in rungs if rung.endswith("p")} == {"360p", "240p", "144p"}
    assert {rung: gaps for rung, found in rungs.items() if (gaps := _gaps(found))} == {}
    for rung, found in rungs.items():
        samples = sum(len(one.lasts) for one in found)
        if rung.endswith("p"):
            assert samples == _PICTURES, rung
        else:
            assert abs(sum(sum(one.lasts) for one in found) - _SAMPLES) <= 2048, rung
    assert shown == [number % (_LOOP_S * 25) for number in range(_PICTURES)]
    assert known[-1] < sum(map(len, rungs.values())), "the film was done before the last moment came"
    assert _litter(data) == []
    assert _rows(data) == []
