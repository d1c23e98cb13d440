"""All cameras of the household: which ones run, and the actions that name one of them."""

from collections.abc import Iterable, Mapping

from osmose_addon.model.actions import Done
from osmose_addon.model.config import CameraConfig
from osmose_addon.model.errors import NotFoundError
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.supervision import Supervisor, Turn
from osmose_addon.services.cameras.camera import CameraService, Journal
from osmose_addon.services.cameras.knock import Knock
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.live import LiveStore
from osmose_addon.stores.states import States


class Cameras:
    """Starts, changes and stops cameras as the configuration says, and touches only what differs."""

    def __init__(
        self, supervisor: Supervisor, states: States, live: LiveStore, journal: Journal, *, clock: Clock
    ) -> None:
        """Begin without cameras."""
        self._supervisor = supervisor
        self._states = states
        self._live = live
        self._journal = journal
        self._clock = clock
        self._services: dict[str, CameraService] = {}

    def carry(self, actions: Actions) -> None:
        """Carry out `snapshot` and `try_now`."""
        actions.carry("snapshot", self._snapshot)
        actions.carry("try_now", self._try_now)

    async def apply(self, configs: Iterable[CameraConfig]) -> None:
        """Run exactly these cameras."""
        wanted = {config.id: config for config in configs}
        for camera_id, service in tuple(self._services.items()):
            if wanted.get(camera_id) != service.config:
                await self._stop(service, is_gone=camera_id not in wanted)
        for config in wanted.values():
            if config.id not in self._services:
                self._start(config)

    def on_turn(self, turn: Turn) -> None:
        """Take a turn of the supervisor; those of other services are passed over."""
        for service in self._services.values():
            if service.name == turn.service:
                service.on_turn(turn)

    def _start(self, config: CameraConfig) -> None:
        service = CameraService(config, self._states, self._live, self._journal, self._clock)
        self._services[config.id] = service
        self._supervisor.start(service.name, service.main)
        if not config.is_test_picture:
            knock = Knock(service, lambda: self._supervisor.wake(service.name), self._clock)
            self._supervisor.start(knock.name, knock.main)

    async def _stop(self, service: CameraService, *, is_gone: bool) -> None:
        del self._services[service.config.id]
        await self._supervisor.stop(f"{service.name}.knock")
        await self._supervisor.stop(service.name)
        self._states.drop("camera", service.config.id)
        if is_gone:
            self._live.drop(service.config.id)
        elif (grid := self._live.get(service.config.id)) is not None:
            grid.lose()

    def _service(self, arguments: Mapping[str, str]) -> CameraService:
        service = self._services.get(arguments["camera"])
        if service is None:
            raise NotFoundError
        return service

    async def _snapshot(self, arguments: Mapping[str, str]) -> Done:
        picture = await self._service(arguments).snapshot()
        result = {"width_px": picture.width_px, "height_px": picture.height_px, "at_unix_s": picture.at_unix_s}
        return Done({**result}, picture.body)

    async def _try_now(self, arguments: Mapping[str, str]) -> Done:
        self._supervisor.wake(self._service(arguments).name)
        return Done({})
