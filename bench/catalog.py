"""A large catalog: how soon Osmose is ready with it, how long an unchanged look takes, how fast it finds, its memory.

The titles are rows with plausible contents, over files of a few bytes each, in a real run of the whole program.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from itertools import accumulate
from pathlib import Path

from bench.processes import cost
from osmose_addon.config import load_config
from osmose_addon.model.media import (
    Description,
    Grid,
    KeyFrames,
    MediaFacts,
    Person,
    Rung,
    RungGroup,
    RungKind,
    RungMethod,
    Title,
    TitleKind,
    TitlePhase,
    VideoTrack,
)
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import paths_of
from osmose_addon.services.libraries.beside import bare
from osmose_addon.services.libraries.identity import title_id
from osmose_addon.services.libraries.intake import Wish
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.catalog.files import KnownFile
from osmose_addon.stores.titlefiles import poster_path, small_poster_path
from tests.whole.running import Running, running

_YAML = "libraries:\n  - {name: Films, kind: films, path: films, transcode: on_demand}\n"
_SYLLABLES = "ka mo ri ten sa lu vor ne pi dra gol wen tha mar is ul be co fi ze an or el in"
_VIDEO = VideoTrack(0, "h264", 100, 40, 1920, 1080, "yuv420p", 8, 1, 90_000, 24.0, extradata=bytes(60))
_CELLS = 1500
_POLL_S = 0.03
_SETTLED_S = 5.0


class _Dice:
    """Words as languages have them: few are frequent, many are rare."""

    def __init__(self, words: int) -> None:
        self._dice = random.Random(7)  # noqa: S311 - nothing secret
        syllables = _SYLLABLES.split()
        self._words = ["".join(self._dice.choices(syllables, k=self._dice.randint(1, 4))) for _ in range(words)]
        self._weights = list(accumulate(1 / (rank + 5) for rank in range(words)))

    def words(self, count: int) -> list[str]:
        return self._dice.choices(self._words, cum_weights=self._weights, k=count)

    def name(self, most: int) -> str:
        return " ".join(word.capitalize() for word in self.words(self._dice.randint(1, most)))

    def slipped(self, word: str) -> str:
        at = self._dice.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def number(self, low: int, high: int) -> int:
        return self._dice.randint(low, high)


def _title(path: Path, dice: _Dice, added_unix_s: float) -> Title:
    borders = tuple(cell * 360_000 for cell in range(_CELLS + 1))
    rungs = tuple(
        Rung(name, RungKind.VIDEO, RungGroup.LADDER, RungMethod.ENCODED, "smaller", 0, 90_000, 0, borders)
        for name in ("1080p", "720p", "480p")
    )
    frames = KeyFrames(tuple(range(0, 180_000 * 3000, 180_000)), tuple(range(3000)))
    facts = MediaFacts("mov,mp4", path.stat().st_size, 6000.0, _VIDEO, key_frames=frames, video_end_ticks=540_000_000)
    is_episode = dice.number(0, 3) == 0
    told = Description(
        TitleKind.EPISODE if is_episode else TitleKind.FILM,
        show=dice.name(2) if is_episode else "",
        season=1 if is_episode else -1,
        episode=dice.number(1, 20) if is_episode else -1,
        plot=" ".join(dice.words(80)),
        genres=tuple(dice.words(2)),
        people=tuple(Person(dice.name(2), "") for _ in range(8)),
    )
    name, id_ = dice.name(4), title_id(bytes(path))
    year, grid = dice.number(1950, 2026), Grid("r1", 6000.0, rungs)
    return Title(id_, "films", name, bytes(path), TitlePhase.READY, year, added_unix_s, "", facts, grid, told)


async def _fill(folder: Path, count: int, dice: _Dice) -> float:
    """Make files and their rows; return how long one row takes to keep, in seconds."""
    films = folder / "films"
    films.mkdir(parents=True)
    (folder / "osmose.yaml").write_text(_YAML)
    config = load_config(folder / "osmose.yaml", folder / "data").config
    library = config.libraries[0]
    wish = Wish(library, tuple(one for one in config.renditions if one.id in library.renditions))
    spent_s = 0.0
    paths = paths_of(folder / "data", None)
    async with Catalog.opened(paths, Clock()) as catalog:
        for number in range(count):
            path = films / f"{dice.name(3)} {number}.mkv"
            path.write_bytes(number.to_bytes(8, "big"))
            title, status = _title(path, dice, 1e9 + number), path.stat()
            file = KnownFile(status.st_size, status.st_mtime_ns, title.id, beside=bare(library.kind).stamp)
            began_s = time.monotonic()
            await catalog.titles.save(title, [], file, wish.stamp)
            spent_s += time.monotonic() - began_s
            paths.pictures(title.id).mkdir(parents=True)
            for poster in (poster_path(paths, title.id), small_poster_path(paths, title.id)):
                poster.touch()
    return spent_s / count


async def _looked_through(osmose: Running, before: object = None) -> float:
    """Return how long the library takes to tell of a look after the one at `before`, in seconds."""
    began_s = time.monotonic()
    while await _last_look(osmose) == before:  # noqa: ASYNC110 - another process tells
        await asyncio.sleep(_POLL_S)
    return time.monotonic() - began_s


async def _last_look(osmose: Running) -> object:
    libraries = (await osmose.json("api/libraries"))["items"]
    return libraries[0].get("last_scan") if libraries else None


async def _search(osmose: Running, text: str) -> tuple[float, int]:
    began_s = time.monotonic()
    async with osmose.client.post(f"{osmose.url}/api/search", json={"text": text}) as answer:
        found = await answer.json()
    return time.monotonic() - began_s, len(found["items"])


async def _tell_searches(osmose: Running, dice: _Dice, rounds: int) -> None:
    long = [word for word in dice.words(2000) if len(word) > 6][:rounds]
    questions = {
        "one letter": [word[0] for word in dice.words(rounds)],
        "two letters": [word[:2] for word in dice.words(rounds)],
        "one word": dice.words(rounds),
        "three words": [" ".join(dice.words(3)) for _ in range(rounds)],
        "mistyped": [dice.slipped(word) for word in long],
        "first letter wrong": [f"q{word[1:]}" for word in long],
        "nonsense": [f"xqz{number}jjkw" for number in range(rounds)],
    }
    for name, texts in questions.items():
        before = cost(osmose.process.pid)
        times_s, counts = zip(*[await _search(osmose, text) for text in texts], strict=True)
        cpu_ms = 1000 * (cost(osmose.process.pid).cpu_s - before.cpu_s) / len(texts)
        median_ms, worst_ms, hits = 1000 * statistics.median(times_s), 1000 * max(times_s), statistics.mean(counts)
        times = f"median {median_ms:5.1f} ms, worst {worst_ms:5.1f} ms, CPU {cpu_ms:5.1f} ms"
        print(f"search, {name:18} {times}, hits {hits:.0f}")


async def _rescan(osmose: Running) -> float:
    """Return how long one more look through the library takes, in seconds."""
    await asyncio.sleep(_SETTLED_S)
    before = await _last_look(osmose)
    await asyncio.sleep(1.1)  # the time of a look is told in whole seconds
    await osmose.act("rescan", library="films")
    return await _looked_through(osmose, before)


async def _measure(folder: Path, count: int, rounds: int) -> None:
    dice = _Dice(40_000)
    if not (folder / "data").exists():
        row_s = await _fill(folder, count, dice)
        size_mib = (folder / "data" / "osmose.db").stat().st_size / (1 << 20)
        print(f"{count} titles in {size_mib:.0f} MiB, {1000 * row_s:.1f} ms to keep one")
    began_s = time.monotonic()
    async with running(folder, _YAML) as osmose:
        print(f"start to ready        {time.monotonic() - began_s:.2f} s")
        print(f"looked through after  {await _looked_through(osmose):.2f} s more")
        print(f"unchanged rescan      {await _rescan(osmose):.2f} s")
        await asyncio.sleep(3)
        print(f"hub idle              {cost(osmose.process.pid).rss_mib:.0f} MiB RSS, before any search")
        await _tell_searches(osmose, dice, rounds)
        await asyncio.sleep(3)
        print(f"hub idle              {cost(osmose.process.pid).rss_mib:.0f} MiB RSS, after searches")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder for the catalog, to be used again")
    asked = parser.parse_args()
    if asked.keep:
        asyncio.run(_measure(asked.keep, asked.titles, asked.rounds))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), asked.titles, asked.rounds))


if __name__ == "__main__":
    main()
