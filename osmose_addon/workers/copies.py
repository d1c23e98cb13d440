"""Cells made without decoding: the source's own packets in boxes of ours."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.video.format import VideoFormat
from av.video.stream import VideoStream

from osmose_addon.formats import aac
from osmose_addon.formats.codings import Coding, Look, coding_of
from osmose_addon.formats.mp4 import Run, Sample, fragment
from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import Rung
from osmose_addon.workers.mixing import LAYOUTS
from osmose_addon.workers.opened import audio_stream, codec_name, time_base, video_stream
from osmose_addon.workers.reading import SampleGrid, Span, first_pts, from_key, sound_from

Emit = Callable[[int, bytes], None]

_BEFORE_S = 0.25


def copy_pictures(container: InputContainer, span: Span, emit: Emit) -> None:
    """Copy the pictures of some cells. Raises: MediaError (`changed`) when the key frames are not where they were."""
    video = video_stream(container, span.rung.track)
    step, origin = time_base(video).numerator, span.rung.origin_ticks
    sample = boxed_as(video).sample
    cells = _PictureCells(span, emit)
    for packet, pts in from_key(container, video, (span.start_ticks + origin) // step):
        ticks = pts * step - origin
        if packet.is_keyframe:
            cells.key(ticks)
        if cells.wants(ticks):
            cells.take(Sample(ticks, sample(bytes(packet)), packet.is_keyframe))
        if cells.is_done:
            return
    cells.finish()


def copy_sound(container: InputContainer, span: Span, emit: Emit) -> None:
    """Copy the AAC frames of some cells; where the source has none, silent ones keep the time. Raises: MediaError."""
    sound, rung = audio_stream(container, span.rung.track), span.rung
    grid = SampleGrid(time_base(sound), rung.timescale_hz, aac.FRAME_SAMPLES, first_pts(container, sound))
    phase = (grid.origin - rung.origin_ticks) % aac.FRAME_SAMPLES
    cells = _SoundCells(span, phase, emit)
    start_s = (rung.origin_ticks + span.start_ticks) / rung.timescale_hz - _BEFORE_S
    for packet in sound_from(container, sound, start_s):
        position = grid.position(packet.pts or 0) - rung.origin_ticks
        if position >= span.end_ticks:
            break
        cells.take(round((position - phase) / aac.FRAME_SAMPLES), aac.strip_adts(bytes(packet)))
    cells.finish()


def boxed_as(video: VideoStream) -> Coding:
    """Return how a track is boxed when it is copied. Raises: MediaError (`changed`) when it cannot be."""
    context = video.codec_context
    pixels, rate = VideoFormat(context.pix_fmt or "yuv420p"), float(video.average_rate or video.guessed_rate or 0)
    look = Look(pixels.name, pixels.components[0].bits, context.width, context.height, rate)
    found = coding_of(codec_name(video), context.extradata or b"", look)
    if found is None:
        raise MediaError(reason="changed")
    return found


class _PictureCells:
    """Groups packets into cells.

    A cell is complete when the first picture is known that is shown after the key frame of the next one: in an open
    group, pictures that follow that key frame in the file are shown before it, and shorten the cell before.
    """

    def __init__(self, span: Span, emit: Emit) -> None:
        """Begin before the first cell."""
        self._span, self._emit = span, emit
        self._cell, self._key_ticks = span.first - 1, 0
        self._group: list[Sample] = []
        self._waiting: list[Sample] = []
        self.is_done = False

    def key(self, ticks: int) -> None:
        """Begin the next cell when this key frame is its border."""
        cell = min(bisect_right(self._span.rung.borders_ticks, ticks), self._span.rung.cells) - 1
        if cell <= self._cell:
            return
        if cell != self._cell + 1 or ticks != self._span.border(cell):
            raise MediaError(reason="changed")
        self._cell, self._key_ticks = cell, ticks
        self._waiting, self._group = self._group, []

    def wants(self, ticks: int) -> bool:
        """Whether a packet at this time belongs to one of the cells; nothing before the title's start does."""
        return self._cell >= self._span.first and ticks >= 0

    def take(self, sample: Sample) -> None:
        """Add a packet to the cell."""
        self._group.append(sample)
        if self._waiting and sample.pts_ticks > self._key_ticks:
            self._send_waiting()

    def finish(self) -> None:
        """Send what is left at the end of the file."""
        if self._waiting:
            self._send_waiting()
        if self._cell != self._span.last or not self._group:
            raise MediaError(reason="changed")
        self._send(self._cell, self._group, self._span.end_ticks)

    def _send_waiting(self) -> None:
        border = self._span.border(self._cell - 1)
        self._send(self._cell - 1, self._waiting, min(one.pts_ticks for one in self._group if one.pts_ticks > border))
        self._waiting = []
        self.is_done = self._cell > self._span.last

    def _send(self, cell: int, group: list[Sample], end_ticks: int) -> None:
        """Send a cell. A damaged time stamp beyond its end is taken for that: it costs a picture, not the cell."""
        if any(sample.pts_ticks > end_ticks for sample in group):
            group = [replace(sample, pts_ticks=min(sample.pts_ticks, end_ticks)) for sample in group]
        self._emit(cell, fragment(cell + 1, [Run(1, group, end_ticks)]))


class _SoundCells:
    """Groups AAC frames into cells; frame n begins at `phase + 1024 n` samples."""

    def __init__(self, span: Span, phase: int, emit: Emit) -> None:
        """Begin at the first frame of the first cell."""
        self._span, self._phase, self._emit = span, phase, emit
        self._next = self._first_of(span.first)
        self._cell = span.first
        self._samples: list[Sample] = []
        self._silence = b""

    def take(self, number: int, body: bytes) -> None:
        """Add frame `number`; those before the first cell or already there are left out."""
        if number < self._next:
            return
        self._fill(number)
        self._add(body)

    def finish(self) -> None:
        """Fill what is missing up to the end of the last cell."""
        self._fill(self._first_of(self._span.last + 1))

    def _fill(self, until: int) -> None:
        if self._next < until and not self._silence:
            self._silence = silent_frame(self._span.rung)
        while self._next < until:
            self._add(self._silence)

    def _add(self, body: bytes) -> None:
        self._samples.append(Sample(self._at(self._next), body))
        self._next += 1
        if self._cell <= self._span.last and self._next == self._first_of(self._cell + 1):
            self._emit(self._cell, fragment(self._cell + 1, [Run(1, self._samples, self._at(self._next))]))
            self._samples, self._cell = [], self._cell + 1

    def _at(self, number: int) -> int:
        return self._phase + number * aac.FRAME_SAMPLES

    def _first_of(self, cell: int) -> int:
        """Return the first frame that begins in a cell."""
        return -((self._phase - self._span.border(cell)) // aac.FRAME_SAMPLES)


def silent_frame(rung: Rung) -> bytes:
    """Return an AAC frame of silence for the rung's rate and channels. Raises: MediaError (`changed`)."""
    if rung.channels not in LAYOUTS:
        raise MediaError(reason="changed")
    made = AudioCodecContext.create("aac", "w")
    made.sample_rate, made.layout, made.format = rung.timescale_hz, LAYOUTS[rung.channels], "fltp"
    made.time_base = Fraction(1, rung.timescale_hz)
    made.open()
    packets = [packet for number in range(4) for packet in made.encode(_silence(rung, number))]
    return bytes([*packets, *made.encode(None)][-1])


def _silence(rung: Rung, number: int) -> AudioFrame:
    frame = AudioFrame(format="fltp", layout=LAYOUTS[rung.channels], samples=aac.FRAME_SAMPLES)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.pts = rung.timescale_hz, number * aac.FRAME_SAMPLES
    frame.time_base = Fraction(1, rung.timescale_hz)
    return frame
