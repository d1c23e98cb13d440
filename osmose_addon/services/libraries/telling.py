"""What a library tells of its titles: states for what is, the journal for what happened."""

import logging
from collections.abc import Iterable, Sequence

from osmose_addon.formats.names import full_name
from osmose_addon.model.journal import Event
from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.stores.catalog.files import Named
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)
_COUNT_EVERY_S = 1.0
_MOST_NOTED = 20


class Telling:
    """Tells `library.<id>/…` and `title.<id>/…` of one library."""

    def __init__(self, library_id: str, shelves: Shelves) -> None:
        """Begin with nothing told."""
        self._id = library_id
        self._shelves = shelves
        self._counted_s = float("-inf")

    def title(self, title: Title) -> None:
        """Tell what a title is called, and whether it can be played."""
        self._title(title.id, full_name(title), title.phase)

    def renamed(self, title: Title) -> None:
        """Tell what a title is called now, unless it went meanwhile."""
        if self._shelves.states.has("title", title.id):
            self._shelves.states.set("title", title.id, name=full_name(title))

    async def known(self) -> None:
        """Tell all titles that the catalog knows."""
        for id_, name, phase in await self._shelves.catalog.titles.names(self._id):
            self._title(id_, name, phase)

    async def examined(self, title: Title) -> None:
        """Note that a title is new, or why it cannot be played."""
        self.title(title)
        fields = {"name": full_name(title)} | ({"reason": title.reason} if title.reason else {})
        event = Event.TITLE_FAILED if title.reason else Event.TITLE_ADDED
        await self._shelves.catalog.journal.write(event, "title", title.id, **fields)

    async def back(self, titles: Sequence[Named]) -> None:
        """Tell of titles that can be played again."""
        for title in titles:
            self._title(title.id, title.name, TitlePhase.READY)
        await self._note(Event.TITLE_ADDED, titles)

    async def gone(self, titles: Iterable[Named]) -> None:
        """Tell of titles that can be played no more."""
        titles = tuple(titles)
        for title in titles:
            self._shelves.states.drop("title", title.id)
        await self._note(Event.TITLE_GONE, titles)

    async def counts(self, *, now_and_then: bool = False) -> None:
        """Tell how many titles there are; `now_and_then` at most once a second."""
        now_s = self._shelves.clock.monotonic_s()
        if now_and_then and now_s - self._counted_s < _COUNT_EVERY_S:
            return
        self._counted_s = now_s
        ready, failed = await self._shelves.catalog.titles.count(self._id)
        self._shelves.states.set("library", self._id, titles=ready, failed=failed)

    async def _note(self, event: Event, titles: Sequence[Named]) -> None:
        """Write titles into the journal; not thousands of them, which would push out all else."""
        for title in titles[:_MOST_NOTED]:
            await self._shelves.catalog.journal.write(event, "title", title.id, name=title.name)
        if len(titles) > _MOST_NOTED:
            _LOG.info("%s in library %s: %s titles", event.value, self._id, len(titles))

    def _title(self, id_: str, name: str, phase: TitlePhase) -> None:
        self._shelves.states.set("title", id_, name=name, phase=phase.value)
