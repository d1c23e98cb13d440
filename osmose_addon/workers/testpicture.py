"""The built-in camera behind `source: test`: a harbour with a running clock, 1280x720, 25 pictures a second.

It proves the whole way from encoder to screen without any camera: whoever sees the clock run sees how late the picture
is. It is encoded in real time, for a few percent of a core.
"""

import time
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from osmose_addon.runtime.clock import Clock
from osmose_addon.workers.harbour import DAY_S, Harbour, Planes
from osmose_addon.workers.scenery import HEIGHT_PX, WIDTH_PX
from osmose_addon.workers.source import Facts, Unit

_RATE = 25
_GOP = 50
_TICKS_HZ = 90_000
_LATEST_S = 1.0
_OPTIONS = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "crf": "25",
    "x264-params": "scenecut=0:bframes=0:keyint=50:min-keyint=50:threads=1:"
    "colorprim=bt709:transfer=bt709:colormatrix=bt709",
}


class TestPicture:
    """A camera that is always there."""

    __test__ = False

    def __init__(self, clock: Clock) -> None:
        """Draw the scene and open the encoder."""
        self._clock = clock
        self._harbour = Harbour()
        self._encoder = _encoder()
        self._frame = VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv420p")
        self._planes = _planes_of(self._frame)

    @property
    def facts(self) -> Facts:
        """H.264 with start codes, its parameter sets before each key frame, no sound."""
        return Facts("h264", b"", Fraction(1, _TICKS_HZ))

    def units(self) -> Iterator[Unit]:
        """Yield pictures in real time, for ever; those that are too late are left out."""
        # Pictures stand on the wall clock's 25ths of a second, so that the strip is full when the second turns.
        began_unix_s = float(int(self._clock.unix_s()))
        number = round((self._clock.unix_s() - began_unix_s) * _RATE)
        sent = 0
        while True:
            late_s = self._clock.unix_s() - (began_unix_s + number / _RATE)
            if abs(late_s) > _LATEST_S:
                began_unix_s, number = float(int(self._clock.unix_s())), 0
                continue
            if late_s < 0:
                time.sleep(-late_s)
            yield self._unit(began_unix_s + number / _RATE, sent)
            number += 1
            sent += 1

    def _unit(self, at_unix_s: float, sent: int) -> Unit:
        second = int(at_unix_s + 0.001)
        number = round((at_unix_s - second) * _RATE)
        clock = time.strftime("%H:%M:%S", time.localtime(second))
        is_key = sent % _GOP == 0
        if is_key:
            self._harbour.set_hour(at_unix_s % DAY_S / DAY_S * 24)
            self._harbour.begin(self._planes, clock, number)
        self._harbour.paint(self._planes, at_unix_s % DAY_S, clock, number)
        self._frame.pts, self._frame.time_base = sent, Fraction(1, _RATE)
        body = b"".join(bytes(packet) for packet in self._encoder.encode(self._frame))
        ticks = sent * _TICKS_HZ // _RATE
        return Unit(
            is_sound=False,
            pts_ticks=ticks,
            dts_ticks=ticks,
            body=body,
            is_key=is_key,
            at_unix_s=at_unix_s,
            arrival_s=self._clock.monotonic_s(),
        )


def _encoder() -> VideoCodecContext:
    encoder = VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, _RATE), Fraction(_RATE)
    encoder.gop_size, encoder.max_b_frames, encoder.thread_count = _GOP, 0, 1
    encoder.options = dict(_OPTIONS)
    return encoder


def _planes_of(frame: VideoFrame) -> Planes:
    """Return the frame's planes as arrays that write into it: x264 copies each picture before it returns."""
    y, u, v = (_plane(frame, index) for index in range(3))
    return y, u, v


def _plane(frame: VideoFrame, index: int) -> NDArray[np.uint8]:
    plane = frame.planes[index]
    whole: NDArray[np.uint8] = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(plane.height, plane.line_size)
    return whole[:, : plane.width]
