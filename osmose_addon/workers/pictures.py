"""The pictures of a span of cells, each once and with its cell, out of a film that may hold anything."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.workers.effort import Effort
from osmose_addon.workers.interlace import whole_pictures
from osmose_addon.workers.opened import time_base
from osmose_addon.workers.reading import Span, from_key, pictures_of

_NEIGHBOURS = 4
_GUESSED_RATE_HZ = 25.0
_LONGEST_HOLE_S = 0.1  # players bridge shorter ones


def pictures(
    container: InputContainer, video: VideoStream, span: Span, effort: Effort
) -> Iterator[tuple[VideoFrame, int]]:
    """Yield each picture of the span once, with its cell. Its pts are ticks of the title. Raises: MediaError."""
    tick = Fraction(1, span.rung.timescale_hz)
    frames = _decoded(container, video, span, effort)
    if span.rung.deinterlaces:
        frames = whole_pictures(frames, tick, effort.scaler_threads)
    return _paced(frames, span, tick)


def _decoded(container: InputContainer, video: VideoStream, span: Span, effort: Effort) -> Iterator[VideoFrame]:
    """Yield the pictures of a span, and at least one before it where there is one.

    Pictures before the span that no other needs are not decoded at all: that saves up to a fifth of a seek.
    """
    step, origin = time_base(video).numerator, span.rung.origin_ticks
    needed_ticks = span.start_ticks - _neighbours_ticks(span)
    key_ticks = needed_ticks if span.rung.deinterlaces else span.start_ticks
    tick = Fraction(1, span.rung.timescale_hz)
    decoder = video.codec_context
    decoder.thread_count, decoder.thread_type, decoder.skip_frame = effort.decoder_threads, "AUTO", "NONREF"
    for packet, pts in from_key(container, video, (max(key_ticks, 0) + origin) // step):
        if pts * step - origin >= needed_ticks:
            decoder.skip_frame = "DEFAULT"
        for frame in pictures_of(decoder, packet):
            yield from _titled(frame, step, origin, tick)
    for frame in pictures_of(decoder, None):
        yield from _titled(frame, step, origin, tick)


def _neighbours_ticks(span: Span) -> int:
    """Return for how long before the span every picture is needed: a half picture is mended by those beside it."""
    rate_hz = span.rung.frame_rate or _GUESSED_RATE_HZ
    return round(_NEIGHBOURS * span.rung.timescale_hz / rate_hz) if span.rung.deinterlaces else 0


def _titled(frame: VideoFrame, step: int, origin: int, tick: Fraction) -> Iterator[VideoFrame]:
    """Yield a picture with its time in the title; one without any time is left out."""
    pts = frame.pts if frame.pts is not None else frame.dts
    if pts is not None:
        yield _shown_at(frame, pts * step - origin, tick)


def _paced(frames: Iterable[VideoFrame], span: Span, tick: Fraction) -> Iterator[tuple[VideoFrame, int]]:
    """Yield each picture of the span once, with its cell.

    A cell in which no new picture begins (a slide show) shows the last one again: a cell must have a key frame. So does
    one whose first picture comes late: a player would find nothing to show until then.
    """
    longest_hole = int(_LONGEST_HOLE_S / tick)
    borders, cell, last, held = span.rung.borders_ticks, span.first - 1, -1, None
    for frame in frames:
        ticks = frame.pts or 0
        if ticks >= span.end_ticks:
            break
        if ticks > last and ticks >= span.start_ticks:
            at = bisect_right(borders, ticks) - 1
            for empty in range(cell + 1, at):
                yield _again(held or frame, borders[empty], tick), empty
            if at > cell and held is not None and ticks - borders[at] > longest_hole:
                yield _again(held, borders[at], tick), at
            yield frame, at
            cell, last = at, ticks
        held = frame
    if held is None:
        raise MediaError(reason="damaged")
    for empty in range(cell + 1, span.last + 1):
        yield _again(held, borders[empty], tick), empty


def _again(frame: VideoFrame, ticks: int, tick: Fraction) -> VideoFrame:
    """Return the same picture as a frame of its own: the other one may still be on its way through the threads."""
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=tick)
    graph.link_nodes(source, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return _shown_at(graph.vpull(), ticks, tick)


def _shown_at(frame: VideoFrame, ticks: int, tick: Fraction) -> VideoFrame:
    frame.pts, frame.time_base = ticks, tick
    return frame
