"""Whether Osmose is well, and what needs somebody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from osmose_addon.services.health.service import HealthService
from osmose_addon.stores.states import States


@asynccontextmanager
async def watched(states: States) -> AsyncIterator[None]:
    """Run the service meanwhile."""
    task = asyncio.ensure_future(HealthService(states).main())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(states: States, field: str, value: object) -> None:
    """Wait until a state of Osmose has this value."""
    with states.watch() as watch:
        while states.get("osmose", "", field) != value:
            await anext(watch)


async def test_what_needs_somebody_is_counted_and_forgotten_when_mended():
    """Lost cameras, failed titles and findings, not what is merely starting."""
    states = States()
    states.set("camera", "porch", phase="lost")
    states.set("camera", "garage", phase="starting")
    async with watched(states):
        await until(states, "needs_you", 1)
        states.set("title", "abcd", phase="failed")
        states.set("finding", "0", text="osmose.yaml:1:1: …")
        await until(states, "needs_you", 3)
        states.set("camera", "porch", phase="live")
        states.drop("title", "abcd")
        states.drop("finding", "0")
        await until(states, "needs_you", 0)
    assert states.get("osmose", "", "health") == "good"


async def test_what_pages_show_as_one_is_counted_once():
    """All mistakes of the one file, and a camera with its service."""
    states = States()
    states.set("finding", "0", text="osmose.yaml:1:1: …")
    states.set("finding", "1", text="osmose.yaml:2:1: …")
    states.set("camera", "porch", phase="lost")
    states.set("service", "camera.porch", phase="parked")
    async with watched(states):
        await until(states, "needs_you", 2)
        states.drop("finding", "0")
        states.drop("finding", "1")
        await until(states, "needs_you", 1)


async def test_a_parked_service_is_ill_health_but_a_parked_camera_is_not():
    """A camera is not ours to keep alive."""
    states = States()
    async with watched(states):
        states.set("service", "camera.porch", phase="parked")
        await until(states, "needs_you", 1)
        assert states.get("osmose", "", "health") == "good"
        states.set("service", "jobs", phase="parked")
        await until(states, "health", "impaired")
        states.set("service", "jobs", phase="running")
        await until(states, "health", "good")


async def test_a_full_disk_needs_somebody_and_is_no_illness():
    """It is counted beside what else Osmose says of itself."""
    states = States()
    states.set("osmose", "", jobs_reason="disk_full", is_lasting=False)
    async with watched(states):
        await until(states, "needs_you", 2)
        assert states.get("osmose", "", "health") == "good"
        states.set("osmose", "", jobs_reason="")
        await until(states, "needs_you", 1)
