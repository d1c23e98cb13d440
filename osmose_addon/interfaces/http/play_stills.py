"""The storyboard of a title: small pictures for the time line, in the form that players read."""

from pathlib import Path

from aiohttp import hdrs, web

from osmose_addon.interfaces.http.answers import ASK_FIRST, file_answer
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
    title = await title_of(request)
    return await _answer(request, title, storyboard_path(request.app[SHELVES].paths, title.id), _VTT)


@routes.get("/play/titles/{id}/storyboard-{sheet:[0-9]{1,4}}.jpg")
async def sheet(request: web.Request) -> web.StreamResponse:
    """Answer with one sheet of small pictures."""
    title = await title_of(request)
    path = sheet_path(request.app[SHELVES].paths, title.id, int(request.match_info["sheet"]))
    return await _answer(request, title, path, "image/jpeg")


async def _answer(request: web.Request, title: Title, path: Path, content_type: str) -> web.StreamResponse:
    """Answer with a file of the storyboard once all of it is there. Raises: NotFoundError, MediaError, BusyError."""
    shelves = request.app[SHELVES]
    if not await in_thread(storyboard_path(shelves.paths, title.id).exists):
        if title.phase is not TitlePhase.READY:
            raise MediaError(reason=title.reason or title.phase.value)
        if request.method == hdrs.METH_HEAD:  # which makes nothing: all is told but length and tag
            return web.StreamResponse(headers={hdrs.CONTENT_TYPE: content_type, hdrs.CACHE_CONTROL: ASK_FIRST})
        async with shelves.ledger.wanted_extra(title.id, STORYBOARD):
            pass
    return await file_answer(request, path, content_type)
