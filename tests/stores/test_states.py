"""The board of states: newest value wins."""

import pytest

from osmose_addon.model.states import StateKey
from osmose_addon.stores.states import States

PHASE = StateKey("camera", "porch", "phase")


async def test_a_sleeping_reader_finds_one_batch_with_the_last_values():
    """However much happened meanwhile."""
    states = States()
    with states.watch() as watch:
        for number in range(1000):
            states.set("camera", "porch", viewers=number, phase="live")
        assert await anext(watch) == {StateKey("camera", "porch", "viewers"): 999, PHASE: "live"}


async def test_an_unchanged_value_is_not_told_again():
    """Silence means that nothing changed."""
    states = States()
    states.set("camera", "porch", phase="live")
    with states.watch() as watch:
        states.set("camera", "porch", phase="live")
        states.set("camera", "porch", viewers=1)
        assert await anext(watch) == {StateKey("camera", "porch", "viewers"): 1}


async def test_a_dropped_thing_becomes_none_for_watchers_and_is_gone():
    """And its neighbours stay."""
    states = States()
    states.set("camera", "porch", phase="live")
    states.set("camera", "garage", phase="lost")
    with states.watch() as watch:
        states.drop("camera", "porch")
        assert await anext(watch) == {PHASE: None}
    assert states.ids("camera") == ("garage",)
    assert not states.has("camera", "porch")
    assert states.values == {StateKey("camera", "garage", "phase"): "lost"}


def test_a_field_that_is_not_declared_does_not_exist():
    """Everybody reads one list."""
    with pytest.raises(KeyError):
        States().set("camera", "porch", colour="green")


def test_what_was_read_does_not_change_what_is():
    """`values` is a copy, `fields` is read-only."""
    states = States()
    states.set("camera", "porch", phase="live")
    states.values.clear()
    assert states.get("camera", "porch", "phase") == "live"
    assert dict(states.fields("camera", "porch")) == {"phase": "live"}
    assert dict(states.fields("camera", "nobody")) == {}


def test_things_may_come_and_go_between_two_pieces_of_all_states():
    """Who tells them lets others have their turn meanwhile."""
    states = States()
    for number in range(4):
        states.set("title", f"film-{number}", phase="ready", filled=0)
    states.set("camera", "porch", phase="live")
    pieces = states.pieces(2, without={"camera"})
    assert len(next(pieces)) == 2
    states.drop("title", "film-1")
    states.set("title", "film-9", phase="ready")
    states.set("title", "film-2", phase="away")
    left = {str(key): value for piece in pieces for key, value in piece.items()}
    assert left == {
        "title.film-2/phase": "away",
        "title.film-2/filled": 0,
        "title.film-3/phase": "ready",
        "title.film-3/filled": 0,
    }


def test_where_nothing_is_known_one_empty_piece_says_so():
    """A page that listens learns from it that somebody is there."""
    assert list(States().pieces(200)) == [{}]
