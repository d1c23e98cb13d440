"""Drawn landscapes as JPEG, so that pages under test have something to show."""

import functools
from fractions import Fraction

import av
import numpy as np

_SKIES = (
    ((252, 214, 160), (120, 160, 190)),
    ((236, 150, 110), (70, 60, 110)),
    ((190, 220, 235), (90, 140, 190)),
    ((246, 230, 200), (160, 180, 170)),
    ((60, 80, 130), (14, 20, 44)),
    ((250, 190, 180), (150, 150, 200)),
)


@functools.cache
def landscape(seed: int, width_px: int = 640, height_px: int = 360) -> bytes:
    """Return a JPEG of hills under a sky; the same seed draws the same picture."""
    dice = np.random.default_rng(seed)
    low, high = (np.array(colour, dtype=float) for colour in _SKIES[seed % len(_SKIES)])
    down = np.linspace(0, 1, height_px)[:, None, None]
    image = np.broadcast_to(high + (low - high) * down, (height_px, width_px, 3)).copy()
    x, y = np.meshgrid(np.arange(width_px) / width_px, np.arange(height_px) / height_px)
    sun = np.hypot((x - dice.uniform(0.2, 0.8)) * width_px / height_px, y - dice.uniform(0.2, 0.45))
    image += (np.clip(1 - sun / 0.5, 0, 1) ** 2)[..., None] * 60
    image[sun < dice.uniform(0.05, 0.09)] = (255, 246, 224)
    for layer in range(4):
        phase, rate = dice.uniform(0, 6, 2), dice.uniform(2, 7, 2)
        top = 0.45 + layer * 0.13 + 0.06 * np.sin(rate[0] * x + phase[0]) + 0.025 * np.sin(2.5 * rate[1] * x + phase[1])
        shade = low * (0.62 - 0.15 * layer) + np.array([10, 26, 20]) * (layer + 1) * 0.5
        image[y > top] = shade
    return jpeg(np.clip(image, 0, 255).astype(np.uint8))


def jpeg(image: np.ndarray) -> bytes:
    """Return an RGB picture as JPEG."""
    height_px, width_px, _ = image.shape
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": "2", "qmax": "4"}
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
