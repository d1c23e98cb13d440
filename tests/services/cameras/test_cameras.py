"""Cameras that are unplugged, frozen, locked and plugged in again, with real RTSP all the way."""

import asyncio
import logging
import os
import signal
from urllib.parse import quote

import pytest

from osmose_addon.model.config import CameraConfig, Right, Secret
from osmose_addon.model.errors import ArgumentError
from osmose_addon.model.journal import Event
from osmose_addon.runtime.clock import Clock
from tests import cameras
from tests.services.cameras.house import house_of

_LOG = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> cameras.Reel:
    return cameras.reel(tmp_path_factory.mktemp("reel"))


async def test_camera_is_live_with_its_figures_and_a_picture(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, house_of(camera.url()) as house:
        await house.until("live")
        assert (house.state("codec"), house.state("sound")) == ("h264", "camera_sound.copied")
        assert house.state("resolution") == "320×180"  # noqa: RUF001
        assert not house.notes.entries
        done = await house.actions.ask("snapshot", {"camera": "porch"}, right=Right.WATCH)
        assert done.body.startswith(b"\xff\xd8")
        assert (done.result["width_px"], done.result["height_px"]) == (320, 180)


async def test_unplugged_camera_is_back_soon_and_its_playlist_says_where_it_broke(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, house_of(camera.url()) as house:
        await house.until("live")
        await house.grid.playlist()
        await camera.unplug()
        await house.until("lost")
        before = await house.grid.playlist()
        assert "#EXTINF" in before
        assert before.count("#EXT-X-DISCONTINUITY\n") == 1
        assert before.endswith("#EXT-X-DISCONTINUITY\n")
        assert house.state("next_try")
        picture = await house.actions.ask("snapshot", {"camera": "porch"}, right=Right.WATCH)
        assert picture.body.startswith(b"\xff\xd8")
        # Long enough that the supervisor's pause has grown: only the knock brings it back in time.
        await house.until_true(lambda: len([turn for turn in house.turns if turn.service == "camera.porch"]) >= 7)
        plugged_s = asyncio.get_running_loop().time()
        await camera.plug_in()
        back_s = await house.until("live")
        _LOG.info("back %.2f s after it was plugged in", back_s - plugged_s)
        after = await house.grid.playlist()
        assert after.count("#EXT-X-DISCONTINUITY\n") == 1
        assert after.count("#EXT-X-MAP") == 2
        assert [entry.event for entry in house.notes.entries] == [Event.CAMERA_LOST, Event.CAMERA_BACK]


async def test_wrong_password_is_named_and_not_tried_again_soon(
    film: cameras.Reel, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        cameras.RtspCamera(film) as camera,
        cameras.Wire(camera.port) as wire,
        house_of(camera.url(port=wire.port, password="n@t:th/s%")) as house,
    ):
        await house.until("refused")
        assert house.state("reason") == "camera_reason.refused"
        tries = wire.connections
        assert (house.turns[-1].next_try_unix_s - Clock().unix_s()) > 40
        house.supervisor.wake("camera.porch.knock")
        assert wire.connections == tries
        assert "n@t:th/s%" not in caplog.text


async def test_frozen_camera_is_seen_within_five_seconds_and_comes_back(film: cameras.Reel) -> None:
    async with (
        cameras.RtspCamera(film) as camera,
        cameras.Wire(camera.port) as wire,
        house_of(camera.url(port=wire.port)) as house,
    ):
        await house.until("live")
        await house.grid.playlist()
        frozen_s = asyncio.get_running_loop().time()
        wire.freeze()
        seen_s = await house.until("frozen")
        _LOG.info("frozen seen after %.2f s", seen_s - frozen_s)
        assert house.state("live") is False
        await house.until_true(lambda: len([turn for turn in house.turns if turn.service == "camera.porch"]) >= 5)
        wire.thaw()
        thawed_s = asyncio.get_running_loop().time()
        back_s = await house.until("live")
        _LOG.info("back %.2f s after it thawed", back_s - thawed_s)


async def test_worker_that_hangs_counts_as_a_frozen_camera_and_is_replaced() -> None:
    async with house_of("test") as house:
        await house.until("live")
        os.kill(house.worker_pid, signal.SIGSTOP)
        await house.until("frozen")
        await house.until("live")


async def test_worker_that_crashes_is_replaced() -> None:
    async with house_of("test") as house:
        await house.until("live")
        os.kill(house.worker_pid, signal.SIGKILL)
        await house.until("lost")
        assert house.state("reason") == "camera_reason.worker"
        await house.until("live")


async def test_try_now_needs_no_waiting(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, house_of(camera.url(password="wrong")) as house:
        await house.until("refused")
        tries = len(house.turns)
        await house.actions.ask("try_now", {"camera": "porch"}, right=Right.MANAGE)
        await house.until_true(lambda: len(house.turns) > tries and house.turns[-1].error is not None)
        assert house.state("phase") == "refused"
        assert [entry.event for entry in house.notes.entries] == [Event.CAMERA_LOST]


async def test_changed_camera_is_started_anew_and_a_removed_one_is_forgotten(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, house_of("test") as house:
        await house.until("live")
        await house.cameras.apply([CameraConfig("porch", "Porch", Secret(camera.url()))])
        await house.until("live")
        assert house.state("resolution") == "320×180"  # noqa: RUF001
        assert "#EXT-X-DISCONTINUITY\n" in await house.grid.playlist()
        await house.cameras.apply([])
        assert house.live.get("porch") is None
        assert house.state("phase") is None


@pytest.mark.parametrize("fault", ["cut", "reset"])
async def test_broken_connection_is_a_loss_and_heals(film: cameras.Reel, fault: str) -> None:
    async with (
        cameras.RtspCamera(film) as camera,
        cameras.Wire(camera.port) as wire,
        house_of(camera.url(port=wire.port)) as house,
    ):
        await house.until("live")
        getattr(wire, fault)()
        await house.until("lost")
        await house.until("live")
        assert [entry.event for entry in house.notes.entries] == [Event.CAMERA_LOST, Event.CAMERA_BACK]


async def test_no_password_in_any_log_state_or_error(film: cameras.Reel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with cameras.RtspCamera(film) as camera, house_of(camera.url()) as house:
        await house.until("live")
        await camera.unplug()
        await house.until("lost")
        told = [
            caplog.text,
            *(str(value) for value in house.states.values.values()),
            *(repr(turn.error) for turn in house.turns),
            *(str(entry) for entry in house.notes.entries),
        ]
        for form in (cameras.PASSWORD, quote(cameras.PASSWORD, safe=""), quote(cameras.PASSWORD), "rtsp://"):
            assert not [text for text in told if form in text]


async def test_unknown_path_is_named_unusable(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, house_of(camera.url(path="nothing")) as house:
        await house.until("unusable")
        assert house.state("reason") == "camera_reason.not_found"


@pytest.mark.parametrize(("sound", "told"), [("g711", "sound_g711"), ("silent", "sound_silent"), ("none", "none")])
async def test_sound_that_cannot_be_copied_is_left_out_with_its_reason(
    film: cameras.Reel, sound: str, told: str
) -> None:
    async with cameras.RtspCamera(film, sound=sound) as camera, house_of(camera.url()) as house:
        await house.until("live")
        await house.until_true(lambda: house.state("sound") == f"camera_sound.{told}")
        await house.grid.playlist()
        assert house.grid.opened is not None
        assert "mp4a" not in house.grid.opened.codecs


async def test_reload_waits_for_the_part_it_names(film: cameras.Reel) -> None:
    async with cameras.RtspCamera(film) as camera, house_of(camera.url()) as house:
        await house.until("live")
        text = await house.grid.playlist()
        following = _number(text) + text.count("#EXTINF")
        there = text.rpartition("#EXTINF")[2].count("#EXT-X-PART:")
        assert f"-p{_parts(text)}.m4s" in text.rpartition("PRELOAD-HINT")[2]
        waited = await house.grid.playlist(following, there)
        assert _parts(waited) > _parts(text)
        hint = waited.rpartition('URI="')[2].partition('"')[0]
        assert b"moof" in (await house.grid.piece(hint))[:40]
        with pytest.raises(ArgumentError):
            await house.grid.playlist(following + 10)


async def test_test_picture_needs_no_camera() -> None:
    async with house_of("test") as house:
        await house.until("live")
        assert house.state("sound") == "camera_sound.none"
        assert house.state("resolution") == "1280×720"  # noqa: RUF001


def _number(text: str) -> int:
    return int(text.partition("#EXT-X-MEDIA-SEQUENCE:")[2].partition("\n")[0])


def _parts(text: str) -> int:
    """Return the number that the next part will have."""
    return int(text.rpartition("-p")[2].partition(".")[0])
