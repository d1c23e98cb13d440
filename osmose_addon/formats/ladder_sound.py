"""The sound rungs of a title: one or two for each track, on a grid of its own.

A track of more than two channels is offered twice. Stereo is what plays by itself: every browser, phone and television
plays it, a Chromecast gives no sound for AAC of six channels, and two loudspeakers want the voices of a centre channel
mixed in by somebody. It costs about 2 % of a core while it plays (measured); who wants surround chooses it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from osmose_addon.formats import aac, borders
from osmose_addon.model.media import AudioTrack, MediaFacts, Rung, RungGroup, RungKind, RungMethod

STEREO, SURROUND = 2, 6
"""Channels: surround is 5.1."""

_LOW_COMPLEXITY_PROFILE = 1
_HIGHEST_RATE_HZ = 48_000
_PLAIN_RATES_HZ = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
_OVERHEAD_SHARE = 1.3
_COPIED_GUESS_BPS = 96_000
_SURROUND_SHARE = 3
_MONO_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Wish:
    """How long the title lasts, and how its sound may be made; `audio_bps` is the rate of a stereo track."""

    duration_s: float
    audio_bps: int
    may_encode: bool


def rungs(facts: MediaFacts, wish: Wish) -> tuple[Rung, ...]:
    """Return the rungs of each track: AAC-LC copied up to 5.1, all else encoded; surround as stereo, too.

    They are called `sound-1`, `sound-2`, … in the order of the tracks, the stereo of a surround track
    `sound-1-stereo`.
    """
    found = []
    for number, track in enumerate(facts.audio, start=1):
        found += [
            replace(rung, id=f"sound-{number}{rung.id}", origin_ticks=_origin_samples(facts, rung.timescale_hz))
            for rung in _of_track(track, wish)
        ]
    return tuple(_with_default(found))


def why_not_copied(track: AudioTrack) -> str:
    """Return the reason why a track cannot be copied as it is, or nothing."""
    if track.codec != "aac":
        return "not_aac"
    is_plain = track.profile == _LOW_COMPLEXITY_PROFILE and track.sample_rate_hz in _PLAIN_RATES_HZ
    if not is_plain or not track.channels:
        return "not_aac_lc"
    if track.channels > SURROUND:
        return "too_many_channels"
    return "" if _says_low_complexity(track.extradata) else "not_aac_lc"


def _says_low_complexity(config: bytes) -> bool:
    """Whether the configuration, if there is one (MPEG-TS has none), is that of low complexity AAC."""
    if len(config) < 2:  # noqa: PLR2004 - the shortest AudioSpecificConfig
        return True
    told = aac.parse_config(config)
    return told.object_type == aac.LOW_COMPLEXITY and not told.has_sbr


def _of_track(track: AudioTrack, wish: Wish) -> Iterator[Rung]:
    """Yield the rungs of a track; `id` is what follows the track's number."""
    reason = why_not_copied(track)
    if not reason:
        bps = track.bit_rate_bps or _COPIED_GUESS_BPS * track.channels
        yield replace(_rung(track, wish, track.channels, bps), method=RungMethod.COPIED, reason="aac_fits")
    elif wish.may_encode:
        yield _encoded(track, wish, track.channels if track.channels <= STEREO else SURROUND, reason)
    if wish.may_encode and track.channels > STEREO:
        yield replace(_encoded(track, wish, STEREO, "stereo"), id="-stereo")


def _encoded(track: AudioTrack, wish: Wish, channels: int, reason: str) -> Rung:
    share = {1: _MONO_SHARE, SURROUND: _SURROUND_SHARE}.get(channels, 1)
    rung = _rung(track, wish, channels, round(wish.audio_bps * share))
    return replace(rung, method=RungMethod.ENCODED, reason=reason, target_bps=rung.average_bps)


def _rung(track: AudioTrack, wish: Wish, channels: int, bps: int) -> Rung:
    rate_hz = _rate_hz(track.sample_rate_hz)
    return Rung(
        id="",
        kind=RungKind.AUDIO,
        group=RungGroup.SOUND,
        method=RungMethod.COPIED,
        reason="",
        track=track.index,
        timescale_hz=rate_hz,
        origin_ticks=0,
        borders_ticks=borders.sound(wish.duration_s, rate_hz),
        codecs="mp4a.40.2",
        bandwidth_bps=round(bps * _OVERHEAD_SHARE),
        average_bps=bps,
        channels=channels,
        sample_rate_hz=rate_hz,
        language=track.language,
        name=track.name,
        is_default=track.is_default,
    )


def _rate_hz(source_hz: int) -> int:
    """Return the rate a track is offered at: its own, or one that is a whole part or multiple of it.

    Then samples of any run lie at the same instants, and runs join.
    """
    alike = [rate for rate in _PLAIN_RATES_HZ if source_hz and (source_hz % rate == 0 or rate % source_hz == 0)]
    return min(alike, key=lambda rate: abs(rate - source_hz), default=_HIGHEST_RATE_HZ)


def _with_default(found: list[Rung]) -> list[Rung]:
    """Return the rungs with exactly one that plays by itself: the default track's, as stereo where there is that."""
    track = next((rung.track for rung in found if rung.is_default), found[0].track if found else -1)
    of_track = [rung for rung in found if rung.track == track]
    chosen = min(of_track, key=lambda rung: rung.channels > STEREO, default=None)
    return [replace(rung, is_default=rung is chosen) for rung in found]


def _origin_samples(facts: MediaFacts, rate_hz: int) -> int:
    """Return the time stamp at which the title begins in samples: sound and picture begin at the same instant."""
    track = facts.video or next(iter(facts.audio), None)
    if track is None:
        return 0
    return round(facts.video_start_ticks * track.time_base_num * rate_hz / track.time_base_den)
