"""All libraries together: what they share, and who carries out `rescan` and `retry`."""

import logging
from collections.abc import Mapping

from osmose_addon.model.actions import Done
from osmose_addon.model.config import Config, LibraryConfig
from osmose_addon.model.errors import NotFoundError, StoreError
from osmose_addon.model.media import TitlePhase
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.services.libraries.service import LibraryService
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)


class Libraries:
    """The libraries whose services run. Make one for the whole program."""

    def __init__(self, shelves: Shelves) -> None:
        """Begin without libraries."""
        self._shelves = shelves
        self._intake = Intake(shelves)
        self._services: dict[str, LibraryService] = {}
        shelves.actions.carry("rescan", self._rescan)
        shelves.actions.carry("retry", self._retry)

    def service(self, library: LibraryConfig, config: Config) -> LibraryService:
        """Return the service of a library of this configuration; it joins in once its `main` runs."""
        wished = tuple(rendition for rendition in config.renditions if rendition.id in library.renditions)
        return LibraryService(Wish(library, wished), self._shelves, self._intake, self._services)

    async def _rescan(self, arguments: Mapping[str, str]) -> Done:
        library_id = arguments.get("library", "")
        if library_id and library_id not in self._services:
            raise NotFoundError
        for service in [self._services[library_id]] if library_id else self._services.values():
            service.rescan()
        return Done({})

    async def _retry(self, arguments: Mapping[str, str]) -> Done:
        title = await self._shelves.catalog.titles.get(arguments["title"])
        service = self._services.get(title.library_id) if title else None
        if title is None or service is None:
            raise NotFoundError
        await self._shelves.ledger.forgive(title.id)
        if title.phase is TitlePhase.FAILED:
            await service.retry(title)
        return Done({"title": title.id})


async def put_away_others(shelves: Shelves, config: Config) -> None:
    """Put titles of libraries away that the configuration no longer has; they wait, should a library come back.

    Raises: StoreError when the catalog cannot be read.
    """
    known = {library.id for library in config.libraries}
    for library_id in await shelves.catalog.titles.library_ids():
        if library_id not in known:
            await _put_away(shelves, library_id)
    for library_id in shelves.states.ids("library"):
        if library_id not in known:
            shelves.states.drop("library", library_id)


async def _put_away(shelves: Shelves, library_id: str) -> None:
    titles = shelves.catalog.titles
    for id_, _name, _phase in await titles.names(library_id):
        shelves.states.drop("title", id_)
    try:
        await titles.turn(library_id, TitlePhase.AWAY, back=TitlePhase.READY)
    except StoreError as error:  # a full disk; the next start tries again
        _LOG.warning("titles of %s, which is configured no more, cannot be put away: %s", library_id, error)
