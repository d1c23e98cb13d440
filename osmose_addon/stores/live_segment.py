"""What is in memory of a live camera: its segments, and the bytes of all pieces by name."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from osmose_addon.formats.hls_live import LiveVariant, PartEntry, SegmentEntry
from osmose_addon.model.reports import StreamOpened


@dataclass(slots=True)
class LiveSegment:
    """Grows part by part; whole or not, its bytes are those of its parts in a row."""

    entry_name: str
    init_name: str
    at_unix_s: float
    is_discontinuous: bool
    parts: list[PartEntry] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    duration_s: float = 0.0
    size_bytes: int = 0

    def add(self, part: PartEntry, body: bytes) -> None:
        """Add the next part."""
        self.parts.append(part)
        self.bodies.append(body)
        self.duration_s += part.duration_s
        self.size_bytes += len(body)

    @property
    def entry(self) -> SegmentEntry:
        """What a playlist tells of it."""
        parts = tuple(self.parts)
        return SegmentEntry(
            self.entry_name, self.init_name, self.at_unix_s, self.duration_s, parts, self.is_discontinuous
        )


class LivePieces:
    """Init segments and parts by name; knows how many bytes they are."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._bodies: dict[str, bytes] = {}
        self.size_bytes = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._bodies)

    def get(self, name: str) -> bytes | None:
        """Return the bytes of a piece, if it is still there."""
        return self._bodies.get(name)

    def put(self, name: str, body: bytes) -> None:
        """Keep a piece under a new name."""
        self._bodies[name] = body
        self.size_bytes += len(body)

    def drop(self, name: str) -> None:
        """Forget a piece, if it is there."""
        self.size_bytes -= len(self._bodies.pop(name, b""))


def variant_of(segments: Sequence[LiveSegment], opened: StreamOpened, uri: str, frame_rate: float) -> LiveVariant:
    """Return what a master playlist tells of some segments, of which there is at least one."""
    size_bytes = sum(segment.size_bytes for segment in segments)
    return LiveVariant(
        uri,
        opened.codecs,
        opened.width_px,
        opened.height_px,
        frame_rate,
        round(max(segment.size_bytes * 8 / segment.duration_s for segment in segments)),
        round(size_bytes * 8 / sum(segment.duration_s for segment in segments)),
        is_independent=all(segment.entry.is_independent for segment in segments),
    )
