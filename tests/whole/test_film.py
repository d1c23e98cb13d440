"""A film goes from a folder to a screen, whole."""

import asyncio
import re
from pathlib import Path

from tests import clips
from tests.whole.browser import browsing, counted
from tests.whole.running import Running, running

_YAML = """
libraries:
  - name: Films
    kind: films
    path: films
    renditions: [360p, 240p]
    transcode: {mode}
"""
_SECONDS = 10.0
_PICTURES = 250
_SHOWN = """
(from) => new Promise((ok) => {
  const video = document.querySelector("video");
  const look = (_now, { mediaTime }) => mediaTime >= from ? ok() : video.requestVideoFrameCallback(look);
  video.requestVideoFrameCallback(look);
})
"""


def film(folder: Path, gop: int = 50) -> Path:
    """Put a film of ten seconds into the library."""
    (folder / "films").mkdir(parents=True, exist_ok=True)
    return clips.make(folder / "films", clips.Clip("Slope (2026).mp4", _SECONDS, gop=gop))


def is_smooth(skipped: list[int]) -> bool:
    """Whether a player passed over few pictures, as a busy machine may: five of six in a row are a freeze."""
    return len(skipped) <= 12 and all(skipped[at + 4] - skipped[at] > 5 for at in range(len(skipped) - 4))


async def cells(osmose: Running, title: dict[str, object]) -> dict[str, bytes]:
    """Return all cells of a title by their path."""
    root = f"play/titles/{title['id']}"
    master = await osmose.text(f"{root}/master.m3u8")
    found = {}
    for playlist in re.findall(r'^[^#\s].*m3u8$|(?<=URI=")[^"]*m3u8', master, re.MULTILINE):
        folder = f"{root}/{playlist.rpartition('/')[0]}"
        listed = await osmose.text(f"{root}/{playlist}")
        for name in re.findall(r"^\d+\.m4s$", listed, re.MULTILINE):
            status, _, found[f"{folder}/{name}"] = await osmose.get(f"{folder}/{name}")
            assert status == 200
    return found


async def test_every_picture_is_shown_through_forced_switches(tmp_path):
    """One rung is copied, one is made just in time; a player that changes at every cell misses nothing."""
    film(tmp_path)
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        methods = {rung["id"]: rung["method"] for rung in title["rungs"] if rung["kind"] == "video"}
        assert methods == {"360p": "copied", "240p": "encoded"}
        told = await counted(page, osmose.url, title["links"]["hls"], levels=(0, 1))
    assert told["fatal"] == []
    assert told["levels"] == [0, 1]
    assert told["seen"] == list(range(_PICTURES))
    assert is_smooth(told["skipped"])


async def test_a_seek_into_what_was_never_made_plays_from_there(tmp_path):
    """The picture at that place comes first, and all that follow it."""
    film(tmp_path, gop=500)
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        assert {rung["method"] for rung in title["rungs"] if rung["group"] == "ladder"} == {"encoded"}
        told = await counted(page, osmose.url, title["links"]["hls"], seek_to=7.0)
    assert told["fatal"] == []
    assert told["seen"][-75:] == list(range(175, _PICTURES))
    assert is_smooth(told["skipped"])


async def test_the_player_first_asks_for_what_is_there_soonest(tmp_path):
    """At the start, before the player itself is read, and where it seeks to: the smallest rung that is no poor sight.

    Left alone hls.js would begin with 240p here, and take what it last found quick after a seek.
    """
    (tmp_path / "films").mkdir()
    clips.make(tmp_path / "films", clips.Clip("Slope (2026).mp4", 60.0, gop=2000))
    asked: list[str] = []
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{osmose.url}/titles/{title['id']}/play")
        await page.evaluate(_SHOWN, 0.0)
        assert [rung for rung, _cell in _pictures(asked)][:2] == ["360p", "360p"]
        before_player = [url for url in asked if url.endswith((".m4s", "master.m3u8"))]
        assert before_player[0].endswith("360p/0.m4s")
        asked.clear()
        await page.evaluate("document.querySelector('video').currentTime = 51")
        await page.evaluate(_SHOWN, 51.0)
        sought = [rung for rung, cell in _pictures(asked) if cell > 10]
        assert sought[0] == "360p"
        await page.goto("about:blank")


def _pictures(urls: list[str]) -> list[tuple[str, int]]:
    found = [re.search(r"/(\d+p)/(\d+)\.m4s", url) for url in urls]
    return [(one[1], int(one[2])) for one in found if one]


async def test_after_a_power_cut_it_goes_on_at_the_first_hole(tmp_path):
    """What was made stays as it was, byte for byte, and nothing is made twice."""
    film(tmp_path)
    async with running(tmp_path, _YAML.format(mode="ahead")) as osmose:
        title = await osmose.title()
        async for told in osmose.changes():
            if isinstance(told.get(f"title.{title['id']}/filled"), int | float):
                break
        osmose.kill()
        await osmose.process.wait()
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.cells")}
    assert before
    async with running(tmp_path, _YAML.format(mode="ahead")) as osmose:
        await osmose.until(f"title.{title['id']}/filled", 100)
        made = await cells(osmose, title)
    after = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.cells")}
    assert all(after[path].startswith(body) or path not in after for path, body in before.items())
    assert sum(map(len, after.values())) >= sum(map(len, made.values()))


async def test_no_cell_is_larger_than_its_playlist_promises(tmp_path):
    """BANDWIDTH bounds the bit rate of every cell (RFC 8216, 4.3.4.2)."""
    film(tmp_path)
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose:
        title = await osmose.title()
        root = f"play/titles/{title['id']}"
        master = await osmose.text(f"{root}/master.m3u8")
        made = await cells(osmose, title)
        for limit, playlist in re.findall(r"BANDWIDTH=(\d+),.*\n(\S+m3u8)", master):
            folder = f"{root}/{playlist.rpartition('/')[0]}"
            lengths = re.findall(r"#EXTINF:([\d.]+),\n(\S+)", await osmose.text(f"{root}/{playlist}"))
            for length, name in lengths:
                assert 8 * len(made[f"{folder}/{name}"]) / float(length) <= int(limit)


async def test_a_closed_tab_is_a_want_no_more(tmp_path):
    """What nobody waits for any longer is not made."""
    film(tmp_path, gop=500)
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose:
        title = await osmose.title()
        root = f"play/titles/{title['id']}"
        master = await osmose.text(f"{root}/master.m3u8")
        playlist = re.findall(r"^\S+m3u8$", master, re.MULTILINE)[0]
        asking = asyncio.ensure_future(osmose.get(f"{root}/{playlist.rpartition('/')[0]}/2.m4s"))
        await osmose.until("osmose/jobs_running", 1)
        asking.cancel()
        await osmose.until("osmose/jobs_running", 0)
