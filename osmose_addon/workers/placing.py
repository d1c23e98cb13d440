"""Where decoded sound lies in a film, exact to the sample, though files round their time stamps.

Matroska counts milliseconds, which are 48 samples. Frames follow one another without a gap, so the stamps of several
tell together what none tells alone; and they lie on one raster from the first of the file on. So runs that begin
anywhere agree with one another, and join without a click.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_low

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from osmose_addon.model.errors import MediaError
from osmose_addon.workers.opened import codec_name, time_base
from osmose_addon.workers.reading import sound_from, sounds_of

_LOOKED_AT = 24
_GAP_S = 0.002
# Frames of these have several lengths, all of them multiples of a short one.
_STEPS = {"opus": 120, "vorbis": 64}


def placed(container: InputContainer, sound: AudioStream, from_s: float) -> Iterator[tuple[Fraction, AudioFrame]]:
    """Yield the decoded frames from a little before `from_s` of the file on, each with its place in the file in s.

    Raises: MediaError (`damaged`) when there is no sound at all.
    """
    sound.codec_context.thread_count = 1
    head = list(itertools.islice(_decoded(container, sound, 0.0), _LOOKED_AT))
    if not head:
        raise MediaError(reason="damaged")
    raster = _raster(head, codec_name(sound), time_base(sound))
    sound.codec_context.flush_buffers()
    frames = _decoded(container, sound, from_s)
    first = list(itertools.islice(frames, _LOOKED_AT))
    at = raster.snapped(_begin(first, raster)) - _lead(first) if first else 0
    for frame in itertools.chain(first, frames):
        told = raster.told(frame)
        if abs(told - at) > raster.gap:
            at = raster.snapped(told)
        yield Fraction(at, raster.rate_hz), frame
        at += frame.samples


@dataclass(frozen=True, slots=True)
class _Raster:
    """Places at which frames of a track begin: `origin` and every `step` samples before and after."""

    factor: Fraction
    rate_hz: int
    step: int
    origin: int = 0

    @property
    def rounding(self) -> int:
        """By how many samples a stamp may be wrong."""
        return -int(-self.factor // 1)

    @property
    def gap(self) -> int:
        """From how many samples on a difference is a gap."""
        return self.rounding + int(_GAP_S * self.rate_hz)

    def told(self, frame: AudioFrame) -> int:
        """Return the place that a frame's own stamp tells."""
        return round((frame.pts or 0) * self.factor)

    def snapped(self, place: int) -> int:
        """Return the place on the raster that a rounded one means; a place that is on none stays as it is."""
        near = self.origin + round((place - self.origin) / self.step) * self.step
        return near if abs(near - place) <= self.rounding else place


def _decoded(container: InputContainer, sound: AudioStream, from_s: float) -> Iterator[AudioFrame]:
    for packet in sound_from(container, sound, from_s):
        for frame in sounds_of(sound.codec_context, packet):
            if frame.pts is not None and frame.samples:
                yield frame


def _raster(head: Sequence[AudioFrame], codec: str, base: Fraction) -> _Raster:
    rate_hz = head[-1].sample_rate
    usual = Counter(frame.samples for frame in head[1:] or head).most_common(1)[0][0]
    loose = _Raster(base * rate_hz, rate_hz, _STEPS.get(codec, usual))
    return _Raster(loose.factor, rate_hz, loose.step, _begin(head, loose))


def _lead(frames: Sequence[AudioFrame]) -> int:
    """Return how many samples lie before the frame that is looked at: at the start of a file the first one is cut."""
    return frames[0].samples if len(frames) > 1 else 0


def _begin(frames: Sequence[AudioFrame], raster: _Raster) -> int:
    """Return where the second of these frames begins (or the only one), as all of their stamps tell together."""
    sums = itertools.accumulate((frame.samples for frame in frames[:-1]), initial=-_lead(frames))
    told = [raster.told(frame) - before for frame, before in zip(frames, sums, strict=True)]
    middle = median_low(told)
    near = [place for place in told if abs(place - middle) <= raster.rounding]
    return (min(near) + max(near)) // 2
