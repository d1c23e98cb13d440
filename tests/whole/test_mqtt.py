"""Home Assistant hears of everything, over a real broker."""

import json

from tests.broker import broker_in
from tests.whole.running import running

_YAML = """
mqtt: {{host: 127.0.0.1, port: {port}}}
cameras:
  - {{name: Test picture, source: test}}
libraries:
  - {{name: Films, kind: films, path: films}}
"""


async def test_a_broker_that_forgets_everything_is_told_again(tmp_path):
    """Discovery, states and pictures are retained; a restart of the broker brings them all back."""
    (tmp_path / "films").mkdir()
    async with broker_in(tmp_path) as broker, running(tmp_path, _YAML.format(port=broker.port)) as osmose:
        async with broker.household() as household:
            await household.hears("osmose/status", "online")
            await household.hears("osmose/camera/test-picture/phase", "live")
            device = json.loads(household.last("homeassistant/device/osmose-camera-test-picture/config") or b"")
            assert device["device"]["name"] == "Test picture"
            await household.until(
                lambda told: (told.last("osmose/camera/test-picture/image") or b"")[:2] == b"\xff\xd8"
            )
        await broker.stop()
        await osmose.until("osmose/mqtt", "lost")
        await broker.start()
        async with broker.household() as household:
            await household.hears("osmose/camera/test-picture/phase", "live", longest_s=40)
            await household.hears("osmose/status", "online")
            assert household.last("homeassistant/device/osmose-library-films/config")
            household.say("osmose/library/films/rescan/set", "PRESS")
            await osmose.until("library.films/last_scan")
        assert await osmose.stop() == 0


async def test_the_broker_says_that_osmose_died(tmp_path):
    """After kill -9 the will is told."""
    async with broker_in(tmp_path) as broker, running(tmp_path, _YAML.format(port=broker.port)) as osmose:
        async with broker.household() as household:
            await household.hears("osmose/status", "online")
            osmose.kill()
            await household.hears("osmose/status", "offline")
