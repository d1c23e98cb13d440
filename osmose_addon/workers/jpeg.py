"""Pictures as JPEG files."""

from fractions import Fraction

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

PIXEL_FORMAT = "yuvj420p"
"""What `written` takes: full range, as JPEG is."""

_QUALITY = 4
_TICK = Fraction(1, 25)


def written(picture: VideoFrame, quality: int = _QUALITY) -> bytes:
    """Return a picture in `PIXEL_FORMAT` as a JPEG. `quality` counts from 2, the best, to 31."""
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, PIXEL_FORMAT
    encoder.time_base = _TICK
    encoder.qmin = encoder.qmax = quality
    picture.pts, picture.time_base, picture.pict_type = 0, _TICK, 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))
