"""Whatever a film's pixels are, a rung's are 8 bits, 4:2:0, of limited range, in the colours that were meant."""

from fractions import Fraction

import av
import numpy as np
import pytest

from osmose_addon.workers.scaling import Scaler
from tests.workers.colours import colour, orange, patch

_TICK = Fraction(1, 600)
_SIZE = (64, 48)


def _patch(pixel_format: str, *, is_full: bool = False) -> av.VideoFrame:
    frame = patch(*_SIZE, pixel_format, is_full=is_full)
    frame.pts, frame.time_base = 7, _TICK
    if is_full and "j" not in pixel_format:
        frame.color_range = 2
    return frame


@pytest.mark.parametrize("matrix", [2, 1, 6, 9], ids=["untold", "BT.709", "BT.601", "BT.2020"])
@pytest.mark.parametrize("size", [_SIZE, (32, 24)], ids=["same size", "smaller"])
@pytest.mark.parametrize(
    ("pixel_format", "is_full"),
    [
        ("yuv420p", False),
        ("yuv422p", False),
        ("yuv444p", False),
        ("yuv420p10le", False),
        ("yuv422p10le", False),
        ("yuv444p12le", False),
        ("yuv420p", True),
        ("yuvj420p", True),
        ("yuvj422p", True),
        ("yuvj444p", True),
        ("yuv420p10le", True),
        ("yuv444p", True),
    ],
)
def test_a_patch_of_colour_stays_the_colour_that_was_meant(
    pixel_format: str, size: tuple[int, int], matrix: int, *, is_full: bool
) -> None:
    """4:2:2, 4:4:4, more bits, full range: the same orange comes out, and is told to be of limited range.

    Whatever its matrix is called, it stays that: the encoder tells players what the source told.
    """
    source = _patch(pixel_format, is_full=is_full)
    source.colorspace = matrix
    made = Scaler(*size).scaled(source, _TICK)
    assert (made.format.name, made.width, made.height, made.pts) == ("yuv420p", *size, 7)
    assert made.color_range != 2
    assert colour(made) == pytest.approx(orange(), abs=1.5)


def test_rungs_made_from_one_another_squeeze_the_range_once() -> None:
    """The second rung takes what the first one made: its range is limited by then."""
    once = Scaler(*_SIZE).scaled(_patch("yuvj444p", is_full=True), _TICK)
    twice = Scaler(32, 24).scaled(once, _TICK)
    assert colour(twice) == pytest.approx(orange(), abs=1.5)


def test_red_green_and_blue_become_bt_709() -> None:
    """Screen recordings may be RGB: pure red has luma 63 by BT.709, 81 by the older BT.601."""
    red = av.VideoFrame.from_ndarray(np.tile(np.array([255, 0, 0], np.uint8), (48, 64, 1)), format="rgb24")
    for source in (red, red.reformat(format="gbrp")):
        source.pts = 0
        assert colour(Scaler(*_SIZE).scaled(source, _TICK)) == pytest.approx((63, 102, 240), abs=1.5)


def test_a_source_that_changes_its_size_midway_keeps_the_rung_s() -> None:
    """Broadcasts do that; the range and the format may change with it."""
    scaler = Scaler(32, 24)
    for frame in (_patch("yuv420p"), _patch("yuvj444p", is_full=True), _patch("yuv420p")):
        made = scaler.scaled(frame, _TICK)
        assert (made.width, made.height) == (32, 24)
        assert colour(made) == pytest.approx(orange(), abs=1.5)
