"""Services: each restarted by its policy, none taking another along."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from osmose_addon.model.errors import SourceLostError, SourceRefusedError
from osmose_addon.runtime.supervision import Phase, RestartPolicy, Supervisor, Turn
from tests.clock import ManualClock

STEADY = RestartPolicy(jitter=0.0)


class Stage:
    """A supervisor with a manual clock and a list of all turns."""

    def __init__(self, seed: int | None = None) -> None:
        """Begin with nothing running."""
        self.clock = ManualClock()
        self.turns: list[Turn] = []
        self._news = asyncio.Event()
        self.supervisor = Supervisor(self.clock, self._note, seed=seed)

    def _note(self, turn: Turn) -> None:
        self.turns.append(turn)
        self._news.set()

    async def until(self, wanted: Callable[[], bool]) -> None:
        """Wait until something is true of the turns."""
        while not wanted():
            self._news.clear()
            await self._news.wait()

    def has_waited(self, name: str, times: int) -> bool:
        """Whether a service waited so often by now."""
        return self.phases(name).count(Phase.WAITING) == times

    def phases(self, name: str) -> list[Phase]:
        """Return the phases that a service went through."""
        return [turn.phase for turn in self.turns if turn.service == name]


async def forever() -> None:
    """Be a service with nothing to do."""
    await asyncio.Event().wait()


def failing(error: Exception) -> Callable[[], Awaitable[None]]:
    """Return a service that fails at once, each time."""

    async def main() -> None:
        raise error

    return main


async def fail_times(stage: Stage, name: str, times: int) -> None:
    """Let a failing service come back until it failed so often."""
    for count in range(1, times + 1):
        await stage.until(partial(stage.has_waited, name, count))
        if count < times:
            await asyncio.sleep(0)
            stage.clock.advance(100)


async def test_a_failing_service_is_tried_again_and_leaves_others_alone():
    """The sibling never notices."""
    stage = Stage()
    async with stage.supervisor as supervisor:
        supervisor.start("calm", forever)
        supervisor.start("camera.porch", failing(SourceLostError()), STEADY)
        await fail_times(stage, "camera.porch", 3)
    assert stage.phases("calm") == [Phase.RUNNING]


async def test_pauses_double_up_to_the_longest():
    """1, 2, 4, 8, 16, 30, 30 seconds for a camera that stays away, and never parked."""
    stage = Stage()
    async with stage.supervisor as supervisor:
        supervisor.start("camera.porch", failing(SourceLostError()), STEADY)
        await fail_times(stage, "camera.porch", 7)
        await asyncio.sleep(0)
    assert stage.clock.waits_s == [1, 2, 4, 8, 16, 30, 30]
    assert Phase.PARKED not in stage.phases("camera.porch")


async def test_a_refusal_waits_a_minute():
    """A wrong password is never hammered."""
    stage = Stage()
    async with stage.supervisor as supervisor:
        supervisor.start("camera.porch", failing(SourceRefusedError()), STEADY)
        await stage.until(lambda: Phase.WAITING in stage.phases("camera.porch"))
        await asyncio.sleep(0)
    assert stage.clock.waits_s == [60]


async def test_five_failures_in_a_minute_park_a_service_with_its_reason():
    """And it is tried again five minutes later."""
    stage = Stage()
    async with stage.supervisor as supervisor:
        supervisor.start("jobs", failing(ValueError("bug")), RestartPolicy(jitter=0.0, longest_pause_s=2))
        for count in range(1, 5):
            await stage.until(partial(stage.has_waited, "jobs", count))
            await asyncio.sleep(0)
            stage.clock.advance(2)
        await stage.until(lambda: Phase.PARKED in stage.phases("jobs"))
        parked = stage.turns[-1]
        await asyncio.sleep(0)
        stage.clock.advance(300)
        await stage.until(lambda: stage.phases("jobs")[-2:] == [Phase.RUNNING, Phase.WAITING])
    assert parked.error is not None
    assert parked.error.fields == {"cause": "ValueError"}
    assert parked.next_try_unix_s == stage.clock.unix_s()


async def test_a_slow_failure_is_never_parked():
    """Five failures spread over hours are five first failures."""
    stage = Stage()
    async with stage.supervisor as supervisor:
        supervisor.start("jobs", failing(ValueError("bug")), STEADY)
        await fail_times(stage, "jobs", 8)
    assert Phase.PARKED not in stage.phases("jobs")


async def test_a_waiting_service_can_be_woken():
    """Try now means now."""
    stage = Stage()
    async with stage.supervisor as supervisor:
        supervisor.start("camera.porch", failing(SourceLostError()), STEADY)
        await stage.until(lambda: Phase.WAITING in stage.phases("camera.porch"))
        await asyncio.sleep(0)
        supervisor.wake("camera.porch")
        await stage.until(lambda: stage.phases("camera.porch").count(Phase.WAITING) == 2)


async def test_a_stopped_service_is_gone():
    """Stopping waits for the end, and stopping twice is fine."""
    stage = Stage()
    ended = asyncio.Event()

    async def main() -> None:
        try:
            await forever()
        finally:
            ended.set()

    async with stage.supervisor as supervisor:
        supervisor.start("camera.porch", main)
        await stage.until(lambda: bool(stage.turns))
        await asyncio.sleep(0)
        await supervisor.stop("camera.porch")
        await supervisor.stop("camera.porch")
        assert ended.is_set()
        assert supervisor.names() == ()


async def test_jitter_keeps_cameras_from_coming_back_as_a_herd():
    """Pauses vary by a fifth, repeatably for one seed."""
    stage = Stage(seed=1)
    async with stage.supervisor as supervisor:
        for number in range(20):
            supervisor.start(f"camera.{number}", failing(SourceLostError()))
        await stage.until(lambda: sum(turn.phase is Phase.WAITING for turn in stage.turns) == 20)
        await asyncio.sleep(0)
    assert all(0.8 <= pause_s <= 1.2 for pause_s in stage.clock.waits_s)
    assert len(set(stage.clock.waits_s)) > 10


async def test_a_service_that_returns_is_done():
    """It is not started again."""
    stage = Stage()

    async def main() -> None:
        return

    async with stage.supervisor as supervisor:
        supervisor.start("once", main)
        await stage.until(lambda: Phase.DONE in stage.phases("once"))
    assert stage.phases("once") == [Phase.RUNNING, Phase.DONE]


async def test_an_error_of_the_block_ends_all_services():
    """Nothing is left running behind a fault of the program itself."""
    stage = Stage()

    async def fail() -> None:
        async with stage.supervisor as supervisor:
            supervisor.start("calm", forever)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()


async def test_one_name_is_one_service():
    """A second one of the same name is a mistake of the program, and told as one."""
    stage = Stage()
    async with stage.supervisor as supervisor:
        supervisor.start("camera.porch", forever)
        with pytest.raises(ValueError, match=r"camera\.porch"):
            supervisor.start("camera.porch", forever)


async def test_a_stop_that_is_given_up_half_way_orphans_nobody():
    """The service is still known, and leaving the block ends it."""
    stage = Stage()
    holding = asyncio.Event()

    async def reluctant() -> None:
        try:
            await forever()
        finally:
            await holding.wait()

    async with stage.supervisor as supervisor:
        supervisor.start("camera.porch", reluctant)
        await stage.until(lambda: bool(stage.turns))
        await asyncio.sleep(0)
        stopping = asyncio.ensure_future(supervisor.stop("camera.porch"))
        await asyncio.sleep(0)
        stopping.cancel()
        await asyncio.wait({stopping})
        assert supervisor.names() == ("camera.porch",)
        holding.set()
