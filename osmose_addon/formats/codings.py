"""How a picture track that is copied as it is goes into MP4 boxes: its sample entry, configuration and samples.

Sources: ISO/IEC 14496-15 (H.264, H.265), the AV1 and VP9 bindings to ISOBMFF by the Alliance for Open Media and WebM.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from osmose_addon.formats import h264, h265

_AV1C_HEAD_BYTES = 4
_AV1C_MARK = 0x81
_HIGH_DEPTH, _HIGHEST_DEPTH = 10, 12
_SUBSAMPLINGS = {"420": 1, "422": 2, "444": 3}
# Source: the VP9 bitstream overview, annex A: luma samples a second and a picture that a level holds.
_VP9_LEVELS = (
    *((10, 829_440, 36_864), (11, 2_764_800, 73_728), (20, 4_608_000, 122_880), (21, 9_216_000, 245_760)),
    *((30, 20_736_000, 552_960), (31, 36_864_000, 983_040), (40, 83_558_400, 2_228_224), (41, 160_432_128, 2_228_224)),
    *((50, 311_951_360, 8_912_896), (51, 588_251_136, 8_912_896), (52, 1_176_502_272, 8_912_896)),
)
_VP9_HIGHEST = 60


@dataclass(frozen=True, slots=True)
class Look:
    """How the pictures of a track look: FFmpeg's name of the pixel format, bits a colour, size and rate."""

    pixel_format: str
    bit_depth: int
    width_px: int
    height_px: int
    frame_rate: float


@dataclass(frozen=True, slots=True)
class Coding:
    """A track as boxes: four-letter sample `entry`, its configuration `box` and `config`, and the RFC 6381 `codecs`.

    `sample` turns a packet of the file into a sample.
    """

    entry: bytes
    box: bytes
    config: bytes
    codecs: str
    sample: Callable[[bytes], bytes] = field(repr=False)


def coding_of(codec: str, extradata: bytes, look: Look) -> Coding | None:
    """Return how a track of this codec (FFmpeg's name) is boxed, or nothing where the file does not say enough."""
    if codec == "h264":
        return _h264(extradata)
    if codec == "hevc":
        return _h265(extradata)
    if codec == "av1":
        return _av1(extradata)
    return _vp9(look) if codec == "vp9" else None


def _h264(extradata: bytes) -> Coding | None:
    sets = h264.sets_of_extradata(extradata)
    if sets is None:
        return None
    sample = partial(h264.sample_of, length_bytes=h264.length_bytes(extradata))
    return Coding(b"avc1", b"avcC", h264.avcc(sets), sets.codecs, sample)


def _h265(extradata: bytes) -> Coding | None:
    sets = h265.sets_of_extradata(extradata)
    if sets is None:
        return None
    sample = partial(h265.sample_of, length_bytes=h265.length_bytes(extradata), sets=sets)
    return Coding(b"hvc1", b"hvcC", h265.hvcc(sets), sets.codecs, sample)


def _av1(record: bytes) -> Coding | None:
    """Return the coding of AV1: Matroska and MP4 both hold the `av1C` record, and packets as samples are."""
    if len(record) < _AV1C_HEAD_BYTES or record[0] != _AV1C_MARK:
        return None
    profile, level, tier = record[1] >> 5, record[1] & 31, "H" if record[2] >> 7 else "M"
    depth = (_HIGHEST_DEPTH if record[2] >> 5 & 1 else _HIGH_DEPTH) if record[2] >> 6 & 1 else 8
    return Coding(b"av01", b"av1C", record, f"av01.{profile}.{level:02}{tier}.{depth:02}", bytes)


def _vp9(look: Look) -> Coding | None:
    """Return the coding of VP9, worked out of the pictures: files often say nothing."""
    subsampling = next((number for name, number in _SUBSAMPLINGS.items() if name in look.pixel_format), None)
    if subsampling is None:
        return None
    profile = (subsampling > 1) + 2 * (look.bit_depth > 8)  # noqa: PLR2004
    level = _vp9_level(look)
    # Colours are told in `colr`; 2 is "not known" here.
    head = struct.pack(">BBBB", 1, 0, 0, 0)
    config = struct.pack(">BBBBBBH", profile, level, look.bit_depth << 4 | subsampling << 1, 2, 2, 2, 0)
    return Coding(b"vp09", b"vpcC", head + config, f"vp09.{profile:02}.{level:02}.{look.bit_depth:02}", bytes)


def _vp9_level(look: Look) -> int:
    samples = look.width_px * look.height_px
    for level, samples_a_second, samples_a_picture in _VP9_LEVELS:
        if samples <= samples_a_picture and samples * max(look.frame_rate, 1.0) <= samples_a_second:
            return level
    return _VP9_HIGHEST
