"""Sound cells made by encoding: AAC whose cells join without a click, wherever a run began.

An AAC packet at time t needs the sound up to t + 2048 samples, and sounds right once some frames went before it. So a
run feeds eight frames before its first cell and one after its last (measured: no error at a join is larger than one of
a single pass).
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
from osmose_addon.workers.opened import audio_stream, time_base
from osmose_addon.workers.reading import SampleGrid, Span, first_pts, sound_from, sounds_of

_FRAMES_BEFORE = 8
_FRAMES_AFTER = 1
_BEFORE_S = 0.3
_SAME_PLACE_S = 0.002


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
    decoder, base = sound.codec_context, time_base(sound)
    decoder.thread_count = 1
    mixer = Mixer(rung.channels, rung.timescale_hz)
    zero_pts = first_pts(container, sound)
    grid: SampleGrid | None = None
    for packet in sound_from(container, sound, (rung.origin_ticks + start) / rung.timescale_hz - _BEFORE_S):
        for frame in sounds_of(decoder, packet):
            if frame.pts is None:
                continue
            grid = grid or SampleGrid(base, frame.sample_rate, frame.samples, zero_pts)
            for place, piece in mixer.mixed(frame, Fraction(grid.position(frame.pts), grid.rate_hz)):
                yield place - rung.origin_ticks, piece


def _joined(pieces: Iterator[tuple[int, Samples]], start: int, stop: int, channels: int) -> Iterator[Samples]:
    """Yield the sound from `start` to `stop` without a gap: holes are silence, what overlaps is cut."""
    at, same = start, round(_SAME_PLACE_S * 48_000)
    for place, piece in pieces:
        if at >= stop:
            return
        ahead = place - at
        if ahead > same:
            quiet = min(ahead, stop - at)
            yield silence(channels, quiet)
            at += quiet
        fresh = piece[:, -ahead:] if ahead < -same or (at == start and ahead < 0) else piece
        fresh = fresh[:, : stop - at]
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
