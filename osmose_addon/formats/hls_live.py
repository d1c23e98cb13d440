"""Live playlists: low-latency HLS for players that know it, plain HLS for all others, in one and the same text.

Source: draft-pantos-hls-rfc8216bis-16; sections are named where a rule is followed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

# Three parts is the least the draft asks for (4.4.3.8); a second also carries over the pauses of a household's Wi-Fi.
_LEAST_HOLD_BACK_S = 1.0
_HOLD_BACK_PARTS = 3
# Parts older than three target durations need not be listed any more (4.4.4.9).
_PARTS_TARGETS = 3


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One listed part. `is_independent` says that it begins with a key frame."""

    name: str
    duration_s: float
    is_independent: bool


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One listed segment. `at_unix_s` is the wall-clock time of its first picture."""

    name: str
    init_name: str
    at_unix_s: float
    duration_s: float
    parts: tuple[PartEntry, ...]
    is_discontinuous: bool = False

    @property
    def is_independent(self) -> bool:
        """Whether it begins with a key frame."""
        return not self.parts or self.parts[0].is_independent


@dataclass(frozen=True, slots=True)
class LiveView:
    """What a live playlist tells: whole segments in order, the one that still grows, and what comes next.

    `number` is the media sequence number of the first segment, `breaks` the discontinuity sequence.
    `open` is `None` between segments, when nothing of the next one is there. `hint_name` is empty when nothing is
    announced. `is_broken_off` says that what comes next will be discontinuous: told ahead, because hls.js counts the
    segment to come to the stream that ended, and gives up when it turns out to be of another.
    """

    number: int
    breaks: int
    target_s: int
    part_target_s: float
    whole: Sequence[SegmentEntry]
    open: SegmentEntry | None
    hint_name: str = ""
    is_broken_off: bool = False


@dataclass(frozen=True, slots=True)
class LiveVariant:
    """What a master playlist tells of a live stream.

    `bandwidth_bps` is the peak, `frame_rate` 0 if not known; `is_independent` says that all segments begin with a key
    frame.
    """

    uri: str
    codecs: str
    width_px: int
    height_px: int
    frame_rate: float
    bandwidth_bps: int
    average_bps: int
    is_independent: bool = True


def live_playlist(view: LiveView) -> str:
    """Return the media playlist."""
    hold_back_s = max(_HOLD_BACK_PARTS * view.part_target_s, _LEAST_HOLD_BACK_S)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{view.target_s}",
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={hold_back_s:.3f}",
        f"#EXT-X-PART-INF:PART-TARGET={view.part_target_s:.3f}",
        f"#EXT-X-MEDIA-SEQUENCE:{view.number}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{view.breaks}",
    ]
    if all(entry.is_independent for entry in _entries(view)):
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
    lines += _segments(view)
    if view.hint_name:
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{view.hint_name}"')
    if view.is_broken_off:
        lines.append("#EXT-X-DISCONTINUITY")
    return "\n".join(lines) + "\n"


def live_master(variants: Iterable[LiveVariant]) -> str:
    """Return the master playlist."""
    variants = tuple(variants)
    lines = ["#EXTM3U", "#EXT-X-VERSION:6"]
    if all(variant.is_independent for variant in variants):
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
    for variant in variants:
        rate = f",FRAME-RATE={variant.frame_rate:.3f}" if variant.frame_rate else ""
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={variant.bandwidth_bps},AVERAGE-BANDWIDTH={variant.average_bps},"
            f'CODECS="{variant.codecs}",RESOLUTION={variant.width_px}x{variant.height_px}{rate}'
        )
        lines.append(variant.uri)
    return "\n".join(lines) + "\n"


def target_duration_s(longest_s: float) -> int:
    """Return the target duration for segments up to `longest_s`: no rounded EXTINF exceeds it (4.4.3.1)."""
    return max(math.floor(longest_s + 0.5), 1)


def part_target_s(longest_s: float) -> float:
    """Return the part target for parts up to `longest_s`, in whole milliseconds (4.4.3.7)."""
    return math.ceil(round(longest_s * 1000, 3)) / 1000


def parts_in_advance(target_s: float) -> int:
    """Return how many parts ahead a player may ask for (6.2.5.2, Advance Part Limit)."""
    return math.ceil(3 / target_s) if target_s < 1 else 3


def _entries(view: LiveView) -> list[SegmentEntry]:
    return [*view.whole, *([view.open] if view.open else [])]


def _segments(view: LiveView) -> list[str]:
    lines: list[str] = []
    entries = _entries(view)
    first_with_parts = _first_with_parts(entries, view.target_s)
    init_name = ""
    for index, entry in enumerate(entries):
        if entry.is_discontinuous:
            lines.append("#EXT-X-DISCONTINUITY")
        if entry.init_name != init_name:
            init_name = entry.init_name
            lines.append(f'#EXT-X-MAP:URI="{init_name}"')
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_date(entry.at_unix_s)}")
        if index >= first_with_parts:
            lines += map(_part, entry.parts)
        if entry is not view.open:
            lines += [f"#EXTINF:{entry.duration_s:.5f},", entry.name]
    return lines


def _first_with_parts(entries: Sequence[SegmentEntry], target_s: int) -> int:
    """Return from which segment on parts are listed."""
    after_s = 0.0
    for index in range(len(entries) - 1, -1, -1):
        if after_s > _PARTS_TARGETS * target_s:
            return index + 1
        after_s += entries[index].duration_s
    return 0


def _part(part: PartEntry) -> str:
    independent = ",INDEPENDENT=YES" if part.is_independent else ""
    return f'#EXT-X-PART:DURATION={part.duration_s:.5f},URI="{part.name}"{independent}'


def _date(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
