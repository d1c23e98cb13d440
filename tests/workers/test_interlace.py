"""Half pictures become whole ones: none missing, none doubled, no comb, wherever a run begins."""

import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from osmose_addon.model.media import Grid, Rung, RungKind, RungMethod
from osmose_addon.workers.interlace import whole_pictures
from tests.clips import picture
from tests.workers.grids import cells_of, fill, grid_of, inits_of, watch

_SIZE = (320, 240)
_SECONDS = 6
_TICK = Fraction(1, 90_000)


def _woven(number: int) -> av.VideoFrame:
    """Return frame `number` of a film of half pictures: odd lines are a moment later than even ones."""
    early, late = (_moment(2 * number + half) for half in range(2))
    early[1::2] = late[1::2]
    whole = av.VideoFrame.from_ndarray(np.vstack((early, np.full((120, 320), 128, np.uint8))), format="yuv420p")
    whole.pts, whole.time_base = number * 3600, _TICK
    return whole


def _moment(half: int) -> NDArray[np.uint8]:
    """Return what the camera saw: stripes that move fast, below the number of the frame."""
    plane = np.asarray(picture(half // 2, *_SIZE).to_ndarray()[:240], np.uint8)
    across = (np.arange(320) + half * 8) // 16 % 2
    plane[40:] = np.where(across, 200, 40)[None, :]
    return plane


def _comb(frame: av.VideoFrame) -> float:
    """Return how much each line differs from the mean of its neighbours, where the stripes are."""
    grey = np.asarray(frame.to_ndarray(format="gray"), np.float32)[48:-8]
    return float(np.abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())


@pytest.fixture(scope="module", params=["mpeg2.ts", "h264.mkv"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of half pictures, with its flags, and with pictures that need later ones."""
    path: Path = tmp_path_factory.mktemp("interlaced") / request.param
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg2video" if path.suffix == ".ts" else "libx264", rate=25)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height, context.pix_fmt = *_SIZE, "yuv420p"
        context.time_base = Fraction(1, 25)
        context.gop_size, context.max_b_frames, context.bit_rate, context.thread_count = 25, 2, 4_000_000, 1
        options = {"x264-params": "tff=1:keyint=25:scenecut=0", "preset": "veryfast"}
        context.options = {"flags": "+ildct+ilme", "top": "1"} if path.suffix == ".ts" else options
        for number in range(_SECONDS * 25):
            frame = _woven(number)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def _rung(path: Path) -> tuple[Grid, Rung]:
    """Return the grid and an encoded rung, asked for whole pictures."""
    grid = grid_of(path)
    rung = next(r for r in grid.rungs if r.kind is RungKind.VIDEO and r.method is RungMethod.ENCODED)
    return grid, replace(rung, deinterlaces=True)


def _shown(init: bytes, cells: dict[int, bytes]) -> list[av.VideoFrame]:
    body = init + b"".join(cells[cell] for cell in sorted(cells))
    with av.open(io.BytesIO(body), "r") as made:
        return list(made.decode(video=0))


def test_a_whole_film_of_half_pictures_has_each_once_and_no_comb(film: Path, tmp_path: Path) -> None:
    """One picture a frame, at the frame's time; without being asked for, the comb stays."""
    grid, rung = _rung(film)
    init = inits_of(film, grid)[rung.id].body
    fill(film, tmp_path / "whole", (rung,), 0, rung.cells)
    fill(film, tmp_path / "comb", (replace(rung, deinterlaces=False),), 0, rung.cells)
    seen = watch(init, cells_of(tmp_path / "whole", rung))
    assert seen.numbers == list(range(_SECONDS * 25))
    assert {b - a for a, b in zip(seen.ticks, seen.ticks[1:], strict=False)} <= {rung.timescale_hz // 25}
    whole, comb = (
        np.median([_comb(frame) for frame in _shown(init, cells_of(tmp_path / name, rung))])
        for name in ("whole", "comb")
    )
    assert whole < comb / 5


def test_runs_of_one_cell_join_to_the_same_film(film: Path, tmp_path: Path) -> None:
    """The filter needs the picture before and the one after, also where a run begins and ends."""
    grid, rung = _rung(film)
    init = inits_of(film, grid)[rung.id].body
    fill(film, tmp_path / "whole", (rung,), 0, rung.cells)
    for cell in reversed(range(rung.cells)):
        fill(film, tmp_path / "pieces", (rung,), cell, 1)
    pieces, whole = cells_of(tmp_path / "pieces", rung), cells_of(tmp_path / "whole", rung)
    one, other = watch(init, pieces), watch(init, whole)
    assert (one.numbers, one.ticks) == (other.numbers, other.ticks)
    assert other.numbers == list(range(_SECONDS * 25))
    for late, early in zip(_shown(init, pieces), _shown(init, whole), strict=True):
        assert abs(_comb(late) - _comb(early)) < 3


def test_pictures_that_are_whole_already_are_left_as_they_are() -> None:
    """Films mix both: only what says that it is two halves is touched."""
    frames = [_woven(number) for number in range(6)]
    before = [frame.to_ndarray() for frame in frames]
    after = list(whole_pictures(iter(frames), _TICK, 1))
    assert [frame.pts for frame in after] == [number * 3600 for number in range(6)]
    assert all(np.array_equal(frame.to_ndarray(), old) for frame, old in zip(after, before, strict=True))


def test_a_source_that_changes_its_size_loses_no_picture() -> None:
    """What the filter holds of the old size comes out before the first of the new one."""
    frames = [_woven(number) for number in range(4)]
    frames[2:] = [frame.reformat(width=160, height=120) for frame in frames[2:]]
    for number, frame in enumerate(frames):
        frame.pts = number * 3600
    after = list(whole_pictures(iter(frames), _TICK, 2))
    assert [(frame.width, frame.pts) for frame in after] == [(320, 0), (320, 3600), (160, 7200), (160, 10800)]
