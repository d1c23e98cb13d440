"""Live packets into CMAF parts, copied bit by bit: nothing is decoded, no tick is guessed.

A part ends where the next picture begins, so its last duration is known, not assumed; that costs one picture of delay.
It never crosses a key frame. A segment begins at the first key frame after about two seconds; where none comes for
long, it begins without one, because whoever keeps segments must be able to let go of old ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

from osmose_addon.formats import aac, h264, mp4
from osmose_addon.formats.h264_sps import Sps, parse_sps
from osmose_addon.model.reports import PartMade, Report, StreamOpened
from osmose_addon.workers.timeline import WallClock

VIDEO_HZ = 90_000
_PICTURE_TRACK = 1
_SOUND_TRACK = 2
# Short enough to join quickly, long enough for players that count in segments (TVs want two seconds).
_SEGMENT_TICKS = int(1.9 * VIDEO_HZ)
_LONGEST_PART_BYTES = 4 << 20
# Longer than the gap between key frames of any camera that is set up for watching.
_LONGEST_SEGMENT_TICKS = 20 * VIDEO_HZ
_LONGEST_SEGMENT_BYTES = 12 << 20


@dataclass(frozen=True, slots=True)
class Sound:
    """An AAC track that is copied. `config` is its AudioSpecificConfig."""

    config: bytes
    sample_rate_hz: int
    channels: int


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, mended: times in ticks of 1/90000 s, the body as an MP4 sample."""

    pts_ticks: int
    dts_ticks: int
    body: bytes
    is_key: bool


class Packager:
    """Packs one stream whose parameters do not change; for others begin a new one."""

    def __init__(
        self,
        sets: h264.ParameterSets,
        sound: Sound | None,
        wall: WallClock,
        send: Callable[[Report], None],
        part_target_s: float,
    ) -> None:
        """Send `PartMade` for each part to `send`; tell what it is first, with `open`."""
        self.sets = sets
        self.sound = sound
        self._wall = wall
        self._send = send
        self._target_ticks = round(part_target_s * VIDEO_HZ)
        self._pictures: list[Picture] = []
        self._sounds: list[mp4.Sample] = []
        self._sequence = 0
        self._segment_ticks: int | None = None
        self._segment_bytes = 0
        self._part_bytes = 0
        self._starts_segment = True

    @property
    def sps(self) -> Sps:
        """What the first parameter set says of the picture."""
        return parse_sps(self.sets.sps[0])

    def open(self, sound_word: str) -> None:
        """Send `StreamOpened`; `sound_word` says what became of the sound."""
        sps = self.sps
        video = mp4.VideoSetup(
            _PICTURE_TRACK,
            VIDEO_HZ,
            sps.width_px,
            sps.height_px,
            h264.avcc(self.sets),
            sps.sample_aspect_num,
            sps.sample_aspect_den,
        )
        tracks: list[mp4.VideoSetup | mp4.AudioSetup] = [video]
        codecs = self.sets.codecs
        if self.sound is not None:
            rate_hz = self.sound.sample_rate_hz
            tracks.append(mp4.AudioSetup(_SOUND_TRACK, rate_hz, self.sound.channels, rate_hz, self.sound.config))
            codecs += f",{aac.parse_config(self.sound.config).codecs}"
        self._send(StreamOpened(mp4.init_segment(tracks), codecs, sps.width_px, sps.height_px, "h264", sound_word))

    def picture(self, picture: Picture) -> None:
        """Take the next picture; the first one must be a key frame."""
        if self._pictures and (picture.is_key or self._is_full(picture)):
            self._close(picture.dts_ticks)
        if not self._pictures:
            self._begin(picture)
        self._pictures.append(picture)
        self._part_bytes += len(picture.body)

    def frame(self, pts_ticks: int, body: bytes) -> None:
        """Take the next frame of sound, in ticks of its sample rate. Sound before the first picture is left out."""
        if pts_ticks >= 0 and self._segment_ticks is not None:
            self._sounds.append(mp4.Sample(pts_ticks, body))

    def finish(self, end_ticks: int) -> None:
        """Send what is left: the last picture ends at `end_ticks`."""
        if self._pictures:
            self._close(end_ticks)

    def _is_full(self, coming: Picture) -> bool:
        """Whether the part is nearer to its target now than it would be with the coming picture in it."""
        long_ticks = coming.dts_ticks - self._pictures[0].dts_ticks
        step_ticks = coming.dts_ticks - self._pictures[-1].dts_ticks
        is_long = long_ticks + step_ticks / 2 >= self._target_ticks
        return is_long or self._part_bytes + len(coming.body) > _LONGEST_PART_BYTES

    def _begin(self, picture: Picture) -> None:
        self._starts_segment = self._is_border(picture)
        if self._starts_segment:
            self._segment_ticks, self._segment_bytes = picture.dts_ticks, 0

    def _is_border(self, picture: Picture) -> bool:
        if self._segment_ticks is None:
            return picture.is_key
        long_ticks = picture.dts_ticks - self._segment_ticks
        if long_ticks >= _LONGEST_SEGMENT_TICKS or self._segment_bytes >= _LONGEST_SEGMENT_BYTES:
            return True
        return picture.is_key and long_ticks >= _SEGMENT_TICKS

    def _close(self, end_ticks: int) -> None:
        pictures, self._pictures = self._pictures, []
        sounds, self._sounds = self._sounds, []
        samples = [mp4.Sample(picture.pts_ticks, picture.body, picture.is_key) for picture in pictures]
        times = [picture.dts_ticks for picture in pictures]
        runs = [mp4.Run(_PICTURE_TRACK, samples, end_ticks, times)]
        if sounds:
            runs.append(mp4.Run(_SOUND_TRACK, sounds, sounds[-1].pts_ticks + aac.FRAME_SAMPLES))
        self._sequence += 1
        self._part_bytes = 0
        body = mp4.fragment(self._sequence, runs, with_styp=self._starts_segment)
        self._segment_bytes += len(body)
        first = pictures[0]
        duration_s = (end_ticks - first.dts_ticks) / VIDEO_HZ
        at_unix_s = self._wall.unix_s(first.pts_ticks / VIDEO_HZ)
        self._send(PartMade(body, duration_s, at_unix_s, self._starts_segment, first.is_key))
