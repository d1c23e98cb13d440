"""The scene of the test picture: a small harbour between night and day.

Drawn in the encoder's own planes (BT.709, limited range), and cheaply: the backdrop changes with each key frame only,
between them nothing but the light on the water, a boat, the lighthouse's lamp and the clock.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osmose_addon.workers import scenery
from osmose_addon.workers.scenery import (
    GLINT_HEIGHT,
    GLINT_WIDTH,
    GLINTS,
    HEIGHT_PX,
    HORIZON,
    SHORE,
    WIDTH_PX,
)
from osmose_addon.workers.strokes import Mask, write

DAY_S = 600.0
"""How long a day lasts in the picture."""
_LAMP = (1042, 232)
_CLOCK = (768, 540)
_STRIP = (786, 652)
_CELLS, _CELL_PX, _CELL_STEP = 25, 14, 18
_TITLE = (500, 30)

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
_Floats = NDArray[np.float32]
_Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of an hour: sky above and at the horizon, sea far and near, hills far and near, what shines."""

    hour: float
    zenith: _Rgb
    horizon: _Rgb
    sea_far: _Rgb
    sea_near: _Rgb
    hills: _Rgb
    shore: _Rgb
    disc: _Rgb


_NIGHT = Light(0.0, (9, 16, 38), (36, 54, 92), (30, 46, 78), (7, 13, 28), (22, 34, 60), (9, 15, 28), (226, 232, 244))
_LIGHTS = (
    _NIGHT,
    Light(5, (20, 32, 66), (92, 84, 116), (62, 66, 98), (14, 24, 48), (44, 50, 80), (15, 21, 38), (238, 226, 214)),
    Light(
        7,
        (74, 104, 160),
        (250, 190, 146),
        (220, 170, 150),
        (52, 76, 116),
        (134, 118, 144),
        (46, 48, 70),
        (255, 226, 178),
    ),
    Light(
        11,
        (70, 138, 204),
        (200, 226, 240),
        (136, 188, 212),
        (34, 92, 134),
        (140, 170, 192),
        (56, 86, 94),
        (255, 250, 232),
    ),
    Light(
        16,
        (76, 140, 200),
        (206, 224, 232),
        (140, 186, 206),
        (36, 90, 128),
        (144, 168, 186),
        (60, 84, 90),
        (255, 248, 224),
    ),
    Light(
        19, (64, 66, 120), (248, 150, 104), (212, 130, 110), (46, 46, 86), (112, 82, 112), (36, 32, 54), (255, 208, 150)
    ),
    Light(21, (20, 26, 58), (96, 74, 108), (62, 58, 92), (12, 18, 40), (42, 42, 72), (14, 17, 34), (232, 226, 224)),
    Light(
        24.0,
        *(getattr(_NIGHT, name) for name in ("zenith", "horizon", "sea_far", "sea_near", "hills", "shore", "disc")),
    ),
)


def yuv_of(rgb: NDArray[np.floating] | _Rgb) -> _Floats:
    """Return colours as Y, U, V (BT.709, limited range); the last axis holds the channels."""
    r, g, b = np.moveaxis(np.asarray(rgb, dtype=np.float32), -1, 0)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    out: _Floats = np.stack((16 + y * 219 / 255, 128 + (b - y) * 0.473, 128 + (r - y) * 0.558), axis=-1)
    return out


class Sprite:
    """A mask that can be laid over planes in one colour. Its size and its places are even."""

    def __init__(self, mask: Mask) -> None:
        """Keep the mask, and a half-size one for the colour planes."""
        self.mask = mask
        rows, columns = mask.shape
        self.half: Mask = mask.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))

    def lay(self, planes: Planes, at: tuple[int, int], colour: _Floats, strength: float = 1.0) -> None:
        """Lay it over the planes with its upper left corner at `at`."""
        x, y = at
        for plane, mask, shift, value in zip(planes, (self.mask, self.half, self.half), (0, 1, 1), colour, strict=True):
            rows, columns = mask.shape
            spot = plane[y >> shift : (y >> shift) + rows, x >> shift : (x >> shift) + columns]
            spot[:] = spot + (value - spot) * (mask[:, : spot.shape[1]] * np.float32(strength))


class Harbour:
    """Paints the scene."""

    def __init__(self) -> None:
        """Draw all that never changes, once."""
        self.backdrop: Planes = _planes()
        self._light = _LIGHTS[0]
        self._night = 0.0
        self._disc_x = 0
        self._hills = Sprite(scenery.hills(180, (34, 20, 9), (0.004, 0.0113, 0.031), 34))
        self._shore = Sprite(scenery.shore())
        self._tower = Sprite(scenery.tower())
        self._disc = Sprite(scenery.disc(92, 30.0, 15.0))
        self._halo = Sprite(scenery.disc(220, 4.0, 100.0))
        self._lamp = Sprite(scenery.disc(112, 4.0, 52.0))
        self._boat = Sprite(scenery.boat())
        self._stars = Sprite(scenery.stars())
        self._windows = Sprite(scenery.windows())
        self._glints = [scenery.glint(number) for number in range(GLINTS)]
        self._digits = {letter: tuple(map(Sprite, write(letter, 78, 0.62, 0.5))) for letter in "0123456789:"}
        self._title = tuple(map(Sprite, write("Osmose test picture", 30, 0.6, 1.25)))
        self._cell = Sprite(np.ones((_CELL_PX, _CELL_PX), dtype=np.float32))
        self._glint_delta = np.zeros(3, dtype=np.float32)
        self._grain = scenery.grain()
        self._open_water = scenery.water()
        self._water = np.ones((GLINT_HEIGHT, GLINT_WIDTH), dtype=np.float32)
        self._written = ""

    def set_hour(self, hour: float) -> None:
        """Paint the backdrop as it looks at this hour of the day (0 to 24)."""
        self._light = light = _light_at(hour)
        self._night = _night_at(hour)
        self._paint_air_and_water(light)
        shining = yuv_of(light.disc)
        if self._night > 0:
            self._stars.lay(self.backdrop, (0, 0), yuv_of((220, 228, 250)), self._night * 0.8)
        self._paint_disc(hour, shining)
        self._hills.lay(self.backdrop, (0, HORIZON - 180), yuv_of(light.hills))
        self._shore.lay(self.backdrop, SHORE, yuv_of(light.shore))
        self._paint_lighthouse(light)
        self._windows.lay(self.backdrop, SHORE, yuv_of((255, 196, 110)), self._night)
        self._title[1].lay(self.backdrop, _TITLE, yuv_of((6, 10, 20)), 0.35)
        self._title[0].lay(self.backdrop, _TITLE, yuv_of((244, 246, 250)), 0.94)
        left = self._disc_x - GLINT_WIDTH // 2
        self._water = self._open_water[HORIZON + 2 :][:GLINT_HEIGHT, left : left + GLINT_WIDTH]
        near = yuv_of(light.sea_far)
        self._glint_delta = ((shining - near) * (0.85 if self._night < 1 else 0.6)).astype(np.float32)

    def paint(self, planes: Planes, at_s: float, clock: str, number: int) -> None:
        """Paint picture `number` of its second; `clock` is what the clock says. Costs about half a millisecond."""
        if number % 2 == 0:
            self._paint_glint(planes, round(at_s * 12.5))
        self._paint_boat(planes, at_s)
        self._paint_lamp(planes, at_s)
        if clock != self._written or number == 0:
            self._write_clock(planes, clock)
        self._paint_cell(planes, number, is_past=True)

    def begin(self, planes: Planes, clock: str, number: int) -> None:
        """Paint everything anew, after the backdrop changed."""
        for plane, backdrop in zip(planes, self.backdrop, strict=True):
            plane[:] = backdrop
        self._write_clock(planes, clock)
        for cell in range(number):
            self._paint_cell(planes, cell, is_past=True)

    def _paint_air_and_water(self, light: Light) -> None:
        up = np.linspace(0, 1, HORIZON, dtype=np.float32)[:, None] ** 1.5
        down = np.linspace(0, 1, HEIGHT_PX - HORIZON, dtype=np.float32)[:, None] ** 0.7
        sky = yuv_of(light.zenith) * (1 - up) + yuv_of(light.horizon) * up
        sea = yuv_of(light.sea_far) * (1 - down) + yuv_of(light.sea_near) * down
        rows = np.vstack((sky, sea))
        noise = self._grain
        self.backdrop[0][:] = rows[:, 0, None] + noise
        self.backdrop[1][:] = rows[::2, 1, None] + noise[::2, ::2]
        self.backdrop[2][:] = rows[::2, 2, None] + noise[::2, 1::2]

    def _paint_disc(self, hour: float, shining: _Floats) -> None:
        """Paint the sun by day, the moon by night, each on its way from left to right."""
        share = ((hour - 6) / 13) if 6 <= hour < 19 else ((hour - 19) % 24) / 11  # noqa: PLR2004 - sunrise and sunset
        self._disc_x = round(300 + 280 * share) // 2 * 2
        y = round(HORIZON - 20 - 300 * math.sin(math.pi * share)) // 2 * 2
        self._halo.lay(self.backdrop, (self._disc_x - 110, max(y - 110, 0)), shining, 0.55)
        self._disc.lay(self.backdrop, (self._disc_x - 46, max(y - 46, 0)), shining)

    def _paint_lighthouse(self, light: Light) -> None:
        tower = np.asarray((236, 232, 226)) * (0.25 + 0.75 * (1 - self._night)) + np.asarray(light.shore) * 0.2
        self._tower.lay(self.backdrop, (_LAMP[0] - 40, _LAMP[1] - 22), yuv_of(np.clip(tower, 0, 250)))

    def _paint_glint(self, planes: Planes, step: int) -> None:
        x, y = self._disc_x - GLINT_WIDTH // 2, HORIZON + 2
        mask = self._glints[step % GLINTS] * self._water
        half = mask[::2, ::2]
        for plane, back, part, shift, delta in zip(
            planes, self.backdrop, (mask, half, half), (0, 1, 1), self._glint_delta, strict=True
        ):
            rows, columns = part.shape
            spot = (slice(y >> shift, (y >> shift) + rows), slice(x >> shift, (x >> shift) + columns))
            plane[spot] = back[spot] + part * delta

    def _paint_boat(self, planes: Planes, at_s: float) -> None:
        rows, columns = self._boat.mask.shape
        x = int(at_s * 7) % 560 // 2 * 2 + 60
        y = HORIZON - 66 + round(math.sin(at_s * 1.1)) * 2
        for plane, back, shift in zip(planes, self.backdrop, (0, 1, 1), strict=True):
            spot = (slice((y - 4) >> shift, (y + rows + 4) >> shift), slice((x - 4) >> shift, (x + columns) >> shift))
            plane[spot] = back[spot]
        sail = np.asarray((238, 234, 224)) * (0.35 + 0.65 * (1 - self._night))
        self._boat.lay(planes, (x, y), yuv_of(sail), 0.94)

    def _paint_lamp(self, planes: Planes, at_s: float) -> None:
        x, y = _LAMP[0] - 56, _LAMP[1] - 56
        for plane, back, shift in zip(planes, self.backdrop, (0, 1, 1), strict=True):
            spot = (slice(y >> shift, (y + 112) >> shift), slice(x >> shift, (x + 112) >> shift))
            plane[spot] = back[spot]
        flash = max(math.cos(at_s * math.pi / 2), 0.0) ** 6
        self._lamp.lay(planes, (x, y), yuv_of((255, 240, 200)), flash * (0.35 + 0.6 * self._night))

    def _write_clock(self, planes: Planes, clock: str) -> None:
        x, y = _CLOCK
        spots = []
        for letter in clock:
            spots.append((x, self._digits[letter]))
            x += (self._digits[letter][0].mask.shape[1] - 12) // 2 * 2
        rows = self._digits["0"][0].mask.shape[0]
        for plane, back, shift in zip(planes, self.backdrop, (0, 1, 1), strict=True):
            spot = (slice(y >> shift, (y + rows) >> shift), slice(_CLOCK[0] >> shift, (x + 24) >> shift))
            plane[spot] = back[spot]
        for place, (_, shadow) in spots:
            shadow.lay(planes, (place, y), yuv_of((6, 10, 20)), 0.35)
        for place, (strokes, _) in spots:
            strokes.lay(planes, (place, y), yuv_of((246, 247, 250)), 0.96)
        for cell in range(_CELLS):
            self._paint_cell(planes, cell, is_past=False)
        self._written = clock

    def _paint_cell(self, planes: Planes, cell: int, *, is_past: bool) -> None:
        """Fill one cell of the strip: the second runs through it from left to right."""
        x, y = _STRIP[0] + cell * _CELL_STEP, _STRIP[1]
        for plane, back, shift in zip(planes, self.backdrop, (0, 1, 1), strict=True):
            spot = (slice(y >> shift, (y + _CELL_PX) >> shift), slice(x >> shift, (x + _CELL_PX) >> shift))
            plane[spot] = back[spot]
        colour, strength = ((72, 200, 190), 0.95) if is_past else ((8, 14, 26), 0.32)
        self._cell.lay(planes, (x, y), yuv_of(colour), strength)


def _planes() -> Planes:
    half = (HEIGHT_PX // 2, WIDTH_PX // 2)
    return (
        np.zeros((HEIGHT_PX, WIDTH_PX), dtype=np.uint8),
        np.zeros(half, dtype=np.uint8),
        np.zeros(half, dtype=np.uint8),
    )


def _light_at(hour: float) -> Light:
    later = next(light for light in _LIGHTS[1:] if light.hour >= hour)
    sooner = _LIGHTS[_LIGHTS.index(later) - 1]
    share = (hour - sooner.hour) / (later.hour - sooner.hour)
    names = ("zenith", "horizon", "sea_far", "sea_near", "hills", "shore", "disc")
    colours = (_mixed(getattr(sooner, name), getattr(later, name), share) for name in names)
    return Light(hour, *colours)


def _mixed(one: _Rgb, other: _Rgb, share: float) -> _Rgb:
    r, g, b = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return r, g, b


def _night_at(hour: float) -> float:
    """Return how dark it is, 0 to 1."""
    return max(0.0, min(1.0, max((6.5 - hour) / 2, (hour - 19.2) / 2)))
