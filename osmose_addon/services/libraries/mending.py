"""Bringing titles that were taken in long ago up to what is wished now, beside everything else."""

import logging
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from osmose_addon.model.config import TranscodeMode
from osmose_addon.model.errors import MediaError, StoreError, WorkerError
from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.runtime.paths import Paths
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.jobs.storyboards import make_storyboard
from osmose_addon.services.libraries.beside import NOTHING
from osmose_addon.services.libraries.intake import PROBED, Intake, Wish
from osmose_addon.services.libraries.scan import Seen
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import poster_path, small_poster_path, storyboard_path

_LOG = logging.getLogger(__name__)


async def mend(
    shelves: Shelves, intake: Intake, wish: Wish, files: Mapping[bytes, Seen] = MappingProxyType({})
) -> None:
    """Give a library's titles the renditions wished now, and posters that are missing. It may take hours.

    `files` are those of the library, as they were seen last.

    Raises: StoreError.
    """
    titles = shelves.catalog.titles
    for id_, before in (await titles.made_for_other(wish.library.id, wish.stamp)).items():
        title = await _ready(shelves, id_)
        if title is not None:
            await intake.regrid(title, wish, is_anew=not before.startswith(PROBED))
            shelves.ledger.news.set()
    named = await titles.names(wish.library.id)
    ids = [id_ for id_, _name, phase in named if phase is TitlePhase.READY]
    for id_ in await in_thread(_without_posters, shelves.paths, ids):
        title = await _ready(shelves, id_)
        if title is not None:
            await intake.picture(title, files[title.path].beside if title.path in files else NOTHING)
    if wish.library.transcode is TranscodeMode.AHEAD:
        await _make_storyboards(shelves, ids)


async def _make_storyboards(shelves: Shelves, ids: Iterable[str]) -> None:
    """Make the storyboards that are missing. On a full disk, the rest is made when somebody asks, or another time."""
    for id_ in await in_thread(_without_storyboards, shelves.paths, ids):
        title = await _ready(shelves, id_)
        if title is None:
            continue
        try:
            await make_storyboard(shelves, title)
        except (MediaError, WorkerError) as error:
            _LOG.info("title %s gets no storyboard: %s", id_, error)
        except StoreError as error:
            _LOG.warning("storyboards are left for later: %s", error)
            return


async def _ready(shelves: Shelves, title_id: str) -> Title | None:
    title = await shelves.catalog.titles.get(title_id)
    return title if title is not None and title.phase is TitlePhase.READY else None


def _without_posters(paths: Paths, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        id_ for id_ in ids if not (poster_path(paths, id_).exists() and small_poster_path(paths, id_).exists())
    )


def _without_storyboards(paths: Paths, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in ids if not storyboard_path(paths, id_).exists())
