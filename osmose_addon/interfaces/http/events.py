"""`api/events`: what happens, as it happens (server-sent events).

First come `states`, some of them at a time until all are told (`?without=title` leaves out those of titles, which may
be tens of thousands), then `changes` of all (a state that is gone is null) and `journal` entries, each with its
number as the event's id. Who comes back with `Last-Event-ID` gets the entries missed meanwhile.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from aiohttp import web

from osmose_addon.interfaces.http.api import may_see, visible
from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.keys import CLOSING, SHELVES
from osmose_addon.interfaces.http.things import entry_json, told
from osmose_addon.model.config import Right
from osmose_addon.model.journal import Entry
from osmose_addon.model.states import StateKey, StateValue

routes = web.RouteTableDef()

_HEARTBEAT_S = 15.0
_AT_ONCE = 500
_MOST_DIGITS = 15
_TOLD_OF = frozenset({"camera", "title", "library"})
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


@routes.get("/api/events")
async def events(request: web.Request) -> web.StreamResponse:
    """Tell events until the client leaves or the server stops."""
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    try:
        await _tell(request, response)
    except* (ConnectionError, _ClosingError):
        pass  # the client left, or we do
    return response


class _ClosingError(Exception):
    """The server stops: ends the group of tellers."""


async def _tell(request: web.Request, response: web.StreamResponse) -> None:
    shelves, right = request.app[SHELVES], request[IDENTITY].right
    with shelves.states.watch() as watch, shelves.catalog.journal.follow() as entries:
        await _tell_states(request, response)
        last = await _missed(request, response)
        async with asyncio.TaskGroup() as group:
            group.create_task(_tell_changes(response, watch, right))
            group.create_task(_tell_entries(response, entries, right, last))
            group.create_task(_keep_alive(response))
            await request.app[CLOSING].wait()
            raise _ClosingError


async def _tell_states(request: web.Request, response: web.StreamResponse) -> None:
    """Tell what is, in pieces that no reader of lines stumbles over; what changes meanwhile follows as a change."""
    without = request.query.getall("without", ())
    async for piece in visible(request.app[SHELVES].states, request[IDENTITY].right, without):
        await _write(response, "states", piece)


async def _missed(request: web.Request, response: web.StreamResponse) -> int:
    """Tell the entries after `Last-Event-ID`; return the number of the last one told."""
    asked = request.headers.get("Last-Event-ID", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= _MOST_DIGITS):
        return 0
    journal = request.app[SHELVES].catalog.journal
    newest = next((entry.number for entry in await journal.latest(1)), 0)
    number = min(int(asked), newest)  # a database that was restored counts from further back
    while missed := await journal.since(number, _AT_ONCE):
        number = missed[-1].number
        for entry in missed:
            if _may_read(entry, request[IDENTITY].right):
                await _write(response, "journal", entry_json(entry), entry.number)
    return number


def _may_read(entry: Entry, right: Right) -> bool:
    return right is Right.MANAGE or (entry.kind in _TOLD_OF and not entry.by)


async def _tell_changes(
    response: web.StreamResponse,
    batches: AsyncIterator[dict[StateKey, StateValue]],
    right: Right,
) -> None:
    async for changes in batches:
        seen = {key: value for key, value in changes.items() if may_see(key.kind, right)}
        if seen:
            await _write(response, "changes", told(seen))


async def _tell_entries(
    response: web.StreamResponse,
    entries: AsyncIterator[Entry],
    right: Right,
    last: int,
) -> None:
    async for entry in entries:
        if entry.number > last and _may_read(entry, right):
            await _write(response, "journal", entry_json(entry), entry.number)


async def _keep_alive(response: web.StreamResponse) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_S)
        await response.write(b": still here\n\n")


async def _write(response: web.StreamResponse, event: str, body: object, number: int = 0) -> None:
    """Write one event. One call, so that events of different tellers never mix."""
    head = f"id: {number}\n" if number else ""
    await response.write(f"{head}event: {event}\ndata: {json.dumps(body)}\n\n".encode())
