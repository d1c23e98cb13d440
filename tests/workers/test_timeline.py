"""Times that never go back, whatever a camera's clock does."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.workers.timeline import Timeline, WallClock

_BASE = Fraction(1, 90_000)


def _mended(stamps: Sequence[tuple[int | None, float]]) -> list[int]:
    timeline = Timeline(_BASE, 90_000)
    timeline.begin_at(stamps[0][0], stamps[0][0], 0)
    return [timeline.mend(stamp, stamp, arrival_s)[1] for stamp, arrival_s in stamps]


def test_even_times_stay_as_they_are() -> None:
    assert _mended([(500 + 3600 * n, n / 25) for n in range(5)]) == [0, 3600, 7200, 10800, 14400]


@pytest.mark.parametrize("jump_s", [3600, -3600, 264_835, -5])
def test_jump_of_the_clock_is_bridged_by_the_time_that_passed(jump_s: int) -> None:
    before = [(3600 * n, n / 25) for n in range(10)]
    after = [(3600 * n + jump_s * 90_000, n / 25) for n in range(10, 20)]
    assert _mended([*before, *after]) == [3600 * n for n in range(20)]


def test_single_outlier_leaves_no_trace() -> None:
    stamps = [(3600 * n + (3600 * 90_000 if n == 5 else 0), n / 25) for n in range(10)]
    assert _mended(stamps) == [3600 * n for n in range(10)]


def test_pause_of_the_network_is_no_jump() -> None:
    stamps = [(3600 * n, n / 25 if n < 5 else 3.0 + n / 1000) for n in range(10)]
    assert _mended(stamps) == [3600 * n for n in range(10)]


def test_missing_stamps_are_filled_in() -> None:
    stamps: list[tuple[int | None, float]] = [(0, 0.0), (3600, 0.04), (None, 0.08), (10800, 0.12)]
    assert _mended(stamps) == [0, 3600, 7200, 10800]


@given(st.lists(st.tuples(st.none() | st.integers(-(2**40), 2**40), st.floats(0, 5)), min_size=1))
def test_times_always_grow(steps: list[tuple[int | None, float]]) -> None:
    arrival_s, stamps = 0.0, []
    for stamp, step_s in steps:
        arrival_s += step_s
        stamps.append((stamp, arrival_s))
    times = _mended(stamps)
    assert times == sorted(set(times))


def test_wall_clock_takes_the_shortest_way_for_the_truth() -> None:
    wall = WallClock()
    for second in range(3):
        wall.see(float(second), 1000.0)
    assert wall.unix_s(0.0) == 998.0
    wall.see(3.0, 1005.0)
    assert wall.unix_s(3.0) == 1005.0
