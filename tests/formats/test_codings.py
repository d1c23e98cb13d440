"""How copied pictures are boxed and named; whatever a file claims, nothing breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats import h264, h265
from osmose_addon.formats.codings import Look, coding_of

FULL_HD = Look("yuv420p", 8, 1920, 1080, 24.0)
# Of a 3840 x 2160 film in Main 10, as x265 writes them.
VPS = bytes.fromhex("40010c01ffff022000000300900000030000030099959809")
SPS = bytes.fromhex("420101022000000300900000030000030099a001e020021c4d96566924cae010000003001000000301e080")
PPS = bytes.fromhex("4401c172b46240")


def test_h265_is_named_by_profile_flags_tier_and_level() -> None:
    """As RFC 6381 and ISO/IEC 14496-15, annex E, have it."""
    sets = h265.ParameterSets((VPS,), (SPS,), (PPS,))
    assert sets.codecs == "hvc1.2.4.L153.90"
    record = h265.hvcc(sets)
    assert h265.sets_of_extradata(record) == sets
    assert h265.length_bytes(record) == 4
    assert (record[0], record[1], record[12]) == (1, 2, 153)
    boxed = coding_of("hevc", record, FULL_HD)
    assert boxed is not None
    assert (boxed.entry, boxed.box, boxed.config) == (b"hvc1", b"hvcC", record)


def test_samples_of_h265_leave_known_sets_out_and_keep_new_ones() -> None:
    """A set that changes midway is needed where it stands."""
    sets = h265.ParameterSets((VPS,), (SPS,), (PPS,))
    other, picture = PPS + b"\x01", b"\x26\x01abc"
    packet = h264.join_annex_b([b"\x46\x01\x50", VPS, SPS, PPS, other, picture])
    assert h265.sample_of(packet, 0, sets) == h264.join_lengths([other, picture])
    assert h265.sample_of(h264.join_lengths([PPS, picture]), 4, sets) == h264.join_lengths([picture])


@pytest.mark.parametrize(
    ("look", "name"),
    [
        (FULL_HD, "vp09.00.40.08"),
        (Look("yuv420p10le", 10, 3840, 2160, 60.0), "vp09.02.51.10"),
        (Look("yuv444p", 8, 640, 360, 25.0), "vp09.01.21.08"),
    ],
)
def test_vp9_is_named_by_what_its_pictures_need(look: Look, name: str) -> None:
    """Profile by depth and colours, level by size and rate."""
    boxed = coding_of("vp9", b"", look)
    assert boxed is not None
    assert (boxed.codecs, boxed.entry, len(boxed.config)) == (name, b"vp09", 12)
    assert boxed.sample(b"frame") == b"frame"


def test_av1_is_named_by_its_record() -> None:
    """Profile, level, tier and depth are its first three bytes."""
    boxed = coding_of("av1", bytes((0x81, 0x0D, 0xCC, 0)) + b"rest", FULL_HD)
    assert boxed is not None
    assert (boxed.codecs, boxed.box) == ("av01.0.13H.10", b"av1C")


@given(st.sampled_from(["h264", "hevc", "av1", "vp9", "mpeg4"]), st.binary(max_size=400), st.integers(0, 3))
def test_no_configuration_breaks_anything(codec: str, noise: bytes, form: int) -> None:
    """The hub plans by what foreign files say."""
    heads = (b"", b"\0\0\0\1", b"\x01", h265.hvcc(h265.ParameterSets((VPS,), (SPS,), (PPS,)))[:-4])
    boxed = coding_of(codec, heads[form] + noise, FULL_HD)
    if boxed is not None:
        boxed.sample(noise)


def test_endless_and_countless_parameter_sets_are_left_out() -> None:
    """A record has 16 bits for a length and 5 for a count."""
    long = h264.join_annex_b([b"\x67" + bytes([100]) * 70_000, b"\x68\x01"])
    many = h264.join_annex_b([*(b"\x67\x64\0\x28" + bytes([at]) for at in range(200)), b"\x68\x01"])
    assert coding_of("h264", long, FULL_HD) is None
    boxed = coding_of("h264", many, FULL_HD)
    assert boxed is not None
    assert h264.sets_of_extradata(boxed.config) is not None
