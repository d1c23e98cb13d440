"""One segment of a live camera in memory."""

from dataclasses import dataclass, field

from osmose_addon.formats.hls_live import PartEntry, SegmentEntry


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
