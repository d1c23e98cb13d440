"""Threads of a worker that pass work on to one another, and end together.

Three ways in which such threads wait for ever are shut here: nobody waits without looking at the flag that stops all,
every lane is ended by whoever feeds it, and the first error of any of them stops the others and is the one told.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

_LOOK_EVERY_S = 0.2


class StoppedError(Exception):
    """The team stops: somebody else failed, or gave up. Let it pass; it is never told to anybody."""


class Team:
    """Threads with one flag that stops them all. Leaving the block waits for them and raises the first error."""

    def __init__(self) -> None:
        """Be a team of nobody yet."""
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []  # noqa: TID251 - see `start`
        self._failing = threading.Lock()
        self._error: BaseException | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether all of them shall end."""
        return self._stop.is_set()

    def lane(self, places: int) -> "Lane[T]":
        """Return a lane between two of the team, on which `places` things may wait."""
        return Lane(self._stop, places)

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Let a thread work. What it raises stops all. Raises: RuntimeError when there is no room for a thread."""
        thread = threading.Thread(  # noqa: TID251 - the other place is `runtime.threads`, for the hub
            target=self._carry_out, args=(work,), name=name, daemon=True
        )
        thread.start()
        self._threads.append(thread)

    def stop(self) -> None:
        """Have all of them end soon."""
        self._stop.set()

    def __enter__(self) -> Self:
        """Start threads within the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all. An error in the block stops them; the first error, whoever had it, is raised."""
        if error is not None:
            self._fail(error)
        for thread in self._threads:
            thread.join()
        first, self._error = self._error, None
        if first is not None and first is not error:
            raise first from None

    def _carry_out(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._failing:
            if self._error is None and not isinstance(error, StoppedError):
                self._error = error
        self._stop.set()


class Lane(Generic[T]):
    """A queue from one thread to another. Whoever feeds it ends it, whatever happens: use `with lane:` for that."""

    def __init__(self, stop: threading.Event, places: int) -> None:
        """Belong to a team, see `Team.lane`."""
        self._stop = stop
        self._queue: queue.Queue[tuple[T] | None] = queue.Queue(places)

    def put(self, item: T) -> None:
        """Pass something on; waits while the lane is full. Raises: StoppedError."""
        self._offer((item,))

    def __enter__(self) -> Self:
        """Feed the lane within the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Tell the other side that nothing more comes. After an error nothing is waited for: all are stopped."""
        if kind is not None:
            self._stop.set()
        elif not self._stop.is_set():
            self._offer(None)

    def __iter__(self) -> Iterator[T]:
        """Take what comes until the lane is ended. Raises: StoppedError."""
        while True:
            item = self._take()
            if item is None:
                return
            yield item[0]

    def _offer(self, item: tuple[T] | None) -> None:
        while not self._stop.is_set():
            try:
                return self._queue.put(item, timeout=_LOOK_EVERY_S)
            except queue.Full:
                continue
        raise StoppedError

    def _take(self) -> tuple[T] | None:
        while not self._stop.is_set():
            try:
                return self._queue.get(timeout=_LOOK_EVERY_S)
            except queue.Empty:
                continue
        raise StoppedError
