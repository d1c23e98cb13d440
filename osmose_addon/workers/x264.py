"""One H.264 encoder for one rung: the same settings for the init segment and for every cell, whoever makes it."""

from dataclasses import dataclass, replace
from fractions import Fraction

from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from osmose_addon.formats.ladder import BUFFER_SHARE, MAXRATE_SHARE
from osmose_addon.model.media import Rung

_GLOBAL_HEADER = 1 << 22
_CLOSED_GOP = 1 << 31
_UNKNOWN = 2
_RGB, _BT_709 = 0, 1
_QUALITY = "23"
_QUICKER = {"veryfast": "superfast"}
"""Presets that write the same parameter sets. Slower ones tell of more reference pictures and another chroma offset."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the pictures of a rung are encoded. The colours are code points of ITU-T H.273; 2 means not known."""

    rung: Rung
    primaries: int = _UNKNOWN
    transfer: int = _UNKNOWN
    matrix: int = _UNKNOWN

    def encoder(self, threads: int = 1) -> VideoCodecContext:
        """Return an open encoder. It makes a key frame where `pict_type` asks for one and nowhere else.

        Raises: av.error.FFmpegError when it cannot be opened (no memory).
        """
        rung = self.rung
        made = VideoCodecContext.create("libx264", "w")
        made.width, made.height, made.pix_fmt = rung.width_px, rung.height_px, "yuv420p"
        made.time_base = Fraction(1, rung.timescale_hz)
        made.framerate = Fraction(rung.frame_rate or 25).limit_denominator(1001)
        made.sample_aspect_ratio = Fraction(1, 1)
        made.thread_count = threads
        made.flags |= _GLOBAL_HEADER | _CLOSED_GOP
        self._tell_colours(made)
        made.options = self._options()
        made.open()
        return made

    def quick_encoder(self, threads: int = 1) -> VideoCodecContext:
        """Return an encoder for a cell that somebody waits for: quicker, where the init segment stays the same."""
        preset = _QUICKER.get(self.rung.preset, self.rung.preset)
        return replace(self, rung=replace(self.rung, preset=preset)).encoder(threads)

    def _options(self) -> dict[str, str]:
        rung = self.rung
        level = int(rung.codecs[-2:], 16)
        return {
            "preset": rung.preset,
            "crf": _QUALITY,
            "maxrate": str(round(rung.target_bps * MAXRATE_SHARE)),
            "bufsize": str(round(rung.target_bps * BUFFER_SHARE)),
            "profile": "high",
            "8x8dct": "1",  # ultrafast would leave it out, and write another profile than the playlist says
            "level": f"{level // 10}.{level % 10}",
            "g": "100000",
            "keyint_min": "1",
            "sc_threshold": "0",
            "forced-idr": "1",
        }

    def _tell_colours(self, made: VideoCodecContext) -> None:
        """Say of the colours what the source says; what it does not say is left unsaid."""
        if self.primaries != _UNKNOWN:
            made.color_primaries = self.primaries
        if self.transfer != _UNKNOWN:
            made.color_trc = self.transfer
        if self.matrix != _UNKNOWN:
            made.colorspace = self.matrix


def recipe(rung: Rung, source: VideoStream) -> Recipe:
    """Return how a rung of this source is encoded. Call it before the source is decoded: a decoder may change its mind.

    Red, green and blue become BT.709, see `workers.scaling`.
    """
    context = source.codec_context
    matrix = _BT_709 if is_rgb(context) else context.colorspace
    return Recipe(rung, context.color_primaries, context.color_trc, matrix)


def is_rgb(context: VideoCodecContext) -> bool:
    """Whether a source's planes are red, green and blue."""
    return context.colorspace == _RGB or bool(context.format and context.format.is_rgb)


def encoder(rung: Rung, source: VideoStream) -> VideoCodecContext:
    """Return an open encoder for a rung of this source, see `Recipe.encoder`."""
    return recipe(rung, source).encoder()
