"""The picture of the sample film: a day over layered hills and a lake, drawn with numpy straight into YUV 4:2:0.

All that is costly (outlines of ridges, clouds, glow) is drawn once, wider than the picture; a frame then only slides
and blends strips of it. A frame of 1280x720 takes some 8 ms that way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osmose_addon.workers.daylight import Hour, Yuv, hour_of, mixed, to_yuv

WIDTH_PX, HEIGHT_PX = 1280, 720
LASTS_S = 40.0

_SHORE_PX = 452
_LAKE_END_PX = 648
_PHASES = 4
_STARS = 420

Plane = NDArray[np.uint8]
Alpha = NDArray[np.int16]
_Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class _Ridge:
    """A range of hills: its outline as alpha (0-128) for each quarter of a pixel, and where and how it slides."""

    alphas: list[Alpha]
    top_px: int
    bottom_px: int
    speed_px_s: float
    distance: float


class Landscape:
    """Draws any moment of the film."""

    def __init__(self) -> None:
        """Prepare what is drawn once; about half a second."""
        rng = np.random.default_rng(20_26)
        self._rows = np.arange(HEIGHT_PX, dtype=np.float32)
        self._grain = rng.uniform(-0.6, 0.6, (_SHORE_PX, WIDTH_PX)).astype(np.float32)
        self._glow = _glow(900)
        self._disc = _disc(34)
        self._clouds = [_clouds(rng, 3072, 210, 0.50), _clouds(rng, 3072, 150, 0.56)]
        self._far = [
            _ridge(rng, _Hills(_SHORE_PX - 190, _SHORE_PX, 110, 5.0, 0.16)),
            _ridge(rng, _Hills(_SHORE_PX - 128, _SHORE_PX, 74, 9.0, 0.36)),
            _ridge(rng, _Hills(_SHORE_PX - 66, _SHORE_PX, 40, 14.0, 0.60, 11)),
        ]
        self._near = [
            _ridge(rng, _Hills(_LAKE_END_PX - 58, HEIGHT_PX, 46, 30.0, 0.84, 34)),
            _ridge(rng, _Hills(_LAKE_END_PX - 22, HEIGHT_PX, 34, 56.0, 1.0, 58)),
        ]
        self._stars = _stars(rng)
        self._balloon = _balloon()

    def frame(self, at_s: float) -> Plane:
        """Return the picture of a moment, shape (1080, 1280): the Y plane, then U and V as `yuv420p` packs them."""
        buffer: Plane = np.empty((HEIGHT_PX * 3 // 2, WIDTH_PX), dtype=np.uint8)
        luma = buffer[:HEIGHT_PX]
        chroma = buffer[HEIGHT_PX:].reshape(2, HEIGHT_PX // 2, WIDTH_PX // 2)
        planes = (luma, chroma[0], chroma[1])
        hour = hour_of(at_s)
        self._draw_sky(planes, hour)
        self._draw_stars(luma, hour, at_s)
        for body in (hour.sun, hour.moon):
            self._draw_light(planes, body.x_px, body.y_px, body.colour, body.strength)
        self._draw_clouds(planes, hour, at_s)
        for ridge in self._far[:2]:
            _draw_ridge(planes, ridge, hour, at_s)
        self._draw_balloon(planes, hour, at_s)
        _draw_ridge(planes, self._far[2], hour, at_s)
        _draw_lake(planes, hour, at_s)
        for ridge in self._near:
            _draw_ridge(planes, ridge, hour, at_s)
        return buffer

    def _draw_sky(self, planes: tuple[Plane, Plane, Plane], hour: Hour) -> None:
        at = self._rows[:_SHORE_PX] / _SHORE_PX
        for number, plane in enumerate(planes):
            stops = [hour.zenith[number], hour.middle[number], hour.horizon[number], hour.horizon[number]]
            column = np.interp(at, [0.0, 0.55, 0.9, 1.0], stops).astype(np.float32)
            if number == 0:
                plane[:_SHORE_PX] = column[:, None] + self._grain
            else:
                plane[: _SHORE_PX // 2] = column[::2, None]

    def _draw_stars(self, luma: Plane, hour: Hour, at_s: float) -> None:
        if hour.night <= 0:
            return
        across, down, light, beat = self._stars
        twinkle = 0.75 + 0.25 * np.sin(at_s * beat + across)
        added = (light * twinkle * hour.night).astype(np.int16)
        columns = (across - at_s * 1.5).astype(np.int32) % WIDTH_PX
        luma[down, columns] = np.minimum(luma[down, columns] + added, 235).astype(np.uint8)

    def _draw_light(
        self, planes: tuple[Plane, Plane, Plane], x_px: float, y_px: float, colour: Yuv, strength: float
    ) -> None:
        if strength <= 0:
            return
        glow = (self._glow * (strength * 84)).astype(np.int16)
        _blend(planes, glow, (round(x_px) - 450, round(y_px) - 450), colour, bottom_px=_SHORE_PX)
        _blend(planes, self._disc, (round(x_px) - 40, round(y_px) - 40), colour, bottom_px=_SHORE_PX)

    def _draw_clouds(self, planes: tuple[Plane, Plane, Plane], hour: Hour, at_s: float) -> None:
        for clouds, top, speed in zip(self._clouds, (40, 190), (13.0, 7.0), strict=True):
            shift = int(at_s * speed) // 2 * 2
            _blend(planes, clouds[:, shift : shift + WIDTH_PX], (0, top), hour.cloud, bottom_px=_SHORE_PX)

    def _draw_balloon(self, planes: tuple[Plane, Plane, Plane], hour: Hour, at_s: float) -> None:
        x = round(-120 + (at_s - 8) * 62) // 2 * 2
        y = round(214 - 46 * np.sin((at_s - 8) / 9) + 5 * np.sin(at_s)) // 2 * 2
        for alpha, colour in self._balloon:
            _blend(planes, alpha, (x, y), mixed(hour.shade, colour, hour.light), bottom_px=_SHORE_PX)


def _blend(
    planes: tuple[Plane, Plane, Plane], alpha: Alpha, at: tuple[int, int], colour: Any, *, bottom_px: int
) -> None:
    """Blend one colour over the planes where `alpha` (0-128) says, its top left corner at `at`, clipped."""
    left, top = at[0] // 2 * 2, at[1] // 2 * 2
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + alpha.shape[1], WIDTH_PX) // 2 * 2, min(top + alpha.shape[0], bottom_px) // 2 * 2
    if x1 <= x0 or y1 <= y0:
        return
    cut = alpha[y0 - top : y1 - top, x0 - left : x1 - left]
    _mix(planes[0][y0:y1, x0:x1], cut, colour[0])
    small = cut[::2, ::2]
    for plane, value in zip(planes[1:], colour[1:], strict=True):
        _mix(plane[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2], small, value)


def _mix(part: Plane, alpha: Alpha, value: float | NDArray[np.int16]) -> None:
    """Blend a value over a part of a plane. 255 times 128 just fits into 16 bits."""
    wide = part.astype(np.int16)
    target = value if isinstance(value, np.ndarray) else np.int16(value)
    part[...] = wide + (((target - wide) * alpha) >> 7)


def _draw_ridge(planes: tuple[Plane, Plane, Plane], ridge: _Ridge, hour: Hour, at_s: float) -> None:
    """Draw hills: an outline that slides, and below it their colour, which turns to mist further down."""
    quarter = int(at_s * ridge.speed_px_s * _PHASES)
    alpha = ridge.alphas[quarter % _PHASES][:, quarter // _PHASES : quarter // _PHASES + WIDTH_PX]
    height = ridge.bottom_px - ridge.top_px
    colour, mist = hour.hill(ridge.distance), hour.mist(ridge.distance)
    down = (np.linspace(0.0, 1.0, height, dtype=np.float32) ** 1.5)[:, None]
    for number, plane in enumerate(planes):
        step = 1 if number == 0 else 2
        column = (colour[number] + (mist[number] - colour[number]) * down[::step]).astype(np.int16)
        part = plane[ridge.top_px // step : ridge.bottom_px // step]
        edge = alpha[::step, ::step]
        _mix(part[: edge.shape[0]], edge, column[: edge.shape[0]])
        part[edge.shape[0] :] = column[edge.shape[0] :]


def _draw_lake(planes: tuple[Plane, Plane, Plane], hour: Hour, at_s: float) -> None:
    """Draw the water: what stands above it upside down, darker, broken by slow waves."""
    height = _LAKE_END_PX - _SHORE_PX
    down = np.arange(height, dtype=np.float32)
    depth = down / height
    swell = np.sin(down * 0.55 / (0.25 + depth) + at_s * 2.1) + 0.6 * np.sin(down * 0.21 + at_s * 1.3)
    above = _SHORE_PX - 2 - down * 1.5 + swell * (0.6 + 4.0 * depth)
    rows = np.clip(above, 0, _SHORE_PX - 2).astype(np.int32)
    dark = (26 + 30 * depth).astype(np.int16)[:, None]
    for number, plane in enumerate(planes):
        step = 1 if number == 0 else 2
        water = plane[rows[::step] // step]
        _mix(water, np.broadcast_to(dark[::step], water.shape), hour.water[number])
        plane[_SHORE_PX // step : _SHORE_PX // step + water.shape[0]] = water


def _outline(rng: _Rng, width: int, height_px: int) -> NDArray[np.float32]:
    """Return the heights of hills in pixels: waves of many lengths, the long ones high."""
    across = np.arange(width, dtype=np.float32)
    heights = np.zeros(width, dtype=np.float32)
    for octave in range(7):
        length = 620 / 1.9**octave * rng.uniform(0.85, 1.15)
        heights += np.sin(across / length * 2 * np.pi + rng.uniform(0, 6.28)) / 1.75**octave
    low, high = heights.min(), heights.max()
    return np.asarray((heights - low) / (high - low) * height_px, dtype=np.float32)


def _trees(rng: _Rng, width: int, tall_px: int) -> NDArray[np.float32]:
    """Return how far conifers stand out above the ground: narrow steps of branches, in groves."""
    out = np.zeros(width, dtype=np.float32)
    grove = _outline(rng, width, 1)
    for left in np.sort(rng.integers(0, width, width // max(tall_px // 4, 3))):
        if grove[left] < 0.42:  # noqa: PLR2004 - a clearing
            continue
        tall = tall_px * rng.uniform(0.45, 1.0)
        half = max(int(tall * 0.22), 2)
        aside = np.abs(np.arange(-half, half + 1)) / half
        shape = tall * (1 - aside) + tall * 0.09 * np.sin(aside * 19)
        cut = slice(max(left - half, 0), min(left + half + 1, width))
        out[cut] = np.maximum(out[cut], shape[cut.start - left + half : cut.stop - left + half])
    return out


@dataclass(frozen=True, slots=True)
class _Hills:
    """What a ridge shall be like: the rows it fills, how high its hills and trees are, how fast it slides."""

    top_px: int
    bottom_px: int
    height_px: int
    speed_px_s: float
    distance: float
    trees_px: int = 0


def _ridge(rng: _Rng, hills: _Hills) -> _Ridge:
    """Return a ridge; its outline moves within the height of its hills and trees."""
    height_px, trees_px, speed_px_s = hills.height_px, hills.trees_px, hills.speed_px_s
    width = WIDTH_PX + int(speed_px_s * LASTS_S) + 8
    heights = _outline(rng, width, height_px)
    if trees_px:
        heights = heights + _trees(rng, width, trees_px)
    band = (height_px + trees_px + 3) // 2 * 2
    rows = np.arange(band, dtype=np.float32)[:, None]
    across = np.arange(width - 1, dtype=np.float32)
    alphas = []
    for phase in range(_PHASES):
        line = np.interp(across + phase / _PHASES, np.arange(width), heights)
        alphas.append(_alpha(np.clip(rows - (band - 1 - line) + 0.5, 0, 1)))
    top = (hills.top_px - trees_px) // 2 * 2
    return _Ridge(alphas, top, hills.bottom_px, speed_px_s, hills.distance)


def _clouds(rng: _Rng, width: int, height: int, threshold: float) -> Alpha:
    """Return drifting clouds as alpha: smooth noise, stretched sideways, that fades above and below."""
    spectrum = np.fft.rfft2(rng.standard_normal((height, width)))
    down = np.fft.fftfreq(height)[:, None]
    across = np.fft.rfftfreq(width)[None, :] * 2.4
    power = (down**2 + across**2 + 6e-5) ** -0.8
    noise = np.fft.irfft2(spectrum * power, (height, width))
    noise = (noise - noise.min()) / (noise.max() - noise.min())
    fade = np.sin(np.linspace(0, np.pi, height)) ** 0.8
    alpha = np.clip((noise * fade[:, None] - threshold) * 3.2, 0, 0.8)
    return _alpha(alpha)


def _alpha(share: NDArray[Any]) -> Alpha:
    """Return shares of 0 to 1 as alpha."""
    return np.asarray(share * 128, dtype=np.int16)


def _glow(size: int) -> NDArray[np.float32]:
    at = np.arange(size, dtype=np.float32) - size / 2
    away = np.sqrt(at[:, None] ** 2 + at[None, :] ** 2) / (size / 2)
    return np.asarray(np.clip(1 - away, 0, 1) ** 2.6, dtype=np.float32)


def _disc(radius_px: int) -> Alpha:
    at = np.arange(80, dtype=np.float32) - 40
    away = np.sqrt(at[:, None] ** 2 + at[None, :] ** 2)
    return _alpha(np.clip(radius_px - away + 0.5, 0, 1))


def _stars(rng: _Rng) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    across = rng.uniform(0, WIDTH_PX, _STARS).astype(np.float32)
    down = (rng.uniform(0, 1, _STARS) ** 1.3 * (_SHORE_PX - 110)).astype(np.int32)
    light = (70 + 150 * rng.uniform(0, 1, _STARS) ** 4).astype(np.float32)
    return across, down, light, rng.uniform(0.8, 3.0, _STARS).astype(np.float32)


def _balloon() -> list[tuple[Alpha, Yuv]]:
    """Return a hot-air balloon as layers of one colour each: envelope, stripes, basket."""
    rows, columns = np.mgrid[0:104, 0:72].astype(np.float32)
    x, y = (columns - 36) / 30, (rows - 34) / 32
    narrow = np.where(y > 0, 1 - 0.32 * np.clip(y, 0, 1.5) ** 2, 1.0)
    inside = np.clip((1 - np.sqrt((x / narrow) ** 2 + np.where(y > 0, y * 0.72, y) ** 2)) * 22, 0, 1)
    inside *= rows < 76  # noqa: PLR2004 - the mouth
    gores = (np.sin(np.arcsin(np.clip(x / narrow, -1, 1)) * 6) > 0) * inside
    basket = ((np.abs(columns - 36) < 7) & (rows > 88) & (rows < 98)) * 1.0  # noqa: PLR2004
    ropes = ((np.abs(np.abs(columns - 36) - (6 + (88 - rows) * 0.35)) < 0.8) & (rows > 74) & (rows < 90)) * 0.7  # noqa: PLR2004
    shade = inside * np.clip(x * 0.5 + 0.15, 0, 0.4)
    layers = ((inside, (214, 84, 60)), (gores, (246, 214, 150)), (shade, (60, 26, 40)))
    tail = ((np.maximum(basket, ropes), (84, 56, 40)),)
    return [(_alpha(alpha), to_yuv(colour)) for alpha, colour in (*layers, *tail)]
