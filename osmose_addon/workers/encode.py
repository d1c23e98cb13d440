"""Cells made by encoding: the film is decoded once, and every rung takes the picture from the one above it.

Each rung has a thread: it scales what the rung above hands down, hands its own picture on, and encodes it. Whatever
fails anywhere ends all of them, and is the error told.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from fractions import Fraction
from functools import partial

from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from osmose_addon.runtime.team import Lane, Team
from osmose_addon.workers import x264
from osmose_addon.workers.cells import Cells
from osmose_addon.workers.copies import Emit
from osmose_addon.workers.effort import HURRIED_CELLS, Effort
from osmose_addon.workers.opened import video_stream
from osmose_addon.workers.pictures import pictures
from osmose_addon.workers.reading import Span
from osmose_addon.workers.scaling import Scaler

Shown = tuple[VideoFrame, int]
"""A picture and the cell it belongs to."""


def encode_pictures(container: InputContainer, spans: list[Span], emits: list[Emit], effort: Effort) -> None:
    """Encode some cells of rungs that share their borders; `emits[i]` takes the cells of rung i, in a thread.

    Raises: MediaError, and what an emit raises; no thread is left then.
    """
    video = video_stream(container, spans[0].rung.track)
    tallest_first = sorted(zip(spans, emits, strict=True), key=lambda pair: -pair[0].rung.height_px)
    rungs = [
        RungEncoder(x264.recipe(span.rung, video), Cells(span, emit), effort, turns=not place)
        for place, (span, emit) in enumerate(tallest_first)
    ]
    hand_down(pictures(container, video, spans[0], effort), rungs, effort.places)


def hand_down(shown: Iterable[Shown], rungs: list["RungEncoder"], places: int) -> None:
    """Give each picture to the first rung, and from each rung to the next; up to `places` wait between two of them.

    Raises: the first error that anybody has; no thread is left then.
    """
    with Team() as team:
        lanes: list[Lane[Shown]] = [team.lane(places) for _ in rungs]
        for place, rung in enumerate(rungs):
            team.start(f"rung {place}", partial(rung.work, lanes[place], lanes[place + 1 : place + 2]))
        with lanes[0] as top:
            for one in shown:
                top.put(one)


class RungEncoder:
    """Scales, encodes and boxes the pictures of one rung."""

    def __init__(self, recipe: x264.Recipe, cells: Cells, effort: Effort, *, turns: bool) -> None:
        """Open the encoder; whole cells go where `cells` sends them. The first rung `turns` the picture for all."""
        rung = recipe.rung
        self._scaler = Scaler(rung.width_px, rung.height_px, turns=turns, threads=effort.scaler_threads)
        self._recipe, self._cells, self._effort = recipe, cells, effort
        self._tick = Fraction(1, rung.timescale_hz)
        self._encoder = self._fresh_encoder()

    def work(self, lane: Iterable[Shown], below: list[Lane[Shown]]) -> None:
        """Encode what comes, and hand each picture in this rung's size to the rung below, if there is one."""
        with ExitStack() as feeding:
            for one in below:
                feeding.enter_context(one)
            for frame, cell in lane:
                small = self._small(frame, cell)
                for one in below:
                    one.put((small, cell))
                self._cells.take(self._encoder.encode(small))
        self._cells.close(self._encoder.encode(None))

    def _small(self, frame: VideoFrame, cell: int) -> VideoFrame:
        """Return a picture as this rung's encoder wants it."""
        ticks = frame.pts
        small = self._scaler.scaled(frame, self._tick)
        begins = self._cells.begins(cell)
        if begins and self._effort.hurries and 0 < len(self._cells.fed) <= HURRIED_CELLS:
            self._send_now()
        self._cells.feed(cell)
        small.pts, small.time_base = ticks, self._tick
        small.pict_type = PictureType.I if begins else PictureType.NONE
        return small

    def _send_now(self) -> None:
        """Send the cell that is complete now, and go on with a fresh encoder.

        Somebody may be waiting for it, and an encoder gives its last pictures only after a dozen more (0.1 s).
        """
        self._cells.close(self._encoder.encode(None))
        self._encoder = self._fresh_encoder()

    def _fresh_encoder(self) -> VideoCodecContext:
        is_quick = self._effort.hurries and len(self._cells.fed) < HURRIED_CELLS
        made = self._recipe.quick_encoder if is_quick else self._recipe.encoder
        return made(self._effort.encoder_threads)
