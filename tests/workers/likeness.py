"""How alike two films look, picture by picture."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.error import BlockingIOError, EOFError  # noqa: A004 - FFmpeg's "not yet" and "no more"

_TOLD = "lavfi.ssim.All"


def ssim(source: Path, made: Path) -> list[float]:
    """Return the structural similarity (1 is equal) of each picture to the source's, in the size of what was made.

    Both are compared in order, whatever their times say; where one has fewer pictures, the list is as short.
    """
    graph = av.filter.Graph()
    with av.open(str(source)) as one, av.open(str(made)) as other:
        width, height = other.streams.video[0].codec_context.width, other.streams.video[0].codec_context.height
        wished, given = (_buffer(graph, film) for film in (one, other))
        scale = graph.add("scale", f"{width}:{height}:flags=bicubic")
        like, sink = graph.add("ssim"), graph.add("buffersink")
        wished.link_to(scale)
        scale.link_to(like, 0, 1)
        given.link_to(like, 0, 0)
        like.link_to(sink)
        graph.configure()
        found: list[float] = []
        for number, pair in enumerate(zip(one.decode(video=0), other.decode(video=0), strict=False)):
            for buffer, frame in zip((wished, given), pair, strict=True):
                frame.pts, frame.time_base = number, Fraction(1, 25)
                buffer.push(frame)
            found += _ready(sink)
        for buffer in (wished, given):
            buffer.push(None)
        return [*found, *_ready(sink)]


def _buffer(graph: av.filter.Graph, film: av.container.InputContainer) -> av.filter.context.FilterContext:
    context = film.streams.video[0].codec_context
    return graph.add_buffer(
        width=context.width, height=context.height, format=context.format, time_base=Fraction(1, 25)
    )


def _ready(sink: av.filter.context.FilterContext) -> Iterator[float]:
    while True:
        try:
            frame = sink.pull()
        except (BlockingIOError, EOFError):
            return
        yield float(frame.metadata[_TOLD])
