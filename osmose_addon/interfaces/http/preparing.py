"""Waiting for the cells that one MP4 needs, for as long as a request may; then asking for a job and saying so."""

import asyncio
from collections.abc import Sequence

from aiohttp import hdrs, web

from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.model.errors import BusyError, MediaError, PreparingError
from osmose_addon.model.media import Rung, RungGroup, RungMethod, Title, TitlePhase

_LONGEST_S = 15.0
_RETRY_AFTER_S = 20
_SLOW = "slow"
_SOON_S = 30.0
"""So much of a film is encoded within a request; more is a job that people can see."""


async def await_cells(request: web.Request, title: Title, rungs: tuple[Rung, ...]) -> None:
    """Have the missing cells of these rungs made, and return when all are there.

    Copies are made at once, and what is encoded where little of it is missing. The rest is a job for these rungs alone
    that goes on when the request has ended; it is seen, and can be ended, under Activity. A HEAD has nothing made.

    Raises: PreparingError (how far it is), MediaError (why it cannot be made), NotFoundError.
    """
    if title.phase is TitlePhase.AWAY:
        raise MediaError(reason="away")
    if request.method != hdrs.METH_GET:
        raise await _unfinished(request, title, rungs)
    encoded = [rung for rung in rungs if rung.method is RungMethod.ENCODED]
    is_long = sum([await _lacking_s(request, title, rung) for rung in encoded]) > _SOON_S
    if is_long:
        await _ask_for_job(request, title, encoded)
    at_once = [rung for rung in rungs if not is_long or rung not in encoded]
    if not await _made_in_time(request, title, at_once):
        await _ask_for_job(request, title, [rung for rung in rungs if rung.group is not RungGroup.ORIGINAL])
        is_long = True
    if is_long:
        raise await _unfinished(request, title, rungs)


async def _made_in_time(request: web.Request, title: Title, rungs: Sequence[Rung]) -> bool:
    """Make rungs within this request. Raises: MediaError, BusyError (nothing can be made now, and why)."""
    try:
        async with asyncio.timeout(_LONGEST_S):
            for rung in rungs:
                await _made(request, title, rung)
    except TimeoutError:
        return False
    except BusyError as error:
        if error.fields.get("reason", _SLOW) != _SLOW:
            raise
        return False
    return True


async def _made(request: web.Request, title: Title, rung: Rung) -> None:
    """Want one missing cell after the other; each want has a run of cells made."""
    shelves = request.app[SHELVES]
    for cell in range(rung.cells):
        if not title.grid or await shelves.cells.find(title.id, title.grid.revision, rung.id, cell) is None:
            async with shelves.ledger.wanted(title.id, rung.id, cell):
                pass


async def _lacking_s(request: web.Request, title: Title, rung: Rung) -> float:
    if title.grid is None:
        return 0.0
    filled = await request.app[SHELVES].cells.filled(title.id, title.grid, rung.id)
    return sum(rung.duration_s(cell) for cell, is_there in enumerate(filled) if not is_there)


async def _ask_for_job(request: web.Request, title: Title, rungs: Sequence[Rung]) -> None:
    if rungs and title.grid is not None:
        await request.app[SHELVES].ledger.prepare(title.id, title.grid.revision, [rung.id for rung in rungs])


async def _unfinished(request: web.Request, title: Title, rungs: tuple[Rung, ...]) -> PreparingError:
    share = 0.0
    if title.grid is not None:
        share = await request.app[SHELVES].cells.share(title.id, title.grid.revision, rungs)
    return PreparingError(percent=min(int(share * 100), 99), retry_after_s=_RETRY_AFTER_S)
