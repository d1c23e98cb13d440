"""One camera: its worker, what is told of it, and the picture that people ask for."""

import asyncio
import logging
from typing import Protocol

from osmose_addon.model.config import CameraConfig
from osmose_addon.model.errors import (
    BusyError,
    Field,
    NotFoundError,
    OsmoseError,
    SourceError,
    SourceFrozenError,
    SourceLostError,
    SourceRefusedError,
    WorkerError,
)
from osmose_addon.model.journal import Entry, Event
from osmose_addon.model.orders import CameraOrder, SnapshotCommand
from osmose_addon.model.reports import PartMade, PictureMade, Report, StreamFigures, StreamOpened
from osmose_addon.model.states import StateValue
from osmose_addon.runtime import worker
from osmose_addon.runtime.clock import Clock, iso
from osmose_addon.runtime.limits import Limits
from osmose_addon.runtime.supervision import Turn
from osmose_addon.stores.live import LiveGrid, LiveStore
from osmose_addon.stores.states import States

_LOG = logging.getLogger(__name__)
# The worker itself notices a frozen camera after three seconds; this is for the day on which the worker hangs.
_LIMITS = Limits(memory_bytes=1 << 30, silence_s=5.0)
_LAST_PICTURE_EVERY_S = 60.0
_SNAPSHOT_S = 4.0
_FASTEST_FRACTION = 5
_NEEDS_A_PERSON = ("refused", "unusable")


class Journal(Protocol):
    """Where a camera writes what must not be lost; the catalog has it."""

    async def write(self, event: Event, kind: str, id_: str, by: str = "", **fields: Field) -> Entry:
        """Add an entry."""


class CameraService:
    """Runs one camera under the supervisor, which starts `main` again when it raises."""

    def __init__(self, config: CameraConfig, states: States, live: LiveStore, journal: Journal, clock: Clock) -> None:
        """Prepare; the camera's playlist is valid from its first picture on and stays so while the camera is away."""
        self.config = config
        self.name = f"camera.{config.id}"
        self.may_be_knocked = asyncio.Event()
        self._states = states
        self._journal = journal
        self._clock = clock
        self._grid: LiveGrid = live.get(config.id) or live.add(config.id, config.window_s)
        self._grid.window_s = config.window_s
        self._worker: worker.Worker | None = None
        self._asked: dict[int, asyncio.Future[PictureMade]] = {}
        self._requests = 0
        self._is_live = False
        self._reason = ""
        self._away_since_s: float | None = clock.monotonic_s()
        self._last_picture_unix_s = 0.0
        self._told_picture_s = 0.0
        self._show("starting", "")

    async def main(self) -> None:
        """Keep the camera live. Never returns.

        Raises: SourceError with its `reason` when the camera is away, WorkerError when its worker died.
        """
        problem: OsmoseError
        try:
            await self._watch()
        except SourceError as error:
            problem = error
        except WorkerError as error:
            problem = SourceFrozenError(reason="frozen") if error.fields.get("cause") == "took too long" else error
        else:
            problem = SourceLostError(reason="ended")
        await self._lose(problem)
        raise problem

    def on_turn(self, turn: Turn) -> None:
        """Tell when the next try is due; the supervisor's turns of this camera belong here."""
        self._tell(next_try=iso(turn.next_try_unix_s) if turn.next_try_unix_s else None)

    async def snapshot(self, width_px: int = 1280) -> PictureMade:
        """Return a JPEG of the last key frame; of the last one seen if the camera is away.

        Raises: BusyError while the camera starts, NotFoundError when it never showed anything.
        """
        grid = self._grid
        is_fresh = grid.picture is not None and grid.picture_key_frame == grid.key_frames
        if self._worker is not None and self._is_live and not is_fresh:
            key_frame = grid.key_frames
            picture = await self._ask(self._worker, width_px)
            if picture is not None and picture.body:
                grid.picture, grid.picture_key_frame = picture, key_frame
        if grid.picture is not None:
            return grid.picture
        if self._is_live or not self._reason:
            raise BusyError(retry_after_s=2)
        raise NotFoundError

    async def _ask(self, running: worker.Worker, width_px: int) -> PictureMade | None:
        self._requests += 1
        request = self._requests
        answer: asyncio.Future[PictureMade] = asyncio.get_running_loop().create_future()
        self._asked[request] = answer
        await running.command(SnapshotCommand(request, width_px))
        try:
            async with asyncio.timeout(_SNAPSHOT_S):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._asked[request]

    async def _watch(self) -> None:
        order = CameraOrder(self.config.id, self.config.source.reveal())
        async with worker.start("camera", order, _LIMITS) as running:
            self._worker = running
            try:
                async for report in running:
                    await self._take(report)
            finally:
                self._worker = None

    async def _take(self, report: Report) -> None:
        match report:
            case StreamOpened():
                self._grid.open(report)
                self._tell_stream(report)
            case PartMade():
                self._grid.add(report)
                await self._see(report)
            case StreamFigures():
                self._grid.tell(report)
                self._tell_figures(report)
            case PictureMade():
                self._hand_over(report)
            case _:
                pass

    async def _see(self, part: PartMade) -> None:
        self._last_picture_unix_s = part.at_unix_s + part.duration_s
        if not self._is_live:
            await self._return()
        now_s = self._clock.monotonic_s()
        if now_s - self._told_picture_s >= _LAST_PICTURE_EVERY_S:
            self._told_picture_s = now_s
            self._tell(last_picture=iso(self._last_picture_unix_s))

    async def _return(self) -> None:
        """Be live: told once."""
        away_s = self._clock.monotonic_s() - (self._away_since_s or 0.0)
        was_lost = bool(self._reason)
        self._is_live, self._away_since_s = True, None
        self.may_be_knocked.clear()
        self._show("live", "")
        if was_lost:
            _LOG.info("camera %s is back after %.1f s", self.config.id, away_s)
            await self._journal.write(Event.CAMERA_BACK, "camera", self.config.id, away_s=round(away_s, 1))
        else:
            _LOG.info("camera %s is live", self.config.id)

    async def _lose(self, problem: OsmoseError) -> None:
        """Be away: told once, and once more when it turns out that a person must act; in the journal once."""
        phase, reason = _phase_of(problem)
        self._grid.lose()
        is_first = not self._reason
        is_news = is_first or (reason != self._reason and phase in _NEEDS_A_PERSON)
        self._is_live = False
        if self._away_since_s is None:
            self._away_since_s = self._clock.monotonic_s()
            self._tell(last_picture=iso(self._last_picture_unix_s))
        if phase in _NEEDS_A_PERSON:
            self.may_be_knocked.clear()
        else:
            self.may_be_knocked.set()
        self._show(phase, reason)
        if is_news:
            why = reason.removeprefix("camera_reason.").replace("_", " ")
            _LOG.warning("camera %s is %s: %s", self.config.id, phase, why)
        if is_first:
            await self._journal.write(Event.CAMERA_LOST, "camera", self.config.id, reason=reason)

    def _show(self, phase: str, reason: str) -> None:
        if self._states.get("camera", self.config.id, "phase") != phase:
            self._tell(since=iso(self._clock.unix_s()))
        self._reason = reason
        self._tell(phase=phase, live=phase == "live", reason=reason or None, viewers=self._grid.viewers())

    def _tell_stream(self, opened: StreamOpened) -> None:
        self._tell(
            resolution=f"{opened.width_px}×{opened.height_px}",  # noqa: RUF001 - the sign people read
            codec=opened.video_codec,
            method="encoded" if self.config.is_test_picture else "copied",
            method_reason="camera_method.drawn" if self.config.is_test_picture else "camera_method.fits",
            sound=f"camera_sound.{opened.sound}",
        )

    def _tell_figures(self, figures: StreamFigures) -> None:
        rate = figures.frame_rate
        self._tell(
            bit_rate=int(float(f"{figures.bit_rate_bps / 1000:.2g}")),
            frame_rate=round(rate) if rate >= _FASTEST_FRACTION else round(rate, 1),
            key_frame_gap=round(figures.key_frame_gap_s, 1),
            viewers=self._grid.viewers(),
        )

    def _hand_over(self, picture: PictureMade) -> None:
        answer = self._asked.get(picture.request)
        if answer is not None and not answer.done():
            answer.set_result(picture)
        elif not picture.request and picture.body:
            self._grid.picture, self._grid.picture_key_frame = picture, self._grid.key_frames

    def _tell(self, **fields: StateValue) -> None:
        self._states.set("camera", self.config.id, **fields)


def _phase_of(problem: OsmoseError) -> tuple[str, str]:
    """Return the phase of a camera with this problem, and the text key of the reason."""
    reason = f"camera_reason.{problem.fields.get('reason', 'ended')}"
    if isinstance(problem, SourceRefusedError):
        return "refused", reason
    if isinstance(problem, SourceFrozenError):
        return "frozen", reason
    if isinstance(problem, SourceLostError):
        return "lost", reason
    return ("unusable", reason) if isinstance(problem, SourceError) else ("lost", "camera_reason.worker")
