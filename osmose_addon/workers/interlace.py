"""Whole pictures out of half ones: sources in which every other line was taken a moment later."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.error import BlockingIOError, EOFError  # noqa: A004 - FFmpeg's "not yet" and "no more"
from av.filter import Graph
from av.video.frame import VideoFrame

from osmose_addon.workers.opened import refuse_large

# One picture out of each, so that the film keeps its rate, and only of those that say that they are two halves.
_SETTINGS = "mode=send_frame:parity=auto:deint=interlaced"

_Kind = tuple[int, int, str]


def whole_pictures(frames: Iterable[VideoFrame], tick: Fraction, threads: int) -> Iterator[VideoFrame]:
    """Yield each picture once, at its own time, without the comb that two halves leave. Times count in `tick` seconds.

    The filter looks at the picture before and the one after, so each comes out when the next one is there. A source
    that changes its size begins anew. Raises: MediaError (`too_large`).
    """
    graph: Graph | None = None
    made_for: _Kind | None = None
    for frame in frames:
        kind = (frame.width, frame.height, frame.format.name)
        if kind != made_for:
            yield from _rest(graph, tick)
            graph, made_for = _graph(frame, tick, threads), kind
        if graph is not None:
            graph.vpush(frame)
            yield from _ready(graph, tick)
    yield from _rest(graph, tick)


def _graph(frame: VideoFrame, tick: Fraction, threads: int) -> Graph:
    refuse_large(frame.width, frame.height)
    graph = Graph()
    graph.threads = threads
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=tick)
    graph.link_nodes(source, graph.add("bwdif", _SETTINGS), graph.add("buffersink")).configure()
    return graph


def _rest(graph: Graph | None, tick: Fraction) -> Iterator[VideoFrame]:
    """Yield what a filter still holds when nothing more comes."""
    if graph is not None:
        graph.vpush(None)
        yield from _ready(graph, tick)


def _ready(graph: Graph, tick: Fraction) -> Iterator[VideoFrame]:
    """Yield what a filter has finished. It counts in half ticks; what comes out counts as what went in."""
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        frame.pts, frame.time_base = round((frame.pts or 0) * (frame.time_base or tick) / tick), tick
        yield frame
