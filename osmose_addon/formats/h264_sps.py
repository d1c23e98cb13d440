"""What a sequence parameter set says. Source: ITU-T H.264, sections 7.3.2.1.1 and E.1.1."""

from dataclasses import dataclass

from osmose_addon.formats.bits import Bits

_WITH_CHROMA = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
_EXTENDED_ASPECT = 255
_ASPECTS = (
    (1, 1),
    *((1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11)),
    *((80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1)),
)


@dataclass(frozen=True, slots=True)
class Chroma:
    """How colours are sampled: `format` 1 is 4:2:0; depths in bits."""

    format: int = 1
    luma_depth: int = 8
    chroma_depth: int = 8


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set in the words of a player. Sizes are what is shown, after cropping."""

    profile: int
    level: int
    width_px: int
    height_px: int
    chroma: Chroma
    is_progressive: bool
    sample_aspect_num: int = 1
    sample_aspect_den: int = 1


def parse_sps(unit: bytes) -> Sps:
    """Return what an SPS unit says; a cut or damaged one gives nonsense, never an error."""
    bits = Bits(unescape(unit[1:]))
    profile, _, level = bits.take(8), bits.take(8), bits.take(8)
    bits.golomb()
    chroma = _chroma(bits) if profile in _WITH_CHROMA else Chroma()
    bits.golomb()
    _skip_order(bits)
    bits.golomb()
    bits.take(1)
    across, down = bits.golomb() + 1, bits.golomb() + 1
    is_progressive = bits.flag()
    bits.take(1 if is_progressive else 2)
    fields = 1 if is_progressive else 2
    crop = [bits.golomb() for _ in range(4)] if bits.flag() else [0, 0, 0, 0]
    step_x = 2 if chroma.format in (1, 2) else 1
    step_y = (2 if chroma.format == 1 else 1) * fields
    aspect = _aspect(bits) if bits.flag() else (1, 1)
    width, height = across * 16 - (crop[0] + crop[1]) * step_x, down * 16 * fields - (crop[2] + crop[3]) * step_y
    return Sps(profile, level, width, height, chroma, is_progressive, *aspect)


def unescape(payload: bytes) -> bytes:
    """Return a unit's payload without emulation prevention bytes. Source: ITU-T H.264, section 7.4.1."""
    return payload.replace(b"\0\0\3", b"\0\0")


def _chroma(bits: Bits) -> Chroma:
    form = bits.golomb()
    if form == 3:  # noqa: PLR2004 - 4:4:4, which has a flag of its own
        bits.take(1)
    found = Chroma(form, bits.golomb() + 8, bits.golomb() + 8)
    bits.take(1)
    if bits.flag():
        for index in range(8 if form != 3 else 12):  # noqa: PLR2004
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)  # noqa: PLR2004
    return found


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed_golomb()) % 256
        last = following or last


def _skip_order(bits: Bits) -> None:
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.take(1)
        bits.signed_golomb()
        bits.signed_golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.signed_golomb()


def _aspect(bits: Bits) -> tuple[int, int]:
    if not bits.flag():
        return 1, 1
    kind = bits.take(8)
    if kind == _EXTENDED_ASPECT:
        return bits.take(16) or 1, bits.take(16) or 1
    return _ASPECTS[kind] if kind < len(_ASPECTS) else (1, 1)
