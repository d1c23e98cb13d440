"""A folder full of what no library should hold: each file is told about or passed over, and nothing falls."""

import gzip
import os
import random
import re
import socket
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from osmose_addon.config import load_texts
from tests import clips
from tests.tools import without_override
from tests.whole.running import Running, running

_YAML = """
libraries:
  - {name: Films, kind: films, path: films, renditions: [240p]}
"""
_LONG_AGO = (1_700_000_000, 1_700_000_000)
_SEED = 20261120
_MUTATIONS = 60
_PHASE = re.compile(r"title\..*/phase")
_MOST_GROWTH_MIB = 8.0

_DASH = '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file:///etc/passwd</BaseURL></MPD>'
_ENTITY = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>'
_SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n"

_DRESSED = {
    "playlist.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "playlist.ts": "#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    "concat.mkv": "ffconcat version 1.0\nfile '/etc/passwd'\n",
    "dash.mp4": _DASH,
    "drawing.mp4": _ENTITY,
    "drawing.mkv": "<?xml version='1.0'?>" + _ENTITY,
    "session.mov": _SDP,
    "page.webm": "<!doctype html><script>alert(1)</script>",
    "text.avi": "not a film at all\n" * 100,
}
_MUST_FAIL = {*_DRESSED, "archive.mkv", "squeezed.mp4", "empty.mp4", "sparse.mp4", "huge.mkv", "words.mp4", "passwd"}


def _dressed(folder: Path) -> None:
    for name, text in _DRESSED.items():
        (folder / name).write_text(text)
    with zipfile.ZipFile(folder / "archive.mkv", "w") as archive:
        archive.writestr("film.mkv", bytes(100))
    (folder / "squeezed.mp4").write_bytes(gzip.compress(bytes(1000)))
    (folder / "empty.mp4").touch()
    (folder / "words.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"\xff" * 4096)
    with (folder / "sparse.mp4").open("wb") as sparse:
        sparse.truncate(10 << 30)
    (folder / "linked.mp4").symlink_to("/etc/passwd")


def _odd_things(folder: Path) -> None:
    """Put in what is no plain file, or leads nowhere."""
    os.mkfifo(folder / "pipe.mp4")
    with closing(socket.socket(socket.AF_UNIX)) as door:
        at = os.open(folder, os.O_RDONLY)
        door.bind(f"/proc/self/fd/{at}/door.mp4")
        os.close(at)
    (folder / "nothing.mp4").symlink_to("/dev/zero")
    (folder / "circle.mp4").symlink_to("circle.mp4")
    (folder / "dangling.mp4").symlink_to("nowhere.mp4")
    (folder / "film.mp4").mkdir()
    (folder / "film.mp4" / "round").symlink_to(folder)


def _claims(folder: Path) -> None:
    """Put in a picture larger than any film, films that say they last for years, and one nobody may read."""
    clips.make(folder, clips.Clip("good.mkv", seconds=1))
    large = clips.Clip("huge.mkv", 0.04, width_px=9000, height_px=4000, codec="mjpeg", bframes=0, sounds=())
    clips.make(folder, replace(large, pixel_format="yuvj420p"))
    body = bytearray(clips.make(folder.parent, clips.Clip("lying.mp4", seconds=2)).read_bytes())
    for box, at in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        for found in re.finditer(box, body):
            body[found.start() + at : found.start() + at + 4] = b"\x7f\xff\xff\xff"
    (folder / "weeks.mp4").write_bytes(body)
    for found in re.finditer(b"stts", body):
        body[found.start() + 16 : found.start() + 20] = b"\x7f\xff\xff\xff"
    (folder / "years.mp4").write_bytes(body)
    (folder / "locked.mp4").write_bytes(body[:-1])
    (folder / "locked.mp4").chmod(0)


def _mutated(folder: Path) -> None:
    """Put in films of four kinds whose bytes were flipped, cut or repeated at random."""
    chance = random.Random(_SEED)  # noqa: S311 - a test
    sources = [
        clips.make(folder.parent, clips.Clip(f"small.{kind}", seconds=1, width_px=128, height_px=96, codec=codec))
        for kind, codec in (("mp4", "libx264"), ("mkv", "libx264"), ("ts", "libx264"), ("avi", "mpeg4"))
    ]
    ways: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _cut, _flip_head, _zero, _repeat)
    for number in range(_MUTATIONS):
        source = sources[number % len(sources)]
        body = bytearray(source.read_bytes())
        chance.choice(ways)(body, chance)
        (folder / f"broken-{number}{source.suffix}").write_bytes(body)


def _flip(body: bytearray, chance: random.Random) -> None:
    for at in chance.sample(range(len(body)), 40):
        body[at] ^= 1 << chance.randrange(8)


def _flip_head(body: bytearray, chance: random.Random) -> None:
    for at in chance.sample(range(min(len(body), 1500)), 12):
        body[at] = chance.randrange(256)


def _cut(body: bytearray, chance: random.Random) -> None:
    del body[chance.randrange(1, len(body)) :]


def _zero(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(body))
    body[at : at + 2000] = bytes(len(body[at : at + 2000]))


def _repeat(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(body))
    body[at:at] = body[at : at + 3000]


def _rest(folder: Path) -> None:
    """Make everything look as if it lay there for long."""
    for path in folder.rglob("*"):
        os.utime(path, _LONG_AGO, follow_symlinks=False)


def _private_mib(pid: int) -> float:
    """Return the memory that is the process's own."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in rollup if line.startswith("Private_Dirty:")) / 1024


def _outcomes(data: Path) -> dict[str, tuple[str, str]]:
    """Return phase and reason of what became a title, by the name of its file."""
    with closing(sqlite3.connect(f"file:{data / 'osmose.db'}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT files.path, phase, reason FROM files JOIN titles ON titles.id = title_id"
        ).fetchall()
    return {os.path.basename(os.fsdecode(path)): (phase, reason) for path, phase, reason in rows}  # noqa: PTH119


async def _until_all(osmose: Running, data: Path, expected: set[str]) -> dict[str, tuple[str, str]]:
    """Wait until each of these files became a title; the test's own time limit ends a vain wait."""
    async for _told in osmose.changes():
        outcomes = _outcomes(data)
        if expected <= set(outcomes):
            return outcomes
    raise AssertionError("the events ended")


def _longest_silence_s(data: Path) -> float:
    """Return the longest time between two titles that were told of."""
    with closing(sqlite3.connect(f"file:{data / 'osmose.db'}?mode=ro", uri=True)) as database:
        asked = "SELECT at_unix_s FROM journal WHERE event IN ('title_added', 'title_failed') ORDER BY 1"
        times = [float(row[0]) for row in database.execute(asked)]
    return max(later - sooner for sooner, later in pairwise(times))


@pytest.mark.timeout(240)
async def test_whatever_lies_in_a_folder_is_told_about_or_passed_over(tmp_path: Path) -> None:
    """Nothing crashes or hangs, the hub grows by next to nothing, and each reason is a sentence."""
    (tmp_path / "films").mkdir()
    (tmp_path / "odd").mkdir()
    clips.make(tmp_path / "films", clips.Clip("first.mp4", seconds=1))
    for put in (_dressed, _odd_things, _claims, _mutated):
        put(tmp_path / "odd")
    _rest(tmp_path)
    expected = {path.name for path in (tmp_path / "odd").iterdir() if path.is_file()} - {"linked.mp4"} | {"passwd"}
    texts = load_texts(Path("translations/en.yaml"))
    async with running(tmp_path, _YAML, through=without_override()) as osmose:
        await osmose.title()
        await osmose.until("library.films/phase", "ready")
        before_mib = _private_mib(osmose.process.pid)
        (tmp_path / "odd").rename(tmp_path / "films" / "odd")
        await osmose.act("rescan")
        outcomes = await _until_all(osmose, tmp_path / "data", expected)
        growth_mib = _private_mib(osmose.process.pid) - before_mib
        assert (await osmose.json("health"))["health"] == "good"
        assert await osmose.stop() == 0
    reasons = {reason for phase, reason in outcomes.values() if phase == "failed"}
    assert set(outcomes) == {*expected, "first.mp4"}
    assert {name for name in _MUST_FAIL if outcomes[name][0] != "failed"} == set()
    assert {reason for reason in reasons if f"media_reason.{reason}" not in texts} == set()
    assert outcomes["locked.mp4"] == ("failed", "unreadable")
    assert outcomes["huge.mkv"] == ("failed", "too_large")
    assert outcomes["good.mkv"] == ("ready", "")
    assert "worker_died" not in reasons
    assert growth_mib < _MOST_GROWTH_MIB
    assert _longest_silence_s(tmp_path / "data") < 30
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


@pytest.mark.timeout(240)
async def test_damaged_films_are_made_as_far_as_they_go(tmp_path: Path) -> None:
    """Each is whole in the end, or says why not; no worker dies of any, and nobody waits for ever."""
    (tmp_path / "films").mkdir()
    _mutated(tmp_path / "films")
    _rest(tmp_path)
    texts = load_texts(Path("translations/en.yaml"))
    ahead = _YAML.replace("[240p]}", "[240p], transcode: ahead}") + "storage: {reserve: 100MB}\n"
    async with running(tmp_path, ahead + "renditions: {240p: {height: 64}}\n") as osmose:
        states: dict[str, Any] = {}
        async for told in osmose.changes():
            states |= told
            if _is_settled(states):
                break
        assert (await osmose.json("health"))["health"] == "good"
    reasons = {value for key, value in states.items() if re.fullmatch(r"job\..*/reason", key) and value}
    assert {reason for reason in reasons if f"media_reason.{reason}" not in texts} == set()
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


def _is_settled(states: dict[str, Any]) -> bool:
    """Whether every film failed, is made, or has a job that gave up."""
    phases = {key.removeprefix("title.").partition("/")[0]: states[key] for key in states if _PHASE.fullmatch(key)}
    pending = [
        id_
        for id_, phase in phases.items()
        if phase == "ready"
        and states.get(f"title.{id_}/filled") != 100
        and states.get(f"job.ahead-{id_}/phase") != "failed"
    ]
    return states.get("library.films/phase") == "ready" and len(phases) == _MUTATIONS and not pending


@pytest.mark.timeout(90)
async def test_a_film_that_may_be_read_at_last_becomes_what_it_is(tmp_path: Path) -> None:
    """Whoever mends the rights of the file asks again, or waits for the next look."""
    (tmp_path / "films").mkdir()
    film = clips.make(tmp_path / "films", clips.Clip("locked.mp4", seconds=1))
    film.chmod(0)
    _rest(tmp_path)
    async with running(tmp_path, _YAML, through=without_override()) as osmose:
        await osmose.until("library.films/failed", 1)
        (failed,) = (await osmose.json("api/titles"))["items"]
        assert (failed["phase"], failed["reason"]) == ("failed", "unreadable")
        film.chmod(0o644)
        assert (await osmose.act("retry", title=failed["id"]))[0] == 200
        title = await osmose.title()
        assert title["id"] != failed["id"]
        await osmose.until("library.films/failed", 0)
