"""The one place that starts tasks: services, each restarted by its policy, none taking another along.

What a service raises decides what comes next. A lost camera or broker is tried again for ever with growing pauses;
a refused one at most once a minute, so that it does not lock the account; anything else has a budget, and when that is
spent the service is parked with its reason and tried again every five minutes.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from osmose_addon.model.errors import BrokerError, BrokerRefusedError, OsmoseError, SourceError, SourceRefusedError
from osmose_addon.runtime.clock import Clock

_LOG = logging.getLogger(__name__)


class Phase(StrEnum):
    """Where a service stands."""

    RUNNING = "running"
    WAITING = "waiting"
    PARKED = "parked"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When a service is started again: pauses double from the first to the longest, each varied by `jitter`.

    More than `budget` failures within `window_s` park it. After `calm_s` without failure the past is forgotten.
    `refused_s` is the pause after a refusal. `is_patient` services are never parked for a source that is away.
    """

    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    jitter: float = 0.2
    budget: int = 5
    window_s: float = 60.0
    parked_pause_s: float = 300.0
    calm_s: float = 300.0
    refused_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of phase: told once, with the reason and when the next try is due (wall clock; 0 if none)."""

    service: str
    phase: Phase
    error: OsmoseError | None = None
    next_try_unix_s: float = 0.0


@dataclass(slots=True)
class _Service:
    name: str
    main: Callable[[], Awaitable[None]]
    policy: RestartPolicy
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    failures: deque[float] = field(default_factory=deque)
    streak: int = 0
    task: asyncio.Task[None] | None = None


class Supervisor:
    """Owns all services. Use it as `async with Supervisor(...)`: leaving the block ends them all."""

    def __init__(self, clock: Clock, on_turn: Callable[[Turn], None], *, seed: int | None = None) -> None:
        """Tell every change of phase to `on_turn`; `seed` makes the jitter repeatable."""
        self._clock = clock
        self._on_turn = on_turn
        self._random = random.Random(seed)  # noqa: S311 - jitter, no secret
        self._services: dict[str, _Service] = {}
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Be ready to start services."""
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End all services; an error of the supervisor itself ends the program."""
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(None, None, None)

    def start(self, name: str, main: Callable[[], Awaitable[None]], policy: RestartPolicy | None = None) -> None:
        """Start a service. `main` is called anew for each try; its plain return means the service is done.

        Raises: ValueError when a service of this name runs.
        """
        known = self._services.get(name)
        if known is not None and known.task is not None and not known.task.done():
            raise ValueError(name)
        service = _Service(name, main, policy or RestartPolicy())
        self._services[name] = service
        service.task = self._owned(self._live(service), name)

    def spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        """Run a short piece of work beside the services; if it fails, the program ends."""
        return self._owned(work, name)

    async def stop(self, name: str) -> None:
        """End a service and wait until it is gone; an unknown name is fine."""
        service = self._services.get(name)
        if service is None or service.task is None:
            return
        service.task.cancel()
        await asyncio.wait({service.task})
        self._services.pop(name, None)
        self._on_turn(Turn(name, Phase.DONE))

    def wake(self, name: str) -> None:
        """Try a waiting or parked service again now."""
        service = self._services.get(name)
        if service is not None:
            service.wake.set()

    def names(self) -> tuple[str, ...]:
        """Return the names of all services that were started and not stopped."""
        return tuple(self._services)

    def _owned(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = self._group.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _live(self, service: _Service) -> None:
        while True:
            began_s = self._clock.monotonic_s()
            self._on_turn(Turn(service.name, Phase.RUNNING))
            try:
                await service.main()
            except Exception as error:  # noqa: BLE001 - the one broad except: a service may fail in any way
                problem = self._named(service, error)
            else:
                self._on_turn(Turn(service.name, Phase.DONE))
                return
            if self._clock.monotonic_s() - began_s >= service.policy.calm_s:
                service.streak = 0
            service.streak += 1
            await self._pause(service, problem)

    def _named(self, service: _Service, error: Exception) -> OsmoseError:
        while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        if isinstance(error, OsmoseError):
            return error
        _LOG.error("service %s failed", service.name, exc_info=error)
        return OsmoseError(cause=type(error).__name__)

    async def _pause(self, service: _Service, problem: OsmoseError) -> None:
        phase, pause_s = self._next(service, problem)
        pause_s *= 1 + self._random.uniform(-service.policy.jitter, service.policy.jitter)
        if phase is Phase.PARKED:
            _LOG.error("service %s is parked: %s", service.name, problem)
        service.wake.clear()
        self._on_turn(Turn(service.name, phase, problem, self._clock.unix_s() + pause_s))
        await self._clock.wait(service.wake, pause_s)

    def _next(self, service: _Service, problem: OsmoseError) -> tuple[Phase, float]:
        policy = service.policy
        if isinstance(problem, SourceRefusedError | BrokerRefusedError):
            return Phase.WAITING, policy.refused_s
        grown_s = min(policy.first_pause_s * 2.0 ** min(service.streak - 1, 16), policy.longest_pause_s)
        if isinstance(problem, SourceError | BrokerError):
            return Phase.WAITING, grown_s
        now_s = self._clock.monotonic_s()
        service.failures.append(now_s)
        while service.failures and service.failures[0] < now_s - policy.window_s:
            service.failures.popleft()
        if len(service.failures) >= policy.budget:
            service.failures.clear()
            return Phase.PARKED, policy.parked_pause_s
        return Phase.WAITING, grown_s
