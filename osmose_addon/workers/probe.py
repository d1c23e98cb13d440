"""The worker that reads what a media file holds."""

import re
from collections.abc import Sequence

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.subtitles.stream import SubtitleStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import AudioTrack, Chapter, MediaFacts, TextTrack, VideoTrack
from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import Probed, Progress
from osmose_addon.workers import keyframes
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.opened import codec_name, opened, picture_stream, time_base
from osmose_addon.workers.scaling import clockwise_deg

_TEXT_CODECS = frozenset(("subrip", "mov_text", "webvtt", "ass", "ssa", "text"))
_HDR_TRANSFERS = (16, 18)  # SMPTE ST 2084 and ARIB STD-B67, as ITU-T H.273 numbers them
_AAC_PROFILES = {"LC": 1, "Main": 0, "SSR": 2, "LTP": 3, "HE-AAC": 4, "HE-AACv2": 28, "LD": 22, "ELD": 38}
_LONGEST_S = 24 * 3600
_YEAR = re.compile(r"(?:18|19|20|21)\d\d")
_NAME_LETTERS = 200
_CLOCK = re.compile(r"(\d{1,3}):(\d\d):(\d\d(?:\.\d{1,9})?)")
_CUT_OFF_S = 3.0
_CUT_OFF_SHARE = 0.05


def main(order: ProbeOrder, hub: Hub) -> None:
    """Answer with what the file holds, and with `Progress` while a long file has to be read through.

    Raises: MediaError; reasons as `workers.opened` names them, and `no_picture`, `too_large`, `protected`, `damaged`.
    """
    with opened(order.path) as container:
        video = picture_stream(container)
        track, frame = _video_track(container, video)
        found = keyframes.find(container, video, lambda: hub.send(Progress(0.0)))
        seconds = float((found.end_ticks - found.start_ticks) * time_base(video))
        if seconds > _LONGEST_S:
            raise MediaError(reason="damaged")
        tags = {name.lower(): value for name, value in container.metadata.items()}
        facts = MediaFacts(
            container=container.format.name,
            size_bytes=container.size,
            duration_s=seconds,
            video=track,
            audio=tuple(_audio_track(stream) for stream in container.streams.audio if _is_heard(stream)),
            texts=tuple(_text_track(stream) for stream in container.streams.subtitles if _is_text(stream)),
            chapters=_chapters(container, found.start_ticks * float(time_base(video))),
            key_frames=found.key_frames,
            video_start_ticks=found.start_ticks,
            video_end_ticks=found.end_ticks,
            tag_title=_plain(tags.get("title", "")),
            tag_year=_year([tags.get("date", ""), tags.get("year", ""), tags.get("date_released", "")]),
            claimed_duration_s=_claimed_s(container, video, seconds),
        )
        del frame
    hub.send(Probed(facts))


def _video_track(container: InputContainer, video: VideoStream) -> tuple[VideoTrack, VideoFrame]:
    """Return the picture track. One picture is decoded: only that shows that it can be, and how it is turned."""
    context, base = video.codec_context, time_base(video)
    if context.codec_tag == "encv":
        raise MediaError(reason="protected")
    context.thread_count = 1
    frame = next(container.decode(video), None)
    if frame is None:
        raise MediaError(reason="damaged")
    aspect = video.sample_aspect_ratio or context.sample_aspect_ratio or 1
    rate = video.average_rate or video.guessed_rate or 0
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
        is_hdr=context.color_trc in _HDR_TRANSFERS,
        bit_rate_bps=context.bit_rate or 0,
        extradata=context.extradata or b"",
    )
    return track, frame


def _claimed_s(container: InputContainer, video: VideoStream, found_s: float) -> float:
    """Return how long the picture lasts by the header where clearly less of it was found, else 0.

    Only containers are asked whose header says so: elsewhere FFmpeg guesses it from the bit rate.
    """
    told_s = (container.duration or 0) / 1e6
    if container.format.name.startswith("matroska"):
        own = _CLOCK.match(video.metadata.get("DURATION", ""))
        own_s = int(own[1]) * 3600 + int(own[2]) * 60 + float(own[3]) if own else told_s
    elif container.format.name.startswith("mov"):
        own_s = float((video.duration or 0) * time_base(video))
    else:
        return 0.0
    claimed_s = min(told_s, own_s, _LONGEST_S)
    return claimed_s if claimed_s - found_s > max(_CUT_OFF_S, claimed_s * _CUT_OFF_SHARE) else 0.0


def _profile_number(video: VideoStream) -> int:
    """Return the profile an H.264 configuration tells, 0 elsewhere."""
    extradata = video.codec_context.extradata or b""
    is_avcc = codec_name(video) == "h264" and extradata[:1] == b"\x01"
    return extradata[1] if is_avcc and len(extradata) > 1 else 0


def _is_heard(stream: AudioStream) -> bool:
    return bool(codec_name(stream)) and stream.codec_context.sample_rate > 0 and stream.codec_context.channels > 0


def _audio_track(stream: AudioStream) -> AudioTrack:
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
        name=_plain(stream.metadata.get("title", "")),
        is_default=bool(stream.disposition & Disposition.default),
        bit_rate_bps=context.bit_rate or 0,
        extradata=context.extradata or b"",
    )


def _is_text(stream: SubtitleStream) -> bool:
    return codec_name(stream) in _TEXT_CODECS


def _text_track(stream: SubtitleStream) -> TextTrack:
    return TextTrack(
        index=stream.index,
        codec=codec_name(stream),
        language=_language(stream.metadata),
        name=_plain(stream.metadata.get("title", "")),
        is_default=bool(stream.disposition & Disposition.default),
        is_forced=bool(stream.disposition & Disposition.forced),
    )


def _language(metadata: dict[str, str]) -> str:
    language = metadata.get("language", "").lower()
    return language if language != "und" and re.fullmatch(r"[a-z]{2,3}", language) else ""


def _chapters(container: InputContainer, start_s: float) -> tuple[Chapter, ...]:
    found = []
    for chapter in container.chapters():
        tick_s = float(chapter["time_base"] or 0)
        name = _plain(chapter["metadata"].get("title", ""))
        begin, end = chapter["start"] * tick_s - start_s, chapter["end"] * tick_s - start_s
        found.append(Chapter(max(begin, 0.0), max(end, 0.0), name))
    return tuple(found)


def _plain(text: str) -> str:
    """Return a tag as one printable line of at most 200 characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_NAME_LETTERS]


def _year(dates: Sequence[str]) -> int:
    found = (_YEAR.match(date.strip()) for date in dates)
    return next((int(match[0]) for match in found if match), 0)
