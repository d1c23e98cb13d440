"""One live stream on its way from units to parts: when it begins, when it begins anew, what is told of it."""

from collections.abc import Callable
from dataclasses import dataclass

from osmose_addon.formats import aac, h264
from osmose_addon.model.errors import SourceUnusableError
from osmose_addon.model.orders import SnapshotCommand
from osmose_addon.model.reports import PictureMade, Report, StreamFigures
from osmose_addon.workers import snapshot
from osmose_addon.workers.packager import VIDEO_HZ, Packager, Picture, Sound
from osmose_addon.workers.source import Facts, Unit
from osmose_addon.workers.timeline import Timeline, WallClock

_FIGURES_EVERY_S = 2.0
_WAIT_FOR_SOUND_S = 0.5
_SOUND_SILENT_S = 3.0
_NO_KEY_FRAME_S = 30.0


class _Figures:
    """Counts what arrives, and tells it every two seconds."""

    def __init__(self, send: Callable[[Report], None]) -> None:
        self._send = send
        self._since_s: float | None = None
        self._bytes = 0
        self._pictures = 0
        self._key_s: float | None = None
        self._gap_s = 0.0

    def count(self, unit: Unit) -> None:
        """Take note of a unit."""
        if self._since_s is None:
            self._since_s = unit.arrival_s
        self._bytes += len(unit.body)
        if unit.is_sound:
            return
        if unit.is_key:
            self._gap_s = 0.0 if self._key_s is None else unit.arrival_s - self._key_s
            self._key_s = unit.arrival_s
        passed_s = unit.arrival_s - self._since_s
        if passed_s >= _FIGURES_EVERY_S:
            self._send(StreamFigures(round(self._bytes * 8 / passed_s), self._pictures / passed_s, self._gap_s))
            self._since_s, self._bytes, self._pictures = unit.arrival_s, 0, 0
        self._pictures += 1


@dataclass(frozen=True, slots=True)
class _KeyFrame:
    """The last key frame, kept undecoded."""

    sets: h264.ParameterSets
    body: bytes
    at_unix_s: float


class Stream:
    """Turns units into parts, and begins anew where the stream's parameters or its sound change."""

    def __init__(self, facts: Facts, send: Callable[[Report], None], part_target_s: float) -> None:
        """Raises: SourceUnusableError for a codec that cannot be copied."""
        if facts.video_codec != "h264":
            raise SourceUnusableError(reason="h265" if facts.video_codec == "hevc" else "codec")
        self._send = send
        self._target_s = part_target_s
        self._length_bytes = h264.length_bytes(facts.video_setup)
        self._sets = h264.sets_of_extradata(facts.video_setup)
        self._sound, self._sound_word = _sound_of(facts)
        self._video_times = Timeline(facts.video_base, VIDEO_HZ)
        self._sound_times = Timeline(facts.sound_base, facts.sample_rate_hz or VIDEO_HZ)
        self._wall = WallClock()
        self._facts = facts
        self._packager: Packager | None = None
        self._held: list[Unit] = []
        self._heard_s: float | None = None
        self._began_s: float | None = None
        self._origin_s: float | None = None
        self._key: _KeyFrame | None = None
        self._figures = _Figures(send)

    def take(self, unit: Unit) -> None:
        """Take what arrived. Raises: SourceUnusableError when no key frame comes for half a minute."""
        self._figures.count(unit)
        if self._began_s is None:
            self._began_s = unit.arrival_s
        if unit.is_sound:
            self._heard_s = unit.arrival_s
        if self._packager is not None:
            self._pack(unit)
            return
        if self._held or (unit.is_key and not unit.is_sound):
            self._held.append(unit)
        elif unit.arrival_s - self._began_s > _NO_KEY_FRAME_S:
            raise SourceUnusableError(reason="no_key_frame")
        if self._held and self._knows_sound(unit.arrival_s - self._held[0].arrival_s):
            held, self._held = self._held, []
            for earlier in held:
                self._pack(earlier)

    def answer(self, command: SnapshotCommand) -> None:
        """Send the last key frame as a JPEG; an empty body says that there is none."""
        key = self._key
        made = None if key is None else snapshot.jpeg_of(key.sets, key.body, command.width_px)
        if key is None or made is None:
            self._send(PictureMade(b"", 0, 0, command.request))
            return
        self._send(PictureMade(made.body, made.width_px, made.height_px, command.request, key.at_unix_s))

    def _knows_sound(self, waited_s: float) -> bool:
        """Whether it is clear if sound comes: some cameras declare it and never send any."""
        return self._sound is None or self._heard_s is not None or waited_s >= _WAIT_FOR_SOUND_S

    def _pack(self, unit: Unit) -> None:
        if unit.is_sound:
            self._pack_sound(unit)
        else:
            self._pack_picture(unit)

    def _pack_picture(self, unit: Unit) -> None:
        body = h264.sample_of(unit.body, self._length_bytes)
        if unit.is_key:
            self._see_key(unit, body)
        if self._packager is None:
            return
        pts, dts = self._video_times.mend(unit.pts_ticks, unit.dts_ticks, unit.arrival_s)
        self._wall.see(pts / VIDEO_HZ, unit.at_unix_s)
        self._packager.picture(Picture(pts, dts, body, unit.is_key))

    def _pack_sound(self, unit: Unit) -> None:
        if self._packager is None or self._sound is None or self._origin_s is None:
            return
        pts, _ = self._sound_times.mend(unit.pts_ticks, unit.dts_ticks, unit.arrival_s)
        if self._packager.sound is not None:
            self._packager.frame(pts, aac.strip_adts(unit.body))

    def _see_key(self, unit: Unit, body: bytes) -> None:
        """Keep the key frame, and begin a new stream if parameters or sound are others than before."""
        units = h264.split_lengths(unit.body, self._length_bytes) if self._length_bytes else None
        self._sets = h264.sets_of(units or h264.split_annex_b(unit.body)) or self._sets
        if self._sets is None:
            return
        self._key = _KeyFrame(self._sets, body, unit.at_unix_s)
        sound = self._sound if self._is_heard(unit.arrival_s) else None
        if self._packager is not None and (self._packager.sets, self._packager.sound) == (self._sets, sound):
            return
        self._begin(unit, self._sets, sound)

    def _is_heard(self, now_s: float) -> bool:
        return self._heard_s is not None and now_s - self._heard_s < _SOUND_SILENT_S

    def _begin(self, unit: Unit, sets: h264.ParameterSets, sound: Sound | None) -> None:
        if self._origin_s is None:
            self._set_origin(unit)
        elif self._packager is not None:
            self._packager.finish(self._video_times.last_ticks + 1)
        word = self._sound_word if sound is not None or self._sound is None else "sound_silent"
        self._packager = Packager(sets, sound, self._wall, self._send, self._target_s)
        self._packager.open(word)

    def _set_origin(self, unit: Unit) -> None:
        """Let both tracks begin at the first key frame."""
        stamp = unit.dts_ticks if unit.dts_ticks is not None else unit.pts_ticks or 0
        self._origin_s = float(stamp * self._facts.video_base)
        self._video_times.begin_at(unit.pts_ticks, unit.dts_ticks, 0)
        origin = round(stamp * self._facts.video_base / self._facts.sound_base)
        self._sound_times.begin_at(origin, origin, 0)


def _sound_of(facts: Facts) -> tuple[Sound | None, str]:
    """Return the sound that can be copied and the word for it: `copied`, `none`, or the key of why it is left out."""
    if not facts.sound_codec:
        return None, "none"
    if facts.sound_codec in ("pcm_alaw", "pcm_mulaw"):
        return None, "sound_g711"
    if facts.sound_codec != "aac" or not facts.sample_rate_hz or len(facts.sound_setup) < 2:  # noqa: PLR2004
        return None, "sound_codec"
    return Sound(facts.sound_setup, facts.sample_rate_hz, facts.channels), "copied"
