"""Threads that pass work on end together, whoever of them fails and wherever the others wait."""

import threading
from collections.abc import Callable, Iterable
from functools import partial

import pytest

from osmose_addon.runtime.team import Lane, StoppedError, Team


class _TornError(Exception):
    """What fails in these tests."""


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterable[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_what_is_put_on_a_lane_comes_out_in_order() -> None:
    """More than there are places for, and `None` is a thing like any other."""
    taken: list[int | None] = []
    with Team() as team:
        lane: Lane[int | None] = team.lane(2)
        team.start("taker", lambda: taken.extend(lane))
        with lane:
            for number in range(50):
                lane.put(number)
            lane.put(None)
    assert taken == [*range(50), None]


def test_a_taker_that_fails_ends_the_feeder_that_waits_for_room() -> None:
    """The feeder would put for ever: nobody takes any more."""

    def work(team: Team) -> None:
        lane: Lane[int] = team.lane(1)
        team.start("taker", partial(_fail_on, lane))
        _feed_for_ever(lane)

    assert _first_error(work) is _TornError


def test_a_feeder_that_fails_ends_takers_that_wait_for_more() -> None:
    """The feeder's own error is told, not that the others were stopped."""

    def work(team: Team) -> None:
        first: Lane[int] = team.lane(1)
        second: Lane[int] = team.lane(1)
        team.start("middle", partial(_hand_on, first, second))
        team.start("last", partial(_drop, second))
        with first:
            first.put(1)
            raise _TornError

    assert _first_error(work) is _TornError


def test_an_error_at_the_end_of_a_chain_reaches_its_beginning() -> None:
    """Two full lanes lie between."""

    def work(team: Team) -> None:
        first: Lane[int] = team.lane(1)
        second: Lane[int] = team.lane(1)
        team.start("middle", partial(_hand_on, first, second))
        team.start("last", partial(_fail_on, second))
        _feed_for_ever(first)

    assert _first_error(work) is _TornError


def test_the_first_error_counts() -> None:
    """What the others raise because they are stopped does not."""

    def work(team: Team) -> None:
        never: Lane[int] = team.lane(1)
        team.start("second", partial(_fail_once_stopped, never))
        raise _TornError

    assert _first_error(work) is _TornError


def test_stopping_ends_all_without_an_error_of_anybody() -> None:
    """Somebody outside gave up: there is nothing to tell but that."""

    def work(team: Team) -> None:
        lane: Lane[int] = team.lane(1)
        team.start("taker", partial(_stop_on, lane, team))
        _feed_for_ever(lane)

    assert _first_error(work) is StoppedError


def _first_error(work: Callable[[Team], None]) -> type[BaseException] | None:
    """Return the kind of error that a team's work ends with."""
    try:
        with Team() as team:
            work(team)
    except (_TornError, StoppedError, ValueError) as error:
        return type(error)
    return None


def _feed_for_ever(lane: Lane[int]) -> None:
    with lane:
        while True:
            lane.put(1)


def _hand_on(first: Lane[int], second: Lane[int]) -> None:
    with second:
        for one in first:
            second.put(one)


def _drop(lane: Lane[int]) -> None:
    for _ in lane:
        pass


def _fail_on(lane: Lane[int]) -> None:
    next(iter(lane))
    raise _TornError


def _fail_once_stopped(lane: Lane[int]) -> None:
    try:
        _drop(lane)
    finally:
        raise ValueError


def _stop_on(lane: Lane[int], team: Team) -> None:
    next(iter(lane))
    team.stop()


def test_a_thread_there_is_no_room_for_is_told_as_that() -> None:
    """It was waited for once, and the error told was that nobody can wait for what never began."""
    before = threading.stack_size(1 << 45)
    try:
        with pytest.raises(RuntimeError, match="can't start new thread"), Team() as team:
            team.start("giant", lambda: None)
    finally:
        threading.stack_size(before)
