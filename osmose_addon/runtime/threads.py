"""The one place that hands blocking file work to a thread."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work in a thread and return its result. It cannot be stopped, so it must be short."""
    return await asyncio.to_thread(work, *args, **kwargs)  # noqa: TID251 - this is the one place
