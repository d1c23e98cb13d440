"""The sound rungs of a title: one for each track, on a grid of its own."""

from dataclasses import dataclass, replace

from osmose_addon.formats import aac, borders
from osmose_addon.model.media import AudioTrack, MediaFacts, Rung, RungGroup, RungKind, RungMethod

_LOW_COMPLEXITY_PROFILE = 1
_HIGHEST_RATE_HZ = 48_000
_PLAIN_RATES_HZ = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
_OVERHEAD_SHARE = 1.3
_COPIED_GUESS_BPS = 96_000


@dataclass(frozen=True, slots=True)
class Wish:
    """How long the title's pictures last, and how its sound may be made."""

    duration_s: float
    audio_bps: int
    may_encode: bool


def rungs(facts: MediaFacts, wish: Wish) -> tuple[Rung, ...]:
    """Return a rung for each track: AAC-LC copied whatever its channels, all else as stereo AAC.

    Sound rungs are called `sound-1`, `sound-2`, … in the order of the tracks.
    """
    found = []
    for number, track in enumerate(facts.audio, start=1):
        reason = why_not_copied(track)
        if wish.may_encode or not reason:
            rung = _rung(track, reason, wish)
            found.append(replace(rung, id=f"sound-{number}", origin_ticks=_origin_samples(facts, rung.timescale_hz)))
    if found and not any(rung.is_default for rung in found):
        found[0] = replace(found[0], is_default=True)
    return tuple(found)


def why_not_copied(track: AudioTrack) -> str:
    """Return the reason why a track cannot be copied as it is, or nothing."""
    if track.codec != "aac":
        return "not_aac"
    is_plain = track.profile == _LOW_COMPLEXITY_PROFILE and track.sample_rate_hz in _PLAIN_RATES_HZ
    if not is_plain or not track.channels:
        return "not_aac_lc"
    return "" if _says_low_complexity(track.extradata) else "not_aac_lc"


def _says_low_complexity(config: bytes) -> bool:
    """Whether the configuration, if there is one (MPEG-TS has none), is that of low complexity AAC."""
    if len(config) < 2:  # noqa: PLR2004 - the shortest AudioSpecificConfig
        return True
    told = aac.parse_config(config)
    return told.object_type == aac.LOW_COMPLEXITY and not told.has_sbr


def _rung(track: AudioTrack, reason: str, wish: Wish) -> Rung:
    is_copied = not reason
    rate_hz = track.sample_rate_hz if is_copied or track.sample_rate_hz in _PLAIN_RATES_HZ else _HIGHEST_RATE_HZ
    bps = (track.bit_rate_bps or _COPIED_GUESS_BPS * track.channels) if is_copied else wish.audio_bps
    return Rung(
        id="",
        kind=RungKind.AUDIO,
        group=RungGroup.SOUND,
        method=RungMethod.COPIED if is_copied else RungMethod.ENCODED,
        reason=reason or "aac_fits",
        track=track.index,
        timescale_hz=rate_hz,
        origin_ticks=0,
        borders_ticks=borders.sound(wish.duration_s, rate_hz),
        codecs="mp4a.40.2",
        bandwidth_bps=round(bps * _OVERHEAD_SHARE),
        average_bps=bps,
        target_bps=0 if is_copied else wish.audio_bps,
        channels=track.channels if is_copied else 2,
        sample_rate_hz=rate_hz,
        language=track.language,
        name=track.name,
        is_default=track.is_default,
    )


def _origin_samples(facts: MediaFacts, rate_hz: int) -> int:
    """Return the time stamp of the first picture in samples: sound and picture begin at the same instant."""
    if facts.video is None:
        return 0
    return round(facts.video_start_ticks * facts.video.time_base_num * rate_hz / facts.video.time_base_den)
