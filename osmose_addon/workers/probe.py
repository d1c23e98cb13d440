"""The worker that reads what a media file holds."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import MediaFacts
from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import Probed, Progress
from osmose_addon.workers import keyframes
from osmose_addon.workers.faststart import has_index_first
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.opened import find_picture_stream, has_cover, last_tick, opened, packets, time_base
from osmose_addon.workers.tracks import (
    audio_track,
    audio_tracks,
    chapters,
    holds_halves,
    plain,
    text_tracks,
    video_track,
)

_LONGEST_S = 24 * 3600
_NO_CLOCK_YEAR = 1970
_NO_YEAR = 2200
_YEAR = re.compile(r"(?:18|19|20|21)\d\d")
_CLOCK = re.compile(r"(\d{1,3}):(\d\d):(\d\d(?:\.\d{1,9})?)")
_CUT_OFF_S = 3.0
_CUT_OFF_SHARE = 0.05
_TOLD_EVERY = 5_000
_SAME_RATE_SHARE = 0.02
_USUAL_RATES = (24.0, 25.0, 30.0, 50.0, 60.0)

_Told = Callable[[float], None]


def main(order: ProbeOrder, hub: Hub) -> None:
    """Answer with what the file holds, and with `Progress` while a long file has to be read through.

    Raises: MediaError; reasons as `workers.opened` names them, and `no_picture`, `too_large`, `protected`, `damaged`.
    """
    with opened(order.path) as container:
        video = find_picture_stream(container)
        facts = _facts(container)

        def told(done: float) -> None:
            hub.send(Progress(done))

        facts = _with_sound(container, facts, told) if video is None else _with_pictures(container, video, facts, told)
        if facts.duration_s > _LONGEST_S:
            raise MediaError(reason="damaged")
        is_mp4 = container.format.name.startswith("mov")
        facts = replace(
            facts,
            chapters=chapters(container, facts.start_s),
            has_index_first=is_mp4 and has_index_first(order.path),
        )
    hub.send(Probed(facts))


def _facts(container: InputContainer) -> MediaFacts:
    """Return what the file says without reading on."""
    tags = {name.lower(): value for name, value in container.metadata.items()}
    return MediaFacts(
        container=container.format.name,
        size_bytes=container.size,
        duration_s=0.0,
        audio=tuple(audio_track(stream) for stream in audio_tracks(container)),
        texts=text_tracks(container),
        tag_title=plain(tags.get("title", "")),
        tag_year=_year([tags.get("date", ""), tags.get("year", ""), tags.get("date_released", "")]),
        has_cover=has_cover(container),
        taken_on=_day(tags.get("com.apple.quicktime.creationdate", "") or tags.get("creation_time", "")),
    )


def _with_pictures(container: InputContainer, video: VideoStream, facts: MediaFacts, told: _Told) -> MediaFacts:
    track, frame = video_track(container, video)
    halves = track.is_interlaced
    del frame
    found = keyframes.find(container, video, told)
    if not halves:
        container.seek(found.start_ticks, stream=video)
        halves = holds_halves(container, video, (found.start_ticks + found.end_ticks) // 2)
    seconds = float((found.end_ticks - found.start_ticks) * time_base(video))
    return replace(
        facts,
        duration_s=seconds,
        video=replace(track, is_interlaced=halves, frame_rate=_frame_rate(track.frame_rate, found.pictures / seconds)),
        key_frames=found.key_frames,
        video_start_ticks=found.start_ticks,
        video_end_ticks=found.end_ticks,
        claimed_duration_s=_claimed_s(container, video, seconds),
    )


def _frame_rate(told: float, counted: float) -> float:
    """Return the pictures a second: what the file tells, unless it holds clearly more or fewer.

    Streams tell the rate of their clock (600), or that of half pictures (50).
    """
    if abs(told - counted) <= _SAME_RATE_SHARE * counted:
        return told
    return next((rate for rate in _USUAL_RATES if abs(rate - counted) <= rate * _SAME_RATE_SHARE), counted)


def _with_sound(container: InputContainer, facts: MediaFacts, told: _Told) -> MediaFacts:
    """Return the facts of a file without a picture: it lasts as long as something can be heard."""
    tracks = audio_tracks(container)
    if not tracks:
        raise MediaError(reason="no_picture")
    start_s, end_s = _heard(container, tracks, told)
    ticks_a_second = 1 / time_base(tracks[0])
    start, end = round(start_s * ticks_a_second), round(end_s * ticks_a_second)
    if end <= start:
        raise MediaError(reason="damaged")
    return replace(facts, duration_s=end_s - start_s, video_start_ticks=start, video_end_ticks=end)


def _heard(container: InputContainer, tracks: list[AudioStream], told: _Told) -> tuple[float, float]:
    """Return from when to when the packets of sound last, in seconds; what lies before 0 is not meant to be heard."""
    start_s, end_s = float("inf"), 0.0
    ticks_s = {stream.index: float(time_base(stream)) for stream in tracks}
    lasts = {stream.index: last_tick(stream) for stream in tracks}
    for number, packet in enumerate(packets(container, *tracks)):
        pts, index = packet.pts, packet.stream_index
        if pts is not None and packet.size and pts <= lasts[index]:
            start_s = min(start_s, max(pts * ticks_s[index], 0.0))
            end_s = max(end_s, (pts + (packet.duration or 0)) * ticks_s[index])
        if number % _TOLD_EVERY == _TOLD_EVERY - 1:
            told(keyframes.share_read(container, packet.pos))
    return start_s, end_s


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


def _day(stamp: str) -> str:
    """Return the day of a time stamp, here; what cameras write that do not know it (1904, 1970, nothing) is none."""
    try:
        taken = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    if not _NO_CLOCK_YEAR < taken.year < _NO_YEAR:
        return ""
    if stamp.endswith("Z"):  # else it tells the day where it was taken
        taken = taken.astimezone()
    return taken.date().isoformat()


def _year(dates: Sequence[str]) -> int:
    found = (_YEAR.match(date.strip()) for date in dates)
    return next((int(match[0]) for match in found if match), 0)
