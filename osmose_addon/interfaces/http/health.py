"""`health`: whether our own loops live. A camera that is offline is not ill health."""

from aiohttp import web

from osmose_addon.interfaces.http.keys import SHELVES

routes = web.RouteTableDef()


@routes.get("/health")
async def health(request: web.Request) -> web.Response:
    """Answer 200 while all of Osmose's own services run, 503 when one is parked."""
    states = request.app[SHELVES].states
    word = states.get("osmose", "", "health") or "good"
    status = 200 if word == "good" else 503
    return web.json_response({"health": word, "version": states.get("osmose", "", "version")}, status=status)
