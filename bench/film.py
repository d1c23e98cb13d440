"""First picture of an untouched film, and of a seek into what was never made, in the real player in Chromium.

Then the first byte of cells that are copied out of the file.

Beside it, in the same run: how long one ffmpeg command takes to make the segment that this needs (480p, veryfast).
A film of some minutes is made from the given clip by repeating it, so that reading ahead cannot have been there.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import Page

from bench.processes import children, most_pss_mib
from tests import clips
from tests.tools import ffmpeg
from tests.whole.browser import browsing
from tests.whole.running import running

_YAML = "libraries:\n  - {name: Films, kind: films, path: films}\n"
_SEGMENT_S = 2.0

_FIRST = """
() => new Promise((ok) => {
  const video = document.querySelector("video");
  video.requestVideoFrameCallback((now) => ok(now));
})
"""
_SEEK = """
(to) => new Promise((ok) => {
  const video = document.querySelector("video"), from = performance.now();
  const look = (now, { mediaTime }) => {
    if (Math.abs(mediaTime - to) < 1) ok(now - from);
    else video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  video.currentTime = to;
})
"""


async def _peer(*arguments: str) -> float:
    """Return how long ffmpeg takes for this, in seconds."""
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(str(ffmpeg()), "-nostdin", "-loglevel", "error", "-y", *arguments)
    await process.wait()
    return time.monotonic() - began_s


async def _long_film(folder: Path, clip: Path | None, loops: int) -> Path:
    folder.mkdir()
    if clip is None:
        clip = clips.make(folder.parent, clips.Clip("Slope.mp4", 30.0, width_px=1920, height_px=1080, gop=250))
    film = folder / "Film (2026).mp4"
    await _peer(
        "-stream_loop", str(loops - 1), "-i", str(clip), "-map", "0:v", "-map", "0:a:0", "-c", "copy", str(film)
    )
    return film


async def _one_run(folder: Path, seek_s: float, page: Page) -> tuple[float, float, float]:
    """Return first picture and seek in seconds, and the most memory a worker had in MiB."""
    most_mib = 0.0
    async with running(folder, _YAML) as osmose:
        title = await osmose.title()
        await page.goto(f"{osmose.url}/titles/{title['id']}/play")
        first_ms = await page.evaluate(_FIRST)
        most_mib = most_pss_mib(children(osmose.process.pid))
        seek_ms = await page.evaluate(_SEEK, seek_s)
        await page.goto("about:blank")
    return first_ms / 1000, seek_ms / 1000, most_mib


async def _copied(folder: Path, places: int) -> list[float]:
    """Return how long the first byte took of cells that are copied from the file, all over it, in seconds."""
    waits = []
    async with running(folder, _YAML) as osmose:
        title = await osmose.title()
        play = f"play/titles/{title['id']}"
        lines = (await osmose.text(f"{play}/original.m3u8")).splitlines()
        rung = next(line for line in lines if line and not line.startswith("#")).rpartition("/")[0]
        cells = (await osmose.text(f"{play}/{rung}/index.m3u8")).count("#EXTINF")
        for place in range(places):
            url = f"{osmose.url}/{play}/{rung}/{cells - 1 - place * (cells - 1) // places}.m4s"
            began_s = time.monotonic()
            async with osmose.client.get(url) as answer:
                await answer.content.readany()
                waits.append(time.monotonic() - began_s)
                await answer.read()
    return waits


async def _measure(folder: Path, clip: Path | None, runs: int, loops: int) -> None:
    film = await _long_film(folder / "films", clip, loops)
    made = ("-t", str(_SEGMENT_S), "-vf", "scale=-2:480", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-an")
    firsts, seeks, peers, peer_seeks, memory = [], [], [], [], []
    async with browsing() as page:
        for run in range(runs):
            seek_s = 120.0 + 11.0 * run
            data = folder / f"run{run}"
            data.mkdir()
            (data / "films").symlink_to(film.parent)
            first, seek, mib = await _one_run(data, seek_s, page)
            firsts.append(first)
            seeks.append(seek)
            memory.append(mib)
            source, segment = ("-i", str(film)), str(folder / "peer.mp4")
            peers.append(await _peer(*source, *made, segment))
            peer_seeks.append(await _peer("-ss", str(seek_s), *source, *made, segment))
    for name, ours, theirs in (("first picture", firsts, peers), ("seek", seeks, peer_seeks)):
        mine, other = statistics.median(ours), statistics.median(theirs)
        print(f"{name:14} median {mine:.2f} s, worst {max(ours):.2f} s")
        print(f"{'':14} ffmpeg's segment {other:.2f} s, so {mine / other:.2f}")
    copied = folder / "copied"
    copied.mkdir()
    (copied / "films").symlink_to(film.parent)
    waits = await _copied(copied, runs)
    print(f"{'copied cell':14} median {statistics.median(waits):.3f} s to the first byte, worst {max(waits):.3f} s")
    print(f"worker at the first picture: at most {max(memory):.0f} MiB PSS")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, help="a film to repeat; without it, a synthetic one of 1080p is made")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--loops", type=int, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), asked.clip, asked.runs, asked.loops))


if __name__ == "__main__":
    main()
