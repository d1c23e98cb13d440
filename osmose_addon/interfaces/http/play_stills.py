"""The storyboard of a title: small pictures for the time line, in the form that players read."""

from aiohttp import web

from osmose_addon.interfaces.http.answers import file_answer
from osmose_addon.interfaces.http.asked import title_of
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.titlefiles import STORYBOARD, sheet_path, storyboard_path

routes = web.RouteTableDef()

_VTT = "text/vtt"


@routes.get("/play/titles/{id}/storyboard.vtt")
async def storyboard(request: web.Request) -> web.StreamResponse:
    """Answer with the list of small pictures as WebVTT; the first to ask waits until it is made, 503 if for long."""
    title = await _with_storyboard(request)
    return await file_answer(request, storyboard_path(request.app[SHELVES].paths, title.id), _VTT)


@routes.get("/play/titles/{id}/storyboard-{sheet:[0-9]{1,4}}.jpg")
async def sheet(request: web.Request) -> web.StreamResponse:
    """Answer with one sheet of small pictures."""
    title = await _with_storyboard(request)
    path = sheet_path(request.app[SHELVES].paths, title.id, int(request.match_info["sheet"]))
    return await file_answer(request, path, "image/jpeg")


async def _with_storyboard(request: web.Request) -> Title:
    """Return the title once its storyboard is there. Raises: NotFoundError, MediaError, BusyError."""
    shelves, title = request.app[SHELVES], await title_of(request)
    if await in_thread(storyboard_path(shelves.paths, title.id).exists):
        return title
    if title.phase is not TitlePhase.READY:
        raise MediaError(reason=title.reason or title.phase.value)
    async with shelves.ledger.wanted_extra(title.id, STORYBOARD):
        return title
