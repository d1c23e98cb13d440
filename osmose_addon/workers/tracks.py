"""What the tracks of a file say of themselves: pictures, sound, text and chapters."""

import itertools
import re

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.subtitles.stream import SubtitleStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from osmose_addon.formats.h264 import sets_of_extradata
from osmose_addon.formats.h264_sps import parse_sps
from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import AudioTrack, Chapter, TextTrack, VideoTrack
from osmose_addon.workers.opened import codec_name, time_base
from osmose_addon.workers.scaling import clockwise_deg

# Transfer characteristics as ITU-T H.273 numbers them: SMPTE ST 2084 and ARIB STD-B67; 2 is "not known".
_HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
_UNKNOWN_TRANSFERS = (0, 2, 3)
_DOLBY_VISION_TAGS = ("dvh1", "dvhe", "dvav", "dva1", "dav1")
_AAC_PROFILES = {"LC": 1, "Main": 0, "SSR": 2, "LTP": 3, "HE-AAC": 4, "HE-AACv2": 28, "LD": 22, "ELD": 38}
_TEXT_CODECS = frozenset(("subrip", "mov_text", "webvtt", "ass", "ssa", "text"))
_WITH_HALVES = frozenset(("h264", "mpeg2video", "mpeg4", "vc1", "wmv3", "dvvideo", "prores", "dnxhd", "mjpeg"))
_LOOKED_AT = 24
_MOST_TRACKS = 64
_MOST_CHAPTERS = 1000
_NAME_LETTERS = 200
# What a decoder is configured with has some hundred bytes; a file may hold many megabytes there.
_MOST_PICTURE_CONFIG_BYTES = 1 << 16
_MOST_SOUND_CONFIG_BYTES = 1 << 10


def video_track(container: InputContainer, video: VideoStream) -> tuple[VideoTrack, VideoFrame]:
    """Return the picture track. One picture is decoded: only that shows that it can be, and how it is turned.

    Raises: MediaError (`protected`, `damaged`).
    """
    context, base = video.codec_context, time_base(video)
    if context.codec_tag == "encv":
        raise MediaError(reason="protected")
    context.thread_count = 1
    frame = next(container.decode(video), None)
    if frame is None:
        raise MediaError(reason="damaged")
    aspect = video.sample_aspect_ratio or context.sample_aspect_ratio or 1
    rate = video.average_rate or video.guessed_rate or 0
    extradata = context.extradata or b""
    shades = _range(context.color_trc, context.codec_tag)
    track = VideoTrack(
        index=video.index,
        codec=codec_name(video),
        profile=_profile_number(video),
        level=context.level,
        width_px=context.width,
        height_px=context.height,
        pixel_format=frame.format.name,
        bit_depth=frame.format.components[0].bits,
        time_base_num=base.numerator,
        time_base_den=base.denominator,
        frame_rate=float(rate),
        sample_aspect_num=aspect.numerator or 1,
        sample_aspect_den=aspect.denominator,
        rotation_deg=clockwise_deg(frame),
        is_hdr=shades in _HDR_TRANSFERS.values(),
        bit_rate_bps=context.bit_rate or 0,
        extradata=extradata if len(extradata) <= _MOST_PICTURE_CONFIG_BYTES else b"",
        is_interlaced=frame.interlaced_frame and _may_hold_halves(video),
        video_range=shades,
    )
    return track, frame


def holds_halves(container: InputContainer, video: VideoStream, middle_ticks: int) -> bool:
    """Whether pictures of a track are two halves, by a look at its begin and one at its middle.

    A few seconds of a studio's sign are often whole pictures. The place in the file is moved by it.
    """
    if not _may_hold_halves(video):
        return False
    for at_ticks in (None, middle_ticks):
        if at_ticks is not None:
            container.seek(at_ticks, stream=video)
        frames = itertools.islice(container.decode(video), _LOOKED_AT)
        if any(frame.interlaced_frame for frame in frames):
            return True
    return False


def audio_tracks(container: InputContainer) -> list[AudioStream]:
    """Return the sound tracks that can be heard, 64 at most."""
    return [stream for stream in container.streams.audio if _is_heard(stream)][:_MOST_TRACKS]


def audio_track(stream: AudioStream) -> AudioTrack:
    """Return what a sound track says of itself."""
    context, base = stream.codec_context, time_base(stream)
    return AudioTrack(
        index=stream.index,
        codec=codec_name(stream),
        profile=_AAC_PROFILES.get(context.profile or "", -1),
        channels=context.channels,
        sample_rate_hz=context.sample_rate,
        time_base_num=base.numerator,
        time_base_den=base.denominator,
        language=_language(stream.metadata),
        name=plain(stream.metadata.get("title", "")),
        is_default=bool(stream.disposition & Disposition.default),
        bit_rate_bps=context.bit_rate or 0,
        extradata=(context.extradata or b"")[:_MOST_SOUND_CONFIG_BYTES],
    )


def text_tracks(container: InputContainer) -> tuple[TextTrack, ...]:
    """Return the subtitles that are text, 64 at most."""
    found = (_text_track(one) for one in container.streams.subtitles if codec_name(one) in _TEXT_CODECS)
    return tuple(itertools.islice(found, _MOST_TRACKS))


def chapters(container: InputContainer, start_s: float) -> tuple[Chapter, ...]:
    """Return the chapters, counted from `start_s` of the file; 1000 at most."""
    found = []
    for chapter in itertools.islice(container.chapters(), _MOST_CHAPTERS):
        tick_s = float(chapter["time_base"] or 0)
        name = plain(chapter["metadata"].get("title", ""))
        begin, end = chapter["start"] * tick_s - start_s, chapter["end"] * tick_s - start_s
        found.append(Chapter(max(begin, 0.0), max(end, 0.0), name))
    return tuple(found)


def plain(text: str) -> str:
    """Return a tag as one printable line of at most 200 characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_NAME_LETTERS]


def _range(transfer: int, tag: str) -> str:
    if tag in _DOLBY_VISION_TAGS:
        return "PQ"
    return _HDR_TRANSFERS.get(transfer, "" if transfer in _UNKNOWN_TRANSFERS else "SDR")


def _may_hold_halves(video: VideoStream) -> bool:
    """Whether a track can hold half pictures at all: most H.264 says that it does not."""
    codec = codec_name(video)
    sets = sets_of_extradata(video.codec_context.extradata or b"") if codec == "h264" else None
    return codec in _WITH_HALVES and (sets is None or not parse_sps(sets.sps[0]).is_progressive)


def _profile_number(video: VideoStream) -> int:
    """Return the profile an H.264 configuration tells, 0 elsewhere."""
    extradata = video.codec_context.extradata or b""
    is_avcc = codec_name(video) == "h264" and extradata[:1] == b"\x01"
    return extradata[1] if is_avcc and len(extradata) > 1 else 0


def _is_heard(stream: AudioStream) -> bool:
    return bool(codec_name(stream)) and stream.codec_context.sample_rate > 0 and stream.codec_context.channels > 0


def _text_track(stream: SubtitleStream) -> TextTrack:
    name = plain(stream.metadata.get("title", ""))
    if stream.disposition & Disposition.hearing_impaired and "SDH" not in name:
        name = f"{name} SDH".strip()
    return TextTrack(
        index=stream.index,
        codec=codec_name(stream),
        language=_language(stream.metadata),
        name=name,
        is_default=bool(stream.disposition & Disposition.default),
        is_forced=bool(stream.disposition & Disposition.forced),
    )


def _language(metadata: dict[str, str]) -> str:
    language = metadata.get("language", "").lower()
    return language if language != "und" and re.fullmatch(r"[a-z]{2,3}", language) else ""
