"""The grid strip draws truly, however many cells there are."""

from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.interfaces.http.panel.strips import paths, percent_of, shares


@given(st.lists(st.booleans(), min_size=1, max_size=500))
def test_a_strip_is_full_only_when_every_cell_is(filled: list[bool]):
    assert (percent_of(filled) == 100) == all(filled)
    assert (shares(filled) == [1.0] * 40) == all(filled)


@given(st.lists(st.booleans(), min_size=1, max_size=500))
def test_a_strip_is_empty_only_when_every_cell_is(filled: list[bool]):
    assert (max(shares(filled)) == 0) == (not any(filled))


def test_few_cells_are_spread_over_the_whole_width():
    assert shares([True, False]) == [1.0] * 20 + [0.0] * 20


def test_paths_cover_what_is_made_and_what_is_missing():
    made, holes = paths([True] * 40)
    assert made.count("M") == 40
    assert holes == ""
    made, holes = paths([])
    assert made == ""
    assert holes.count("M") == 40
