"""Where a camera's packets come from: RTSP over TCP, opened with deadlines, every end of it a named fault.

FFmpeg puts the URL, password included, into every error it raises. So an error is looked at by type where it is met,
and what is raised in its place is raised after the `except` block ended: nothing of the URL is left in any traceback.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from osmose_addon.model.errors import (
    SourceError,
    SourceFrozenError,
    SourceLostError,
    SourceRefusedError,
    SourceUnusableError,
)
from osmose_addon.runtime.clock import Clock
from osmose_addon.workers.redirect import is_redirected

_SCHEMES = ("rtsp://", "rtsps://")
# A healthy camera opens in 0.2 s with these, in 1.1-1.9 s with FFmpeg's own (measured, November 2026).
_OPTIONS = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video+audio",
    "probesize": "32768",
    "analyzeduration": "0",
    "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls",
    # Looking at a stream opens its decoder. Other codecs are named all the same: that needs none.
    "codec_whitelist": "h264,aac",
}
_OPEN_S = 4.5
_READ_S = 3.0
_SILENT_END_S = 2.5


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source says of itself. Codec names are FFmpeg's; empty means that there is no such track."""

    video_codec: str
    video_setup: bytes
    video_base: Fraction
    sound_codec: str = ""
    sound_setup: bytes = b""
    sound_base: Fraction = Fraction(1, 90_000)
    sample_rate_hz: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """One picture or one frame of sound as it arrived, times in the ticks of its track's base."""

    is_sound: bool
    pts_ticks: int | None
    dts_ticks: int | None
    body: bytes
    is_key: bool
    at_unix_s: float
    arrival_s: float


class Source(Protocol):
    """Anything live: what it holds, and its units without end. The end of `units` is always a SourceError."""

    @property
    def facts(self) -> Facts:
        """What the source says of itself."""

    def units(self) -> Iterator[Unit]:
        """Yield what arrives, in the order of arrival."""


class RtspSource:
    """A camera that speaks RTSP."""

    def __init__(self, container: InputContainer, clock: Clock) -> None:
        """Read from an opened container. Raises: SourceUnusableError when there is no video in it."""
        if not container.streams.video:
            raise SourceUnusableError(reason="no_video")
        self._container = container
        self._clock = clock
        self._video = container.streams.video[0]
        self._sound = container.streams.audio[0] if container.streams.audio else None
        self._last_s = clock.monotonic_s()

    @property
    def facts(self) -> Facts:
        """What the camera's session description says."""
        video = self._video.codec_context
        base = self._video.time_base or Fraction(1, 90_000)
        if self._sound is None:
            return Facts(video.name, video.extradata or b"", base)
        sound = self._sound.codec_context
        return Facts(
            video.name,
            video.extradata or b"",
            base,
            sound.name,
            sound.extradata or b"",
            self._sound.time_base or Fraction(1, sound.sample_rate),
            sound.sample_rate,
            sound.channels,
        )

    def units(self) -> Iterator[Unit]:
        """Yield what arrives. Raises: SourceFrozenError after three seconds of silence, SourceLostError else."""
        self._last_s = self._clock.monotonic_s()
        streams = [self._video] if self._sound is None else [self._video, self._sound]
        packets = self._container.demux(streams)
        while (packet := self._next(packets)) is not None:
            now_s = self._clock.monotonic_s()
            if now_s - self._last_s >= _READ_S:
                # Interrupted by the deadline, FFmpeg still hands out the picture it held back, as if all were well.
                raise SourceFrozenError(reason="frozen")
            self._last_s = now_s
            if packet.size:
                yield self._unit(packet)
        raise self._end()

    def _next(self, packets: Iterator["Packet[Stream]"]) -> "Packet[Stream] | None":
        try:
            return next(packets, None)
        except av.error.FFmpegError as error:
            problem = _problem(error)
        if isinstance(problem, SourceLostError) and problem.fields["reason"] == "no_answer":
            problem = SourceFrozenError(reason="frozen")
        raise problem

    def _end(self) -> SourceError:
        """Name an end without error: a frozen camera sometimes ends so, too (seen)."""
        if self._clock.monotonic_s() - self._last_s >= _SILENT_END_S:
            return SourceFrozenError(reason="frozen")
        return SourceLostError(reason="ended")

    def _unit(self, packet: "Packet[Stream]") -> Unit:
        return Unit(
            is_sound=self._sound is not None and packet.stream_index == self._sound.index,
            pts_ticks=packet.pts,
            dts_ticks=packet.dts,
            body=bytes(packet),
            is_key=packet.is_keyframe,
            at_unix_s=self._clock.unix_s(),
            arrival_s=self._last_s,
        )


def open_rtsp(url: str, clock: Clock, told: Callable[[], None] = lambda: None) -> RtspSource:
    """Open a camera: a second at most to see whether it sends us elsewhere, then `told` is called, then five seconds.

    Raises: SourceLostError, SourceRefusedError, SourceUnusableError; none holds anything of the URL.
    """
    if not url.lower().startswith(_SCHEMES):
        raise SourceUnusableError(reason="scheme")
    if is_redirected(url, clock):
        raise SourceUnusableError(reason="redirected")
    told()
    opened = _open(url)
    if isinstance(opened, SourceError):
        raise opened
    return RtspSource(opened, clock)


def _open(url: str) -> InputContainer | SourceError:
    try:
        container = av.open(url, format="rtsp", options=dict(_OPTIONS), timeout=(_OPEN_S, _READ_S))
    except av.error.FFmpegError as error:
        return _problem(error)
    return container


def _problem(error: av.error.FFmpegError) -> SourceError:
    """Name an error of FFmpeg by its type alone."""
    named: tuple[tuple[type[Exception] | tuple[type[Exception], ...], SourceError], ...] = (
        ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError), SourceRefusedError(reason="refused")),
        (av.error.HTTPNotFoundError, SourceUnusableError(reason="not_found")),
        ((av.error.HTTPOtherClientError, av.error.HTTPBadRequestError), SourceUnusableError(reason="answer")),
        ((av.error.ExitError, TimeoutError), SourceLostError(reason="no_answer")),
        (ConnectionRefusedError, SourceLostError(reason="nobody_listens")),
        (av.error.InvalidDataError, SourceLostError(reason="answer")),
    )
    lost = SourceLostError(reason="ended")
    return next((problem for kinds, problem in named if isinstance(error, kinds)), lost)
