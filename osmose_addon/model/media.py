"""What a media file holds, and the segment grid it is played by.

Times are whole ticks of a stated time base, so that borders are exact; seconds appear only where people read them.
"""

from dataclasses import dataclass
from enum import StrEnum

FIRST_SIDECAR = 1000
"""The `index` of the first text track that lies in a file of its own beside the film."""


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """A picture track. `time_base_den / time_base_num` ticks a second; `extradata` is the decoder configuration.

    It is empty where a file gives far more than one has (64 KiB). `video_range` is `SDR`, `PQ` or `HLG` as playlists
    say it (draft-pantos-hls-rfc8216bis, VIDEO-RANGE), empty if unknown.
    """

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
    is_interlaced: bool = False
    video_range: str = ""


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
    """A text subtitle track: in the film's own file, or in a `file` of its own beside it.

    `index` is that of the stream in the film's file; tracks in files of their own count from `FIRST_SIDECAR` on.
    """

    index: int
    codec: str
    language: str = ""
    name: str = ""
    is_default: bool = False
    is_forced: bool = False
    file: bytes = b""


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

    Without a picture track (music in a film's coat) `duration_s` is that of the sound, and both count in ticks of the
    first sound track. `has_cover` tells of a picture that is attached to the file.

    `claimed_duration_s` is 0, but where a file was cut off: there it is how long the picture would last by its header.
    `taken_on` is the day on which a camera says it took it, ISO 8601 (`2024-05-01`).
    `has_index_first` is true for an MP4 that can be played before all of it is there.
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
    has_cover: bool = False
    has_index_first: bool = False
    taken_on: str = ""

    @property
    def start_s(self) -> float:
        """Return the time in the file at which the title begins, in seconds."""
        track = self.video or next(iter(self.audio), None)
        return self.video_start_ticks * track.time_base_num / track.time_base_den if track else 0.0


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
    `deinterlaces` asks for whole pictures out of a source of half ones.
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
    video_range: str = ""
    deinterlaces: bool = False

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


class TitleKind(StrEnum):
    """What a title is."""

    FILM = "film"
    EPISODE = "episode"
    HOME_VIDEO = "home_video"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who made or plays in a title. `role` is `director`, or the part an actor plays."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What a title is about, as its file's name, its tags and an NFO beside it tell.

    `season` and `episode` are -1 where there is none; season 0 holds specials. A file with several episodes tells the
    last one in `last_episode`, else -1. `taken_on` is the day a home video was taken, ISO 8601 (`2024-05-01`).
    """

    kind: TitleKind = TitleKind.FILM
    show: str = ""
    season: int = -1
    episode: int = -1
    last_episode: int = -1
    taken_on: str = ""
    original_name: str = ""
    plot: str = ""
    genres: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """A film, an episode or a clip. `path` is the file's name as the system spells it; it need not be UTF-8.

    `name` is the title's own: for an episode that of the episode, which `description.show` belongs to. `sidecars` are
    text tracks in files of their own beside it.
    """

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
    description: Description = Description()
    sidecars: tuple[TextTrack, ...] = ()

    @property
    def texts(self) -> tuple[TextTrack, ...]:
        """All text tracks: those in files of their own first, because somebody put them there on purpose."""
        return (*self.sidecars, *(self.facts.texts if self.facts else ()))
