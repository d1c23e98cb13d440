"""Making a title's storyboard: sheets of small pictures, and the list that tells players where each is."""

from osmose_addon.formats.storyboards import tile_list
from osmose_addon.model.errors import MediaError, WorkerError
from osmose_addon.model.media import Title
from osmose_addon.model.orders import StoryboardOrder
from osmose_addon.model.reports import SheetMade, StoryboardMade
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.jobs.texts import origin_s
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import sheet_path, storyboard_path, write_whole

_LIMITS = Limits(nice=5, silence_s=120.0, deadline_s=1800)


async def make_storyboard(shelves: Shelves, title: Title) -> None:
    """Make the storyboard of a title. The list is written last: where it lies, all sheets do.

    Raises: MediaError (`no_picture` for sound alone), WorkerError, StoreError.
    """
    if title.facts is None or title.facts.video is None:
        raise MediaError(reason="no_picture")
    whole: StoryboardMade | None = None
    async with worker.start("storyboard", StoryboardOrder(title.path, origin_s(title)), _LIMITS) as maker:
        async for report in maker:
            if isinstance(report, SheetMade):
                await in_thread(write_whole, sheet_path(shelves.paths, title.id, report.number), report.body)
            elif isinstance(report, StoryboardMade):
                whole = report
    if whole is None:
        raise WorkerError(name="storyboard", cause="said nothing")
    told = tile_list(whole, title.facts.duration_s)
    await in_thread(write_whole, storyboard_path(shelves.paths, title.id), told.encode())
