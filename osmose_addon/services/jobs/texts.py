"""Making a title's text tracks as WebVTT."""

from osmose_addon.model.errors import NotFoundError
from osmose_addon.model.media import Title
from osmose_addon.model.orders import SidecarOrder, TextOrder
from osmose_addon.model.reports import TextMade
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import text_path, write_whole

_LIMITS = Limits(nice=5, deadline_s=1800)
_SIDECAR_LIMITS = Limits(nice=5, deadline_s=120)


async def make_text(shelves: Shelves, title: Title, track: int) -> None:
    """Make one text track of a title. For one within the film's own file, the whole file is read.

    Raises: MediaError, WorkerError, StoreError, NotFoundError.
    """
    text = next((one for one in title.texts if one.index == track), None)
    if text is None:
        raise NotFoundError
    if text.file:
        start = worker.start("sidecar", SidecarOrder(text.file, text.language), _SIDECAR_LIMITS)
    else:
        start = worker.start("texts", TextOrder(title.path, track, origin_s(title)), _LIMITS)
    body = ""
    async with start as maker:
        async for report in maker:
            if isinstance(report, TextMade):
                body = report.body
    await in_thread(write_whole, text_path(shelves.paths, title.id, track), body.encode())


def origin_s(title: Title) -> float:
    """Return the time in the file at which the title begins."""
    return title.facts.start_s if title.facts else 0.0
