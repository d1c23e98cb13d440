"""The camera worker against a real RTSP server: what it packs is what the camera sent."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import pytest

from osmose_addon.formats import h264
from osmose_addon.model.orders import CameraOrder
from osmose_addon.model.reports import PartMade, Report, StreamOpened
from osmose_addon.runtime import worker
from tests import cameras

_HUB = """
import asyncio, sys
from osmose_addon.model.orders import CameraOrder
from osmose_addon.runtime import worker

async def main():
    async with worker.start("camera", CameraOrder("porch", "test")) as camera:
        print(camera.pid, flush=True)
        async for _ in camera:
            pass

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> cameras.Reel:
    return cameras.reel(tmp_path_factory.mktemp("reel"))


async def _reports(source: str, parts: int) -> list[Report]:
    reports: list[Report] = []
    async with worker.start("camera", CameraOrder("porch", source)) as camera:
        async for report in camera:
            reports.append(report)
            if sum(isinstance(each, PartMade) for each in reports) == parts:
                break
    return reports


def _parts(reports: Sequence[Report]) -> list[PartMade]:
    return [report for report in reports if isinstance(report, PartMade)]


def _film_of(reports: Sequence[Report]) -> BytesIO:
    opened = next(report for report in reports if isinstance(report, StreamOpened))
    return BytesIO(opened.init + b"".join(part.body for part in _parts(reports)))


async def test_parts_hold_exactly_what_the_camera_sent(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera:
        reports = await _reports(camera.url(), 24)
    with av.open(_film_of(reports), "r") as packed:
        packets = [packet for packet in packed.demux() if packet.size]
        pictures = [packet for packet in packets if packet.stream.type == "video"]
        sounds = [packet for packet in packets if packet.stream.type == "audio"]
        sent = [h264.sample_of(unit) for unit in film.pictures]
        first = sent.index(bytes(pictures[0]))
        assert [bytes(packet) for packet in pictures] == [sent[(first + n) % len(sent)] for n in range(len(pictures))]
        heard = film.sounds.index(bytes(sounds[0]))
        assert [bytes(packet) for packet in sounds] == [
            film.sounds[(heard + n) % len(film.sounds)] for n in range(len(sounds))
        ]
        times = [packet.pts or 0 for packet in pictures]
        assert times[0] == 0
        # The server's reports on its clock move single stamps by some ticks.
        assert all(abs(later - time - 3600) < 90 for time, later in pairwise(times))
        assert all(packet.duration for packet in pictures)


async def test_parts_last_as_long_as_they_say_and_segments_begin_with_key_frames(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera:
        parts = _parts(await _reports(camera.url(), 24))
    assert all(abs(part.duration_s - 0.2) < 0.001 for part in parts)
    assert parts[0].starts_segment
    assert all(part.is_independent for part in parts if part.starts_segment)
    # A key frame each second, a segment each two of them.
    assert [number for number, part in enumerate(parts) if part.is_independent] == [0, 5, 10, 15, 20]
    assert [number for number, part in enumerate(parts) if part.starts_segment] == [0, 10, 20]


async def test_killed_hub_leaves_no_camera_worker_behind(tmp_path: Path) -> None:
    script = tmp_path / "hub.py"
    script.write_text(_HUB)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    hub = await asyncio.create_subprocess_exec(sys.executable, str(script), stdout=subprocess.PIPE, env=environment)
    assert hub.stdout is not None
    pid = int(await hub.stdout.readline())
    gone = os.pidfd_open(pid)
    hub.send_signal(signal.SIGKILL)
    await hub.communicate()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(gone, ended.set)
    async with asyncio.timeout(5):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(gone)
    os.close(gone)
