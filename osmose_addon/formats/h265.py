"""H.265 (HEVC) as MP4 wants it: 4-byte lengths, and the parameter sets beside the samples (`hvc1`).

Sources: ITU-T H.265 section 7.4.2.2 (NAL units), ISO/IEC 14496-15 sections 8.3.3 (`hvcC`) and E.3 (names).
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osmose_addon.formats.h264 import LONGEST_SET_BYTES, is_annex_b, join_lengths, split_annex_b, split_lengths
from osmose_addon.formats.h265_sps import parse_sps

RASL_N, RASL_R, CRA, VPS, SPS, PPS, DELIMITER = 8, 9, 21, 32, 33, 34, 35

_SPACES = ("", "A", "B", "C")
_HVCC_HEAD_BYTES = 23
_LEAST_SPS_BYTES = 16
_SETS = (VPS, SPS, PPS)
_MOST_OF_A_KIND = 64  # Source: ITU-T H.265, section 7.4.3.3: ids of picture parameter sets go up to 63


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """The VPS, SPS and PPS units of a stream, without start codes or lengths."""

    vps: tuple[bytes, ...]
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @property
    def codecs(self) -> str:
        """Return the RFC 6381 name, e.g. `hvc1.2.4.L120.B0`: profile, flags from the right, tier and level."""
        told = parse_sps(self.sps[0])
        flags = int(f"{told.compatibility:032b}"[::-1], 2)
        first = f"{_SPACES[told.profile_space]}{told.profile}"
        parts = ["hvc1", first, f"{flags:X}", f"{'H' if told.is_high_tier else 'L'}{told.level}"]
        return ".".join([*parts, *(f"{byte:X}" for byte in told.constraints.rstrip(b"\0"))])

    @property
    def all(self) -> frozenset[bytes]:
        """Return all units."""
        return frozenset((*self.vps, *self.sps, *self.pps))


def unit_type(unit: bytes) -> int:
    """Return the type of a NAL unit, 63 (unspecified) for an empty one."""
    return unit[0] >> 1 & 0x3F if unit else 63


def units_of(packet: bytes, length_bytes: int) -> Iterable[bytes]:
    """Return the NAL units of a packet; `length_bytes` is how it gives their lengths, 0 for start codes."""
    return split_lengths(packet, length_bytes) if length_bytes else split_annex_b(packet)


def sample_of(packet: bytes, length_bytes: int, sets: ParameterSets) -> bytes:
    """Return a packet as an MP4 sample: 4-byte lengths, without delimiters and the sets of the init segment.

    A parameter set that is new midway stays where it is: players take it, and without it there is no picture.
    """
    known = sets.all
    units = units_of(packet, length_bytes)
    return join_lengths(one for one in units if unit_type(one) != DELIMITER and one not in known)


def sets_of(units: Iterable[bytes]) -> ParameterSets | None:
    """Return the parameter sets among these units, or nothing when one of the three kinds is missing.

    A set that a record has no room for is left out.
    """
    found: dict[int, dict[bytes, None]] = {kind: {} for kind in _SETS}
    for unit in units:
        is_whole = unit_type(unit) != SPS or len(unit) >= _LEAST_SPS_BYTES
        if is_whole and len(unit) <= LONGEST_SET_BYTES:
            found.get(unit_type(unit), {})[unit] = None
    if not all(found.values()):
        return None
    return ParameterSets(*(tuple(found[kind])[:_MOST_OF_A_KIND] for kind in _SETS))


def sets_of_extradata(extradata: bytes) -> ParameterSets | None:
    """Return the parameter sets of a decoder configuration in either form, or nothing when there are none."""
    if is_annex_b(extradata):
        return sets_of(split_annex_b(extradata))
    if len(extradata) < _HVCC_HEAD_BYTES or extradata[0] != 1:
        return None
    return sets_of(_units_of_hvcc(extradata))


def length_bytes(extradata: bytes) -> int:
    """Return how many bytes a packet's length fields have by its decoder configuration; 0 means start codes."""
    if is_annex_b(extradata) or len(extradata) < _HVCC_HEAD_BYTES:
        return 0
    return (extradata[21] & 3) + 1


def hvcc(sets: ParameterSets) -> bytes:
    """Return the `hvcC` record with 4-byte lengths and all parameter sets of the stream."""
    told = parse_sps(sets.sps[0])
    parts = [
        bytes((1, told.profile_space << 6 | told.is_high_tier << 5 | told.profile)),
        struct.pack(">I", told.compatibility),
        told.constraints,
        bytes((told.level, 0xF0, 0, 0xFC, 0xFC | told.chroma.format & 3)),
        bytes((0xF8 | told.chroma.luma_depth - 8 & 7, 0xF8 | told.chroma.chroma_depth - 8 & 7, 0, 0)),
        bytes((told.layers << 3 & 0x38 | told.is_nested << 2 | 3, len(_SETS))),
    ]
    for kind, units in zip(_SETS, (sets.vps, sets.sps, sets.pps), strict=True):
        parts.append(struct.pack(">BH", 0x80 | kind, len(units)))
        parts += [struct.pack(">H", len(unit)) + unit for unit in units]
    return b"".join(parts)


def _units_of_hvcc(record: bytes) -> Iterator[bytes]:
    at = _HVCC_HEAD_BYTES
    for _ in range(record[_HVCC_HEAD_BYTES - 1]):
        count, at = int.from_bytes(record[at + 1 : at + 3], "big"), at + 3
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            if not size or at + 2 + size > len(record):
                return
            yield record[at + 2 : at + 2 + size]
            at += 2 + size
