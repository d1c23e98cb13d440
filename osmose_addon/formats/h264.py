"""H.264 as MP4 wants it: 4-byte lengths instead of start codes, and the parameter sets beside the samples.

Sources: ITU-T H.264 sections 7.3 and B.1 (NAL units), ISO/IEC 14496-15 section 5.3.3.1 (`avcC`), RFC 6381 (names).
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osmose_addon.formats.h264_sps import parse_sps

SLICE, IDR, SEI, SPS, PPS, DELIMITER = 1, 5, 6, 7, 8, 9

LONGEST_SET_BYTES = 0xFFFF
"""How long a parameter set may be in the decoder configuration of an MP4."""

_HIGH_PROFILES = frozenset((100, 110, 122, 144))
_START_CODE = re.compile(rb"\x00\x00\x01")
_AVCC_HEAD_BYTES = 7
_SET_BYTES = 4
_MOST_SPS, _MOST_PPS = 31, 255


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """The SPS and PPS units of a stream, without start codes or lengths."""

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @property
    def codecs(self) -> str:
        """Return the RFC 6381 name, `avc1.PPCCLL`: profile, constraints and level of the first SPS."""
        return f"avc1.{self.sps[0][1:4].hex()}"


def unit_type(unit: bytes) -> int:
    """Return the type of a NAL unit, 0 for an empty one."""
    return unit[0] & 0x1F if unit else 0


def is_annex_b(packet: bytes) -> bool:
    """Whether a packet or a decoder configuration begins with a start code."""
    return packet.startswith((b"\0\0\1", b"\0\0\0\1"))


def split_annex_b(packet: bytes) -> list[bytes]:
    """Return the NAL units of a packet with start codes."""
    marks = list(_START_CODE.finditer(packet))
    ends = [*(mark.start() for mark in marks[1:]), len(packet)][: len(marks)]
    units = (packet[mark.end() : end].rstrip(b"\0") for mark, end in zip(marks, ends, strict=True))
    return [unit for unit in units if unit]


def split_lengths(packet: bytes, length_bytes: int = 4) -> Iterator[bytes]:
    """Yield the NAL units of a packet with length fields; a length beyond the end of the packet ends it."""
    at = 0
    while at + length_bytes <= len(packet):
        size = int.from_bytes(packet[at : at + length_bytes], "big")
        at += length_bytes
        if size and at + size <= len(packet):
            yield packet[at : at + size]
        at += size


def join_lengths(units: Iterable[bytes]) -> bytes:
    """Return the units with 4-byte lengths before each."""
    return b"".join(part for unit in units for part in (struct.pack(">I", len(unit)), unit))


def join_annex_b(units: Iterable[bytes]) -> bytes:
    """Return the units with start codes before each."""
    return b"".join(part for unit in units for part in (b"\0\0\0\1", unit))


def sample_of(packet: bytes, length_bytes: int = 0) -> bytes:
    """Return a packet as an MP4 sample: 4-byte lengths, without delimiters and parameter sets.

    `length_bytes` is how the packet gives its lengths, 0 for start codes. Parameter sets live in the init segment
    (`avc1`); a source that changes them midway has to be encoded.
    """
    units = split_lengths(packet, length_bytes) if length_bytes else split_annex_b(packet)
    return join_lengths(unit for unit in units if unit_type(unit) not in (SPS, PPS, DELIMITER))


def sets_of(units: Iterable[bytes]) -> ParameterSets | None:
    """Return the parameter sets among these units, or nothing when either kind is missing.

    What a record has no room for is left out: a set of more than 64 KiB, more sets than the standard allows.
    """
    found: dict[int, dict[bytes, None]] = {SPS: {}, PPS: {}}
    for unit in units:
        if (len(unit) >= _SET_BYTES or unit_type(unit) == PPS) and len(unit) <= LONGEST_SET_BYTES:
            found.get(unit_type(unit), {})[unit] = None
    if not found[SPS] or not found[PPS]:
        return None
    return ParameterSets(tuple(found[SPS])[:_MOST_SPS], tuple(found[PPS])[:_MOST_PPS])


def sets_of_extradata(extradata: bytes) -> ParameterSets | None:
    """Return the parameter sets of a decoder configuration in either form, or nothing when there are none."""
    if is_annex_b(extradata):
        return sets_of(split_annex_b(extradata))
    if len(extradata) < _AVCC_HEAD_BYTES or extradata[0] != 1:
        return None
    return sets_of(_units_of_avcc(extradata))


def length_bytes(extradata: bytes) -> int:
    """Return how many bytes a packet's length fields have by its decoder configuration; 0 means start codes."""
    if is_annex_b(extradata) or len(extradata) < _AVCC_HEAD_BYTES or extradata[0] != 1:
        return 0
    return (extradata[4] & 3) + 1


def avcc(sets: ParameterSets) -> bytes:
    """Return the `avcC` record with 4-byte lengths."""
    first = sets.sps[0]
    parts = [b"\x01", first[1:4], b"\xff", bytes((0xE0 | len(sets.sps),)), _sized(sets.sps)]
    parts += [bytes((len(sets.pps),)), _sized(sets.pps)]
    if first[1] in _HIGH_PROFILES:
        chroma = parse_sps(first).chroma
        depths = (chroma.luma_depth - 8, chroma.chroma_depth - 8)
        parts.append(bytes((0xFC | chroma.format & 3, 0xF8 | depths[0] & 7, 0xF8 | depths[1] & 7, 0)))
    return b"".join(parts)


def _sized(units: Iterable[bytes]) -> bytes:
    return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)


def _units_of_avcc(record: bytes) -> Iterator[bytes]:
    at = 5
    for mask in (0x1F, 0xFF):
        count = record[at] & mask if at < len(record) else 0
        at += 1
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            yield record[at + 2 : at + 2 + size]
            at += 2 + size
