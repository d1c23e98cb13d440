"""Which cells are made in one go: the choices alone, over bitmaps."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod, Title, TitlePhase
from osmose_addon.services.jobs.runs import made_ahead, next_hole, read_ahead, viewer_run
from osmose_addon.stores.catalog.chunks import Cause

_CELLS = 40
_BIG = Rung("720p", RungKind.VIDEO, RungGroup.LADDER, RungMethod.ENCODED, "", 0, 1, 0, tuple(range(0, 164, 4)))
_SMALL = replace(_BIG, id="480p")
_TOP = replace(_BIG, id="1080p", method=RungMethod.COPIED)
_OWN = replace(_BIG, id="original", method=RungMethod.COPIED, group=RungGroup.ORIGINAL)
_TITLE = Title("film", "films", "", b"", TitlePhase.READY, grid=Grid("rev", 160.0, (_TOP, _BIG, _SMALL, _OWN)))

_BITMAP = st.lists(st.booleans(), min_size=_CELLS, max_size=_CELLS)


def test_what_costs_most_is_made_first_and_the_original_never() -> None:
    assert [rung.id for rung in made_ahead((_TOP, _BIG, _SMALL, _OWN))] == ["720p", "480p", "1080p"]


def test_a_run_for_a_viewer_ends_at_the_next_filled_cell() -> None:
    filled = [cell == 6 for cell in range(_CELLS)]
    assert viewer_run(_TITLE, _BIG, filled, 4, 1000.0).count == 2


def test_nothing_is_read_ahead_while_half_a_minute_lies_ready() -> None:
    filled = [cell < 9 for cell in range(_CELLS)]
    assert read_ahead(_TITLE, _BIG, filled, 0) is None
    run = read_ahead(_TITLE, _BIG, filled, 1)
    assert run is not None
    assert (run.first_cell, run.end_cell) == (9, 17)


def test_nothing_is_read_ahead_at_the_end() -> None:
    assert read_ahead(_TITLE, _BIG, [False] * _CELLS, _CELLS - 1) is None


def test_a_rung_that_lags_is_brought_up_to_the_others_and_then_made_with_them() -> None:
    taken = {"720p": [cell < 3 for cell in range(_CELLS)], "480p": [False] * _CELLS, "1080p": [True] * _CELLS}
    run = next_hole(_TITLE, Cause.AHEAD, taken)
    assert run is not None
    assert ([rung.id for rung in run.rungs], run.first_cell, run.count) == (["480p"], 0, 3)


@given(_BITMAP, _BITMAP, _BITMAP)
def test_run_after_run_fills_every_hole_once(big: list[bool], small: list[bool], top: list[bool]) -> None:
    taken = {"720p": big, "480p": small, "1080p": top}
    holes = sum(bitmap.count(False) for bitmap in taken.values())
    while (run := next_hole(_TITLE, Cause.AHEAD, taken)) is not None:
        assert run.duration_s <= 60
        for rung in run.rungs:
            for cell in range(run.first_cell, run.end_cell):
                assert not taken[rung.id][cell]
                taken[rung.id][cell] = True
                holes -= 1
    assert holes == 0
