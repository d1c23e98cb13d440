"""What stands in the harbour of the test picture, as masks of 0 to 1: hills, shore, tower, boat, lights."""

import math

import numpy as np

from osmose_addon.workers.strokes import Mask

WIDTH_PX, HEIGHT_PX = 1280, 720
HORIZON = 430
SHORE = (720, HORIZON - 120)
GLINTS = 50
GLINT_WIDTH, GLINT_HEIGHT = 176, 240


def hills(rows: int, heights: tuple[float, ...], waves: tuple[float, ...], least: float) -> Mask:
    """Return the far hills: a sum of waves, `least` pixels high at least."""
    x = np.arange(WIDTH_PX, dtype=np.float32)
    ridge = least + sum(
        height * (1 + np.sin(x * wave * 2 + number * 1.7))
        for number, (height, wave) in enumerate(zip(heights, waves, strict=True))
    )
    y = np.arange(rows, dtype=np.float32)[:, None]
    mask: Mask = np.clip(y - (rows - ridge), 0, 1).astype(np.float32)
    return mask


def shore() -> Mask:
    """Return the headland on the right, which carries the lighthouse, and falls into the sea."""
    x = np.arange(560, dtype=np.float32)
    rise = np.clip((x - 40) / 260, 0, 1)
    top = 118 - 88 * rise * rise * (3 - 2 * rise) - 4 * np.sin(x * 0.06) * rise - 2.5 * np.sin(x * 0.17) * rise
    foot = 124 + 46 * np.clip((x - 90) / 470, 0, 1) ** 1.3 + 2 * np.sin(x * 0.09)
    y = np.arange(180, dtype=np.float32)[:, None]
    mask: Mask = (np.clip(y - top, 0, 1) * np.clip(foot - y, 0, 1)).astype(np.float32)
    return mask


def _polygon(rows: int, columns: int, points: tuple[tuple[float, float], ...]) -> Mask:
    """Return a convex polygon, corners clockwise, with smooth edges."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) + 0.5
    inside = np.full((rows, columns), 9.0, dtype=np.float32)
    for (ax, ay), (bx, by) in zip(points, (*points[1:], points[0]), strict=True):
        length = math.hypot(bx - ax, by - ay)
        np.minimum(inside, ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length, out=inside)
    mask: Mask = np.clip(inside + 0.5, 0, 1)
    return mask


def tower() -> Mask:
    """Return the lighthouse."""
    shaft = _polygon(140, 80, ((33, 34), (47, 34), (53, 136), (27, 136)))
    room = _polygon(140, 80, ((34, 14), (46, 14), (46, 30), (34, 30)))
    roof = _polygon(140, 80, ((40, 2), (50, 14), (30, 14)))
    rail = _polygon(140, 80, ((29, 30), (51, 30), (51, 34), (29, 34)))
    bands = 1 - 0.42 * (np.arange(140) // 20 % 2)[:, None].astype(np.float32)
    mask: Mask = np.maximum(np.maximum(shaft * bands, room * 0.55), np.maximum(roof * 0.8, rail * 0.7))
    return mask


def boat() -> Mask:
    """Return the boat with its mirror image."""
    hull = _polygon(104, 84, ((8, 62), (76, 62), (66, 74), (20, 74))) * 0.55
    main = _polygon(104, 84, ((42, 6), (70, 58), (42, 58)))
    fore = _polygon(104, 84, ((38, 12), (38, 58), (12, 58))) * 0.86
    up = np.maximum(np.maximum(hull, main), fore)
    mask: Mask = up.copy()
    mask[74:104] = np.maximum(
        mask[74:104], up[74 - 30 : 74][::-1] * np.linspace(0.34, 0, 30, dtype=np.float32)[:, None]
    )
    return mask


def disc(size: int, radius: float, glow: float) -> Mask:
    """Return sun, moon or lamp with its glow, radii in pixels."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) + 0.5 - size / 2
    away = np.hypot(x, y)
    soft = np.clip(1 - (away - radius) / glow, 0, 1) ** 2.4 * 0.5
    mask: Mask = np.maximum(np.clip(radius + 0.5 - away, 0, 1), soft).astype(np.float32)
    return mask


def stars() -> Mask:
    """Return the stars."""
    rng = np.random.default_rng(11)
    mask = np.zeros((HORIZON - 130, WIDTH_PX), dtype=np.float32)
    for x, y, shine in zip(rng.integers(4, WIDTH_PX - 4, 90), rng.integers(4, 290, 90), rng.random(90), strict=True):
        mask[y : y + 2, x : x + 2] = (0.25 + 0.75 * shine) * (1 - y / 420)
    return mask


def windows() -> Mask:
    """Return the lit windows on the shore."""
    mask = np.zeros((180, 560), dtype=np.float32)
    for x, y in ((388, 70), (402, 70), (424, 84), (450, 66), (462, 66), (482, 90), (500, 74), (526, 82), (538, 82)):
        mask[y : y + 6, x : x + 4] = 0.9
    return mask


def glint(number: int) -> Mask:
    """Return one picture of the light on the water, which runs in a circle of `GLINTS` pictures."""
    rng = np.random.default_rng(5)
    turn = 2 * math.pi * number / GLINTS
    y = np.arange(GLINT_HEIGHT, dtype=np.float32)[:, None]
    x = np.arange(GLINT_WIDTH, dtype=np.float32)[None, :] - GLINT_WIDTH / 2
    bands = np.repeat(rng.random(GLINT_HEIGHT // 4 + 1).astype(np.float32), 4)[:GLINT_HEIGHT, None]
    sway = (6 + 10 * bands) * np.sin(turn * np.ceil(bands * 3) + bands * 40)
    wide = (9 + y * 0.16) * (0.55 + 0.45 * np.sin(turn * 2 + bands * 25 + y * 0.05))
    fade = np.clip(1 - y / GLINT_HEIGHT, 0, 1) * (0.35 + 0.65 * np.sin(y * 0.8 + bands * 9) ** 2)
    mask: Mask = (np.exp(-(((x - sway) / wide) ** 2)) * fade).astype(np.float32)
    mask[:, :2] = mask[:, -2:] = 0
    return mask


def water() -> Mask:
    """Return where the shore leaves the water open, as large as the picture."""
    mask = np.ones((HEIGHT_PX, WIDTH_PX), dtype=np.float32)
    land = shore()
    mask[SHORE[1] : SHORE[1] + land.shape[0], SHORE[0] :] -= land
    return mask


def grain() -> Mask:
    """Return what is added before rounding, so that wide slopes of colour show no steps."""
    rows = np.random.default_rng(7).random((HEIGHT_PX, WIDTH_PX), dtype=np.float32)
    mask: Mask = (rows - 0.5) * np.float32(0.9) + np.float32(0.5)
    return mask
