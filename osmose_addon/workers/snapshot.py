"""A JPEG of a key frame, decoded only when somebody asks."""

from dataclasses import dataclass
from fractions import Fraction

import av
import av.error
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from osmose_addon.formats import h264
from osmose_addon.formats.h264_sps import parse_sps

# 8K and a little: a picture that claims more is an attack on our memory, not a camera.
_LARGEST_PX = 8192 * 4608


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture and its size."""

    body: bytes
    width_px: int
    height_px: int


def jpeg_of(sets: h264.ParameterSets, sample: bytes, width_px: int) -> Jpeg | None:
    """Return a key frame (an MP4 sample) as a JPEG no wider than `width_px`; nothing if it cannot be decoded."""
    sps = parse_sps(sets.sps[0])
    if sps.width_px * sps.height_px > _LARGEST_PX:
        return None
    packet = h264.join_annex_b((*sets.sps, *sets.pps, *h264.split_lengths(sample)))
    try:
        frame = _decoded(packet)
    except av.error.FFmpegError:
        frame = None
    return None if frame is None else _encoded(frame, width_px)


def _decoded(packet: bytes) -> VideoFrame | None:
    decoder = VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    frames = [*decoder.decode(av.Packet(packet)), *decoder.decode(None)]
    return frames[0] if frames else None


def _encoded(frame: VideoFrame, width_px: int) -> Jpeg:
    width = min(width_px, frame.width) // 2 * 2
    height = max(round(frame.height * width / frame.width / 2) * 2, 2)
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = 4
    small = frame.reformat(width, height, "yuvj420p")
    small.pts = 0
    body = b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None)))
    return Jpeg(body, width, height)
