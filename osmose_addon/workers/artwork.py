"""The worker that makes a poster of a picture file beside a film, or of the cover within the film's own file.

Only what a header calls PNG, JPEG or WebP is decoded, and only by the decoder of that kind: no format of FFmpeg guesses
at the file, and its size is looked at first (750 kB of PNG may ask for 786 MB).
"""

import os
from fractions import Fraction

import numpy as np
from av.codec import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from osmose_addon.formats.images import image_head, is_image
from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import ArtworkOrder
from osmose_addon.model.reports import PictureMade
from osmose_addon.workers import jpeg
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.opened import LARGEST_PX, media_errors, opened, packets, refuse_large, regular_file
from osmose_addon.workers.scaling import Scaler, clockwise_deg

_LARGEST_BYTES = 64 << 20
_HEAD_BYTES = 16
_COVER_PACKETS = 50
_TICK = Fraction(1, 25)


def main(order: ArtworkOrder, hub: Hub) -> None:
    """Answer with an upright JPEG, no wider than `width_px`; what is transparent stands on black.

    Raises: MediaError with reason `gone`, `not_a_file`, `unreadable`, `too_large`, `unknown_format`, `damaged`, or
    `no_picture` for a film without a cover.
    """
    body = _picture_file(order.path)
    if body is None:
        with opened(order.path) as container:
            body = _cover(container)
    hub.send(_poster(_decoded(body), order.width_px))


def _picture_file(path: bytes) -> bytes | None:
    """Return a picture file's bytes, or nothing when it is something else: a film, which `opened` looks at."""
    with os.fdopen(regular_file(path), "rb") as file:
        head = file.read(_HEAD_BYTES)
        if not is_image(head):
            return None
        body = head + file.read(_LARGEST_BYTES)
    if len(body) > _LARGEST_BYTES:
        raise MediaError(reason="too_large")
    return body


def _cover(container: InputContainer) -> bytes:
    covers = [stream for stream in container.streams.video if stream.disposition & Disposition.attached_pic]
    if not covers:
        raise MediaError(reason="no_picture")
    for number, packet in enumerate(packets(container, *covers)):
        if packet.size:
            return bytes(packet)
        if number == _COVER_PACKETS:
            break
    raise MediaError(reason="no_picture")


def _decoded(body: bytes) -> VideoFrame:
    head = image_head(body)
    if head is None:
        raise MediaError(reason="damaged" if is_image(body) else "unknown_format")
    refuse_large(head.width_px, head.height_px)
    decoder = CodecContext.create(head.codec, "r")
    if not isinstance(decoder, VideoCodecContext):
        raise MediaError(reason="unknown_codec")
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(LARGEST_PX)}  # whatever its header says further in
    with media_errors("damaged"):
        frames = [*decoder.decode(Packet(body)), *decoder.decode(None)]
        if frames:
            return frames[0]
    raise MediaError(reason="damaged")


def _poster(frame: VideoFrame, width_px: int) -> PictureMade:
    refuse_large(frame.width, frame.height)
    lies = clockwise_deg(frame) % 180 != 0
    shown_px = (frame.height, frame.width) if lies else (frame.width, frame.height)
    width = max(min(width_px, shown_px[0]) // 2 * 2, 2)
    height = max(round(shown_px[1] * width / shown_px[0] / 2) * 2, 2)
    refuse_large(width, height)
    upright = Scaler(width, height, "rgba").scaled(frame, _TICK)
    picture = _on_black(upright).reformat(
        format=jpeg.PIXEL_FORMAT,
        interpolation=Interpolation.AREA,
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.JPEG,
    )
    return PictureMade(jpeg.written(picture), width, height)


def _on_black(frame: VideoFrame) -> VideoFrame:
    pixels = frame.to_ndarray(format="rgba").astype(np.uint16)
    shown = (pixels[..., :3] * pixels[..., 3:] // 255).astype(np.uint8)
    return VideoFrame.from_ndarray(shown, format="rgb24")
