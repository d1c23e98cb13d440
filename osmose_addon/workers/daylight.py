"""The light of the sample film: which colours sky, hills and water have at each moment of its day."""

from dataclasses import dataclass

import numpy as np

Yuv = tuple[float, float, float]
Rgb = tuple[int, int, int]

_SHORE_PX = 452
_DAWN_S, _DUSK_S, _MOONRISE_S, _END_S = 1.5, 28.5, 29.5, 44.0


@dataclass(frozen=True, slots=True)
class _Stop:
    """A moment of the day: zenith, middle of the sky, horizon and hills nearby; how light it is, how deep the night."""

    at_s: float
    colours: tuple[Rgb, Rgb, Rgb, Rgb]
    light: float
    night: float


_DAY = (
    _Stop(0.0, ((24, 30, 72), (84, 76, 128), (226, 142, 122), (22, 26, 44)), 0.25, 0.45),
    _Stop(3.5, ((54, 84, 150), (146, 140, 178), (255, 190, 138), (34, 42, 50)), 0.55, 0.10),
    _Stop(7.5, ((62, 118, 196), (140, 182, 216), (250, 220, 180), (38, 66, 54)), 0.90, 0.0),
    _Stop(13.0, ((54, 122, 206), (122, 178, 226), (208, 228, 238), (40, 78, 52)), 1.0, 0.0),
    _Stop(20.0, ((58, 116, 194), (140, 174, 212), (236, 220, 200), (44, 70, 48)), 0.95, 0.0),
    _Stop(25.0, ((56, 66, 136), (190, 116, 132), (255, 164, 92), (42, 40, 46)), 0.60, 0.0),
    _Stop(28.5, ((30, 34, 88), (112, 66, 112), (232, 110, 84), (24, 24, 40)), 0.35, 0.25),
    _Stop(32.5, ((9, 13, 42), (24, 30, 72), (74, 62, 98), (10, 14, 28)), 0.16, 0.85),
    _Stop(40.0, ((5, 9, 30), (14, 24, 58), (46, 60, 100), (7, 11, 24)), 0.12, 1.0),
)


@dataclass(frozen=True, slots=True)
class Light:
    """The sun or the moon: where its middle is, its colour, how strongly it glows (0: it is not there)."""

    x_px: float
    y_px: float
    colour: Yuv
    strength: float


@dataclass(frozen=True, slots=True)
class Hour:
    """The colours of a moment."""

    zenith: Yuv
    middle: Yuv
    horizon: Yuv
    near: Yuv
    light: float
    night: float
    sun: Light
    moon: Light

    @property
    def cloud(self) -> Yuv:
        """The colour of clouds: white by day, the horizon's at its edges, dark at night."""
        return mixed(mixed(self.middle, self.horizon, 0.55), to_yuv((255, 252, 246)), max(self.light - 0.3, 0.0) * 0.9)

    @property
    def shade(self) -> Yuv:
        """The colour of what no light falls on."""
        return mixed(self.near, self.middle, 0.2)

    @property
    def water(self) -> Yuv:
        """The colour of deep water."""
        return mixed(self.near, self.zenith, 0.6)

    def hill(self, nearness: float) -> Yuv:
        """Return the colour of hills; far ones (0) fade into the sky, near ones (1) are themselves."""
        return mixed(mixed(self.horizon, self.middle, 0.6), self.near, 0.25 + 0.75 * nearness)

    def mist(self, nearness: float) -> Yuv:
        """Return what hills turn to at their feet."""
        return mixed(self.hill(nearness), self.horizon, 0.6 * (1 - nearness) * max(self.light, 0.25))


def to_yuv(colour: Rgb) -> Yuv:
    """Return a colour as BT.709 in TV range."""
    red, green, blue = (part / 255 for part in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748


def mixed(one: Yuv, other: Yuv, share: float) -> Yuv:
    """Return a colour between two; `share` is how much of the other."""
    first, second, third = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return first, second, third


def hour_of(at_s: float) -> Hour:
    """Return the colours of a moment of the film."""
    moments = [stop.at_s for stop in _DAY]
    zenith, middle, horizon, near = (
        _colour(at_s, moments, [stop.colours[place] for stop in _DAY]) for place in range(4)
    )
    light = float(np.interp(at_s, moments, [stop.light for stop in _DAY]))
    night = float(np.interp(at_s, moments, [stop.night for stop in _DAY]))
    warm = mixed(to_yuv((255, 176, 96)), to_yuv((255, 250, 226)), min(max(light * 1.6 - 0.7, 0.0), 1.0))
    sun = _arc(at_s, (_DAWN_S, _DUSK_S), (150.0, 1130.0), 330.0, warm)
    moon = _arc(at_s, (_MOONRISE_S, _END_S + 10), (240.0, 1180.0), 300.0, to_yuv((226, 232, 246)))
    return Hour(zenith, middle, horizon, near, light, night, sun, moon)


def _colour(at_s: float, moments: list[float], stops: list[Rgb]) -> Yuv:
    points = [to_yuv(stop) for stop in stops]
    luma, blue, red = (float(np.interp(at_s, moments, [point[place] for point in points])) for place in range(3))
    return luma, blue, red


def _arc(
    at_s: float, span_s: tuple[float, float], across_px: tuple[float, float], high_px: float, colour: Yuv
) -> Light:
    """Return a light that rises from behind the hills, crosses the sky and sets."""
    share = (at_s - span_s[0]) / (span_s[1] - span_s[0])
    up = np.sin(np.pi * min(max(share, -0.1), 1.1))
    x_px = across_px[0] + (across_px[1] - across_px[0]) * share
    strength = min(max((up + 0.25) * 2.2, 0.0), 1.0)
    return Light(float(x_px), float(_SHORE_PX - 70 - high_px * up), colour, float(strength))
