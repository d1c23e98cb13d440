"""A title as one file: what it is called, of which kind it is, and which rungs a plain MP4 of it is made of."""

from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from osmose_addon.formats import ladder_sound
from osmose_addon.formats.ladder_copies import holds_halves, why_not_everywhere
from osmose_addon.model.media import Grid, MediaFacts, Rung, RungKind, RungMethod, Title

MP4 = "video/mp4"

_TYPES = {
    "mov": MP4,
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "mpegvideo": "video/mpeg",
    "flv": "video/x-flv",
    "ogg": "video/ogg",
    "asf": "video/x-ms-asf",
    "h264": "video/h264",
    "hevc": "video/h265",
}
_ALSO_SOUND = frozenset(("mov", "matroska", "ogg"))
_WEBM_CODECS = frozenset(("vp8", "vp9", "av1", "opus", "vorbis"))
_STEREO = 2
_PLAIN_H264 = ("avc1.42", "avc1.4d", "avc1.58", "avc1.64")  # up to High: others have more bits or colours


def content_type(title: Title) -> str:
    """Return the MIME type of a title's own file, by what the probe found; a name only tells MOV and 3GP from MP4."""
    if title.facts is None:
        return "application/octet-stream"
    kind = title.facts.container.partition(",")[0]
    ending = PurePosixPath(title.path.decode("utf-8", "replace")).suffix.lower()
    found = _TYPES.get(kind, "application/octet-stream")
    if kind == "mov":
        found = {".mov": "video/quicktime", ".3gp": "video/3gpp", ".3g2": "video/3gpp2"}.get(ending, MP4)
    if kind == "matroska" and ending == ".webm" and _is_webm(title.facts):
        found = "video/webm"
    is_sound = title.facts.video is None and kind in _ALSO_SOUND
    return found.replace("video/", "audio/") if is_sound else found


def disposition(title: Title, ending: str = "") -> str:
    """Return the `Content-Disposition` that names a saved copy after the title. Source: RFC 6266, section 5.

    `ending` is that of the copy's name, else it is the file's own.
    """
    ending = ending or PurePosixPath(title.path.decode("utf-8", "replace")).suffix
    name = f"{title.name} ({title.year})" if title.year else title.name or title.id
    name = "".join(letter if letter.isprintable() and letter not in '/\\"' else " " for letter in name + ending)
    plain = "".join(letter if letter.isascii() else "_" for letter in name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def is_plain_mp4(facts: MediaFacts) -> bool:
    """Whether a file is by itself what every player takes.

    The rule: MP4 with its index before the samples; H.264 with 8 bits, 4:2:0, whole pictures and upright; and all sound
    AAC-LC. Only then is `stream.mp4` the file itself.
    """
    video = facts.video
    if not facts.has_index_first or video is None or video.rotation_deg or holds_halves(video):
        return False
    return not why_not_everywhere(facts) and not any(ladder_sound.why_not_copied(track) for track in facts.audio)


def chosen(grid: Grid, whole: Collection[str]) -> tuple[Rung, ...]:
    """Return the rungs one MP4 is made of, picture first: at most one of each kind, none where nothing fits.

    Of the H.264 rungs with 8 bits the tallest one that is a copy or `whole` already; where there is none the tallest,
    which then has to be made. What is there untouched only (HDR) is taken as it is. Of the sounds the default one, in
    stereo if it is there in stereo.
    """
    videos = [rung for rung in grid.rungs if rung.kind is RungKind.VIDEO]
    pictures = [rung for rung in videos if rung.codecs.startswith(_PLAIN_H264)] or videos
    cheap = [rung for rung in pictures if rung.method is RungMethod.COPIED or rung.id in whole]
    picture = max(cheap or pictures, key=_size, default=None)
    sound = _sound([rung for rung in grid.rungs if rung.kind is RungKind.AUDIO and rung.codecs.startswith("mp4a")])
    return tuple(rung for rung in (picture, sound) if rung)


def _size(rung: Rung) -> tuple[int, int, bool]:
    return (rung.height_px, rung.width_px, rung.method is RungMethod.COPIED)


def _sound(sounds: Sequence[Rung]) -> Rung | None:
    default = next((rung for rung in sounds if rung.is_default), sounds[0] if sounds else None)
    if default is None or default.channels <= _STEREO:
        return default
    stereo = [rung for rung in sounds if rung.channels <= _STEREO and rung.track == default.track]
    return stereo[0] if stereo else default


def _is_webm(facts: MediaFacts) -> bool:
    codecs = {track.codec for track in (*facts.audio, *((facts.video,) if facts.video else ()))}
    return codecs <= _WEBM_CODECS
