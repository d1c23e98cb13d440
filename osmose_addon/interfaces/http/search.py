"""`api/search`: titles by what people remember of them. A body, never a query: ingress refuses some queries."""

from typing import Annotated

import msgspec
from aiohttp import web

from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.bodies import body_of
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.interfaces.http.things import Json, title_json
from osmose_addon.model.media import TitleKind
from osmose_addon.stores.catalog.search import Hit
from osmose_addon.stores.catalog.watching import Place

routes = web.RouteTableDef()

_LONGEST_TEXT = 500
_LONGEST_ID = 40


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody searches for."""

    text: Annotated[str, msgspec.Meta(max_length=_LONGEST_TEXT)]
    kind: TitleKind | None = None
    library: Annotated[str, msgspec.Meta(max_length=_LONGEST_ID)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


@routes.post("/api/search")
async def search(request: web.Request) -> web.Response:
    """Find titles, the best answers first, each with the field that it was found by. Raises: ArgumentError."""
    asked = await body_of(request, Asked)
    catalog = request.app[SHELVES].catalog
    found = await catalog.search.find(asked.text, asked.kind, asked.library, asked.limit)
    places = await catalog.watching.places(request[IDENTITY].person) if found.hits else {}
    items = [_hit_json(hit, places.get(hit.title.id)) for hit in found.hits]
    told = {"items": items, "next": None, "words": list(found.words), "mended": found.mended or None}
    return web.json_response(told, headers={"Cache-Control": "no-store"})


def _hit_json(hit: Hit, place: Place | None) -> Json:
    why = {"field": hit.field, "text": hit.text, "episodes": hit.episodes or None}
    return {**title_json(hit.title, place), "why": why}
