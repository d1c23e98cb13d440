"""What the hub tells a worker: the order it starts with, and commands while it runs."""

from dataclasses import dataclass, field

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

    The cells go into `folder` (see `stores/segments/cells`). Answer: a `CellFilled` for each cell, in order.
    """

    path: bytes
    folder: str
    rungs: tuple[Rung, ...]
    first_cell: int
    count: int


@dataclass(frozen=True, slots=True)
class TextOrder:
    """Turn one text track into WebVTT. Answer: `TextMade`."""

    path: bytes
    track: int
    origin_s: float = 0.0


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


Order = ProbeOrder | PosterOrder | InitOrder | ChunkOrder | TextOrder | SampleOrder | CameraOrder
Command = SnapshotCommand
