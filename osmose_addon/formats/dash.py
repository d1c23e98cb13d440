"""The DASH manifest of a title: the same cells and init segments as in HLS. Every URI is relative to the manifest.

Sources: ISO/IEC 23009-1 (elements, their order, time lines, roles), ISO/IEC 23091-3 (channel configurations).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from osmose_addon.formats.hls import language_tag
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod, TextTrack, VideoTrack

CONTENT_TYPE = "application/dash+xml"

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
_ROLE = "urn:mpeg:dash:role:2011"
_CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
_TRANSFER = "urn:mpeg:mpegB:cicp:TransferCharacteristics"
_TRANSFERS = {"PQ": 16, "HLG": 18}
_CHANNEL_CONFIGURATIONS = {7: 11, 8: 12}
"""From 1 to 6 channels, the configuration is their number."""
_MOST_DENOMINATOR = 1001
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_TEXT_BPS = 256


class _Set(NamedTuple):
    """Rungs that a player may switch between."""

    rungs: tuple[Rung, ...]
    is_main: bool


def manifest(grid: Grid, video: VideoTrack | None = None, texts: Sequence[TextTrack] = ()) -> str:
    """Return the manifest: the ladder (the original where there is none), each sound and each text track.

    Rungs are at `<revision>/<rung>/`, text tracks at `subtitles/<track>.vtt`. `video` is the source's picture track,
    whose shape of pixels a copied rung keeps.
    """
    pictures = _of_group(grid, RungGroup.LADDER) or _of_group(grid, RungGroup.ORIGINAL)
    sets = [_Set(pictures, is_main=True)] if pictures else []
    sets += [_Set(rungs, any(rung.is_default for rung in rungs)) for rungs in _sounds(grid)]
    members = [_adaptation_set(number, one, grid.revision, video) for number, one in enumerate(sets)]
    members += [_text_set(number, track) for number, track in enumerate(texts, start=len(sets))]
    rungs = [rung for one in sets for rung in one.rungs]
    fields = {
        "xmlns": _NAMESPACE,
        "profiles": _PROFILE,
        "type": "static",
        "mediaPresentationDuration": _lasting(_end_s(grid, rungs)),
        "minBufferTime": _lasting(max((_longest_s(rung) for rung in rungs), default=1.0)),
    }
    return _HEAD + _element("MPD", fields, _element("Period", {"id": "0", "start": "PT0S"}, *members)) + "\n"


def _of_group(grid: Grid, group: RungGroup) -> tuple[Rung, ...]:
    return tuple(rung for rung in grid.rungs if rung.group is group)


def _sounds(grid: Grid) -> list[tuple[Rung, ...]]:
    """Return the sound rungs by what a person may choose: track, language and channels."""
    found: dict[object, list[Rung]] = {}
    for rung in _of_group(grid, RungGroup.SOUND):
        found.setdefault((rung.track, rung.language, rung.channels, rung.codecs), []).append(rung)
    return [tuple(rungs) for rungs in found.values()]


def _adaptation_set(number: int, one: _Set, revision: str, video: VideoTrack | None) -> str:
    first = one.rungs[0]
    is_video = first.kind is RungKind.VIDEO
    kind = "video" if is_video else "audio"
    fields = {"id": number, "contentType": kind, "mimeType": f"{kind}/mp4", "segmentAlignment": "true"}
    fields |= {"startWithSAP": 1} | _language(first.language)
    if is_video:
        fields |= {"maxWidth": max(rung.width_px for rung in one.rungs)}
        fields |= {"maxHeight": max(rung.height_px for rung in one.rungs)}
    members = [*_about(first), _label(first.name)]
    members += [_descriptor("Role", _ROLE, "main" if one.is_main else "alternate"), _template(first, revision)]
    members += [_representation(rung, video) for rung in one.rungs]
    return _element("AdaptationSet", fields, *members)


def _about(rung: Rung) -> list[str]:
    """Return what all rungs of a set have in common, as descriptors."""
    if rung.kind is RungKind.AUDIO:
        configuration = _CHANNEL_CONFIGURATIONS.get(rung.channels, rung.channels)
        return [_descriptor("AudioChannelConfiguration", _CHANNELS, str(configuration))]
    transfer = _TRANSFERS.get(rung.video_range)
    return [_descriptor("SupplementalProperty", _TRANSFER, str(transfer))] if transfer else []


def _template(rung: Rung, revision: str) -> str:
    """Return the timeline of a set: rungs of one set share borders and ticks exactly."""
    lasts = (end - start for start, end in zip(rung.borders_ticks, rung.borders_ticks[1:], strict=False))
    stretches = [(ticks, len(tuple(same))) for ticks, same in groupby(lasts)]
    lines = []
    for place, (ticks, count) in enumerate(stretches):
        start: dict[str, object] = {"t": rung.borders_ticks[0]} if not place else {}
        again: dict[str, object] = {"r": count - 1} if count > 1 else {}
        lines.append(_element("S", start | {"d": ticks} | again))
    fields = {
        "timescale": rung.timescale_hz,
        "initialization": f"{revision}/$RepresentationID$/init.mp4",
        "media": f"{revision}/$RepresentationID$/$Number$.m4s",
        "startNumber": 0,
    }
    return _element("SegmentTemplate", fields, _element("SegmentTimeline", {}, *lines))


def _representation(rung: Rung, video: VideoTrack | None) -> str:
    fields: dict[str, object] = {"id": rung.id, "bandwidth": rung.bandwidth_bps}
    fields |= {"codecs": rung.codecs} if rung.codecs else {}
    if rung.kind is RungKind.AUDIO:
        return _element("Representation", fields | {"audioSamplingRate": rung.sample_rate_hz or rung.timescale_hz})
    fields |= {"width": rung.width_px, "height": rung.height_px, "sar": _sample_aspect(rung, video)}
    fields |= {"frameRate": _frame_rate(rung.frame_rate)} if rung.frame_rate else {}
    return _element("Representation", fields)


def _text_set(number: int, track: TextTrack) -> str:
    role = "forced-subtitle" if track.is_forced else "subtitle"
    source = _element("BaseURL", {}, f"subtitles/{track.index}.vtt")
    fields = {"id": number, "contentType": "text", "mimeType": "text/vtt", **_language(track.language)}
    members = [_label(track.name), _descriptor("Role", _ROLE, role)]
    one = _element("Representation", {"id": f"text-{track.index}", "bandwidth": _TEXT_BPS}, source)
    return _element("AdaptationSet", fields, *members, one)


def _sample_aspect(rung: Rung, video: VideoTrack | None) -> str:
    """Return the shape of a rung's pixels: a copy keeps that of the source, what is encoded has square ones."""
    if rung.method is RungMethod.ENCODED or video is None:
        return "1:1"
    return f"{video.sample_aspect_num}:{video.sample_aspect_den}"


def _frame_rate(rate: float) -> str:
    exact = Fraction(rate).limit_denominator(_MOST_DENOMINATOR)
    return str(exact)


def _language(language: str) -> dict[str, object]:
    tag = language_tag(language)
    return {"lang": tag} if tag != "und" and _LANGUAGE.fullmatch(tag) else {}


def _label(name: str) -> str:
    return _element("Label", {}, escape(_printable(name))) if name else ""


def _descriptor(name: str, scheme: str, value: str) -> str:
    return _element(name, {"schemeIdUri": scheme, "value": value})


def _end_s(grid: Grid, rungs: Iterable[Rung]) -> float:
    """Return when the last picture ends: players cut off what ends after it."""
    ends = (rung.borders_ticks[-1] / rung.timescale_hz for rung in rungs if rung.kind is RungKind.VIDEO)
    return max(grid.duration_s, *ends, 0.0)


def _longest_s(rung: Rung) -> float:
    return max(rung.duration_s(cell) for cell in range(rung.cells))


def _lasting(seconds: float) -> str:
    """Return a duration as `xs:duration`, rounded up to a microsecond."""
    return f"PT{math.ceil(round(seconds * 1e6, 3)) / 1e6:.6f}S"


def _printable(text: str) -> str:
    """Return text without what XML cannot hold at all (XML 1.0, section 2.2)."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _element(name: str, fields: Mapping[str, object], *inside: str) -> str:
    """Return an element; fields are escaped here, what is inside has to be already."""
    told = "".join(f" {key}={quoteattr(_printable(str(value)))}" for key, value in fields.items())
    body = "".join(inside)
    return f"<{name}{told}>{body}</{name}>" if body else f"<{name}{told}/>"
