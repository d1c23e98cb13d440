"""Whatever a film's pixels are, a rung's are 8 bits, 4:2:0, of limited range, in the colours that were meant."""

from fractions import Fraction

import av
import numpy as np
import pytest

from osmose_addon.workers.scaling import Scaler

_TICK = Fraction(1, 600)
_SIZE = (64, 48)
# Studio values (BT.709) of a mid orange, and what they are in full range.
_LIMITED = (126, 90, 160)
_FULL = tuple(
    round((value - offset) * 255 / span + base)
    for value, offset, span, base in (
        (_LIMITED[0], 16, 219, 0),
        (_LIMITED[1], 128, 224, 128),
        (_LIMITED[2], 128, 224, 128),
    )
)


def _patch(pixel_format: str, values: tuple[int, ...], *, is_full: bool = False) -> av.VideoFrame:
    """Return a picture of one colour; `values` are luma and chroma in 8 bits."""
    frame = av.VideoFrame(*_SIZE, pixel_format)
    bits = frame.format.components[0].bits
    for plane, value in zip(frame.planes, values, strict=True):
        kind = np.uint16 if bits > 8 else np.uint8
        plane.update(np.full(plane.buffer_size // kind().itemsize, value << (bits - 8), kind).tobytes())
    frame.pts, frame.time_base = 7, _TICK
    if is_full:
        frame.color_range = 2
    return frame


def _colour(frame: av.VideoFrame) -> tuple[float, ...]:
    planes = frame.planes
    return tuple(
        float(np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].mean())
        for plane in planes
    )


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
    pixel_format: str, size: tuple[int, int], *, is_full: bool
) -> None:
    """4:2:2, 4:4:4, more bits, full range: the same orange comes out, and is told to be of limited range."""
    source = _patch(pixel_format, _FULL if is_full else _LIMITED, is_full=is_full and "j" not in pixel_format)
    made = Scaler(*size).scaled(source, _TICK)
    assert (made.format.name, made.width, made.height, made.pts) == ("yuv420p", *size, 7)
    assert made.color_range != 2
    assert _colour(made) == pytest.approx(_LIMITED, abs=1.5)


def test_rungs_made_from_one_another_squeeze_the_range_once() -> None:
    """The second rung takes what the first one made: its range is limited by then."""
    once = Scaler(*_SIZE).scaled(_patch("yuvj444p", _FULL), _TICK)
    twice = Scaler(32, 24).scaled(once, _TICK)
    assert _colour(twice) == pytest.approx(_LIMITED, abs=1.5)


def test_red_green_and_blue_become_bt_709() -> None:
    """Screen recordings may be RGB: pure red has luma 63 by BT.709, 81 by the older BT.601."""
    red = av.VideoFrame.from_ndarray(np.tile(np.array([255, 0, 0], np.uint8), (48, 64, 1)), format="rgb24")
    for source in (red, red.reformat(format="gbrp")):
        source.pts = 0
        assert _colour(Scaler(*_SIZE).scaled(source, _TICK)) == pytest.approx((63, 102, 240), abs=1.5)


def test_a_source_that_changes_its_size_midway_keeps_the_rung_s() -> None:
    """Broadcasts do that; the range and the format may change with it."""
    scaler = Scaler(32, 24)
    for frame in (_patch("yuv420p", _LIMITED), _patch("yuvj444p", _FULL), _patch("yuv420p", _LIMITED)):
        made = scaler.scaled(frame, _TICK)
        assert (made.width, made.height) == (32, 24)
        assert _colour(made) == pytest.approx(_LIMITED, abs=1.5)
