"""Telling titles anew where only what lies beside their files changed, or the rules their names are read by.

It goes on beside everything else, many titles at a time: nothing is probed, and cells stay.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from osmose_addon.formats.names import full_name
from osmose_addon.model.config import LibraryConfig
from osmose_addon.model.errors import StoreError
from osmose_addon.model.media import FIRST_SIDECAR, Title
from osmose_addon.model.reports import Identified
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.libraries.intake import Intake
from osmose_addon.services.libraries.naming import described, identify
from osmose_addon.services.libraries.posters import are_due
from osmose_addon.services.libraries.scan import Seen
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import forget_texts

_LOG = logging.getLogger(__name__)
_AT_ONCE = 300


class Describing:
    """The files of one library whose titles are to be described anew. Work goes on until none is left."""

    def __init__(self, library: LibraryConfig, shelves: Shelves, intake: Intake, tell: Callable[[Title], None]) -> None:
        """Begin with none; `tell` lets the rest of Osmose know of a title's new name."""
        self._library = library
        self._shelves = shelves
        self._intake = intake
        self._tell = tell
        self._left: dict[bytes, Seen] = {}
        self._task: asyncio.Task[None] | None = None

    def begin(self, group: asyncio.TaskGroup, changed: Iterable[Seen]) -> None:
        """Have the titles of these files described anew."""
        self._left.update((seen.path, seen) for seen in changed)
        if self._left and (self._task is None or self._task.done()):
            self._task = group.create_task(self._work())

    def forget(self) -> None:
        """Begin anew: the group that the work was in has ended."""
        self._left.clear()
        self._task = None

    async def _work(self) -> None:
        while self._left:
            files = {path: self._left.pop(path) for path in list(islice(self._left, _AT_ONCE))}
            try:
                await self._describe(files)
            except StoreError as error:  # a full disk; the next look finds the same again
                _LOG.warning("titles of %s are not described anew: %s", self._library.id, error)
                self._left.clear()

    async def _describe(self, files: Mapping[bytes, Seen]) -> None:
        """Describe the titles at some files. Raises: StoreError."""
        before = await self._shelves.catalog.titles.at(self._library.id, tuple(files))
        told = await identify([files[title.path] for title in before], self._library)
        after = await in_thread(self._described, before, files, told)
        stamps = {path: seen.beside.stamp for path, seen in files.items()}
        await self._shelves.catalog.titles.describe(self._library.id, after, stamps)
        for old, new in zip(before, after, strict=True):
            if old.sidecars or new.sidecars:
                await in_thread(forget_texts, self._shelves.paths, new.id, FIRST_SIDECAR)
            if full_name(old) != full_name(new):
                self._tell(new)
        for title in await in_thread(self._without_posters, after, files):
            await self._intake.picture(title, files[title.path].beside)

    def _without_posters(self, titles: Sequence[Title], files: Mapping[bytes, Seen]) -> list[Title]:
        paths = self._shelves.paths
        return [title for title in titles if are_due(paths, title.id, files[title.path].beside.artwork_stamp)]

    def _described(
        self, before: Sequence[Title], files: Mapping[bytes, Seen], told: Mapping[bytes, Identified]
    ) -> list[Title]:
        return [described(title, files[title.path], self._library, told.get(title.path)) for title in before]
