"""Reading a track from a place in a film on, however well or badly the container can seek."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import InvalidDataError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import Rung
from osmose_addon.workers.keyframes import shown
from osmose_addon.workers.opened import last_tick, packets, time_base

# MPEG-TS lands somewhere near: go back further until a key frame lies before the wished place.
_BACK_S = (0, 1, 5, 20, 1_000_000)


@dataclass(frozen=True, slots=True)
class Span:
    """The cells of a rung that are to be made: `first` to `last`, both included."""

    rung: Rung
    first: int
    last: int

    @property
    def start_ticks(self) -> int:
        """Return when the first cell begins, from the start of the title."""
        return self.rung.borders_ticks[self.first]

    @property
    def end_ticks(self) -> int:
        """Return when the last cell ends, from the start of the title."""
        return self.rung.borders_ticks[self.last + 1]

    def border(self, cell: int) -> int:
        """Return when a cell begins; one past the last is the end."""
        return self.rung.borders_ticks[cell]


def from_key(
    container: InputContainer, video: VideoStream, pts_ticks: int
) -> Iterator[tuple["Packet[VideoStream]", int]]:
    """Yield packets and their presentation times from the last key frame at or before a time of the track on.

    When there is none before it, the first key frame of the file begins. Raises: MediaError (`damaged`) without any.
    """
    base = time_base(video)
    for back_s in _BACK_S:
        container.seek(max(pts_ticks - int(back_s / base), _earliest(video)), stream=video)
        packets = shown(container, video)
        first = next(((packet, pts) for packet, pts in packets if packet.is_keyframe), None)
        if first is not None and (first[1] <= pts_ticks or back_s == _BACK_S[-1]):
            return itertools.chain((first,), packets)
    raise MediaError(reason="damaged")


def sound_from(container: InputContainer, sound: AudioStream, seconds: float) -> Iterator["Packet[AudioStream]"]:
    """Yield the packets of a sound track from a little before a time in the file on."""
    offset = max(int(Fraction(max(seconds, 0.0)) / time_base(sound)), 0)
    container.seek(offset if seconds > 0 else _earliest(sound), stream=sound)
    last = last_tick(sound)
    return (one for one in packets(container, sound) if one.size and one.pts is not None and one.pts <= last)


def pictures_of(decoder: VideoCodecContext, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
    """Return the pictures a decoder gives for a packet; a damaged one costs its own pictures, not the film."""
    try:
        return decoder.decode(packet)
    except InvalidDataError:
        return []


def sounds_of(decoder: AudioCodecContext, packet: "Packet[AudioStream]") -> list[AudioFrame]:
    """Return the frames a decoder gives for a packet; a damaged one is silence."""
    try:
        return decoder.decode(packet)
    except InvalidDataError:
        return []


def first_pts(container: InputContainer, sound: AudioStream) -> int:
    """Return the time stamp of the first packet of a sound track. Raises: MediaError (`damaged`) when it has none."""
    packet = next(sound_from(container, sound, 0.0), None)
    if packet is None or packet.pts is None:
        raise MediaError(reason="damaged")
    return packet.pts


class SampleGrid:
    """Sample positions out of time stamps: exact where the stamps are exact, mended where they are rounded.

    Matroska rounds to milliseconds. Frames of `frame_samples` follow one another without a gap, so a stamp that is
    within its rounding of such a place means that place; runs that begin anywhere in the film then agree.
    """

    def __init__(self, base: Fraction, rate_hz: int, frame_samples: int, origin_pts: int) -> None:
        """Count from the first packet's stamp, in ticks of `base` seconds."""
        self._factor = base * rate_hz
        self._frame = frame_samples
        self.origin = round(origin_pts * self._factor)
        self._tolerance = max(1, -int(-self._factor // 1))

    def position(self, pts: int) -> int:
        """Return the position of a frame in samples."""
        told = round(pts * self._factor)
        placed = self.origin + round((told - self.origin) / self._frame) * self._frame
        return placed if abs(placed - told) <= self._tolerance else told


def _earliest(stream: VideoStream | AudioStream) -> int:
    return min(stream.start_time or 0, 0)
