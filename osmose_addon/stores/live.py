"""Live cameras in memory: the newest parts and segments of each, and those who wait for the next one.

Names hold a random word of this run, so that nothing a browser or a proxy kept from an earlier run is taken for new.
Sequence numbers begin at half the wall clock: after a restart they go on upwards, and players simply follow.
"""

import asyncio
import secrets
from collections import deque

from osmose_addon.formats.hls_live import (
    LiveView,
    PartEntry,
    live_master,
    live_playlist,
    part_target_s,
    parts_in_advance,
    target_duration_s,
)
from osmose_addon.model.errors import ArgumentError, BusyError, NotFoundError
from osmose_addon.model.reports import PartMade, PictureMade, StreamFigures, StreamOpened
from osmose_addon.runtime.clock import Clock
from osmose_addon.stores.live_segment import LivePieces, LiveSegment, variant_of

RENDITION = "main"
_MOST_BYTES = 48 << 20
# What one segment may be of these: three whole ones and the one that grows find room, even without key frames.
_SEGMENT_SHARE = 4
_FEWEST_SEGMENTS = 3
# A segment stays for those who read of it a moment ago (RFC 8216, 6.2.2).
_FADING_SEGMENTS = 3
_FIRST_PART_TARGET_S = 0.2
_FIRST_TARGET_S = 2
# Both below the ten seconds after which hls.js gives up on a request.
_START_WAIT_S = 8.0
_LONGEST_WAIT_S = 6.0
_VIEWER_S = 10.0
_MOST_STEP_S = 0.03
_CLOCK_SET_S = 10.0
_BREAKS_MODULO = 100_000


class LiveGrid:
    """One camera's rendition, growing at its right edge. A camera that is away keeps its valid playlist."""

    def __init__(self, clock: Clock, window_s: float, most_bytes: int = _MOST_BYTES) -> None:
        """Keep at most `window_s` seconds, but at least three segments; `most_bytes` are never passed."""
        self._clock = clock
        self.window_s = window_s
        self._most_bytes = most_bytes
        self._run = secrets.token_hex(4)
        self._number = int(clock.unix_s()) // 2
        self._breaks = self._number % _BREAKS_MODULO
        self._whole: deque[LiveSegment] = deque()
        self._fading: deque[LiveSegment] = deque()
        self._open: LiveSegment | None = None
        self._opened: StreamOpened | None = None
        self._init_name, self._text = "", ""
        self._pieces = LivePieces()
        self._counts = {"i": 0, "s": 0, "p": 0}
        self._target_s, self._part_target_s = _FIRST_TARGET_S, _FIRST_PART_TARGET_S
        self._frame_rate = 0.0
        self._breaks_next = False
        self._news = asyncio.Event()
        self._seen: dict[str, float] = {}
        self.key_frames = 0
        self.picture: PictureMade | None = None
        self.picture_key_frame = -1

    @property
    def opened(self) -> StreamOpened | None:
        """What the camera sends, or sent last."""
        return self._opened

    def open(self, opened: StreamOpened) -> None:
        """Begin a stream with other parameters, or after an interruption: what follows is discontinuous."""
        self.lose()
        self._breaks_next = bool(self._whole)
        self._opened = opened
        before, self._init_name = self._init_name, self._next_name("i")
        self._pieces.put(self._init_name, opened.init)
        self._forget_init(before)
        self._hold()

    def add(self, part: PartMade) -> None:
        """Add the newest part and wake those who wait for it; one that alone is too large for memory is left out.

        Raises: BusyError when no stream was opened.
        """
        if self._opened is None:
            raise BusyError(retry_after_s=2)
        room_bytes, size_bytes = self._most_bytes - len(self._opened.init), len(part.body)
        if size_bytes > room_bytes:
            self.lose()
            self._breaks_next = bool(self._whole)
            return
        is_full = self._open is not None and self._open.size_bytes + size_bytes > room_bytes // _SEGMENT_SHARE
        if part.starts_segment or self._open is None or is_full:
            self._close()
            name = self._next_name("s")
            self._open = LiveSegment(name, self._init_name, self._date(part.at_unix_s), self._breaks_next)
            self._breaks_next = False
        self._pieces.put(name := self._next_name("p"), part.body)
        self._open.add(PartEntry(name, part.duration_s, part.is_independent), part.body)
        self._part_target_s = max(self._part_target_s, part_target_s(part.duration_s))
        self._target_s = max(self._target_s, target_duration_s(self._open.duration_s))
        self.key_frames += part.is_independent
        self._hold()
        self._tell()

    def _date(self, at_unix_s: float) -> float:
        """Return the wall-clock time of a segment that begins now: in step with the one before.

        A camera that sends what it kept when we connect makes its first pictures look later than they are. hls.js
        believes dates more than durations: a step between two segments becomes a hole in which it stands for ever. So
        steps are made up for a little in each segment, except where the clock itself was set.
        """
        if self._breaks_next or not self._whole:
            return at_unix_s
        before = self._whole[-1]
        expected_unix_s = before.at_unix_s + before.duration_s
        step_s = at_unix_s - expected_unix_s
        if abs(step_s) > _CLOCK_SET_S:
            return at_unix_s
        return expected_unix_s + min(max(step_s, -_MOST_STEP_S), _MOST_STEP_S)

    def lose(self) -> None:
        """End the growing segment: the camera is away, or begins anew.

        The part that was announced will never be: under its name nothing may ever come, as players take it for the
        continuation of what they have.
        """
        if self._open is not None:
            self._close()
            self._counts["p"] += 1
            self._breaks_next = True
            self._tell()

    def tell(self, figures: StreamFigures) -> None:
        """Note how the stream does."""
        self._frame_rate = figures.frame_rate

    async def master(self) -> str:
        """Return the master playlist. Raises: BusyError when the camera never showed anything yet."""
        await self._wait_for_start(is_master=True)
        if self._opened is None:
            raise BusyError(retry_after_s=2)
        segments = [*self._whole, *([self._open] if self._open else [])]
        variant = variant_of(segments, self._opened, f"{RENDITION}/live.m3u8", self._frame_rate)
        return live_master([variant])

    async def playlist(self, number: int | None = None, part: int | None = None) -> str:
        """Return the media playlist, once it holds segment `number` (and of it part `part`).

        A camera that is away gives its last playlist after some seconds: it stays valid, and the player stays there.
        Raises: ArgumentError for what lies too far ahead, BusyError when there is nothing yet.
        """
        self._check_ahead(number, part)
        await self._wait_for_start()
        began_s = self._clock.monotonic_s()
        while number is not None and not self._has(number, part):
            if not await self._wait_until(began_s + self._patience_s()):
                break
        if not self._text:
            self._text = live_playlist(self._view())
        return self._text

    async def piece(self, name: str) -> bytes:
        """Return a part, a segment or an init segment; the part that comes next is waited for.

        Raises: NotFoundError.
        """
        due_s = self._clock.monotonic_s() + _LONGEST_WAIT_S
        while name == self._announced and await self._wait_until(due_s):
            pass
        body = self._pieces.get(name)
        if body is not None:
            return body
        for segment in (*self._whole, *self._fading):
            if segment.entry_name == name:
                return b"".join(segment.bodies)
        raise NotFoundError

    def see(self, viewer: str) -> None:
        """Note that a viewer asked for something just now."""
        self._seen[viewer] = self._clock.monotonic_s()

    def viewers(self) -> int:
        """Return how many viewers asked for something within the last ten seconds."""
        since_s = self._clock.monotonic_s() - _VIEWER_S
        self._seen = {viewer: at_s for viewer, at_s in self._seen.items() if at_s >= since_s}
        return len(self._seen)

    def _patience_s(self) -> float:
        """Return how long a reload may wait: three target durations (rfc8216bis, 6.2.5.2), less while nothing comes.

        hls.js gives up after 0.8 target durations, and tells its user of it.
        """
        if self._open is None:
            return 0.7 * self._target_s
        return min(3.0 * self._target_s, _LONGEST_WAIT_S)

    def _check_ahead(self, number: int | None, part: int | None) -> None:
        if number is None:
            if part is not None:
                raise ArgumentError(argument="_HLS_part", reason="alone")
            return
        following = self._number + len(self._whole)
        if number > following + 1:
            raise ArgumentError(argument="_HLS_msn", reason="too_far_ahead")
        there = len(self._open.parts) if self._open and number == following else 0
        if part is not None and number >= following and part >= there + parts_in_advance(self._part_target_s):
            raise ArgumentError(argument="_HLS_part", reason="too_far_ahead")

    def _has(self, number: int, part: int | None) -> bool:
        following = self._number + len(self._whole)
        if number != following or part is None:
            return number < following
        return self._open is not None and len(self._open.parts) > part

    async def _wait_for_start(self, *, is_master: bool = False) -> None:
        """Wait until there is something to list: a part for the master, a whole segment for the media playlist.

        hls.js calls a list of parts alone empty; it gets one only if the camera's first key frames are far apart.
        """
        due_s = self._clock.monotonic_s() + _START_WAIT_S
        while not self._whole and not (is_master and self._open) and await self._wait_until(due_s):
            pass
        if not self._whole and self._open is None:
            raise BusyError(retry_after_s=2)

    async def _wait_until(self, due_s: float) -> bool:
        """Wait for news, and return whether there were any before `due_s`."""
        left_s = due_s - self._clock.monotonic_s()
        return left_s > 0 and await self._clock.wait(self._news, left_s)

    def _tell(self) -> None:
        self._text = ""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _view(self) -> LiveView:
        return LiveView(
            self._number,
            self._breaks,
            self._target_s,
            self._part_target_s,
            [segment.entry for segment in self._whole],
            self._open.entry if self._open else None,
            self._announced,
            is_broken_off=self._open is None and self._breaks_next,
        )

    @property
    def _announced(self) -> str:
        """The name of the part that comes next; empty while none does."""
        return self._name("p", self._counts["p"]) if self._open else ""

    def _close(self) -> None:
        if self._open is None:
            return
        self._whole.append(self._open)
        self._open = None
        spare_s = sum(segment.duration_s for segment in self._whole) - self.window_s
        while len(self._whole) > _FEWEST_SEGMENTS and spare_s >= self._whole[0].duration_s:
            spare_s -= self._whole[0].duration_s
            self._fade(self._whole.popleft())

    def _hold(self) -> None:
        """Keep below the most bytes, whatever comes: at last even of what is read, and of the last three segments."""
        while self._pieces.size_bytes > self._most_bytes and (self._fading or self._whole):
            if len(self._whole) > _FEWEST_SEGMENTS or not self._fading:
                self._fade(self._whole.popleft())
            else:
                self._forget(self._fading.popleft())

    def _fade(self, segment: LiveSegment) -> None:
        self._number += 1
        self._fading.append(segment)
        # Later segments keep their number although one tag before them is gone (RFC 8216, 6.2.2).
        self._breaks = (self._breaks + segment.is_discontinuous) % (2 * _BREAKS_MODULO)
        if len(self._fading) > _FADING_SEGMENTS:
            self._forget(self._fading.popleft())

    def _forget(self, segment: LiveSegment) -> None:
        for part in segment.parts:
            self._pieces.drop(part.name)
        self._forget_init(segment.init_name)

    def _forget_init(self, name: str) -> None:
        """Forget an init segment that no segment names any more."""
        kept = {segment.init_name for segment in (*self._fading, *self._whole, *([self._open] if self._open else []))}
        if name not in kept | {self._init_name}:
            self._pieces.drop(name)

    def _next_name(self, kind: str) -> str:
        name = self._name(kind, self._counts[kind])
        self._counts[kind] += 1
        return name

    def _name(self, kind: str, count: int) -> str:
        return f"{self._run}-{kind}{count}.{'mp4' if kind == 'i' else 'm4s'}"


class LiveStore:
    """The live grids of all cameras."""

    def __init__(self, clock: Clock) -> None:
        """Begin without cameras."""
        self._clock = clock
        self._grids: dict[str, LiveGrid] = {}

    def add(self, camera_id: str, window_s: float) -> LiveGrid:
        """Return a new grid for a camera, in place of an old one."""
        self._grids[camera_id] = LiveGrid(self._clock, window_s)
        return self._grids[camera_id]

    def get(self, camera_id: str) -> LiveGrid | None:
        """Return the grid of a camera, if there is such a camera."""
        return self._grids.get(camera_id)

    def drop(self, camera_id: str) -> None:
        """Forget a camera and free its memory."""
        self._grids.pop(camera_id, None)
