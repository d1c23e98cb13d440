"""Sound of any layout and rate as the samples of a rung: places exact, channels mixed without clipping."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from osmose_addon.formats.ladder_sound import STEREO, SURROUND

Samples = NDArray[np.float32]

LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}
"""FFmpeg's names of the layouts AAC has, by their channels."""

# ITU-R BS.775-3, table 2: centre and surround at 0.7071 beside the fronts, without the low effects. All 3 dB down, so
# that what is loud in a few channels at once stays below full scale by itself.
_BESIDE = 0.7071
_DOWN = 0.7071
_TO_STEREO = _DOWN * np.array([[1, 0, _BESIDE, 0, _BESIDE, 0], [0, 1, _BESIDE, 0, 0, _BESIDE]], dtype=np.float32)
_KNEE, _CEILING = 0.8, 0.96


class Mixer:
    """Turns decoded frames into samples of `channels` at `rate_hz`; a source may change its layout midway.

    Mixing looks at one instant at a time, so cells join whoever made them.
    """

    def __init__(self, channels: int, rate_hz: int) -> None:
        """Begin before the first frame."""
        self._channels, self._rate_hz = channels, rate_hz
        self._made_for: tuple[str, str, int] | None = None
        self._resampler = AudioResampler()

    def mixed(self, frame: AudioFrame, place: Fraction) -> Iterator[tuple[int, Samples]]:
        """Yield the pieces that are ready, with their places in samples of the rung; `place` is in seconds."""
        kind, count = (frame.format.name, frame.layout.name, frame.sample_rate), len(frame.layout.channels)
        if kind != self._made_for:
            layout = LAYOUTS[SURROUND if count > STEREO else self._channels]
            self._resampler = AudioResampler(format="fltp", layout=layout, rate=self._rate_hz)
            self._made_for = kind
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(place * frame.sample_rate)
        for piece in self._resampler.resample(frame):
            at = round((piece.pts or 0) * (piece.time_base or 0) * self._rate_hz)
            yield at, self._channelled(np.asarray(piece.to_ndarray(), dtype=np.float32), count)

    def _channelled(self, samples: Samples, source_channels: int) -> Samples:
        if len(samples) > self._channels:
            return _soft(np.asarray(_TO_STEREO @ samples, dtype=np.float32))
        return _soft(samples) if source_channels > SURROUND else samples


def silence(channels: int, count: int) -> Samples:
    """Return samples of silence."""
    return np.zeros((channels, count), dtype=np.float32)


def _soft(samples: Samples) -> Samples:
    """Return the samples with what would clip bent below full scale; what is quieter than -2 dB is left as it is."""
    loud = np.abs(samples)
    if loud.max(initial=0.0) <= _KNEE:
        return samples
    room = _CEILING - _KNEE
    bent = np.sign(samples) * (_KNEE + room * np.tanh((loud - _KNEE) / room))
    return np.where(loud > _KNEE, bent, samples).astype(np.float32)
