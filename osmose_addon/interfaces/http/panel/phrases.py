"""Figures in words: durations, sizes, rates, times, names of codecs and languages."""

from datetime import datetime

from markupsafe import Markup, escape

from osmose_addon.formats.texts import Blank, Texts
from osmose_addon.model.media import AudioTrack, VideoTrack
from osmose_addon.model.states import StateValue
from osmose_addon.runtime.clock import iso

NOTHING = Markup()
_MINUTE_S = 60
_HOUR_S = 3600
_KILO = 1000
_CODECS = {
    "h264": "H.264",
    "hevc": "H.265",
    "av1": "AV1",
    "vp9": "VP9",
    "mpeg4": "MPEG-4",
    "mpeg2video": "MPEG-2",
    "vc1": "VC-1",
    "aac": "AAC",
    "ac3": "Dolby Digital",
    "eac3": "Dolby Digital Plus",
    "dts": "DTS",
    "flac": "FLAC",
    "mp3": "MP3",
    "opus": "Opus",
    "truehd": "TrueHD",
    "vorbis": "Vorbis",
}


class Phrases:
    """What templates and views say: the sentences of one language, and figures in its manner."""

    def __init__(self, texts: Texts) -> None:
        """Speak with these texts."""
        self._texts = texts

    def say(self, key: str, **blanks: Blank) -> Markup:
        """Return a sentence as HTML. Blanks are escaped; what is `Markup` already stays as it is."""
        safe: dict[str, Blank] = {
            name: blank if isinstance(blank, int | float) else str(escape(blank)) for name, blank in blanks.items()
        }
        return Markup(self._texts.say(key, **safe))  # noqa: S704 - our own sentence, its blanks escaped above

    def first(self, *keys: str, **blanks: Blank) -> Markup:
        """Return the sentence of the first key that there is, or nothing."""
        found = next((key for key in keys if self._texts.has(key)), "")
        return self.say(found, **blanks) if found else Markup()

    def duration(self, seconds: float) -> Markup:
        """Return a length of time, e.g. `1 h 47`, `10 min` or `45 s`."""
        whole = round(seconds)
        if whole < _MINUTE_S:
            return self.say("panel.duration.seconds", s=whole)
        if whole < _HOUR_S:
            return self.say("panel.duration.minutes", m=round(whole / _MINUTE_S))
        hours, minutes = divmod(round(whole / _MINUTE_S), _MINUTE_S)
        return self.say("panel.duration.hours", h=hours, m=f"{minutes:02}")

    def size(self, count_bytes: int) -> Markup:
        """Return a size, e.g. `22.7 MB`."""
        amount = float(count_bytes)
        for unit in ("kB", "MB", "GB", "TB"):
            amount /= _KILO
            if amount < _KILO or unit == "TB":
                break
        return Markup(f"{amount:.1f}\N{NO-BREAK SPACE}{unit}")  # noqa: S704 - digits and a unit

    def rate(self, bit_rate_bps: float) -> Markup:
        """Return a bit rate, e.g. `5.9 Mb/s`."""
        return Markup(f"{bit_rate_bps / 1e6:.1f}\N{NO-BREAK SPACE}Mb/s")  # noqa: S704 - digits and a unit

    def clock(self, unix_s: float, form: str = "clock") -> Markup:
        """Return a moment as `<time>`: the script writes it in the reader's manner (`clock`, `ago` or `day`)."""
        if not unix_s:
            return Markup()
        here = datetime.fromtimestamp(unix_s).astimezone().strftime("%H:%M")
        return Markup('<time datetime="{}" data-time="{}">{}</time>').format(iso(unix_s), form, here)

    def moment(self, told: StateValue, form: str = "clock") -> Markup:
        """Return a state that holds a time (ISO 8601, or seconds since 1970) as `<time>`; nothing for no time."""
        return self.clock(unix_s_of(told), form)

    def codec(self, name: str) -> str:
        """Return a codec's name as people write it."""
        return _CODECS.get(name, name.upper())

    def height(self, video: VideoTrack) -> str:
        """Return the size class of a picture, e.g. `1080p`, by its long side too (films are wide and low).

        A picture that stands upright is of the class it would be of lying down.
        """
        short_px, long_px = sorted((video.width_px, video.height_px))
        return f"{max(short_px, round(long_px * 9 / 16 / 2) * 2)}p"

    def channels(self, count: int) -> Markup:
        """Return a number of sound channels in words, e.g. `Stereo` or `5.1`."""
        return self.first(f"panel.channels.{count}") or self.say("panel.channels.other", n=count)

    def language(self, code: str) -> Markup:
        """Return a language in words, or its code in capitals; `pt-BR` is Portuguese (BR)."""
        base, _, region = code.partition("-")
        name = self.first(f"panel.language.{base}")
        return name + escape(f" ({region})" if region else "") if name else escape(code.upper())

    def sound(self, track: AudioTrack) -> Markup:
        """Return a sound track in words, e.g. `English 5.1`."""
        name = escape(track.name) or (self.language(track.language) if track.language else Markup())
        return Markup(" ").join(part for part in (name, self.channels(track.channels)) if part)


def unix_s_of(told: StateValue) -> float:
    """Return the seconds since 1970 of a state that holds a time; 0 for none."""
    if isinstance(told, int | float):
        return float(told)
    if not told:
        return 0.0
    try:
        return datetime.fromisoformat(told).timestamp()
    except ValueError:
        return 0.0


def time_of_day(unix_s: float) -> str:
    """Return `morning`, `afternoon` or `evening`, by the clock of this machine."""
    hour = datetime.fromtimestamp(unix_s).astimezone().hour
    return "morning" if 5 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"  # noqa: PLR2004 - hours
