"""AAC as players want it: raw frames and an AudioSpecificConfig. Source: ISO/IEC 14496-3, sections 1.6 and 1.A."""

from dataclasses import dataclass

from osmose_addon.formats.bits import Bits

FRAME_SAMPLES = 1024
LOW_COMPLEXITY = 2

_RATES_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_ESCAPE_RATE = 15
_ESCAPE_OBJECT = 31
_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)
_ADTS_BYTES = 7
_CONFIG_BYTES = 2
_SBR_MARK = b"\x56\xe5"


@dataclass(frozen=True, slots=True)
class AacConfig:
    """What an AudioSpecificConfig says. `object_type` 2 is low complexity; `channels` 0 means "told in the stream".

    With `has_sbr`, high efficiency AAC says so behind a low complexity head: a frame then plays 2048 samples.
    """

    object_type: int
    sample_rate_hz: int
    channels: int
    has_sbr: bool = False

    @property
    def codecs(self) -> str:
        """Return the RFC 6381 name, e.g. `mp4a.40.2`."""
        return f"mp4a.40.{self.object_type}"


def build_config(config: AacConfig) -> bytes:
    """Return the AudioSpecificConfig of a plain AAC stream. Raises: ValueError for channels that have no number."""
    layout = _CHANNELS.index(config.channels)
    if config.sample_rate_hz in _RATES_HZ:
        bits = config.object_type << 11 | _RATES_HZ.index(config.sample_rate_hz) << 7 | layout << 3
        return bits.to_bytes(2, "big")
    bits = config.object_type << 35 | _ESCAPE_RATE << 31 | config.sample_rate_hz << 7 | layout << 3
    return bits.to_bytes(5, "big")


def parse_config(config: bytes) -> AacConfig:
    """Return what an AudioSpecificConfig says. Raises: ValueError when it is too short to say anything."""
    if len(config) < _CONFIG_BYTES:
        raise ValueError("AudioSpecificConfig too short")
    bits = Bits(config)
    kind = bits.take(5)
    if kind == _ESCAPE_OBJECT:
        kind = 32 + bits.take(6)
    rate = bits.take(4)
    rate_hz = bits.take(24) if rate == _ESCAPE_RATE else (*_RATES_HZ, 0, 0)[rate]
    layout = bits.take(4)
    is_extended = config[2:4] == _SBR_MARK and config[4:5] >= b"\x80"
    return AacConfig(kind, rate_hz, _CHANNELS[layout] if layout < len(_CHANNELS) else 0, is_extended)


def is_adts(packet: bytes) -> bool:
    """Whether a packet carries an ADTS header before its frame."""
    return len(packet) > _ADTS_BYTES and packet[0] == 0xFF and packet[1] & 0xF6 == 0xF0  # noqa: PLR2004


def adts_config(packet: bytes) -> AacConfig:
    """Return the configuration an ADTS header tells. Raises: ValueError without such a header."""
    if not is_adts(packet):
        raise ValueError("no ADTS header")
    layout = (packet[2] & 1) << 2 | packet[3] >> 6
    rates = (*_RATES_HZ, 0, 0, 0)
    return AacConfig((packet[2] >> 6) + 1, rates[packet[2] >> 2 & 15], _CHANNELS[layout])


def strip_adts(packet: bytes) -> bytes:
    """Return the raw frame of a packet, without the ADTS header if there is one."""
    if not is_adts(packet):
        return packet
    return packet[_ADTS_BYTES if packet[1] & 1 else _ADTS_BYTES + 2 :]
