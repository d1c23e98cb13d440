"""One H.264 encoder for one rung: the same settings for the init segment and for every cell, whoever makes it."""

from fractions import Fraction

from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from osmose_addon.formats.ladder import BUFFER_SHARE, MAXRATE_SHARE
from osmose_addon.model.media import Rung

_GLOBAL_HEADER = 1 << 22
_CLOSED_GOP = 1 << 31
_UNKNOWN = 2
_QUALITY = "23"
_THREADS = 2


def encoder(rung: Rung, source: VideoStream) -> VideoCodecContext:
    """Return an open encoder. It makes a key frame where `pict_type` asks for one and nowhere else.

    Raises: av.error.FFmpegError when it cannot be opened (no memory).
    """
    made = VideoCodecContext.create("libx264", "w")
    made.width, made.height, made.pix_fmt = rung.width_px, rung.height_px, "yuv420p"
    made.time_base = Fraction(1, rung.timescale_hz)
    made.framerate = Fraction(rung.frame_rate or 25).limit_denominator(1001)
    made.sample_aspect_ratio = Fraction(1, 1)
    made.thread_count = _THREADS
    made.flags |= _GLOBAL_HEADER | _CLOSED_GOP
    _keep_colour(made, source.codec_context)
    level = int(rung.codecs[-2:], 16)
    made.options = {
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
    made.open()
    return made


def _keep_colour(made: VideoCodecContext, source: VideoCodecContext) -> None:
    """Say of the colours what the source says; what it does not say is left unsaid."""
    if source.color_primaries != _UNKNOWN:
        made.color_primaries = source.color_primaries
    if source.color_trc != _UNKNOWN:
        made.color_trc = source.color_trc
    if source.colorspace != _UNKNOWN:
        made.colorspace = source.colorspace
