"""Workers: started by name, bounded, ended for sure."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from osmose_addon.model.errors import MediaError, WorkerError
from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import CellFilled, Progress, Report
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits

ROGUES = "tests.rogues"


async def run(name: str, path: bytes = b"", limits: Limits | None = None) -> list[Report]:
    """Let a rogue live to its end and return its reports."""
    async with worker.start(name, ProbeOrder(path), limits, package=ROGUES) as child:
        return [report async for report in child]


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


async def until_gone(pid: int) -> None:
    """Wait for a process to be gone; the test's own time limit ends a vain wait."""
    while is_alive(pid):  # noqa: ASYNC110 - there is no event for a stranger's death
        await asyncio.sleep(0.02)


async def test_a_worker_reports_and_ends():
    """Reports arrive in order, and the iteration ends with the worker."""
    reports = await run("polite", limits=Limits(nice=3, open_files=40))
    assert reports == [Progress(1.0), CellFilled("polite", 3, 40)]


async def test_a_worker_gives_up_in_words():
    """The error raised in the child is the error raised in the hub."""
    with pytest.raises(MediaError) as caught:
        await run("polite", b"give up")
    assert caught.value.fields == {"reason": "damaged"}


async def test_a_crash_is_named_and_its_last_words_are_replayed(caplog):
    """A worker killed by C code takes nobody along and leaves its log."""
    with pytest.raises(WorkerError) as caught:
        await run("crash")
    assert caught.value.fields["cause"] == "killed by SIGSEGV"
    assert "the last words" in caplog.text


async def test_the_log_of_a_worker_that_ends_well_stays_quiet(caplog):
    """Only death makes a worker's log worth reading."""
    await run("polite")
    assert "polite" not in caplog.text


async def test_memory_is_bounded():
    """Asking for more than the limit ends the worker, not the machine."""
    with pytest.raises(WorkerError) as caught:
        await run("greedy", limits=Limits(memory_bytes=1 << 30))
    assert caught.value.fields["cause"] == "exit code 1"


@pytest.mark.parametrize("limits", [Limits(silence_s=0.2), Limits(deadline_s=0.3)])
async def test_a_worker_that_hangs_is_given_up(limits):
    """Silence and a passed deadline are both the end."""
    with pytest.raises(WorkerError) as caught:
        await run("stuck", limits=limits)
    assert caught.value.fields["cause"] == "took too long"


async def test_a_worker_deaf_to_term_is_killed():
    """Leaving the block means that the process is gone, whatever it thinks of it."""
    async with worker.start("stuck", ProbeOrder(b"deaf"), package=ROGUES) as child:
        assert await anext(child) == Progress(0.5)
        pid = child.pid
    assert not is_alive(pid)


_HUB = """
import asyncio, sys
from osmose_addon.model.orders import ProbeOrder
from osmose_addon.runtime import worker

async def main():
    async with worker.start("stuck", ProbeOrder(b"deaf"), package="tests.rogues") as child:
        await anext(child)
        print(child.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_no_orphan_survives_a_killed_hub():
    """After kill -9 of the hub its workers end by themselves."""
    hub = await asyncio.create_subprocess_exec(sys.executable, "-c", _HUB, stdout=asyncio.subprocess.PIPE)
    assert hub.stdout is not None
    pid = int(await hub.stdout.readline())
    os.kill(hub.pid, signal.SIGKILL)
    await hub.wait()
    await until_gone(pid)
