"""Workers: started by name, bounded, ended for sure."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from osmose_addon.model.errors import MediaError, WorkerError
from osmose_addon.model.orders import CameraOrder, ChunkOrder, InitOrder, PosterOrder, ProbeOrder, TextOrder
from osmose_addon.model.reports import CellFilled, Progress, Report
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits, fitted

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


async def test_a_worker_that_dies_of_a_signal_without_a_name_is_told_of(caplog):
    """Signals for programs' own use have none; its last words are cut, so that they fill no memory of the hub."""
    with pytest.raises(WorkerError) as caught:
        await run("crash", b"nameless")
    assert caught.value.fields["cause"] == "killed by signal 40"
    assert max(map(len, caplog.messages)) < 5000


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


async def test_a_worker_that_closes_its_pipe_but_stays_is_killed():
    """It is not waited for without end."""
    async with asyncio.timeout(8):
        async with worker.start("mute", ProbeOrder(b""), package=ROGUES) as child:
            pid = child.pid
            with pytest.raises(WorkerError) as caught:
                await anext(child)
    assert caught.value.fields["cause"] == "closed its pipe, but did not end"
    assert not is_alive(pid)


async def test_a_worker_that_does_not_die_of_being_killed_is_left_behind(caplog):
    """The hub goes on, and says so once; here it is the fork server that does not tell of the death."""
    server = 0
    try:
        async with asyncio.timeout(10):
            async with worker.start("stuck", ProbeOrder(b"deaf"), package=ROGUES) as child:
                await anext(child)
                server = int(Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
                os.kill(server, signal.SIGSTOP)
    finally:
        os.kill(server, signal.SIGCONT)
    assert caplog.text.count("does not end although it was killed") == 1
    assert await run("polite")


@pytest.mark.parametrize("limits", [None, Limits(file_bytes=1 << 20)])
async def test_a_worker_cannot_fill_the_disk(tmp_path, limits):
    """One whose order writes nothing may write nothing; one that may write has a longest file."""
    file = tmp_path / "file"
    with pytest.raises(WorkerError) as caught:
        await run("writer", bytes(file), limits)
    assert caught.value.fields["cause"] == "exit code 1"
    assert file.stat().st_size == (limits.file_bytes if limits else 0)
    assert await run("writer", bytes(file), Limits(file_bytes=2 << 20))


async def test_a_worker_cannot_compute_for_ever():
    """A decoder that a file led into a loop ends, although nobody watches the clock."""
    with pytest.raises(WorkerError) as caught:
        await run("busy", limits=Limits(cpu_s=1))
    assert caught.value.fields["cause"] == "killed by SIGXCPU"


def test_only_what_lives_for_ever_may_compute_for_ever():
    """Every order has its bounds; those given win."""
    path = b"/film"
    cells = fitted(Limits(), ChunkOrder(path, "/cache", (), 0, 1))
    assert cells.cpu_s
    assert cells.file_bytes
    for order in (ProbeOrder(path), PosterOrder(path, 0.0), InitOrder(path, ()), TextOrder(path, 1)):
        limits = fitted(Limits(), order)
        assert limits.cpu_s
        assert limits.file_bytes == 0
    assert fitted(Limits(), CameraOrder("porch", "test")).cpu_s is None
    assert fitted(Limits(cpu_s=5, file_bytes=6), ProbeOrder(path)) == Limits(cpu_s=5, file_bytes=6)


_TOKEN_HUB = """
import asyncio, os
from osmose_addon.model.orders import ProbeOrder
from osmose_addon.runtime import worker

async def main():
    await worker.warm_up()
    async with worker.start("stuck", ProbeOrder(b""), package="tests.rogues") as child:
        await anext(child)
        print(child.pid, os.environ["SUPERVISOR_TOKEN"], flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_workers_never_see_the_token_of_home_assistant():
    """Neither a worker nor the process it is forked from has it below /proc; the hub keeps it."""
    environment = {**os.environ, "SUPERVISOR_TOKEN": "t0ps3cret", "BROKER_PASSWORD": "t0ps3cret", "TZ": "Europe/Oslo"}
    hub = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _TOKEN_HUB, stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert hub.stdout is not None
    try:
        told, token = (await hub.stdout.readline()).split()
        assert token == b"t0ps3cret"
        server = Path(f"/proc/{int(told)}/stat").read_text().rsplit(")", 1)[1].split()[1]
        for pid in (int(told), server):
            seen = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"TZ=Europe/Oslo" in seen
            assert b"t0ps3cret" not in seen
    finally:
        hub.kill()
        await hub.communicate()


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
    await until_gone(pid)
    await hub.communicate()


async def test_a_worker_that_gives_way_does_so_in_every_thread():
    """What is waited for goes first from then on: five becomes nine, everywhere."""
    told = await run("courteous", limits=Limits(nice=5))
    assert len(told) >= 3
    assert {report.size_bytes for report in told if isinstance(report, CellFilled)} == {9}


async def test_without_its_fork_server_a_worker_is_started_all_the_same():
    """Whoever killed it, e.g. a machine without memory: the next worker brings a new one."""
    async with worker.start("polite", ProbeOrder(b""), package=ROGUES) as child:
        stat = Path(f"/proc/{child.pid}/stat").read_text()
    fork_server = int(stat.rsplit(")", 1)[1].split()[1])
    os.kill(fork_server, signal.SIGKILL)
    await until_gone(fork_server)
    assert await run("polite", limits=Limits(open_files=40)) == [Progress(1.0), CellFilled("polite", 0, 40)]
