"""Rungs are encoded in threads of their own. Whatever fails, and wherever, all of them end and the cause is told."""

import io
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from osmose_addon.model.errors import MediaError, StoreError
from osmose_addon.model.media import Rung, RungGroup, RungMethod
from osmose_addon.model.orders import ChunkOrder
from osmose_addon.model.reports import CellFilled, Report
from osmose_addon.workers import transcode, x264
from osmose_addon.workers.cells import Cells
from osmose_addon.workers.effort import Effort, hurried, steady
from osmose_addon.workers.encode import RungEncoder, Shown, hand_down
from osmose_addon.workers.opened import opened, video_stream
from osmose_addon.workers.pictures import pictures
from osmose_addon.workers.reading import Span
from tests import clips
from tests.clips import Clip, film
from tests.workers.grids import cells_of, fill, grid_of, inits_of, starts, watch

_LONG = Clip("long.mkv", seconds=20, gop=1000, width_px=320, height_px=180)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def _ladder(path: Path) -> tuple[Rung, ...]:
    rungs = grid_of(path).rungs
    return tuple(rung for rung in rungs if (rung.group, rung.method) == (RungGroup.LADDER, RungMethod.ENCODED))


def _encode(path: Path, rungs: tuple[Rung, ...], spoil: Callable[[Iterator[Shown]], Iterator[Shown]]) -> None:
    """Encode a whole film, whose pictures go through `spoil` first, and throw the cells away."""
    with opened(bytes(path)) as container:
        spans = [Span(rung, 0, rung.cells - 1) for rung in rungs]
        video = video_stream(container, rungs[0].track)
        made = [
            RungEncoder(x264.recipe(span.rung, video), Cells(span, lambda _cell, _body: None), steady(), turns=True)
            for span in spans
        ]
        hand_down(spoil(pictures(container, video, spans[0], steady())), made, 4)


@pytest.mark.parametrize("seed", range(6))
def test_a_run_given_up_at_any_picture_ends_at_once(seed: int) -> None:
    """Whether the rungs are waiting, encoding or handing down: nobody is left behind."""
    path = film(_LONG)
    stop_at = random.Random(seed).randrange(1, 480)  # noqa: S311 - a fixed choice

    def given_up(shown: Iterator[Shown]) -> Iterator[Shown]:
        for number, one in enumerate(shown):
            if number == stop_at:
                raise KeyboardInterrupt
            yield one

    with pytest.raises(KeyboardInterrupt):
        _encode(path, _ladder(path), given_up)


class _FullDisk:
    """A hub whose disk is full when a rung tells of a cell."""

    def __init__(self, rung_id: str, cell: int) -> None:
        self._full = (rung_id, cell)
        self.told: list[tuple[str, int]] = []

    def send(self, report: Report) -> None:
        assert isinstance(report, CellFilled)
        if (report.rung_id, report.cell) == self._full:
            raise StoreError(cause="No space left on device")
        self.told.append((report.rung_id, report.cell))


@pytest.mark.parametrize("place", range(3))
def test_a_full_disk_in_one_rung_ends_all_with_that_reason(tmp_path: Path, place: int) -> None:
    """In the tallest, in the middle, in the last: what was kept until then stays kept."""
    path = film(clips.FAR_KEYS)
    rungs = _ladder(path)
    hub = _FullDisk(rungs[place].id, 1)
    with pytest.raises(StoreError) as caught:
        transcode.main(ChunkOrder(bytes(path), str(tmp_path), rungs, 0, rungs[0].cells), hub)
    assert caught.value.fields == {"cause": "No space left on device"}
    assert (rungs[place].id, 0) in hub.told
    assert (rungs[place].id, 2) not in hub.told


def test_a_film_cut_off_since_it_was_planned_still_fills_its_cells(tmp_path: Path) -> None:
    """A copy that broke off: the last picture stands until the end, and no rung waits for more."""
    whole = film(_LONG)
    rungs = _ladder(whole)
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    told = fill(path, tmp_path / "cells", rungs, 0, rungs[0].cells)
    assert sorted((one.rung_id, one.cell) for one in told) == sorted(
        (rung.id, cell) for rung in rungs for cell in range(rung.cells)
    )


def test_a_film_without_one_good_picture_is_damaged(tmp_path: Path) -> None:
    """The rungs wait for pictures that never come; the reason comes from the decoder's thread."""
    whole = bytearray(film(clips.FAR_KEYS).read_bytes())
    rungs = _ladder(film(clips.FAR_KEYS))
    media = whole.index(b"mdat") + 4
    length = whole.index(b"moov") - 4 - media if whole.index(b"moov") > media else len(whole) - media
    whole[media : media + length] = b"\xff" * length
    path = tmp_path / "noise.mp4"
    path.write_bytes(whole)
    with pytest.raises(MediaError) as caught:
        fill(path, tmp_path / "cells", rungs, 0, rungs[0].cells)
    assert caught.value.fields == {"reason": "damaged"}


def test_a_picture_that_grows_too_large_midway_ends_all_rungs_with_that_reason() -> None:
    """A stream may change its size after the probe looked: the rung that meets it tells why."""
    path = film(_LONG)

    def grown(shown: Iterator[Shown]) -> Iterator[Shown]:
        for number, (frame, cell) in enumerate(shown):
            huge = av.VideoFrame(16384, 4400, "gray") if number == 200 else frame
            huge.pts = frame.pts
            yield huge, cell

    with pytest.raises(MediaError) as caught:
        _encode(path, _ladder(path), grown)
    assert caught.value.fields == {"reason": "too_large"}


@pytest.mark.parametrize("effort", [steady(), hurried(), Effort(4, 3, 3, 1)], ids=["steady", "hurried", "odd"])
def test_pictures_and_times_are_the_same_at_any_effort(tmp_path: Path, effort: Effort) -> None:
    """Threads change how long it takes, never what is shown when."""
    path = film(clips.UNEVEN)
    grid = grid_of(path)
    rung = _ladder(path)[1]
    made: dict[int, bytes] = {}
    with opened(bytes(path)) as container:
        span = Span(rung, 0, rung.cells - 1)
        video = video_stream(container, rung.track)
        cells = Cells(span, made.__setitem__)
        encoder = RungEncoder(x264.recipe(rung, video), cells, effort, turns=True)
        hand_down(pictures(container, video, span, effort), [encoder], effort.places)
    fill(path, tmp_path, (rung,), 0, rung.cells)
    init = inits_of(path, grid)[rung.id].body
    one, other = watch(init, made), watch(init, cells_of(tmp_path, rung))
    assert (one.numbers, one.ticks) == (other.numbers, other.ticks)


def test_a_cell_looks_the_same_wherever_its_run_began(tmp_path: Path) -> None:
    """An encoder remembers how hard the pictures before were, so bytes may differ; nobody must see it at a border."""
    path = film(clips.FAR_KEYS)
    grid = grid_of(path)
    rungs = _ladder(path)
    last = rungs[0].cells - 1
    fill(path, tmp_path / "whole", rungs, 0, rungs[0].cells)
    fill(path, tmp_path / "late", rungs, last, 1)
    for rung in rungs:
        init = inits_of(path, grid)[rung.id].body
        late, whole = cells_of(tmp_path / "late", rung)[last], cells_of(tmp_path / "whole", rung)[last]
        assert starts(late) == starts(whole)
        assert len(late) == pytest.approx(len(whole), rel=0.1)
        for one, other in zip(_greys(init + late), _greys(init + whole), strict=True):
            assert np.abs(one - other).mean() < 3


def _greys(body: bytes) -> list[NDArray[np.float32]]:
    with av.open(io.BytesIO(body), "r") as made:
        return [np.asarray(frame.to_ndarray(format="gray"), np.float32) for frame in made.decode(video=0)]


def test_somebody_who_waits_gets_the_first_cell_before_the_second_is_done(tmp_path: Path) -> None:
    """An urgent run sends its first cell at once, and its cells join like any others."""
    path = film(clips.FAR_KEYS)
    grid = grid_of(path)
    rung = _ladder(path)[0]
    hub = _FullDisk("", -1)
    transcode.main(ChunkOrder(bytes(path), str(tmp_path), (rung,), 1, rung.cells - 1, is_urgent=True), hub)
    fill(path, tmp_path, (rung,), 0, 1)
    assert [cell for _, cell in hub.told] == list(range(1, rung.cells))
    assert watch(inits_of(path, grid)[rung.id].body, cells_of(tmp_path, rung)).numbers == list(range(14 * 25))


@pytest.mark.parametrize("preset", ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"])
def test_a_hurried_encoder_writes_what_the_init_segment_says(preset: str) -> None:
    """A quicker preset is taken only where a player cannot tell: the parameter sets are the same bytes."""
    recipe = x264.Recipe(replace(_ladder(film(clips.FAR_KEYS))[0], preset=preset))
    assert recipe.quick_encoder(2).extradata == recipe.encoder().extradata


def test_a_run_that_begins_within_a_slide_shows_that_slide(tmp_path: Path) -> None:
    """Even one that no other picture needs: those are otherwise passed over on the way to a place."""
    options = (("x264-params", "b-adapt=0:b-pyramid=0"),)
    path = film(Clip("slow.mkv", seconds=64, steps=(5400,), gop=1000, bframes=2, options=options))
    grid = grid_of(path)
    rung = _ladder(path)[-1]
    init = inits_of(path, grid)[rung.id].body
    fill(path, tmp_path / "whole", (rung,), 0, rung.cells)
    whole = cells_of(tmp_path / "whole", rung)
    for cell in range(rung.cells):
        fill(path, tmp_path / str(cell), (rung,), cell, 1)
        alone = cells_of(tmp_path / str(cell), rung)[cell]
        assert watch(init, {cell: alone}).numbers == watch(init, {cell: whole[cell]}).numbers, cell
