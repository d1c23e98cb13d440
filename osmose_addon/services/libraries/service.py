"""The service of one library: it looks through the folder, takes in what is new, and watches for changes.

A folder that is away deletes nothing: its titles wait, away, until it is back.
"""

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace

from osmose_addon.model.errors import StoreError
from osmose_addon.model.journal import Event
from osmose_addon.model.media import FIRST_SIDECAR, Title, TitlePhase
from osmose_addon.model.reports import Identified
from osmose_addon.runtime.clock import iso
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.libraries.describing import Describing
from osmose_addon.services.libraries.identity import nameless_id, title_id
from osmose_addon.services.libraries.intake import PROBED, Intake, Wish
from osmose_addon.services.libraries.mending import mend
from osmose_addon.services.libraries.mounts import lies_remote
from osmose_addon.services.libraries.naming import described, identify
from osmose_addon.services.libraries.scan import (
    Changes,
    Found,
    Moment,
    Restless,
    Seen,
    compare,
    look_at,
    pause_s,
    walk,
)
from osmose_addon.services.libraries.telling import Telling
from osmose_addon.services.libraries.watch import Watch
from osmose_addon.stores.catalog.files import KnownFile
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import forget_texts

_LOG = logging.getLogger(__name__)
_RESCAN_S = 600.0
_RESCAN_REMOTE_S = 60.0
"""Network shares tell nobody what changes on them, so these are looked through often; all others now and then."""
_LOOK_SHARE = 0.05
"""Looking takes no more of the time than this, however slow the share is."""
_AWAY_RETRY_S = 15.0
_SETTLING_S = 2.0
"""What changed before watching began is found by one more look after it did."""
_HANDS = 2
_NAMED_AT_ONCE = 100
_NEVER_READ_NS = -1
"""Stands for the time of change of a file that could not be read, so that each look takes it for a changed one."""


class LibraryService:
    """Keeps the catalog true to one folder; tells `library.<id>/…` and `title.<id>/…`."""

    def __init__(
        self,
        wish: Wish,
        shelves: Shelves,
        intake: Intake,
        running: "MutableMapping[str, LibraryService]",
    ) -> None:
        """Take the library and the renditions its titles are wished in; stand in `running` while it runs."""
        self._running = running
        self._wish = wish
        self._id = wish.library.id
        self._root = os.fsencode(wish.library.path)
        self._shelves = shelves
        self._titles = shelves.catalog.titles
        self._intake = intake
        self._files = shelves.catalog.files
        self._again = asyncio.Event()
        self._watch = Watch(self._id, wish.library.path, self._again)
        self._telling = Telling(self._id, shelves)
        self._describing = Describing(wish.library, shelves, intake, self._telling.renamed)
        self._told: Mapping[bytes, Identified] = {}
        self._mending: asyncio.Task[None] | None = None
        self._restless: Mapping[bytes, Restless] = {}
        self._is_away: bool | None = None

    def rescan(self) -> None:
        """Look through the folder again, now."""
        self._again.set()

    async def main(self) -> None:
        """Run for ever."""
        self._running[self._id] = self
        self._shelves.states.set("library", self._id, phase="scanning")
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._again.clear()
                    pause_s = await self._look(group)
                    await self._shelves.clock.wait(self._again, pause_s)
        finally:
            self._watch.end()
            self._describing.forget()
            self._mending = None
            if self._running.get(self._id) is self:
                del self._running[self._id]

    async def retry(self, title: Title) -> None:
        """Examine a title again that failed."""
        row = await self._files.get(self._id, title.path)
        if row is not None and row.changed_ns == _NEVER_READ_NS:
            for seen in await in_thread(look_at, title.path):
                await self._take(seen, row)
        elif row is not None:
            await self._examine(Seen(title.path, row.size_bytes, row.changed_ns), title)
        await self._telling.counts()

    async def _look(self, group: asyncio.TaskGroup) -> float:
        """Look through the folder once; return how long to wait before the next look, in seconds."""
        begun_s = self._shelves.clock.monotonic_s()
        known = await self._files.known(self._id)
        found = await self._found(known)
        if found is None:
            await self._go_away()
            return _AWAY_RETRY_S
        await self._come_back()
        is_new_watch = self._watch.begin(group)
        now = Moment(self._shelves.clock.unix_s(), self._shelves.clock.monotonic_s())
        changes = compare(found, known, self._restless, now)
        self._restless = changes.restless
        if changes.fresh:
            self._shelves.states.set("library", self._id, phase="scanning")
        await self._take_all(changes.fresh, known)
        await self._follow_up(changes)
        if self._mending is None or (changes.fresh and self._mending.done()):
            self._mending = group.create_task(self._mend(found.files))
        self._describing.begin(group, changes.beside)
        await self._telling.counts()
        self._shelves.states.set("library", self._id, phase="ready", last_scan=iso(self._shelves.clock.unix_s()))
        return _SETTLING_S if is_new_watch else pause_s(changes.restless, now, await self._longest_pause_s(begun_s))

    async def _mend(self, files: Mapping[bytes, Seen]) -> None:
        """Bring titles up to what this version can do: what failed in an earlier one is tried again first."""
        for id_ in await self._titles.failed_before(self._id, PROBED):
            title = await self._titles.get(id_)
            if title is not None and title.phase is TitlePhase.FAILED:
                await self.retry(title)
        await mend(self._shelves, self._intake, self._wish, files)

    async def _longest_pause_s(self, begun_s: float) -> float:
        """Return how long to wait until the next look at most, if this one began then."""
        took_s = self._shelves.clock.monotonic_s() - begun_s
        is_remote = await in_thread(lies_remote, self._wish.library.path)
        return max(_RESCAN_REMOTE_S if is_remote else _RESCAN_S, took_s / _LOOK_SHARE)

    async def _found(self, known: Mapping[bytes, KnownFile]) -> Found | None:
        """Return what lies in the folder, or `None` when it is away.

        An empty folder where titles were is taken for one whose disk is not mounted.
        """
        try:
            found = await in_thread(walk, self._root, self._wish.library.kind)
        except OSError:
            return None
        return None if found.is_empty and known else found

    async def _go_away(self) -> None:
        self._watch.end()
        if not self._is_away:
            self._is_away = True
            _LOG.warning("library %s is away: its folder is missing or empty", self._id)
            await self._titles.turn(self._id, TitlePhase.AWAY, back=TitlePhase.READY)
            await self._telling.known()
            await self._telling.counts()
            name = self._wish.library.name
            await self._shelves.catalog.journal.write(Event.LIBRARY_AWAY, "library", self._id, name=name)
        self._shelves.states.set("library", self._id, phase="away")

    async def _come_back(self) -> None:
        was_away, self._is_away = self._is_away, False
        if was_away is False:
            return
        await self._titles.turn(self._id, TitlePhase.READY, back=TitlePhase.AWAY)
        await self._telling.known()
        if was_away is None:
            return
        _LOG.info("library %s is back", self._id)
        await self._shelves.catalog.journal.write(Event.LIBRARY_BACK, "library", self._id, name=self._wish.library.name)

    async def _take_all(self, fresh: Sequence[Seen], known: Mapping[bytes, KnownFile]) -> None:
        """Take in files, two at a time. Raises: StoreError, once however many hands met it."""
        for at in range(0, len(fresh), _NAMED_AT_ONCE):
            some = fresh[at : at + _NAMED_AT_ONCE]
            self._told = await identify(some, self._wish.library)
            queue, problems = iter(some), list[StoreError]()
            async with asyncio.TaskGroup() as group:
                for _hand in range(_HANDS):
                    group.create_task(self._take_some(queue, known, problems))
            if problems:
                raise problems[0]

    async def _take_some(
        self, queue: Iterator[Seen], known: Mapping[bytes, KnownFile], problems: list[StoreError]
    ) -> None:
        for seen in queue:
            try:
                await self._take(seen, known.get(seen.path))
            except StoreError as error:
                problems.append(error)
                return
            await self._telling.counts(now_and_then=True)

    async def _take(self, seen: Seen, before: KnownFile | None) -> None:
        """Take in one file: a title known by its content only gets its new place, a new one is examined."""
        try:
            id_ = await in_thread(title_id, seen.path)
        except PermissionError:
            await self._take_unreadable(seen, before)
            return
        except OSError:
            return  # it went, or its disk stumbled; the next look tells
        file = KnownFile(seen.size_bytes, seen.changed_ns, id_, beside=seen.beside.stamp)
        if before is not None and before.title_id != id_:
            await self._telling.gone(await self._files.forget(self._id, (seen.path,)))
        title = await self._titles.get(id_)
        if title is None:
            await self._examine(seen, Title(id_, self._id, "", seen.path, TitlePhase.FAILED))
        elif title.path == seen.path or not await in_thread(os.path.exists, title.path):
            had_texts = bool(title.sidecars)
            title = replace(self._described(title, seen), library_id=self._id)
            if title.phase is TitlePhase.AWAY:
                title = replace(title, phase=TitlePhase.READY, reason="")
            await self._titles.found_at(title, file)
            self._telling.title(title)
            if had_texts or title.sidecars:
                await in_thread(forget_texts, self._shelves.paths, title.id, FIRST_SIDECAR)
            await self._intake.picture(title, seen.beside)
        else:
            await self._files.note(self._id, seen.path, file)

    async def _take_unreadable(self, seen: Seen, before: KnownFile | None) -> None:
        """Tell of a file that may not be read. It is tried again at each look: its rights may change, its time not."""
        id_ = nameless_id(seen.path)
        if before is not None and before.title_id == id_ and await self._titles.get(id_) is not None:
            return
        if before is not None and before.title_id != id_:
            await self._telling.gone(await self._files.forget(self._id, (seen.path,)))
        title = Title(id_, self._id, "", seen.path, TitlePhase.FAILED, reason="unreadable")
        title = replace(self._described(title, seen), added_unix_s=self._shelves.clock.unix_s())
        await self._titles.save(
            title, (), KnownFile(seen.size_bytes, _NEVER_READ_NS, id_, beside=seen.beside.stamp), self._wish.stamp
        )
        await self._telling.examined(title)

    async def _examine(self, seen: Seen, title: Title) -> None:
        title = replace(title, added_unix_s=title.added_unix_s or self._shelves.clock.unix_s())
        title, inits = await self._intake.examine(seen.path, title, self._wish)
        title = self._described(title, seen)
        if not await in_thread(os.path.exists, seen.path):
            return
        file = KnownFile(seen.size_bytes, seen.changed_ns, title.id, beside=seen.beside.stamp)
        await self._titles.save(title, inits, file, self._wish.stamp)
        await self._telling.examined(title)
        self._shelves.ledger.news.set()
        await self._intake.picture(title, seen.beside)

    def _described(self, title: Title, seen: Seen) -> Title:
        return described(title, seen, self._wish.library, self._told.get(seen.path))

    async def _follow_up(self, changes: Changes) -> None:
        """Take note of files that are missing, there again, or missing for so long that they are forgotten.

        The titles leave the lists at once; what was made of them is swept only when they are forgotten.
        """
        back = await self._files.come_back(self._id, changes.back)
        await self._telling.back(back)
        if back:
            self._shelves.ledger.news.set()
        await self._telling.gone(await self._files.miss(self._id, changes.gone, self._shelves.clock.unix_s()))
        await self._files.forget(self._id, changes.old)
