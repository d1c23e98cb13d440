"""What a sequence parameter set of H.265 says. Source: ITU-T H.265, sections 7.3.2.2 and 7.3.3."""

from dataclasses import dataclass

from osmose_addon.formats.bits import Bits
from osmose_addon.formats.h264_sps import Chroma, unescape

_CHROMA_444 = 3
_MOST_LAYERS = 8


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set in the words of a player. Sizes are what is shown, after cropping.

    `compatibility` holds the 32 profile flags, the first one highest; `constraints` are the six bytes behind them.
    """

    profile_space: int
    is_high_tier: bool
    profile: int
    compatibility: int
    constraints: bytes
    level: int
    layers: int
    is_nested: bool
    chroma: Chroma
    width_px: int
    height_px: int


def parse_sps(unit: bytes) -> Sps:
    """Return what an SPS unit says; a cut or damaged one gives nonsense, never an error."""
    bits = Bits(unescape(unit[2:]))
    bits.take(4)
    layers, is_nested = bits.take(3) + 1, bits.flag()
    space, is_high, profile = bits.take(2), bits.flag(), bits.take(5)
    compatibility, constraints, level = bits.take(32), bits.take(48).to_bytes(6, "big"), bits.take(8)
    _skip_layers(bits, layers - 1)
    bits.golomb()
    form = bits.golomb()
    if form == _CHROMA_444:
        bits.take(1)
    width, height = bits.golomb(), bits.golomb()
    crop = [bits.golomb() for _ in range(4)] if bits.flag() else [0, 0, 0, 0]
    across, down = (2 if form in (1, 2) else 1), (2 if form == 1 else 1)
    chroma = Chroma(form, bits.golomb() + 8, bits.golomb() + 8)
    width, height = width - (crop[0] + crop[1]) * across, height - (crop[2] + crop[3]) * down
    return Sps(space, is_high, profile, compatibility, constraints, level, layers, is_nested, chroma, width, height)


def _skip_layers(bits: Bits, count: int) -> None:
    told = [(bits.flag(), bits.flag()) for _ in range(count)]
    if count:
        bits.take(2 * (_MOST_LAYERS - count))
    for has_profile, has_level in told:
        bits.take(88 if has_profile else 0)
        bits.take(8 if has_level else 0)
