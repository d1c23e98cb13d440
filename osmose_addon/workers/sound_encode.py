"""Sound cells made by encoding: AAC whose cells join without a click, wherever a run began.

An AAC packet at time t needs the sound up to t + 2048 samples, and sounds as in one pass once the encoder has found
how many bits it may spend, which takes a second. So a run feeds 64 frames before its first cell and one after its last
(measured on 19 sources: with eight, errors just behind a join were up to four times those of one pass, and twenty times
in one that spared bits; with 64 they are within its own, for 50 ms of CPU a run).
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from osmose_addon.formats.aac import FRAME_SAMPLES
from osmose_addon.formats.mp4 import Run, Sample, fragment
from osmose_addon.model.media import Rung
from osmose_addon.workers.copies import Emit
from osmose_addon.workers.mixing import LAYOUTS, Mixer, Samples, silence
from osmose_addon.workers.opened import audio_stream
from osmose_addon.workers.placing import placed
from osmose_addon.workers.reading import Span

_FRAMES_BEFORE = 64
_FRAMES_AFTER = 1
_BEFORE_S = 0.3
_ROUNDING = 2  # samples, where the source's rate is no whole part of the rung's


def encode_sound(container: InputContainer, span: Span, emit: Emit) -> None:
    """Encode some cells of a sound rung. What the source lacks is silence. Raises: MediaError."""
    sound = audio_stream(container, span.rung.track)
    made = encoder(span.rung)
    start = max(span.start_ticks - _FRAMES_BEFORE * FRAME_SAMPLES, 0)
    stop = span.end_ticks + _FRAMES_AFTER * FRAME_SAMPLES
    cells = _Cells(span, emit)
    heard = _joined(_decoded(container, sound, span.rung, start), start, stop, span.rung.channels)
    for frame in _frames(heard, start, span.rung):
        for packet in made.encode(frame):
            cells.take(packet.pts or 0, bytes(packet))
    for packet in made.encode(None):
        cells.take(packet.pts or 0, bytes(packet))


def encoder(rung: Rung) -> AudioCodecContext:
    """Return an open AAC-LC encoder for a rung."""
    made = AudioCodecContext.create("aac", "w")
    made.sample_rate, made.layout, made.format = rung.timescale_hz, LAYOUTS[rung.channels], "fltp"
    made.bit_rate = rung.target_bps
    made.time_base = Fraction(1, rung.timescale_hz)
    made.open()
    return made


def _decoded(container: InputContainer, sound: AudioStream, rung: Rung, start: int) -> Iterator[tuple[int, Samples]]:
    """Yield pieces of sound as the rung has it, each with its place in samples of the title."""
    mixer = Mixer(rung.channels, rung.timescale_hz)
    for place, frame in placed(container, sound, (rung.origin_ticks + start) / rung.timescale_hz - _BEFORE_S):
        for at, piece in mixer.mixed(frame, place):
            yield at - rung.origin_ticks, piece


def _joined(pieces: Iterator[tuple[int, Samples]], start: int, stop: int, channels: int) -> Iterator[Samples]:
    """Yield the sound from `start` to `stop` without a gap: holes are silence, what overlaps is cut."""
    at = start
    for place, piece in pieces:
        if at >= stop:
            return
        ahead = place - at if at == start or abs(place - at) > _ROUNDING else 0
        if ahead > 0:
            quiet = min(ahead, stop - at)
            yield silence(channels, quiet)
            at += quiet
        fresh = piece[:, max(-ahead, 0) :][:, : stop - at]
        at += fresh.shape[1]
        yield fresh
    if at < stop:
        yield silence(channels, stop - at)


def _frames(pieces: Iterator[Samples], start: int, rung: Rung) -> Iterator[AudioFrame]:
    """Yield frames of 1024 samples."""
    held, at = silence(rung.channels, 0), start
    for piece in pieces:
        held = np.concatenate((held, piece), axis=1)
        while held.shape[1] >= FRAME_SAMPLES:
            body, held = held[:, :FRAME_SAMPLES], held[:, FRAME_SAMPLES:]
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(body), format="fltp", layout=LAYOUTS[rung.channels])
            frame.sample_rate, frame.pts, frame.time_base = rung.timescale_hz, at, Fraction(1, rung.timescale_hz)
            at += FRAME_SAMPLES
            yield frame


class _Cells:
    """Collects packets until a cell is whole."""

    def __init__(self, span: Span, emit: Emit) -> None:
        """Begin with the first cell."""
        self._span, self._emit, self._cell = span, emit, span.first
        self._samples: list[Sample] = []

    def take(self, pts: int, body: bytes) -> None:
        """Add a packet when it belongs to one of the cells."""
        if not self._span.start_ticks <= pts < self._span.end_ticks:
            return
        self._samples.append(Sample(pts, body))
        end = self._span.border(self._cell + 1)
        if pts + FRAME_SAMPLES >= end:
            self._emit(self._cell, fragment(self._cell + 1, [Run(1, self._samples, end)]))
            self._samples, self._cell = [], self._cell + 1
