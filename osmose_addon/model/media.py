"""What a media file holds, and the segment grid it is played by.

Times are whole ticks of a stated time base, so that borders are exact; seconds appear only where people read them.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """A picture track. `time_base_den / time_base_num` ticks a second; `extradata` is the decoder configuration."""

    index: int
    codec: str
    profile: int
    level: int
    width_px: int
    height_px: int
    pixel_format: str
    bit_depth: int
    time_base_num: int
    time_base_den: int
    frame_rate: float
    sample_aspect_num: int = 1
    sample_aspect_den: int = 1
    rotation_deg: int = 0
    is_hdr: bool = False
    bit_rate_bps: int = 0
    extradata: bytes = b""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """A sound track. `extradata` is the AudioSpecificConfig where the codec is AAC."""

    index: int
    codec: str
    profile: int
    channels: int
    sample_rate_hz: int
    time_base_num: int
    time_base_den: int
    language: str = ""
    name: str = ""
    is_default: bool = False
    bit_rate_bps: int = 0
    extradata: bytes = b""


@dataclass(frozen=True, slots=True)
class TextTrack:
    """A text subtitle track."""

    index: int
    codec: str
    language: str = ""
    name: str = ""
    is_default: bool = False
    is_forced: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named stretch of a title, in seconds from its start."""

    start_s: float
    end_s: float
    name: str


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """The key frames of the picture track, in order.

    `pts_ticks[i]` is when key frame i is shown, `bytes_from[i]` how many bytes of the track lie from it up to the next
    one (or the end). `is_closed` is false when pictures that follow a key frame in the file are shown before it.
    """

    pts_ticks: tuple[int, ...] = ()
    bytes_from: tuple[int, ...] = ()
    is_closed: bool = True


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a probe found in a file. `video_start_ticks` and `video_end_ticks` bound what the picture track shows.

    `claimed_duration_s` is 0, but where a file was cut off: there it is how long the picture would last by its header.
    """

    container: str
    size_bytes: int
    duration_s: float
    video: VideoTrack | None = None
    audio: tuple[AudioTrack, ...] = ()
    texts: tuple[TextTrack, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    key_frames: KeyFrames = KeyFrames()
    video_start_ticks: int = 0
    video_end_ticks: int = 0
    tag_title: str = ""
    tag_year: int = 0
    claimed_duration_s: float = 0.0


class RungKind(StrEnum):
    """What a rung carries."""

    VIDEO = "video"
    AUDIO = "audio"


class RungMethod(StrEnum):
    """How a rung's cells are made."""

    COPIED = "copied"
    ENCODED = "encoded"


class RungGroup(StrEnum):
    """Rungs of one group share their borders exactly, so that a player may switch between them."""

    LADDER = "ladder"
    ORIGINAL = "original"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of a title's grid: a rendition cut into cells.

    Cell n spans `borders_ticks[n]` to `borders_ticks[n + 1]` in ticks of `timescale_hz`, counted from `origin_ticks`,
    the source time stamp (in the same ticks) at which the title begins. `reason` names the text `rung_reason.<reason>`
    that says why it is copied or encoded. `bandwidth_bps` bounds the bit rate of every cell (RFC 8216, 4.3.4.2).
    """

    id: str
    kind: RungKind
    group: RungGroup
    method: RungMethod
    reason: str
    track: int
    timescale_hz: int
    origin_ticks: int
    borders_ticks: tuple[int, ...]
    codecs: str = ""
    bandwidth_bps: int = 0
    average_bps: int = 0
    width_px: int = 0
    height_px: int = 0
    frame_rate: float = 0.0
    target_bps: int = 0
    preset: str = ""
    channels: int = 0
    sample_rate_hz: int = 0
    language: str = ""
    name: str = ""
    is_default: bool = False

    @property
    def cells(self) -> int:
        """How many cells the rung has."""
        return len(self.borders_ticks) - 1

    def duration_s(self, cell: int) -> float:
        """Return how long one cell plays, in seconds."""
        return (self.borders_ticks[cell + 1] - self.borders_ticks[cell]) / self.timescale_hz

    def start_s(self, cell: int) -> float:
        """Return when a cell begins, in seconds from the start of the title."""
        return self.borders_ticks[cell] / self.timescale_hz


@dataclass(frozen=True, slots=True)
class Grid:
    """Everything playable of a title. Cells of another `revision` never mix with these."""

    revision: str
    duration_s: float
    rungs: tuple[Rung, ...]

    def rung(self, rung_id: str) -> Rung | None:
        """Return the rung of that id."""
        return next((rung for rung in self.rungs if rung.id == rung_id), None)


class TitlePhase(StrEnum):
    """Whether a title can be played."""

    READY = "ready"
    FAILED = "failed"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Title:
    """A film, an episode or a clip. `path` is the file's name as the system spells it; it need not be UTF-8."""

    id: str
    library_id: str
    name: str
    path: bytes
    phase: TitlePhase
    year: int = 0
    added_unix_s: float = 0.0
    reason: str = ""
    facts: MediaFacts | None = None
    grid: Grid | None = None
