"""Cells made by encoding: the film is decoded once, and every rung takes the picture from the one above it."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from osmose_addon.formats import h264
from osmose_addon.formats.mp4 import Run, Sample, fragment
from osmose_addon.model.errors import MediaError
from osmose_addon.workers import x264
from osmose_addon.workers.copies import Emit
from osmose_addon.workers.opened import time_base, video_stream
from osmose_addon.workers.reading import Span, from_key, pictures_of
from osmose_addon.workers.scaling import Scaler

_THREADS = 2


def encode_pictures(container: InputContainer, spans: list[Span], emits: list[Emit]) -> None:
    """Encode some cells of rungs that share their borders; `emits[i]` takes the cells of rung i. Raises: MediaError."""
    video = video_stream(container, spans[0].rung.track)
    tallest_first = sorted(zip(spans, emits, strict=True), key=lambda pair: -pair[0].rung.height_px)
    chain = [_RungEncoder(span, emit, video, turns=not place) for place, (span, emit) in enumerate(tallest_first)]
    for frame, cell in _paced(_decoded(container, video, spans[0]), spans[0]):
        for rung in chain:
            frame = rung.take(frame, cell)  # noqa: PLW2901 - the smaller picture goes on to the next rung
    for rung in chain:
        rung.finish()


def _decoded(container: InputContainer, video: VideoStream, span: Span) -> Iterator[VideoFrame]:
    """Yield the pictures of a span, and at least one before it where there is one; pts are ticks of the title.

    Pictures before the span that no other needs are not decoded at all: that saves up to a fifth of a seek.
    """
    step, origin = time_base(video).numerator, span.rung.origin_ticks
    decoder = video.codec_context
    decoder.thread_count, decoder.thread_type, decoder.skip_frame = _THREADS, "AUTO", "NONREF"
    for packet, pts in from_key(container, video, (span.start_ticks + origin) // step):
        if pts * step - origin >= span.start_ticks:
            decoder.skip_frame = "DEFAULT"
        yield from _titled(pictures_of(decoder, packet), step, origin)
    yield from _titled(pictures_of(decoder, None), step, origin)


def _titled(frames: list[VideoFrame], step: int, origin: int) -> Iterator[VideoFrame]:
    for frame in frames:
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is not None:
            frame.pts = pts * step - origin
            yield frame


def _paced(frames: Iterator[VideoFrame], span: Span) -> Iterator[tuple[VideoFrame, int]]:
    """Yield each picture of the span once, with its cell.

    A cell in which no new picture begins (a slide show) shows the last one again: a cell must have a key frame.
    """
    borders, cell, last, held = span.rung.borders_ticks, span.first - 1, -1, None
    for frame in frames:
        ticks = frame.pts or 0
        if ticks >= span.end_ticks:
            break
        if ticks > last and ticks >= span.start_ticks:
            at = bisect_right(borders, ticks) - 1
            for empty in range(cell + 1, at):
                yield _shown_at(held or frame, borders[empty]), empty
            yield _shown_at(frame, ticks), at
            cell, last = at, ticks
        held = frame
    if held is None:
        raise MediaError(reason="damaged")
    for empty in range(cell + 1, span.last + 1):
        yield _shown_at(held, borders[empty]), empty


def _shown_at(frame: VideoFrame, ticks: int) -> VideoFrame:
    frame.pts = ticks
    return frame


class _RungEncoder:
    """Scales, encodes and boxes the pictures of one rung."""

    def __init__(self, span: Span, emit: Emit, video: VideoStream, *, turns: bool) -> None:
        """Open the encoder. The first rung of a chain `turns` the picture upright for all."""
        self._scaler = Scaler(span.rung.width_px, span.rung.height_px, turns=turns)
        self._span, self._video = span, video
        self._encoder: VideoCodecContext = x264.encoder(span.rung, video)
        self._cells = _Cells(span, emit)
        self._is_first_cell = True
        self._tick = Fraction(1, span.rung.timescale_hz)

    def take(self, frame: VideoFrame, cell: int) -> VideoFrame:
        """Encode a picture of this cell and return it in this rung's size."""
        if self._is_first_cell and cell != self._span.first:
            self._hurry()
        ticks = frame.pts or 0
        small = self._scaler.scaled(frame, self._tick)
        small.pts, small.time_base = ticks, self._tick
        small.pict_type = PictureType.I if self._cells.begins(cell) else PictureType.NONE
        self._cells.take(self._encoder.encode(small))
        return small

    def finish(self) -> None:
        """Send the pictures that the encoder still holds."""
        self._cells.close()
        self._cells.take(self._encoder.encode(None))

    def _hurry(self) -> None:
        """Send the first cell now, and go on with a fresh encoder.

        Somebody may be waiting for it, and an encoder gives its last pictures only after a dozen more (0.1 s).
        """
        self._is_first_cell = False
        self._cells.close()
        self._cells.take(self._encoder.encode(None))
        self._cells.is_closed = False
        self._encoder = x264.encoder(self._span.rung, self._video)


@dataclass(slots=True)
class _Cells:
    """Collects what the encoder gives until a cell is whole: as many pictures came out as went in."""

    span: Span
    emit: Emit
    fed: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    done: int = 0
    is_closed: bool = False

    def begins(self, cell: int) -> bool:
        """Count a picture that goes in; whether it is the first of its cell."""
        is_first = cell - self.span.first == len(self.fed)
        if is_first:
            self.fed.append(0)
        self.fed[-1] += 1
        return is_first

    def close(self) -> None:
        """No more pictures go in."""
        self.is_closed = True

    def take(self, packets: list["Packet[VideoStream]"]) -> None:
        """Collect what came out, and send each cell that is whole."""
        for packet in packets:
            self.samples.append(Sample(packet.pts or 0, h264.sample_of(bytes(packet)), packet.is_keyframe))
        while self.done < len(self.fed) - (not self.is_closed) and len(self.samples) >= self.fed[self.done]:
            count = self.fed[self.done]
            cell = self.span.first + self.done
            run = Run(1, self.samples[:count], self.span.border(cell + 1))
            self.emit(cell, fragment(cell + 1, [run]))
            del self.samples[:count]
            self.done += 1
