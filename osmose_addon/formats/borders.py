"""Where a title is cut into cells.

Borders sit on the source's key frames where one is near, so that a seek decodes little, and never more than the wished
length apart, so that a viewer never waits long. All times are ticks from the start of the title.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

CELL_S = 4.0
FIRST_CELLS_S = 2.0
LONGEST_COPIED_S = 4.5
_ORIGINAL_CELL_S = 6.0
_FIRST_COPIED_S = 2.5
_STILL_FIRST_S = 3.0
_LARGEST_BYTES = 3_900_000  # 4,000,000 with boxes: Home Assistant's ingress sends no Content-Length above that
_SHORTEST_RICH_S = 0.99
_SHORTEST_SHARE = 0.45
_SHORTEST_TAIL_S = 1.0
_LONGEST_FRAME_S = 0.25
_SOUND_TAIL_FRAMES = 47


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is cut: its key frames, its end, how many ticks a second has and how many a picture lasts (0: unknown).

    `bytes_before[i]` is how many bytes lie before key frame i, with one more entry for the end; empty if not known.
    """

    keys_ticks: Sequence[int]
    end_ticks: int
    timescale_hz: int
    frame_ticks: float = 0.0
    bytes_before: Sequence[int] = ()

    def ticks(self, seconds: float) -> int:
        """Return a length of time in ticks."""
        return int(seconds * self.timescale_hz)

    def bytes_between(self, start_ticks: int, end_ticks: int) -> int:
        """Return how many bytes a copy of that span has, both ends on key frames."""
        if not self.bytes_before:
            return 0
        first = bisect_left(self.keys_ticks, start_ticks)
        return self.bytes_before[bisect_left(self.keys_ticks, end_ticks)] - self.bytes_before[first]


def encoded(line: Timeline, cell_s: float = CELL_S) -> tuple[int, ...]:
    """Return borders for rungs that are all encoded: on key frames where near, at most `cell_s` apart, 2 s at first."""
    borders = [0]
    while borders[-1] < line.end_ticks:
        at = borders[-1]
        longest = _longest_ticks(line, at, cell_s)
        key = _last_key(line.keys_ticks, at + max(1, int(longest * _SHORTEST_SHARE)), at + longest)
        tail = line.end_ticks - (key or 0)
        if line.end_ticks - at <= longest:
            borders.append(line.end_ticks)
        elif key is not None and tail >= _SHORTEST_TAIL_S * line.timescale_hz:
            borders.append(key)
        else:
            borders += _evenly(line, at, longest, is_first=longest < line.ticks(cell_s))
    return tuple(borders)


def copied(line: Timeline) -> tuple[int, ...] | None:
    """Return borders that are all key frames and at most 4.5 s apart, or nothing where the source has too few.

    Cells of a rich source are shorter: about 4,000,000 bytes, but not under a second for it.
    """
    borders = [0]
    while borders[-1] < line.end_ticks:
        at = borders[-1]
        longest = line.ticks(LONGEST_COPIED_S)
        wished = longest if at >= line.ticks(_STILL_FIRST_S) else line.ticks(_FIRST_COPIED_S)
        shortest = int(longest * _SHORTEST_SHARE) if wished == longest else 1
        following = line.end_ticks if line.end_ticks - at <= longest else None
        following = following or _last_key(line.keys_ticks, at + shortest, at + wished)
        following = following or _last_key(line.keys_ticks, at + 1, at + longest)
        if following is None:
            return None
        borders.append(_lighter(line, at, following, _SHORTEST_RICH_S))
    return tuple(_without_stub(line, borders))


def _lighter(line: Timeline, at: int, following: int, shortest_s: float) -> int:
    """Return the last key frame up to `following` with which a cell stays small, or the first after `shortest_s`."""
    if line.bytes_between(at, following) <= _LARGEST_BYTES:
        return following
    first = bisect_left(line.keys_ticks, at + line.ticks(shortest_s))
    keys = [key for key in line.keys_ticks[first : bisect_left(line.keys_ticks, following)] if key > at]
    fitting = [key for key in keys if line.bytes_between(at, key) <= _LARGEST_BYTES]
    return fitting[-1] if fitting else (keys[0] if keys else following)


def _without_stub(line: Timeline, borders: list[int]) -> list[int]:
    """Return the borders with the last but one on an earlier key frame, where the last cell would hardly last."""
    shortest, longest = int(_SHORTEST_TAIL_S * line.timescale_hz), int(LONGEST_COPIED_S * line.timescale_hz)
    *kept, before, stub, end = (0, *borders)  # one cell alone has no border to move: then `before` is `stub`
    if end - stub >= shortest:
        return borders
    key = _last_key(line.keys_ticks, before + 1, end - shortest)
    is_worse = key is None or end - key > longest or line.bytes_between(key, end) > _LARGEST_BYTES
    return borders if is_worse or key is None else [*kept[1:], before, key, end]


def original(line: Timeline) -> tuple[int, ...]:
    """Return borders on key frames for a playlist that nothing switches to: about 6 s, longer where it must be.

    Cells of a rich source are shorter, down to a single key frame's, so that they have 4,000,000 bytes at most.
    """
    borders = [0]
    longest = line.ticks(_ORIGINAL_CELL_S)
    while borders[-1] < line.end_ticks:
        at = borders[-1]
        key = _last_key(line.keys_ticks, at + 1, at + longest) or _next_key(line.keys_ticks, at)
        is_last = key is None or key >= line.end_ticks or line.end_ticks - at <= longest
        borders.append(_lighter(line, at, line.end_ticks if is_last or key is None else key, 0.0))
    return tuple(borders)


def sound(duration_s: float, rate_hz: int) -> tuple[int, ...]:
    """Return borders of a sound rung in samples: whole AAC frames of 1024 samples, about 4 s (188 frames at 48 kHz)."""
    step = max(1, round(CELL_S * rate_hz / 1024))
    total = max(1, round(duration_s * rate_hz / 1024))
    frames = list(range(0, total, step))
    if len(frames) > 1 and total - frames[-1] < _SOUND_TAIL_FRAMES:
        frames.pop()
    return tuple(frame * 1024 for frame in (*frames, total))


def _longest_ticks(line: Timeline, at: int, cell_s: float) -> int:
    return line.ticks(min(FIRST_CELLS_S, cell_s) if at < line.ticks(_STILL_FIRST_S) else cell_s)


def _last_key(keys: Sequence[int], low: int, high: int) -> int | None:
    """Return the last key frame in `low` to `high`, both included."""
    index = bisect_right(keys, high) - 1
    return keys[index] if index >= 0 and keys[index] >= low else None


def _next_key(keys: Sequence[int], after: int) -> int | None:
    index = bisect_right(keys, after)
    return keys[index] if index < len(keys) else None


def _evenly(line: Timeline, at: int, longest: int, *, is_first: bool) -> list[int]:
    """Return borders from `at` to the next key frame out of reach (or the end), in equal pieces on frame times."""
    goal = _next_key(line.keys_ticks, at + longest)
    if goal is None or line.end_ticks - goal < _SHORTEST_TAIL_S * line.timescale_hz:
        goal = line.end_ticks
    pieces = math.ceil((goal - at) / longest)
    if is_first:
        return [_on_frame(line, at, at + (goal - at) // pieces)]
    return [_on_frame(line, at, at + (goal - at) * piece // pieces) for piece in range(1, pieces)] + [goal]


def _on_frame(line: Timeline, at: int, wished: int) -> int:
    """Return the frame time nearest to `wished`, counted from the border `at`, which is one, if frame times are known.

    Where a picture lasts no whole number of ticks, its time stamp is rounded somehow: the border lies a tick before.
    """
    frame = line.frame_ticks
    if not 1 <= frame <= _LONGEST_FRAME_S * line.timescale_hz:
        return wished
    count = max(1, round((wished - at) / frame))
    whole = math.isclose(frame, round(frame))
    return max(at + 1, at + (count * round(frame) if whole else math.floor(count * frame) - 1))
