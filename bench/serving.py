"""Cells and playlists per second of CPU, beside nginx with sendfile and beside aiohttp's plainest answer, in one run.

Needs nginx and wrk: `apt-get install --no-install-recommends nginx-light wrk`. Each is asked in turn by wrk with one
thread; what counts is the CPU of the server per request, as a share of nginx's.
"""

import argparse
import asyncio
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import cost
from tests import clips
from tests.whole.running import Running, running

_YAML = "libraries:\n  - {name: Films, kind: films, path: films, transcode: ahead, renditions: [720p]}\n"
_WISHED_BYTES = 1_500_000

_NGINX = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  types {{ application/vnd.apple.mpegurl m3u8; video/iso.segment m4s; }}
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""

_PLAIN = """
import sys
from pathlib import Path
from aiohttp import web
body = Path(sys.argv[1]).read_bytes()
async def answer(request):
    return web.Response(body=body, content_type="application/vnd.apple.mpegurl")
app = web.Application()
app.router.add_get("/index.m3u8", answer)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=None)
"""


@dataclass(slots=True)
class Asked:
    """One server's answer to one question, asked again and again: CPU in microseconds and requests per second."""

    name: str
    url: str
    pids: tuple[int, ...]
    cpu_us: list[float] = field(default_factory=list)
    rate_hz: list[float] = field(default_factory=list)


def cpu_s(pids: tuple[int, ...]) -> float:
    """Return how much CPU these processes have used, in seconds."""
    return sum(cost(pid).cpu_s for pid in pids)


def program(name: str) -> str:
    """Return the path of a program, or end with how to get it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        sys.exit(f"{name} is missing: apt-get install --no-install-recommends nginx-light wrk")
    return found


async def ask(one: Asked, seconds: int) -> None:
    """Ask for some seconds and note what it took."""
    before_s = cpu_s(one.pids)
    command = (program("wrk"), "-t1", "-c8", f"-d{seconds}s", one.url)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told = (await process.communicate())[0].decode()
    used_s = cpu_s(one.pids) - before_s
    found = re.search(r"(\d+) requests in ([\d.]+)s", told)
    if found is None or "Non-2xx" in told:
        sys.exit(f"{one.name}: {told}")
    one.cpu_us.append(used_s / int(found[1]) * 1e6)
    one.rate_hz.append(int(found[1]) / float(found[2]))


@asynccontextmanager
async def _started(*command: str) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(*command)
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def _until_it_listens(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def _best_cell(osmose: Running, root: str) -> tuple[str, bytes, str, bytes]:
    """Return a cell of about 1.5 MB, and the playlist that names it."""
    found = []
    master = await osmose.text(f"{root}/master.m3u8")
    for playlist in re.findall(r"^[^#\s]+m3u8$", master, re.MULTILINE):
        path = f"{root}/{playlist}"
        listed = await osmose.text(path)
        for name in re.findall(r"^\d+\.m4s$", listed, re.MULTILINE):
            cell = f"{path.rpartition('/')[0]}/{name}"
            found.append((cell, (await osmose.get(cell))[2], path, listed.encode()))
    return min(found, key=lambda one: abs(len(one[1]) - _WISHED_BYTES))


async def _nginx_pids(folder: Path) -> tuple[int, ...]:
    async with asyncio.timeout(20):
        while True:
            pid = (folder / "nginx.pid").read_text().strip() if (folder / "nginx.pid").exists() else ""
            below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if pid else []
            if below:
                return tuple(map(int, below))
            await asyncio.sleep(0.05)


async def _measure(folder: Path, rounds: int, seconds: int) -> None:
    folder.chmod(0o755)  # nginx reads as a user of its own
    (folder / "films").mkdir()
    (folder / "www").mkdir()
    clip = clips.Clip("Slope (2026).mp4", 16, width_px=1920, height_px=1080, gop=50, options=(("qp", "1"),))
    clips.make(folder / "films", clip)
    async with running(folder, _YAML) as osmose:
        title = await osmose.title()
        await osmose.until(f"title.{title['id']}/filled", 100)
        cell, cell_body, playlist, playlist_body = await _best_cell(osmose, f"play/titles/{title['id']}")
        (folder / "www/0.m4s").write_bytes(cell_body)
        (folder / "www/index.m3u8").write_bytes(playlist_body)
        (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=18081))
        (folder / "plain.py").write_text(_PLAIN)
        plain = (sys.executable, str(folder / "plain.py"), str(folder / "www/index.m3u8"), "18082")
        nginx = (program("nginx"), "-c", str(folder / "nginx.conf"), "-g", "daemon off;")
        async with _started(*nginx), _started(*plain) as plain_pid:
            await _until_it_listens(18081)
            await _until_it_listens(18082)
            ours, theirs = (osmose.process.pid,), await _nginx_pids(folder)
            cells = [
                Asked("Osmose", f"{osmose.url}/{cell}", ours),
                Asked("nginx", "http://127.0.0.1:18081/0.m4s", theirs),
            ]
            lists = [
                Asked("Osmose", f"{osmose.url}/{playlist}", ours),
                Asked("nginx", "http://127.0.0.1:18081/index.m3u8", theirs),
                Asked("aiohttp", "http://127.0.0.1:18082/index.m3u8", (plain_pid,)),
            ]
            for _round in range(rounds):
                for one in (*cells, *lists):
                    await ask(one, seconds)
    _print(f"a cell of {len(cell_body):,} bytes", cells)
    _print(f"a playlist of {len(playlist_body):,} bytes", lists)


def _print(what: str, asked: list[Asked]) -> None:
    print(what)
    reference = statistics.median(asked[1].cpu_us)
    for one in asked:
        cpu_us, rate_hz = statistics.median(one.cpu_us), statistics.median(one.rate_hz)
        spread = (max(one.cpu_us) - min(one.cpu_us)) / cpu_us
        share = f"{cpu_us / reference:.2f} of nginx"
        print(
            f"  {one.name:8} {cpu_us:7.0f} us CPU, {1e6 / cpu_us:8,.0f} per CPU second, {share}, {rate_hz:8,.0f}/s,",
            end="",
        )
        print(f" spread {spread:.0%}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), asked.rounds, asked.seconds))


if __name__ == "__main__":
    main()
