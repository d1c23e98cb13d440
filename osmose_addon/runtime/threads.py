"""The one place that hands blocking file work to a thread.

Each call gets a thread of its own (about 0.1 ms), not one of a shared pool: a network share that hangs must neither
keep the work on healthy disks waiting nor the program from ending.
"""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work in a thread and return its result, or raise what it raised.

    It cannot be stopped: who is cancelled meanwhile leaves it to end by itself, or with the program.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()
    call = partial(contextvars.copy_context().run, work, *args, **kwargs)
    name = f"osmose {getattr(work, '__name__', 'work')}"
    threading.Thread(  # noqa: TID251 - this is the one place
        target=_carry_out, args=(call, loop, outcome), name=name, daemon=True
    ).start()
    try:
        return await outcome
    finally:
        del outcome  # see `_carry_out`


def _carry_out(call: Callable[[], T], loop: asyncio.AbstractEventLoop, outcome: asyncio.Future[T]) -> None:
    try:
        settle = partial(outcome.set_result, call())
    except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
        settle = partial(outcome.set_exception, error)
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_unless_done, outcome, settle)
    # An error's traceback holds the frames it passed, and the outcome holds the error: without that circle, what those
    # frames hold (sockets, files) is let go at once.
    del outcome, settle


def _unless_done(outcome: asyncio.Future[T], settle: Callable[[], None]) -> None:
    """Settle the outcome, unless the one who waited was cancelled."""
    if not outcome.done():
        settle()
