"""Live cameras in memory: what playlists say, who waits for what, and what is forgotten."""

import asyncio
import itertools
import re
from dataclasses import replace
from datetime import datetime

import pytest

from osmose_addon.model.errors import ArgumentError, BusyError, NotFoundError
from osmose_addon.model.reports import PartMade, StreamOpened
from osmose_addon.runtime.clock import Clock
from osmose_addon.stores.live import LiveGrid, LiveStore
from tests.clock import ManualClock

_OPENED = StreamOpened(b"init", "avc1.42c01f", 1280, 720, "h264")


def _part(number: int, *, starts_segment: bool = False, size_bytes: int = 10, duration_s: float = 0.2) -> PartMade:
    body = bytes([number % 256]) * size_bytes
    return PartMade(body, duration_s, 1000.0 + number * 0.2, starts_segment, starts_segment)


def _grown(parts: int, *, clock: Clock | None = None, window_s: float = 60.0, most_bytes: int = 1 << 20) -> LiveGrid:
    """Return a grid of segments of five parts, the last of which still grows."""
    grid = LiveGrid(clock or ManualClock(), window_s, most_bytes)
    grid.open(_OPENED)
    for number in range(parts):
        grid.add(_part(number, starts_segment=number % 5 == 0))
    return grid


def _first(text: str) -> int:
    return int(re.findall(r"MEDIA-SEQUENCE:(\d+)", text)[0])


async def test_playlist_lists_whole_segments_parts_and_what_comes_next() -> None:
    text = await _grown(8).playlist()
    assert text.count("#EXTINF:1.00000,") == 1
    assert text.count("#EXT-X-PART:") == 8
    assert text.count("INDEPENDENT=YES") == 2
    assert re.search(r'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="[0-9a-f]{8}-p8.m4s"', text)
    assert "#EXT-X-TARGETDURATION:2" in text
    assert "PART-HOLD-BACK=1.000" in text
    assert "#EXT-X-DISCONTINUITY\n" not in text


async def test_older_segments_are_listed_without_parts() -> None:
    text = await _grown(53).playlist()
    assert text.count("#EXTINF") == 10
    assert text.index("#EXT-X-PART:") > text.index("-s2.m4s")


async def test_reload_returns_when_the_part_is_there_and_not_before() -> None:
    grid = _grown(8)
    following = _first(await grid.playlist()) + 1
    assert (await grid.playlist(following, 2)).count("#EXT-X-PART:") == 8
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(grid.playlist(following, 3))
        await asyncio.sleep(0)
        assert not waiting.done()
        grid.add(_part(8))
    assert waiting.result().count("#EXT-X-PART:") == 9


async def test_reload_for_a_part_that_never_came_gets_the_segment_that_follows() -> None:
    grid = _grown(8)
    following = _first(await grid.playlist()) + 1
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(grid.playlist(following, 3))
        await asyncio.sleep(0)
        grid.add(_part(8, starts_segment=True))
    assert waiting.result().count("#EXTINF") == 2


@pytest.mark.parametrize(("ahead", "part"), [(2, None), (2, 0), (0, 40), (99, None)])
async def test_reload_too_far_ahead_is_refused_at_once(ahead: int, part: int | None) -> None:
    grid = _grown(8)
    following = _first(await grid.playlist()) + 1
    with pytest.raises(ArgumentError):
        await grid.playlist(following + ahead, part)


async def test_hinted_part_is_waited_for_and_a_guessed_one_is_not() -> None:
    grid = _grown(8)
    hint = re.findall(r'HINT:TYPE=PART,URI="([^"]+)"', await grid.playlist())[0]
    with pytest.raises(NotFoundError):
        await grid.piece(hint.replace("-p8", "-p9"))
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(grid.piece(hint))
        await asyncio.sleep(0)
        assert not waiting.done()
        grid.add(_part(8))
    assert waiting.result() == bytes([8]) * 10


async def test_an_announced_part_never_comes_from_behind_an_interruption() -> None:
    """A player adds what it asked for to what it has: pictures of the next stream there left it standing for ever."""
    grid = _grown(8)
    hint = re.findall(r'HINT:TYPE=PART,URI="([^"]+)"', await grid.playlist())[0]
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(_refused(grid, hint))
        await asyncio.sleep(0)
        grid.lose()
        assert "PRELOAD-HINT" not in await grid.playlist()
        grid.open(_OPENED)
        grid.add(_part(8, starts_segment=True))
    assert waiting.result()
    assert hint not in await grid.playlist()
    assert await _refused(grid, hint)


async def _refused(grid: LiveGrid, name: str) -> bool:
    try:
        await grid.piece(name)
    except NotFoundError:
        return True
    return False


async def test_dates_of_segments_are_in_step_with_their_lengths() -> None:
    """A camera that sends what it kept when we connect looks a second late at first; no hole may come of it."""
    grid = LiveGrid(ManualClock(), 60.0)
    grid.open(_OPENED)
    for number in range(30):
        late_s = 0.9 if number < 5 else 0.0
        part = _part(number, starts_segment=number % 5 == 0)
        grid.add(replace(part, at_unix_s=1_800_000_000 + 0.2 * number + late_s))
    dates = re.findall(r"DATE-TIME:(\S+)", await grid.playlist())
    starts = [datetime.fromisoformat(date).timestamp() for date in dates]
    steps = [after - before for before, after in itertools.pairwise(starts)]
    assert len(steps) == 5
    assert all(abs(step_s - 1.0) < 0.05 for step_s in steps)


async def test_segment_is_its_parts_in_a_row() -> None:
    grid = _grown(8)
    name = re.findall(r"^\S+-s0\.m4s$", await grid.playlist(), re.MULTILINE)[0]
    assert await grid.piece(name) == b"".join(bytes([number]) * 10 for number in range(5))


@pytest.mark.parametrize(("window_s", "most_bytes"), [(4.0, 1 << 20), (60.0, 350)])
async def test_memory_is_bounded_by_time_and_by_bytes(window_s: float, most_bytes: int) -> None:
    grid = _grown(503, window_s=window_s, most_bytes=most_bytes)
    text = await grid.playlist()
    assert 3 <= text.count("#EXTINF") <= 5
    assert _first(text) - _first(await _grown(8).playlist()) >= 90
    assert len(grid._pieces) < 60


async def test_lost_camera_keeps_its_playlist_and_returns_with_one_discontinuity() -> None:
    clock = ManualClock()
    grid = _grown(8, clock=clock)
    grid.lose()
    lost = await grid.playlist()
    assert lost.count("#EXTINF") == 2
    assert lost.endswith("#EXT-X-DISCONTINUITY\n")
    grid.open(_OPENED)
    for number in range(8, 20):
        grid.add(_part(number, starts_segment=number % 5 == 3))
    back = await grid.playlist()
    assert back.count("#EXT-X-DISCONTINUITY\n") == 1
    assert back.startswith(lost.partition("#EXT-X-MAP")[0])
    assert lost.partition("#EXT-X-MAP")[2] in back


async def test_reload_of_a_lost_camera_answers_before_the_player_gives_up() -> None:
    grid = _grown(8, clock=Clock())
    following = _first(await grid.playlist()) + 1
    grid.lose()
    async with asyncio.timeout(1.6):
        assert (await grid.playlist(following + 1, 0)).count("#EXTINF") == 2


async def test_numbers_of_discontinuities_stay_when_the_first_leaves_the_list() -> None:
    grid = _grown(8, window_s=4.0)
    before = int(re.findall(r"DISCONTINUITY-SEQUENCE:(\d+)", await grid.playlist())[0])
    grid.open(_OPENED)
    for number in range(100):
        grid.add(_part(number, starts_segment=number % 5 == 0))
    text = await grid.playlist()
    assert "#EXT-X-DISCONTINUITY\n" not in text
    assert int(re.findall(r"DISCONTINUITY-SEQUENCE:(\d+)", text)[0]) == before + 1


async def test_new_run_uses_other_names() -> None:
    live = LiveStore(ManualClock())
    names = []
    for _ in range(2):
        grid = live.add("porch", 60.0)
        grid.open(_OPENED)
        for number in range(8):
            grid.add(_part(number, starts_segment=number % 5 == 0))
        names.append(set(re.findall(r"\S+\.m4s", await grid.playlist())))
    assert not names[0] & names[1]


async def test_master_tells_the_peak_rate_and_the_true_codec() -> None:
    master = await _grown(8).master()
    assert "BANDWIDTH=400,AVERAGE-BANDWIDTH=400" in master
    assert 'CODECS="avc1.42c01f",RESOLUTION=1280x720' in master


async def test_camera_that_never_showed_anything_is_busy() -> None:
    clock = ManualClock()
    grid = LiveGrid(clock, 60.0)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(_refusal(grid))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert clock.waits_s
        clock.advance(10)
    assert waiting.result()


async def _refusal(grid: LiveGrid) -> bool:
    try:
        await grid.playlist()
    except BusyError:
        return True
    return False


async def test_viewers_are_counted_while_they_ask() -> None:
    clock = ManualClock()
    grid = _grown(8, clock=clock)
    grid.see("sofa")
    grid.see("kitchen")
    grid.see("sofa")
    assert grid.viewers() == 2
    clock.advance(8)
    grid.see("sofa")
    clock.advance(8)
    assert grid.viewers() == 1


async def test_memory_stays_bounded_when_no_key_frame_ever_comes() -> None:
    """As of a camera whose encoder is set to a single key frame: 600 kB of parts, a cap of 20 kB."""
    grid = LiveGrid(ManualClock(), 60.0, 20_000)
    grid.open(_OPENED)
    for number in range(6_000):
        grid.add(_part(number, starts_segment=number == 0, size_bytes=100))
        assert grid._pieces.size_bytes <= 20_000
    text = await grid.playlist()
    assert text.count("#EXTINF") >= 3
    assert "#EXT-X-INDEPENDENT-SEGMENTS" not in text
    assert "#EXT-X-INDEPENDENT-SEGMENTS" not in await grid.master()
    assert len(await grid.piece(re.findall(r'PART:[^\n]*URI="([^"]+)"', await grid.playlist())[-1])) == 100
    names = re.findall(r"^\S+\.m4s$", text, re.MULTILINE)
    assert all([await grid.piece(name) for name in names])


@pytest.mark.parametrize("size_bytes", [10, 900, 4_000, 9_999, 19_000, 30_000])
async def test_memory_stays_bounded_whatever_size_parts_have(size_bytes: int) -> None:
    grid = LiveGrid(ManualClock(), 60.0, 20_000)
    for number in range(200):
        if number % 17 == 0:
            grid.open(_OPENED)
        grid.add(_part(number, starts_segment=number % 5 == 0, size_bytes=size_bytes))
        assert grid._pieces.size_bytes <= 20_000


async def test_streams_that_open_and_show_nothing_leave_nothing_behind() -> None:
    grid = _grown(8)
    for _ in range(50):
        grid.open(_OPENED)
    assert len(grid._pieces) == 8 + 2


async def test_part_too_large_for_memory_is_left_out_and_the_playlist_says_so() -> None:
    grid = _grown(8, most_bytes=1_000)
    grid.add(_part(8, size_bytes=2_000))
    grid.add(_part(9, starts_segment=True))
    text = await grid.playlist()
    assert text.count("#EXT-X-PART:") == 9
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
