"""Osmose as a program: it starts, reloads, is asked after its health, and ends."""

import asyncio
import json
import sys
from pathlib import Path

from bench.processes import children
from tests import clips
from tests.cameras import PASSWORD, RtspCamera, reel
from tests.whole.running import running

_NOTHING = "logging: {level: info}\n"
_TEST_CAMERA = "cameras:\n  - {name: Test picture, source: test}\n"


async def test_it_ends_well_while_it_works(tmp_path):
    """SIGTERM in the midst of encoding, with a camera and a listener: exit code 0, and nobody is left behind."""
    (tmp_path / "films").mkdir()
    clips.make(tmp_path / "films", clips.Clip("Slope.mp4", 20.0))
    yaml = _TEST_CAMERA + "libraries:\n  - {name: Films, kind: films, path: films, transcode: ahead}\n"
    async with running(tmp_path, yaml) as osmose:
        await osmose.until("camera.test-picture/phase", "live")
        await osmose.until("osmose/jobs_running", 1)
        workers = children(osmose.process.pid)
        assert len(workers) >= 2
        async with osmose.client.get(f"{osmose.url}/api/events"):
            async with asyncio.timeout(5):
                assert await osmose.stop() == 0
        await _until_gone(workers)


async def test_no_worker_outlives_a_killed_hub(tmp_path):
    """After kill -9 the camera's worker and the fork server end by themselves."""
    async with running(tmp_path, _TEST_CAMERA) as osmose:
        await osmose.until("camera.test-picture/phase", "live")
        workers = children(osmose.process.pid)
        osmose.kill()
        await osmose.process.wait()
        await _until_gone(workers)


async def test_health_is_answered(tmp_path):
    """Good, with the version."""
    async with running(tmp_path, _NOTHING) as osmose:
        await osmose.until("osmose/health", "good")
        assert (await osmose.json("health"))["health"] == "good"


async def test_a_change_touches_only_what_differs(tmp_path):
    """A second camera appears; the first one never blinks."""
    async with running(tmp_path, _TEST_CAMERA) as osmose:
        await osmose.until("camera.test-picture/phase", "live")
        since = await osmose.until("camera.test-picture/since")
        (tmp_path / "osmose.yaml").write_text(_TEST_CAMERA + "  - {name: Second, source: test}\n")
        await osmose.until("camera.second/phase", "live")
        assert await osmose.until("camera.test-picture/since") == since
        (tmp_path / "osmose.yaml").write_text("cameras:\n  - {name: Second, source: test}\n")
        await osmose.until("service.camera.test-picture/phase", None)
        assert not [key for key in await osmose.json("api/states") if "test-picture" in key]
        listed = await osmose.json("api/cameras")
    assert [camera["name"] for camera in listed["items"]] == ["Second"]


async def test_reloads_at_once_and_given_up_leave_one_camera_and_a_clean_end(tmp_path):
    """Somebody saves the file and presses reload, and closes the page at once."""
    async with running(tmp_path, _TEST_CAMERA) as osmose:
        await osmose.until("camera.test-picture/phase", "live")
        for window in range(20, 26):
            (tmp_path / "osmose.yaml").write_text(f"{_TEST_CAMERA[:-2]}, window: {window}s}}\n")
            asks = [asyncio.ensure_future(osmose.act("reload")) for _ in range(3)]
            await asyncio.wait(asks, timeout=0.02 * (window - 20))
            asks[0].cancel()
        assert (await osmose.act("reload"))[1] == {"loaded": True}
        await osmose.until("camera.test-picture/phase", "live")
        async with asyncio.timeout(5):
            assert await osmose.stop() == 0


async def test_a_bad_edit_changes_nothing_and_is_explained(tmp_path):
    """The camera stays live, the finding names line and column, and mending it makes the finding go."""
    async with running(tmp_path, _TEST_CAMERA) as osmose:
        await osmose.until("camera.test-picture/phase", "live")
        (tmp_path / "osmose.yaml").write_text("cameras:\n  - {name: Test picture, sauce: test}\n")
        finding = await osmose.until("finding.0/text")
        assert "osmose.yaml:2:" in finding
        assert "source" in finding
        assert await osmose.until("camera.test-picture/phase") == "live"
        assert await osmose.until("osmose/config_findings", 2, 1) in {1, 2}
        (tmp_path / "osmose.yaml").write_text(_TEST_CAMERA)
        await osmose.until("osmose/config_findings", 0)


async def test_a_first_start_with_a_bad_file_still_shows_what_is_wrong(tmp_path):
    """Osmose runs, empty, and says why."""
    async with running(tmp_path, "cameras: 12\n") as osmose:
        assert "osmose.yaml:1:" in await osmose.until("finding.0/text")
        assert (await osmose.get(""))[0] == 200


async def test_a_camera_with_a_wrong_password_is_named_and_the_password_told_nowhere(tmp_path):
    """Not in the log, a state, the API, a page, or the command line of any process."""
    async with RtspCamera(reel(tmp_path)) as camera:
        wrong = f"no{PASSWORD}"
        yaml = f"cameras:\n  - name: Porch\n    source: {camera.url(password=wrong)}\n"
        async with running(tmp_path, yaml) as osmose:
            await osmose.until("camera.porch/phase", "refused")
            told = json.dumps(await osmose.json("api/states")) + await osmose.text("cameras/porch")
            lines = [_command_line(pid) for pid in (osmose.process.pid, *children(osmose.process.pid))]
    told += (tmp_path / "log.txt").read_text() + "".join(lines)
    spelled = camera.url(password=wrong).split(":", 2)[2].split("@", maxsplit=1)[0]
    assert wrong not in told
    assert spelled not in told


async def test_two_never_work_in_one_data_folder(tmp_path):
    """The second says so and leaves; the first never notices."""
    async with running(tmp_path, _NOTHING) as osmose:
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "osmose_addon", "run", "--config", str(tmp_path / "osmose.yaml")),
            *("--data", str(tmp_path / "data"), "--port", "0"),
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await second.communicate()
        assert (await osmose.json("health"))["health"] == "good"
    assert second.returncode == 1
    assert b"Another Osmose works in" in said


async def test_another_program_on_the_port_is_named(tmp_path):
    """In words, with exit code 1."""
    async with running(tmp_path / "one", _NOTHING) as osmose:
        port = osmose.url.rpartition(":")[2]
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "osmose_addon", "run", "--config", str(tmp_path / "one/osmose.yaml")),
            *("--data", str(tmp_path / "two"), "--port", port),
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await second.communicate()
    assert second.returncode == 1
    assert f"port {port}".encode() in said


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""


async def _until_gone(pids: list[int]) -> None:
    """Wait for processes to be gone; the test's own time limit ends a vain wait."""
    while any(_command_line(pid) for pid in pids):  # noqa: ASYNC110 - there is no event for a stranger's death
        await asyncio.sleep(0.05)
