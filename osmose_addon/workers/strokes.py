"""Letters and digits drawn as strokes, smooth at every size: just those that the test picture writes.

A letter is some polylines on a grid that is 4 wide and 6 high, y downwards,
the base line at 6.
"""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]
_Line = tuple[tuple[float, float], ...]


def _arc(middle: tuple[float, float], radii: tuple[float, float], begin_deg: float, end_deg: float) -> _Line:
    """Return an arc, angles clockwise from the right."""
    count = max(int(abs(end_deg - begin_deg) / 12), 2)
    angles = [math.radians(begin_deg + (end_deg - begin_deg) * step / count) for step in range(count + 1)]
    return tuple((middle[0] + radii[0] * math.cos(a), middle[1] + radii[1] * math.sin(a)) for a in angles)


_BOWL = _arc((1.6, 4.4), (1.6, 1.6), 0, 360)
_GLYPHS: dict[str, tuple[_Line, ...]] = {
    "0": (_arc((2, 3), (1.8, 3), 0, 360),),
    "1": (((0.8, 1.2), (2.2, 0), (2.2, 6)),),
    "2": ((*_arc((2, 1.8), (1.75, 1.8), 190, 395), (0.2, 6), (3.8, 6)),),
    "3": (_arc((1.9, 1.55), (1.55, 1.55), 200, 450), _arc((1.9, 4.4), (1.75, 1.6), 270, 520)),
    "4": (((3.0, 6), (3.0, 0), (0.1, 4.3), (3.9, 4.3)),),
    "5": (((3.4, 0), (0.7, 0), (0.45, 2.8)), _arc((1.9, 4.05), (1.85, 1.95), 222, 515)),
    "6": (_arc((2, 4.1), (1.8, 1.9), 0, 360), ((0.25, 3.7), (0.8, 2.1), (2.7, 0))),
    "7": (((0.2, 0), (3.8, 0), (1.4, 6)),),
    "8": (_arc((2, 1.5), (1.5, 1.5), 0, 360), _arc((2, 4.45), (1.8, 1.55), 0, 360)),
    "9": (_arc((2, 1.9), (1.8, 1.9), 0, 360), ((3.75, 2.3), (3.2, 3.9), (1.3, 6))),
    ":": (((0.5, 2.1), (0.5, 2.15)), ((0.5, 4.9), (0.5, 4.95))),
    "O": (_arc((2.4, 3), (2.4, 3), 0, 360),),
    "c": (_arc((1.6, 4.4), (1.6, 1.6), 45, 315),),
    "e": (((0.05, 4.3), (3.15, 4.3)), _arc((1.6, 4.4), (1.6, 1.6), -5, -315)),
    "i": (((0.3, 2.8), (0.3, 6)), ((0.3, 1.35), (0.3, 1.4))),
    "m": (
        ((0, 2.8), (0, 6)),
        (*_arc((1.1, 3.9), (1.1, 1.1), 180, 360), (2.2, 6)),
        (*_arc((3.3, 3.9), (1.1, 1.1), 180, 360), (4.4, 6)),
    ),
    "o": (_BOWL,),
    "p": (_BOWL, ((0, 2.8), (0, 7.8))),
    "r": (((0, 2.8), (0, 6)), _arc((1.5, 4.3), (1.5, 1.5), 180, 275)),
    "s": (_arc((1.25, 3.65), (1.1, 0.85), 330, 90), _arc((1.25, 5.2), (1.2, 0.8), 270, 510)),
    "t": (((0.9, 1.3), (0.9, 5.0), *_arc((1.7, 5.1), (0.8, 0.9), 180, 80)), ((0, 2.9), (2.0, 2.9))),
    "u": (((0, 2.8), (0, 4.6), *_arc((1.4, 4.6), (1.4, 1.4), 180, 0), (2.8, 2.8)), ((2.8, 4.4), (2.8, 6))),
    " ": (),
}
_WIDE = {"0": 4, "1": 4, "2": 4, "3": 4, "4": 4, "5": 4, "6": 4, "7": 4, "8": 4, "9": 4, " ": 1.6, "O": 4.8, "m": 4.4}
_TOP, _BELOW = 1.0, 2.6


def width_of(letter: str) -> float:
    """Return the width of a letter on the grid."""
    if letter in _WIDE:
        return _WIDE[letter]
    return max(x for line in _GLYPHS[letter] for x, _ in line)


def write(text: str, height_px: int, weight: float, gap: float = 1.3) -> tuple[Mask, Mask]:
    """Return a text as masks of 0 to 1: the strokes, and a soft shadow of the same size.

    `height_px` is that of a capital letter, `weight` and `gap` the stroke's and the space's width on the grid.
    """
    scale = height_px / 6
    width = sum(width_of(letter) + gap for letter in text) + gap
    rows = round((6 + _TOP + _BELOW) * scale) // 2 * 2
    columns = round((width + gap) * scale) // 2 * 2
    away = np.full((rows, columns), 99.0, dtype=np.float32)
    left = gap
    for letter in text:
        for line in _GLYPHS[letter]:
            _draw(away, [((left + x) * scale, (_TOP + y) * scale) for x, y in line])
        left += width_of(letter) + gap
    radius = weight * scale / 2
    strokes: Mask = np.clip(radius + 0.5 - away, 0, 1).astype(np.float32)
    shadow: Mask = (np.clip((radius + scale * 0.9 - away) / (scale * 0.9), 0, 1) ** 2).astype(np.float32)
    return strokes, shadow


def _draw(away: Mask, points: list[tuple[float, float]]) -> None:
    """Note in `away` how far each pixel is from the polyline, where that is less than before."""
    rows, columns = away.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) + 0.5
    for (ax, ay), (bx, by) in pairwise(points):
        dx, dy = bx - ax, by - ay
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        np.minimum(away, np.hypot(x - ax - along * dx, y - ay - along * dy), out=away)
