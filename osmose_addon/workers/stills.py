"""The worker that makes a picture of a film."""

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import PosterOrder
from osmose_addon.model.reports import PictureMade
from osmose_addon.workers import jpeg
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.keyframes import shown
from osmose_addon.workers.opened import opened, picture_stream, time_base
from osmose_addon.workers.scaling import Scaler, clockwise_deg

_TRIES = 12
_DARK = 28.0
_FLAT = 6.0
_TICK = Fraction(1, 25)
_THUMB_PX = 64


def main(order: PosterOrder, hub: Hub) -> None:
    """Answer with a JPEG of a key frame near `at_s` that is neither dark nor plain, no wider than `width_px`.

    Raises: MediaError.
    """
    with opened(order.path) as container:
        video = picture_stream(container)
        frame = _best(_key_frames(container, video, order.at_s))
        hub.send(_jpeg(frame, video, order.width_px))


def _key_frames(container: InputContainer, video: VideoStream, at_s: float) -> Iterator[VideoFrame]:
    decoder = video.codec_context
    decoder.thread_count, decoder.skip_frame = 1, "NONKEY"
    container.seek((video.start_time or 0) + int(Fraction(max(at_s, 0.0)) / time_base(video)), stream=video)
    for packet, _ in shown(container, video):
        if packet.is_keyframe:
            yield from decoder.decode(packet)
    yield from decoder.decode(None)


def _best(frames: Iterator[VideoFrame]) -> VideoFrame:
    """Return the first good picture, or the liveliest of the first few. Raises: MediaError (`damaged`)."""
    looks: list[tuple[float, VideoFrame]] = []
    for frame in itertools.islice(frames, _TRIES):
        grey = frame.reformat(_THUMB_PX, _THUMB_PX, "gray").to_ndarray()
        light, spread = float(np.mean(grey)), float(np.std(grey))
        if light > _DARK and spread > _FLAT:
            return frame
        looks.append((spread + light / 4, frame))
    if not looks:
        raise MediaError(reason="damaged")
    return max(looks, key=lambda look: look[0])[1]


def _jpeg(frame: VideoFrame, video: VideoStream, width_px: int) -> PictureMade:
    aspect = video.sample_aspect_ratio or 1
    shown_px = (round(frame.width * aspect) or frame.width, frame.height)
    if clockwise_deg(frame) % 180:
        shown_px = (shown_px[1], shown_px[0])
    width = max(min(width_px, shown_px[0]) // 2 * 2, 2)
    height = max(round(shown_px[1] * width / shown_px[0] / 2) * 2, 2)
    small = Scaler(width, height, jpeg.PIXEL_FORMAT).scaled(frame, _TICK)
    return PictureMade(jpeg.written(small), width, height)
