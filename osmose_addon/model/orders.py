"""What the hub tells a worker: the order it starts with, and commands while it runs."""

from dataclasses import dataclass, field

from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import Rung


@dataclass(frozen=True, slots=True)
class ProbeOrder:
    """Read what a media file holds. Answer: `Probed`."""

    path: bytes


@dataclass(frozen=True, slots=True)
class PosterOrder:
    """Make a picture of a film: a frame near `at_s`, no wider than `width_px`. Answer: `PictureMade`."""

    path: bytes
    at_s: float
    width_px: int = 960


@dataclass(frozen=True, slots=True)
class InitOrder:
    """Make the init segments of rungs. Answer: one `InitMade` a rung."""

    path: bytes
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class ChunkOrder:
    """Fill cells `first_cell` to `first_cell + count - 1` of rungs that share track and borders.

    The cells go into `folder` (see `stores/segments/cells`). `is_watched` says that somebody plays the title,
    `is_urgent` that somebody waits for the first cell. Answer: a `CellFilled` for each cell, in order for each rung.
    """

    path: bytes
    folder: str
    rungs: tuple[Rung, ...]
    first_cell: int
    count: int
    is_watched: bool = False
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class TextOrder:
    """Turn one text track into WebVTT, its times counted from `origin_s` of the file. Answer: `TextMade`."""

    path: bytes
    track: int
    origin_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SidecarOrder:
    """Turn a subtitle file (SubRip, ASS, SSA or WebVTT in whatever encoding) into WebVTT. Answer: `TextMade`."""

    path: bytes
    language: str = ""


@dataclass(frozen=True, slots=True)
class StoryboardOrder:
    """Make sheets of small pictures of a film's key frames, for the time line of players.

    Pictures are `tile_width_px` wide, `columns` x `columns` on a sheet, at least `gap_s` apart and `most` in all.
    Answers: a `SheetMade` a sheet, `Progress`, at the end `StoryboardMade`.
    """

    path: bytes
    origin_s: float = 0.0
    tile_width_px: int = 160
    columns: int = 10
    gap_s: float = 5.0
    most: int = 500


@dataclass(frozen=True, slots=True)
class ArtworkOrder:
    """Make a JPEG no wider than `width_px` of a picture file beside a film, or of the cover in its file.

    Answer: `PictureMade`.
    """

    path: bytes
    width_px: int = 960


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A film file by its path. `nfo` is its own NFO file, `show_nfo` that of its show; empty where there is none."""

    path: bytes
    nfo: bytes = b""
    show_nfo: bytes = b""


@dataclass(frozen=True, slots=True)
class IdentifyOrder:
    """Tell what titles are about by their paths below the library's `root`, and by the NFO files beside them.

    Answers: one `Identified` a file, in their order.
    """

    root: bytes
    kind: LibraryKind
    files: tuple[Unnamed, ...]


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """Make the small sample film at `path`. Answers: `Progress`, then a clean end."""

    path: bytes


@dataclass(frozen=True, slots=True)
class CameraOrder:
    """Keep a camera live until stopped. Answers: `StreamOpened`, `PartMade`, `StreamFigures`, `PictureMade`."""

    camera_id: str
    source: str = field(repr=False)
    part_target_s: float = 0.2


@dataclass(frozen=True, slots=True)
class SnapshotCommand:
    """Ask a camera worker for a JPEG of its last key frame, no wider than `width_px`. Answer: `PictureMade`."""

    request: int
    width_px: int = 1280


Order = (
    ProbeOrder
    | PosterOrder
    | ArtworkOrder
    | StoryboardOrder
    | IdentifyOrder
    | InitOrder
    | ChunkOrder
    | TextOrder
    | SidecarOrder
    | SampleOrder
    | CameraOrder
)
Command = SnapshotCommand
