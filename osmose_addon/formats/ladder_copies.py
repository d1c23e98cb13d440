"""When the pictures of a source may be handed on as they are, and what such a copy weighs."""

from dataclasses import replace

from osmose_addon.formats.codings import Coding, Look, coding_of
from osmose_addon.formats.h264 import sets_of_extradata
from osmose_addon.formats.h264_sps import parse_sps
from osmose_addon.model.media import MediaFacts, Rung, VideoTrack

OVERHEAD_BPS = 16_000
"""What boxes and their tables add to the bits of the pictures, at most."""

_BOXED = ("h264", "hevc", "av1", "vp9")
_EIGHT_BITS = 8
_YUV_420 = ("yuv420p", "yuvj420p")


def why_not_copied(facts: MediaFacts) -> str:
    """Return the reason why the source's pictures cannot be copied at all, or nothing.

    What is copied need not suit every screen: see `why_not_everywhere`.
    """
    video = facts.video
    if video is None or video.codec not in _BOXED:
        return "not_h264"
    keys = facts.key_frames.pts_ticks
    doubts = {
        "no_parameter_sets": coding(video) is None,
        "no_key_frame_at_start": keys[:1] != (facts.video_start_ticks,),
        "interlaced": holds_halves(video),
    }
    return next((reason for reason, is_true in doubts.items() if is_true), "")


def why_not_everywhere(facts: MediaFacts) -> str:
    """Return the reason why some screens cannot play a copy of the source's pictures, or nothing."""
    video = facts.video
    if video is None or video.codec != "h264":
        return "not_h264"
    doubts = {
        "no_parameter_sets": coding(video) is None,
        "ten_bit": video.bit_depth != _EIGHT_BITS,
        "not_420": video.pixel_format not in _YUV_420,
    }
    return next((reason for reason, is_true in doubts.items() if is_true), "")


def holds_halves(video: VideoTrack) -> bool:
    """Whether pictures of a track are two halves, or may be by what the track says of itself."""
    sets = sets_of_extradata(video.extradata) if video.codec == "h264" else None
    return video.is_interlaced or (sets is not None and not parse_sps(sets.sps[0]).is_progressive)


def coding(video: VideoTrack) -> Coding | None:
    """Return how the track is boxed when it is copied, or nothing where it cannot be."""
    look = Look(video.pixel_format, video.bit_depth, video.width_px, video.height_px, video.frame_rate)
    return coding_of(video.codec, video.extradata, look)


def weighed(facts: MediaFacts, rung: Rung) -> Rung:
    """Return a copied rung with its true figures: the busiest cell bounds the bit rate."""
    told = coding(facts.video) if facts.video else None
    step = facts.video.time_base_num if facts.video else 1
    sizes, cell = [0] * rung.cells, 0
    for pts, size in zip(facts.key_frames.pts_ticks, facts.key_frames.bytes_from, strict=True):
        while cell + 1 < rung.cells and pts * step - rung.origin_ticks >= rung.borders_ticks[cell + 1]:
            cell += 1
        sizes[cell] += size
    rates = [size * 8 / rung.duration_s(index) for index, size in enumerate(sizes)]
    average = sum(sizes) * 8 * rung.timescale_hz / rung.borders_ticks[-1]
    return replace(
        rung,
        codecs=told.codecs if told else "",
        bandwidth_bps=round(max(rates)) + OVERHEAD_BPS,
        average_bps=round(average) + OVERHEAD_BPS,
    )
