"""Cells and init segments of titles. A cell that is not made yet is made when somebody asks for it."""

from collections import OrderedDict
from collections.abc import AsyncIterator

from aiohttp import hdrs, web

from osmose_addon.formats.ranges import ByteRange
from osmose_addon.interfaces.http.answers import FOR_EVER, Told, answer, refusal, unknown_length, whole_answer
from osmose_addon.interfaces.http.asked import rung_of
from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.keys import FILES, SHELVES
from osmose_addon.model.errors import BusyError, MediaError, NotFoundError
from osmose_addon.model.media import Rung, Title, TitlePhase
from osmose_addon.runtime.openfiles import OpenFiles, read_pieces
from osmose_addon.stores.ledger import Spot
from osmose_addon.stores.segments.cellfile import CellPlace

routes = web.RouteTableDef()

_TYPE = "video/iso.segment"
_INIT_TYPES = {"video": "video/mp4", "audio": "audio/mp4"}
_CHECKED_BYTES = 4 << 20
_MOST_CHECKED = 20_000
_LONGEST_AGENT = 200


class CheckedPlaces:
    """Which cells were found to be what was written, since Osmose started: a power cut may have left others."""

    def __init__(self) -> None:
        """Begin with none."""
        self._places: OrderedDict[CellPlace, None] = OrderedDict()

    def __contains__(self, place: CellPlace) -> bool:
        """Whether a cell was checked."""
        return place in self._places

    def add(self, place: CellPlace) -> None:
        """Note that a cell is right."""
        self._places[place] = None
        if len(self._places) > _MOST_CHECKED:
            self._places.popitem(last=False)


CHECKED = web.AppKey("checked", CheckedPlaces)


class CellBody:
    """A cell on disk, as something to answer with."""

    def __init__(self, files: OpenFiles, place: CellPlace) -> None:
        """Read it by way of `files`."""
        self._files, self._place = files, place

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        return self._place.size_bytes

    async def pieces(self, part: ByteRange) -> AsyncIterator[bytes]:
        """Yield the bytes of a part. Raises: OSError."""
        async with self._files.lent(self._place.file) as fd:
            async for piece in read_pieces(fd, self._place.offset_bytes + part.first_byte, part.size_bytes):
                yield piece


@routes.get("/play/titles/{id}/{revision}/{rung}/{cell:[0-9]{1,6}}.m4s")
async def cell(request: web.Request) -> web.StreamResponse:
    """Answer with a cell. One that is not made yet is made now; 503 when that takes too long.

    A HEAD makes nothing and waits for nothing: it tells the length of what is made, and none of what is not.
    """
    title, rung = await rung_of(request)
    number, revision = int(request.match_info["cell"]), request.match_info["revision"]
    if str(number) != request.match_info["cell"] or number >= rung.cells:
        raise NotFoundError
    told = Told(_TYPE, FOR_EVER, f"{revision}-{rung.id}-{number}")
    refused = refusal(request, told)
    if refused is not None:  # who has the cell already has nothing made
        return refused
    shelves = request.app[SHELVES]
    if request.method == hdrs.METH_HEAD:
        return await _head(request, Spot(title.id, revision, rung.id, number), title, told)
    async with shelves.ledger.wanted(title.id, rung.id, number, _who(request)):
        place = await shelves.cells.find(title.id, revision, rung.id, number)
    if place is None:
        raise BusyError(retry_after_s=1)
    if place.size_bytes <= _CHECKED_BYTES and place not in request.app[CHECKED]:
        body = await shelves.cells.read(title.id, revision, rung.id, number)
        if body is None:
            raise BusyError(retry_after_s=1)
        request.app[CHECKED].add(place)
        return answer(request, body, told.content_type, told.caching, told.tag)
    return await whole_answer(request, CellBody(request.app[FILES], place), told)


@routes.get("/play/titles/{id}/{revision}/{rung}/init.mp4")
async def init(request: web.Request) -> web.StreamResponse:
    """Answer with the init segment of one rung."""
    title, rung = await rung_of(request)
    body = await request.app[SHELVES].catalog.titles.init(title.id, rung.id)
    if body is None:
        raise NotFoundError
    return answer(request, body, _init_type(rung), FOR_EVER)


def _who(request: web.Request) -> str:
    """Return what tells one player from others, as far as a request does."""
    agent = request.headers.get(hdrs.USER_AGENT, "")[:_LONGEST_AGENT]
    return f"{request[IDENTITY].person} {request.remote} {agent}"


async def _head(request: web.Request, spot: Spot, title: Title, told: Told) -> web.StreamResponse:
    shelves = request.app[SHELVES]
    place = await shelves.cells.find(*spot)
    if place is not None:
        return await whole_answer(request, CellBody(request.app[FILES], place), told)
    if title.phase is TitlePhase.AWAY:
        raise MediaError(reason="away")
    if shelves.ledger.has_failed(spot):
        raise MediaError(reason=shelves.ledger.reason(spot.title_id, spot.revision, (spot.rung_id,)) or "unknown")
    return unknown_length(told)


def _init_type(rung: Rung) -> str:
    return _INIT_TYPES[rung.kind.value]
