"""Which cells could not be made, how often that was tried, and why: in memory, and in `work.db` for the next start."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from osmose_addon.runtime.clock import Clock
from osmose_addon.stores.catalog.chunks import Cause, Chunk, ChunkPhase, LenientChunks

MOST_ATTEMPTS = 3

_FORGIVEN_S = 300.0
_FORGIVEN_FULL_S = 10.0


class Spot(NamedTuple):
    """One cell of one rung, of one revision of the grid."""

    title_id: str
    revision: str
    rung_id: str
    cell: int


@dataclass(frozen=True, slots=True)
class _Failure:
    chunk: Chunk
    at_s: float


class Failures:
    """Attempts that failed. A cell that is made at last leaves nothing behind."""

    def __init__(self, rows: LenientChunks, clock: Clock) -> None:
        """Begin without any; `learn` follows."""
        self._rows = rows
        self._clock = clock
        self._failures: dict[Spot, _Failure] = {}

    def learn(self, chunk: Chunk) -> None:
        """Take over what the last run wrote down."""
        spot = Spot(chunk.title_id, chunk.revision, chunk.rung_id, chunk.first_cell)
        self._failures[spot] = _Failure(chunk, self._clock.monotonic_s())

    def has_given_up(self, spot: Spot) -> bool:
        """Whether a cell was tried often enough."""
        failure = self._failures.get(spot)
        return failure is not None and failure.chunk.phase is ChunkPhase.FAILED

    def chunk(self, spot: Spot) -> Chunk | None:
        """Return the row of a cell that failed, or `None`."""
        failure = self._failures.get(spot)
        return failure.chunk if failure else None

    def reason(self, title_id: str, revision: str, rung_ids: Collection[str]) -> str:
        """Return why a cell of these rungs was given up, or nothing."""
        given_up = (
            self._failures[spot].chunk.reason
            for spot in self._failures
            if (spot.title_id, spot.revision) == (title_id, revision)
            and spot.rung_id in rung_ids
            and self.has_given_up(spot)
        )
        return next(given_up, "")

    async def count(self, spot: Spot, cause: Cause, reason: str) -> bool:
        """Count a failed attempt at a cell; return whether it was the last."""
        known = self.chunk(spot)
        attempts = (known.attempts if known else 0) + 1
        phase = ChunkPhase.FAILED if attempts >= MOST_ATTEMPTS else ChunkPhase.WANTED
        chunk = Chunk(*spot, 1, phase, cause, attempts, reason)
        self.learn(chunk)
        await self._rows.save(chunk)
        return phase is ChunkPhase.FAILED

    def give_up(self, spot: Spot, reason: str) -> None:
        """Give up at once, for this run of the program."""
        self.learn(Chunk(*spot, 1, ChunkPhase.FAILED, Cause.VIEWER, MOST_ATTEMPTS, reason))

    async def forget(self, spot: Spot) -> None:
        """Forget what failed at a cell."""
        failure = self._failures.pop(spot, None)
        if failure is not None:
            await self._rows.remove(failure.chunk)

    async def forget_title(self, title_id: str) -> None:
        """Forget what failed in a title."""
        for spot in [spot for spot in self._failures if spot.title_id == title_id]:
            await self.forget(spot)

    async def forget_old(self, spot: Spot) -> None:
        """Forget what failed some minutes ago: a disk that was away or full may be back."""
        failure = self._failures.get(spot)
        if failure is None:
            return
        patience_s = _FORGIVEN_FULL_S if failure.chunk.reason == "no_space" else _FORGIVEN_S
        if failure.at_s < self._clock.monotonic_s() - patience_s:
            await self.forget(spot)
