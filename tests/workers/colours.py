"""Pictures of one colour, in any pixel format, and what colour a picture is."""

import av
import numpy as np

ORANGE_RGB = (230, 120, 40)
_KR, _KB = 0.2126, 0.0722  # BT.709


def _analog() -> tuple[float, float, float]:
    red, green, blue = (value / 255 for value in ORANGE_RGB)
    luma = _KR * red + (1 - _KR - _KB) * green + _KB * blue
    return luma, (blue - luma) / (2 - 2 * _KB), (red - luma) / (2 - 2 * _KR)


def orange(*, is_full: bool = False) -> tuple[float, float, float]:
    """Return the orange's luma and chroma by BT.709, in 8 bits of limited or full range."""
    luma, *chroma = _analog()
    base, span, width = (0, 255, 255) if is_full else (16, 219, 224)
    blue, red = (128 + value * width for value in chroma)
    return base + luma * span, blue, red


def patch(width_px: int, height_px: int, pixel_format: str, *, is_full: bool = False) -> av.VideoFrame:
    """Return an orange picture. Only a `yuvj` format says by itself that its range is full; others are not told."""
    if pixel_format == "rgb24":
        return av.VideoFrame.from_ndarray(np.tile(np.array(ORANGE_RGB, np.uint8), (height_px, width_px, 1)), "rgb24")
    frame = av.VideoFrame(width_px, height_px, pixel_format)
    bits = frame.format.components[0].bits
    for plane, value in zip(frame.planes, orange(is_full=is_full), strict=True):
        kind = np.uint16 if bits > 8 else np.uint8
        plane.update(np.full(plane.buffer_size // kind().itemsize, round(value * (1 << bits - 8)), kind).tobytes())
    return frame


def colour(frame: av.VideoFrame) -> tuple[float, ...]:
    """Return the mean of each 8-bit plane."""
    return tuple(
        float(np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].mean())
        for plane in frame.planes
    )
