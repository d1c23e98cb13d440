"""What a worker tells the hub, each a frame on its pipe."""

from dataclasses import dataclass, field

from osmose_addon.model.errors import Field
from osmose_addon.model.media import Description, MediaFacts


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker gives up. `key` and `fields` are those of the error it stands for (`model.errors.error_of`)."""

    key: str
    fields: dict[str, Field]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the worker is, 0 to 1."""

    done: float


@dataclass(frozen=True, slots=True)
class Probed:
    """What the file holds."""

    facts: MediaFacts


@dataclass(frozen=True, slots=True)
class PictureMade:
    """A JPEG. `request` repeats the command's number (0 without one), `at_unix_s` is when a live picture was taken."""

    body: bytes = field(repr=False)
    width_px: int
    height_px: int
    request: int = 0
    at_unix_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SheetMade:
    """Sheet `number` (from 0) of a storyboard, a JPEG of rows and columns of small pictures."""

    number: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoryboardMade:
    """The storyboard is whole. Picture i is shown from `times_s[i]` of the title on.

    Its place: sheet `i // columns**2`, then row by row from the left.
    """

    tile_width_px: int
    tile_height_px: int
    columns: int
    times_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Identified:
    """What names, tags and NFO files tell of a title; `year` is 0 where none does."""

    name: str
    year: int
    description: Description


@dataclass(frozen=True, slots=True)
class InitMade:
    """The init segment of a rung, and the RFC 6381 string of its codec."""

    rung_id: str
    codecs: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CellFilled:
    """One more cell lies whole in the store."""

    rung_id: str
    cell: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TextMade:
    """A text track as one WebVTT document."""

    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """A camera's stream begins, or begins anew with other parameters.

    `init` is the CMAF init segment for all parts that follow; `sound` is `copied`, `none` or the text key of the reason
    why a camera's sound is left out.
    """

    init: bytes = field(repr=False)
    codecs: str
    width_px: int
    height_px: int
    video_codec: str
    sound: str = "none"


@dataclass(frozen=True, slots=True)
class PartMade:
    """One CMAF chunk of a live stream. `starts_segment` is true for the first part of a segment (a key frame).

    `at_unix_s` is the wall-clock time of its first picture, `duration_s` how long it plays, exact to the tick.
    """

    body: bytes = field(repr=False)
    duration_s: float
    at_unix_s: float
    starts_segment: bool
    is_independent: bool


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """How a live stream does, over the last seconds."""

    bit_rate_bps: int
    frame_rate: float
    key_frame_gap_s: float


Report = (
    Failed
    | Progress
    | Probed
    | PictureMade
    | SheetMade
    | StoryboardMade
    | Identified
    | InitMade
    | CellFilled
    | TextMade
    | StreamOpened
    | PartMade
    | StreamFigures
)
