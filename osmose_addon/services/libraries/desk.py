"""All libraries together: what opens and closes them, and carries out `rescan` and `retry`."""

from collections.abc import Mapping, Sequence

from osmose_addon.model.actions import Done
from osmose_addon.model.config import LibraryConfig, RenditionConfig
from osmose_addon.model.errors import NotFoundError
from osmose_addon.model.media import TitlePhase
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.services.libraries.service import LibraryService
from osmose_addon.stores.shelves import Shelves


class Libraries:
    """The libraries of the moment. The one who opens one also runs its service."""

    def __init__(self, shelves: Shelves) -> None:
        """Begin without libraries."""
        self._shelves = shelves
        self._intake = Intake(shelves)
        self._services: dict[str, LibraryService] = {}
        shelves.actions.carry("rescan", self._rescan)
        shelves.actions.carry("retry", self._retry)

    def open(self, library: LibraryConfig, renditions: Sequence[RenditionConfig]) -> LibraryService:
        """Return the service of a library; run its `main`. `renditions` are all that the household knows."""
        wished = tuple(rendition for rendition in renditions if rendition.id in library.renditions)
        service = LibraryService(Wish(library, wished), self._shelves, self._intake)
        self._services[library.id] = service
        return service

    async def close(self, library_id: str) -> None:
        """Forget a library whose service was ended. What is known of its titles stays, away, should it come back."""
        self._services.pop(library_id, None)
        self._shelves.states.drop("library", library_id)
        await self._put_away(library_id)

    async def put_away_others(self) -> None:
        """Put titles of libraries away that the configuration no longer has. Call it once all are open."""
        for library_id in await self._shelves.catalog.titles.library_ids():
            if library_id not in self._services:
                await self._put_away(library_id)

    async def _put_away(self, library_id: str) -> None:
        await self._shelves.catalog.titles.turn(library_id, TitlePhase.AWAY, back=TitlePhase.READY)
        for title in await self._shelves.catalog.titles.list(library_id):
            self._shelves.states.drop("title", title.id)

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
