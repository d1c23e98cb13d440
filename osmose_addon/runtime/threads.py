"""The one place that hands blocking file work to a thread.

Each call gets a thread of its own (about 0.1 ms), not one of a shared pool: a network share that hangs must neither
keep the work on healthy disks waiting nor the program from ending.
"""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work in a thread and return its result, or raise what it raised.

    It cannot be stopped: who is cancelled meanwhile leaves it to end by itself, or with the program.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def tell(settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if outcome.done() else settle())

    def run() -> None:
        try:
            result = context.run(work, *args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
            problem = error
            tell(lambda: outcome.set_exception(problem))
        else:
            tell(lambda: outcome.set_result(result))

    name = f"osmose {getattr(work, '__name__', 'work')}"
    threading.Thread(target=run, name=name, daemon=True).start()  # noqa: TID251 - this is the one place
    return await outcome
