"""One camera, kept live: Osmose beside `ffmpeg -c copy -f hls`, at the same time, from the same RTSP server.

Prints CPU in percent of a core and memory (PSS) of the worker, the hub, and ffmpeg; then the idle hub without a camera.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.processes import Cost, children, cost, share
from tests.cameras import RtspCamera, reel
from tests.tools import ffmpeg
from tests.whole.running import Running, running

_SETTLE_S = 8.0
_QUANTISER = 2
"""Makes the clip's 1080p about 4 Mb/s, as of an ordinary camera."""


async def _ffmpeg(url: str, folder: Path) -> asyncio.subprocess.Process:
    folder.mkdir()
    peer = ("-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_list_size", "5", "-hls_flags", "delete_segments")
    return await asyncio.create_subprocess_exec(
        *(str(ffmpeg()), "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url),
        *(*peer, str(folder / "live.m3u8")),
    )


def _worker(osmose: Running) -> int:
    """Return the camera's worker: the one child of the fork server, which is a child of the hub."""
    hub = osmose.process.pid
    return next(pid for direct in children(hub, deep=False) for pid in children(direct))


def _tell(name: str, before: Cost, after: Cost, seconds: float) -> None:
    print(f"{name:28} {share(before, after, seconds):6.2f} % of a core {after.pss_mib:7.1f} MiB PSS")


async def _beside(folder: Path, seconds: float) -> None:
    film = reel(folder, gop=50, seconds=10, width_px=1920, height_px=1080, quantiser=_QUANTISER)
    size_bits = 8 * sum(map(len, film.pictures))
    print(f"camera: 1080p25 H.264, {size_bits / 10 / 1e6:.1f} Mb/s, key frame every 2 s, AAC; {seconds:.0f} s")
    async with RtspCamera(film, user="") as camera:
        yaml = f"cameras:\n  - name: Porch\n    source: {camera.url()}\n"
        async with running(folder / "osmose", yaml) as osmose:
            await osmose.until("camera.porch/phase", "live")
            peer = await _ffmpeg(camera.url(), folder / "peer")
            await asyncio.sleep(_SETTLE_S)
            pids = (_worker(osmose), osmose.process.pid, peer.pid)
            before = [cost(pid) for pid in pids]
            await asyncio.sleep(seconds)
            after = [cost(pid) for pid in pids]
            peer.terminate()
            await peer.wait()
    names = ("Osmose: camera worker", "Osmose: hub", "ffmpeg -c copy -f hls")
    for name, early, late in zip(names, before, after, strict=True):
        _tell(name, early, late, seconds)
    worker, hub, other = (late.cpu_s - early.cpu_s for early, late in zip(before, after, strict=True))
    print(f"CPU, worker and hub against ffmpeg: {(worker + hub) / other:.2f}")


async def _idle(folder: Path, seconds: float) -> None:
    async with running(folder / "idle", "logging: {level: info}\n") as osmose:
        await asyncio.sleep(_SETTLE_S)
        before = cost(osmose.process.pid)
        await asyncio.sleep(seconds)
        after = cost(osmose.process.pid)
        status = Path(f"/proc/{osmose.process.pid}/status").read_text()
        rss_mib = int(status.split("VmRSS:")[1].split()[0]) / 1024
    _tell("Osmose: hub, nothing to do", before, after, seconds)
    print(f"{'':28} {rss_mib:6.1f} MiB RSS")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_beside(Path(folder), seconds))
        asyncio.run(_idle(Path(folder), min(seconds, 10.0)))


if __name__ == "__main__":
    main()
