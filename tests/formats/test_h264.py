"""NAL units, parameter sets and their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats import aac, h264
from osmose_addon.formats.h264_sps import parse_sps

SPS_1080 = bytes.fromhex("67640028acd940780227e5c05a808080a0000003002000000781e30632c0")
PPS = bytes.fromhex("68ebe3cb22c0")


def test_start_codes_become_lengths_and_parameter_sets_go() -> None:
    """Both forms of start code end a unit, and the sample holds pictures only."""
    packet = b"\0\0\0\1\x09\xf0\0\0\0\1" + SPS_1080 + b"\0\0\0\1" + PPS + b"\0\0\1\x65abc\0\0\0\1\x65de"
    assert h264.sample_of(packet) == b"\0\0\0\4\x65abc\0\0\0\3\x65de"
    sets = h264.sets_of(h264.split_annex_b(packet))
    assert sets == h264.ParameterSets((SPS_1080,), (PPS,))
    assert sets.codecs == "avc1.640028"


def test_a_packet_of_short_lengths_is_widened() -> None:
    """`avcC` may ask for 1, 2 or 4 byte lengths; a sample always has 4."""
    assert h264.sample_of(b"\0\3\x65ab\0\2\x06c", 2) == b"\0\0\0\3\x65ab\0\0\0\2\x06c"
    assert list(h264.split_lengths(b"\0\0\0\x09\x65ab")) == []


def test_sps_tells_what_is_shown() -> None:
    """1088 coded lines are 1080 shown ones."""
    sps = parse_sps(SPS_1080)
    assert (sps.width_px, sps.height_px, sps.level, sps.profile, sps.is_progressive) == (1920, 1080, 40, 100, True)


@given(st.binary(max_size=80))
def test_damaged_parameter_sets_never_raise(body: bytes) -> None:
    """Bytes from outside may be anything."""
    parse_sps(body)
    h264.sets_of_extradata(body)
    h264.sets_of(h264.split_annex_b(body))


@given(st.lists(st.binary(min_size=1, max_size=30).map(lambda b: b"\x65" + b + b"\x01"), max_size=5))
def test_lengths_and_units_are_two_forms_of_one_thing(units: list[bytes]) -> None:
    """Joining and splitting lose nothing."""
    assert list(h264.split_lengths(h264.join_lengths(units))) == units


@pytest.mark.parametrize(("rate_hz", "channels"), [(48000, 2), (44100, 1), (8000, 6), (12345, 8)])
def test_audio_config_says_what_was_put_in(rate_hz: int, channels: int) -> None:
    """Rates outside the table use the escape form."""
    config = aac.AacConfig(aac.LOW_COMPLEXITY, rate_hz, channels)
    assert aac.parse_config(aac.build_config(config)) == config
    assert config.codecs == "mp4a.40.2"


def test_adts_headers_are_read_and_taken_off() -> None:
    """With and without a checksum, and a raw frame stays as it is."""
    head = bytes.fromhex("fff15080019ffc")
    assert aac.adts_config(head + b"x") == aac.AacConfig(2, 44100, 2)
    assert aac.strip_adts(head + b"frame") == b"frame"
    assert aac.strip_adts(b"\xff\xf0" + head[2:] + b"crframe") == b"frame"
    assert aac.strip_adts(b"\x21\x10frame!!!") == b"\x21\x10frame!!!"


def test_high_efficiency_hides_behind_a_plain_head() -> None:
    """The extension says whether a frame plays twice as long; FFmpeg writes it with a no."""
    assert aac.parse_config(bytes.fromhex("139056e5a0")).has_sbr
    assert not aac.parse_config(bytes.fromhex("119056e500")).has_sbr
    assert not aac.parse_config(b"\x11\x90").has_sbr
