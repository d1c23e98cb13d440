"""What a request for a title names: the title, its grid, one of its rungs, one of its text tracks."""

from aiohttp import web

from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.model.errors import MediaError, NotFoundError
from osmose_addon.model.media import Grid, Rung, Title


async def title_of(request: web.Request) -> Title:
    """Return the title. Raises: NotFoundError."""
    title = await request.app[SHELVES].catalog.titles.get(request.match_info["id"])
    if title is None:
        raise NotFoundError
    return title


async def playable_of(request: web.Request) -> tuple[Title, Grid]:
    """Return a title that can be played, and its grid. Raises: NotFoundError, MediaError (why it cannot)."""
    title = await title_of(request)
    if title.grid is None:
        raise MediaError(reason=title.reason or "unknown")
    return title, title.grid


async def rung_of(request: web.Request) -> tuple[Title, Rung]:
    """Return a rung of the revision that is named. Raises: NotFoundError, MediaError."""
    title, grid = await playable_of(request)
    rung = grid.rung(request.match_info["rung"])
    if rung is None or grid.revision != request.match_info["revision"]:
        raise NotFoundError
    return title, rung


def track_of(request: web.Request, title: Title) -> int:
    """Return the number of a text track. Raises: NotFoundError."""
    track = int(request.match_info["track"])
    if all(text.index != track for text in title.texts):
        raise NotFoundError
    return track
