"""HLS playlists of titles. Every URI is relative to the playlist that holds it.

Source: RFC 8216, and draft-pantos-hls-rfc8216bis for `EXT-X-INDEPENDENT-SEGMENTS` in master playlists.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from osmose_addon.formats.languages import own_name
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, TextTrack

CONTENT_TYPE = "application/vnd.apple.mpegurl"

_TWO_LETTER_CODES = """
ara:ar bul:bg cat:ca ces:cs cze:cs dan:da deu:de ger:de ell:el gre:el eng:en est:et fas:fa fin:fi
fra:fr fre:fr heb:he hin:hi hrv:hr hun:hu ind:id isl:is ita:it jpn:ja kor:ko lav:lv lit:lt nld:nl
dut:nl nor:no nob:nb pol:pl por:pt ron:ro rum:ro rus:ru slk:sk slo:sk slv:sl spa:es srp:sr swe:sv
tam:ta tel:te tha:th tur:tr ukr:uk vie:vi zho:zh chi:zh
"""
_CHANNELS = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}
_CHANNELS_IN_NAME = re.compile(r"(?i)[\s(\[,-]*\b(?:[2457]\.[01]|surround|stereo)(?:\s*(?:ch|channels?))?\b[)\]]?")
# What a track is for stands in its name: draft-pantos-hls-rfc8216bis, CHARACTERISTICS.
_FOR_THE_BLIND = re.compile(r"(?i)audio ?descri|descriptive|visually impaired|audiodeskription|\bAD\b")
_FOR_THE_DEAF = re.compile(r"(?i)\b(?:SDH|HI|CC)\b|hearing|hörgeschädigt|malentendant|sordos")
_DESCRIBES = "public.accessibility.describes-video"
_TRANSCRIBES = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
_TWO_LETTERS = dict(pair.split(":") for pair in _TWO_LETTER_CODES.split())


def language_tag(language: str) -> str:
    """Return the tag players know (`de`) for a container's code (`ger`, `deu`), or the code itself."""
    return _TWO_LETTERS.get(language, language)


def master(grid: Grid, texts: Sequence[TextTrack] = ()) -> str:
    """Return the master playlist: every rung of the ladder, or the original where there is no ladder.

    Rungs are at `<rung>/index.m3u8`, text tracks at `subtitles/<track>.m3u8`.
    """
    videos = _of_group(grid, RungGroup.LADDER) or _of_group(grid, RungGroup.ORIGINAL)
    return _master(grid, videos, texts)


def original_master(grid: Grid, texts: Sequence[TextTrack] = ()) -> str:
    """Return a master playlist with the untouched source as its only rung; without pictures when there is no copy."""
    copies = [rung for rung in _of_group(grid, RungGroup.LADDER) if rung.method == "copied"]
    return _master(grid, _of_group(grid, RungGroup.ORIGINAL) or copies, texts)


def media(rung: Rung) -> str:
    """Return the playlist of one rung: all its cells `<n>.m4s` and its init segment `init.mp4`, made or not yet."""
    lasts = [rung.duration_s(cell) for cell in range(rung.cells)]
    lines = _head(lasts, version=7)
    lines += ["#EXT-X-INDEPENDENT-SEGMENTS", '#EXT-X-MAP:URI="init.mp4"']
    for cell, last_s in enumerate(lasts):
        lines += [f"#EXTINF:{last_s:.6f},", f"{cell}.m4s"]
    return _text([*lines, "#EXT-X-ENDLIST"])


def subtitles(track: int, duration_s: float) -> str:
    """Return the playlist of a text track: one `<track>.vtt` over the whole title."""
    return _text([*_head([duration_s], version=3), f"#EXTINF:{duration_s:.6f},", f"{track}.vtt", "#EXT-X-ENDLIST"])


def quoted(text: str) -> str:
    """Return a quoted string; what RFC 8216, section 4.2, keeps out of one becomes a blank or an apostrophe."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + plain.replace('"', "'") + '"'


def _head(lasts_s: Sequence[float], *, version: int) -> list[str]:
    longest_s = max(1, math.ceil(round(max(lasts_s), 3)))
    target = f"#EXT-X-TARGETDURATION:{longest_s}"
    return ["#EXTM3U", f"#EXT-X-VERSION:{version}", target, "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]


def _of_group(grid: Grid, group: RungGroup) -> list[Rung]:
    return [rung for rung in grid.rungs if rung.group is group]


def _master(grid: Grid, videos: Sequence[Rung], texts: Sequence[TextTrack]) -> str:
    sounds = _of_group(grid, RungGroup.SOUND)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [_sound_line(rung, name) for rung, name in zip(sounds, sound_names(sounds), strict=True)]
    lines += [_text_line(track, name) for track, name in zip(texts, _names(texts), strict=True)]
    # Sound alone is one variant, that of the track which plays by itself: several would be taken for qualities of it.
    for rung in videos or [sound for sound in sounds if sound.is_default] or sounds[:1]:
        lines += [_variant(rung, sounds, has_texts=bool(texts)), f"{rung.id}/index.m3u8"]
    return _text(lines)


def _variant(rung: Rung, sounds: Sequence[Rung], *, has_texts: bool) -> str:
    is_video = rung.kind is RungKind.VIDEO
    beside = [sound for sound in sounds if sound.id != rung.id]
    codecs = ",".join(dict.fromkeys(one.codecs for one in (rung, *beside) if one.codecs))
    own = (rung.bandwidth_bps, rung.average_bps) if is_video else (0, 0)
    fields = {
        "BANDWIDTH": str(own[0] + max((sound.bandwidth_bps for sound in sounds), default=0)),
        "AVERAGE-BANDWIDTH": str(own[1] + max((sound.average_bps for sound in sounds), default=0)),
        "CODECS": quoted(codecs),
    }
    if is_video:
        fields["RESOLUTION"] = f"{rung.width_px}x{rung.height_px}"
        fields |= {"FRAME-RATE": f"{rung.frame_rate:.3f}"} if rung.frame_rate else {}
        fields |= {"VIDEO-RANGE": rung.video_range} if rung.video_range else {}
    fields |= {"AUDIO": quoted("sound")} if sounds else {}
    fields |= {"SUBTITLES": quoted("texts")} if has_texts else {}
    return _tag("EXT-X-STREAM-INF", fields)


def sound_names(sounds: Sequence[Rung]) -> list[str]:
    """Return a name for each sound rung, no two alike; two rungs of one track are told apart by their channels."""
    tracks = [rung.track for rung in sounds]
    named = []
    for rung in sounds:
        channels = _CHANNELS.get(rung.channels, str(rung.channels)) if tracks.count(rung.track) > 1 else ""
        name = _CHANNELS_IN_NAME.sub("", rung.name).strip() if channels else rung.name
        told = (
            name
            or own_name(language_tag(rung.language))
            or rung.language
            or str(sorted(set(tracks)).index(rung.track) + 1)
        )
        named.append(replace(rung, name=f"{told} {channels}" if channels else told))
    return _names(named)


def _sound_line(rung: Rung, name: str) -> str:
    fields = {"TYPE": "AUDIO", "GROUP-ID": quoted("sound"), "NAME": quoted(name)}
    fields |= _language(rung.language)
    fields |= {"CHARACTERISTICS": quoted(_DESCRIBES)} if _FOR_THE_BLIND.search(rung.name) else {}
    fields |= {"DEFAULT": _yes(rung.is_default), "AUTOSELECT": "YES", "CHANNELS": quoted(str(rung.channels))}
    return _tag("EXT-X-MEDIA", fields | {"URI": quoted(f"{rung.id}/index.m3u8")})


def _text_line(track: TextTrack, name: str) -> str:
    fields = {"TYPE": "SUBTITLES", "GROUP-ID": quoted("texts"), "NAME": quoted(name)}
    fields |= _language(track.language)
    fields |= {"CHARACTERISTICS": quoted(_TRANSCRIBES)} if _FOR_THE_DEAF.search(track.name) else {}
    is_default = track.is_default and track.is_forced
    fields |= {"DEFAULT": _yes(is_default), "AUTOSELECT": "YES", "FORCED": _yes(track.is_forced)}
    return _tag("EXT-X-MEDIA", fields | {"URI": quoted(f"subtitles/{track.index}.m3u8")})


def _language(language: str) -> dict[str, str]:
    return {"LANGUAGE": quoted(language_tag(language))} if language and language != "und" else {}


def _names(tracks: Iterable[Rung | TextTrack]) -> list[str]:
    """Return a name for each track, no two alike, as section 4.3.4.1.1 asks for."""
    names: list[str] = []
    for number, track in enumerate(tracks, start=1):
        name = track.name or own_name(language_tag(track.language)) or track.language or str(number)
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _yes(is_so: bool) -> str:  # noqa: FBT001 - it is the value that is written
    return "YES" if is_so else "NO"


def _tag(name: str, fields: dict[str, str]) -> str:
    return f"#{name}:" + ",".join(f"{key}={value}" for key, value in fields.items())


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
