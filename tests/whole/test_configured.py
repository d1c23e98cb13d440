"""What is written in osmose.yaml is what happens."""

import os
from pathlib import Path

import pytest

from bench.processes import children
from tests import clips
from tests.whole.running import Running, running

_YAML = """
libraries:
  - {{name: {name}, id: films, kind: films, path: films, transcode: ahead, renditions: [240p, tiny]}}
renditions:
  240p: {{height: 200, video: 250k, audio: 96k, preset: medium}}
  tiny: {{height: 100, video: 90k, audio: 64k}}
storage: {{cache: elsewhere/cache, reserve: 100MB}}
workers: {{transcodes: 2, nice: 7}}
"""


def _films(folder: Path) -> None:
    (folder / "films").mkdir()
    film = clips.make(folder / "films", clips.Clip("One.mp4", seconds=16, gop=999, sound_codec="ac3"))
    other = folder / "films" / "Two.mp4"
    other.write_bytes(film.read_bytes() + b"\0\0\0\x08free")
    for path in (film, other):
        os.utime(path, (1_700_000_000, 1_700_000_000))


def _niceness(osmose: Running) -> set[int]:
    """Return how far the processes of Osmose stand back."""
    found = set()
    for pid in children(osmose.process.pid):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        found.add(int(stat.rsplit(")", 1)[1].split()[16]))
    return found


@pytest.mark.timeout(240)
async def test_sizes_places_and_workers_are_as_the_household_wrote_them(tmp_path: Path) -> None:
    """And a library that has an id may be called anything."""
    _films(tmp_path)
    async with running(tmp_path, _YAML.format(name="Films")) as osmose:
        own = os.getpriority(os.PRIO_PROCESS, osmose.process.pid)
        await osmose.until("osmose/jobs_running", 2)
        assert own + 7 in _niceness(osmose)
        titles = (await osmose.json("api/titles"))["items"]
        title = await osmose.json(f"api/titles/{titles[0]['id']}")
        rungs = {rung["id"]: rung for rung in title["rungs"]}
        assert {rungs[id_]["height_px"] for id_ in ("240p", "tiny")} == {200, 100}
        for one in titles:
            await osmose.until(f"title.{one['id']}/filled", 100)
        (tmp_path / "osmose.yaml").write_text(_YAML.format(name="Cinema"))
        await osmose.until("library.films/name", "Cinema")
        assert {one["id"] for one in (await osmose.json("api/titles"))["items"]} == {one["id"] for one in titles}
        assert await osmose.until(f"title.{title['id']}/filled") == 100
    assert list((tmp_path / "elsewhere/cache").rglob("*.cells"))
    assert not list((tmp_path / "data").rglob("*.cells"))
    sizes = {
        rung: sum(path.stat().st_size for path in (tmp_path / "elsewhere").rglob(f"{title['id']}/*/{rung}/*.cells"))
        for rung in ("240p", "tiny")
    }
    assert sizes["tiny"] < sizes["240p"] <= 250_000 / 8 * 16 * 1.4
