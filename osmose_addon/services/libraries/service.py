"""The service of one library: it looks through the folder, takes in what is new, and watches for changes.

A folder that is away deletes nothing: its titles wait, away, until it is back.
"""

import asyncio
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

from osmose_addon.model.errors import StoreError
from osmose_addon.model.journal import Event
from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.runtime.clock import iso
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.libraries.identity import nameless_id, title_id
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.services.libraries.mending import mend
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
from osmose_addon.stores.catalog.files import KnownFile, Named
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)
_RESCAN_S = 600.0
"""Network shares tell nobody what changes on them, so every folder is looked through now and then."""
_AWAY_RETRY_S = 15.0
_SETTLING_S = 2.0
"""What changed before watching began is found by one more look after it did."""
_HANDS = 2
_GATHER_MS = 1600
_COUNT_EVERY_S = 1.0
_MOST_NOTED = 20
_WATCH_STEP_MS = 300
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
        self._watch: asyncio.Task[None] | None = None
        self._mending: asyncio.Task[None] | None = None
        self._restless: Mapping[bytes, Restless] = {}
        self._counted_s = float("-inf")
        self._is_away: bool | None = None
        self._is_blind = False

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
            self._watch = self._mending = None
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
        await self._tell_counts()

    async def _look(self, group: asyncio.TaskGroup) -> float:
        """Look through the folder once; return how long to wait before the next look, in seconds."""
        known = await self._files.known(self._id)
        found = await self._found(known)
        if found is None:
            await self._go_away()
            return _AWAY_RETRY_S
        await self._come_back()
        is_new_watch = self._watch is None or self._watch.done()
        if is_new_watch:
            self._watch = group.create_task(self._follow_changes())
        now = Moment(self._shelves.clock.unix_s(), self._shelves.clock.monotonic_s())
        changes = compare(found, known, self._restless, now)
        self._restless = changes.restless
        if changes.fresh:
            self._shelves.states.set("library", self._id, phase="scanning")
        await self._take_all(changes.fresh, known)
        await self._follow_up(changes)
        if self._mending is None or (changes.fresh and self._mending.done()):
            self._mending = group.create_task(mend(self._shelves, self._intake, self._wish))
        await self._tell_counts()
        self._shelves.states.set("library", self._id, phase="ready", last_scan=iso(self._shelves.clock.unix_s()))
        return _SETTLING_S if is_new_watch else pause_s(changes.restless, now, _RESCAN_S)

    async def _found(self, known: Mapping[bytes, KnownFile]) -> Found | None:
        """Return what lies in the folder, or `None` when it is away.

        An empty folder where titles were is taken for one whose disk is not mounted.
        """
        try:
            found = await in_thread(walk, self._root)
        except OSError:
            return None
        return None if found.is_empty and known else found

    async def _go_away(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if not self._is_away:
            self._is_away = True
            _LOG.warning("library %s is away: its folder is missing or empty", self._id)
            await self._titles.turn(self._id, TitlePhase.AWAY, back=TitlePhase.READY)
            await self._tell_known()
            await self._tell_counts()
            name = self._wish.library.name
            await self._shelves.catalog.journal.write(Event.LIBRARY_AWAY, "library", self._id, name=name)
        self._shelves.states.set("library", self._id, phase="away")

    async def _come_back(self) -> None:
        was_away, self._is_away = self._is_away, False
        if was_away is False:
            return
        await self._titles.turn(self._id, TitlePhase.READY, back=TitlePhase.AWAY)
        await self._tell_known()
        if was_away is None:
            return
        _LOG.info("library %s is back", self._id)
        await self._shelves.catalog.journal.write(Event.LIBRARY_BACK, "library", self._id, name=self._wish.library.name)

    async def _follow_changes(self) -> None:
        """Look again whenever something changes; without watching, the regular look has to do."""
        changes = watchfiles.awatch(
            self._wish.library.path,
            debounce=_GATHER_MS,
            step=_WATCH_STEP_MS,
            recursive=True,
            ignore_permission_denied=True,
        )
        try:
            async for _change in changes:
                self._again.set()
        except* WatchfilesRustInternalError:
            self._again.set()  # it stumbles over names that are no UTF-8: that was a change, and the look watches anew
        except* OSError as errors:
            if not self._is_blind:
                _LOG.warning("library %s is looked through every 10 minutes only: %s", self._id, errors.exceptions[0])
            self._is_blind = True

    async def _take_all(self, fresh: Iterable[Seen], known: Mapping[bytes, KnownFile]) -> None:
        """Take in files, two at a time. Raises: StoreError, once however many hands met it."""
        queue, problems = iter(fresh), list[StoreError]()
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
            if self._shelves.clock.monotonic_s() - self._counted_s >= _COUNT_EVERY_S:
                await self._tell_counts()

    async def _take(self, seen: Seen, before: KnownFile | None) -> None:
        """Take in one file: a title known by its content only gets its new place, a new one is examined."""
        try:
            id_ = await in_thread(title_id, seen.path)
        except PermissionError:
            await self._take_unreadable(seen, before)
            return
        except OSError:
            return  # it went, or its disk stumbled; the next look tells
        file = KnownFile(seen.size_bytes, seen.changed_ns, id_)
        if before is not None and before.title_id != id_:
            await self._tell_gone(await self._files.forget(self._id, (seen.path,)))
        title = await self._titles.get(id_)
        if title is None:
            await self._examine(seen, Title(id_, self._id, "", seen.path, TitlePhase.FAILED))
        elif title.path == seen.path or not await in_thread(os.path.exists, title.path):
            title = replace(self._intake.named(title, seen.path, self._wish), library_id=self._id)
            if title.phase is TitlePhase.AWAY:
                title = replace(title, phase=TitlePhase.READY, reason="")
            await self._titles.found_at(title, file)
            self._tell(title.id, title.name, title.phase)
        else:
            await self._files.note(self._id, seen.path, file)

    async def _take_unreadable(self, seen: Seen, before: KnownFile | None) -> None:
        """Tell of a file that may not be read. It is tried again at each look: its rights may change, its time not."""
        id_ = nameless_id(seen.path)
        if before is not None and before.title_id == id_ and await self._titles.get(id_) is not None:
            return
        if before is not None and before.title_id != id_:
            await self._tell_gone(await self._files.forget(self._id, (seen.path,)))
        title = Title(id_, self._id, "", seen.path, TitlePhase.FAILED, reason="unreadable")
        title = replace(self._intake.named(title, seen.path, self._wish), added_unix_s=self._shelves.clock.unix_s())
        await self._titles.save(title, (), KnownFile(seen.size_bytes, _NEVER_READ_NS, id_), self._wish.stamp)
        self._tell(title.id, title.name, title.phase)
        fields = {"name": title.name, "reason": title.reason}
        await self._shelves.catalog.journal.write(Event.TITLE_FAILED, "title", title.id, **fields)

    async def _examine(self, seen: Seen, title: Title) -> None:
        title = replace(title, added_unix_s=title.added_unix_s or self._shelves.clock.unix_s())
        title, inits = await self._intake.examine(
            seen.path, self._intake.named(title, seen.path, self._wish), self._wish
        )
        if not await in_thread(os.path.exists, seen.path):
            return
        file = KnownFile(seen.size_bytes, seen.changed_ns, title.id)
        await self._titles.save(title, inits, file, self._wish.stamp)
        self._tell(title.id, title.name, title.phase)
        fields = {"name": title.name} | ({"reason": title.reason} if title.reason else {})
        event = Event.TITLE_FAILED if title.reason else Event.TITLE_ADDED
        await self._shelves.catalog.journal.write(event, "title", title.id, **fields)
        self._shelves.ledger.news.set()
        await self._intake.picture(title)

    async def _follow_up(self, changes: Changes) -> None:
        """Take note of files that are missing, there again, or missing for so long that they are forgotten.

        The titles leave the lists at once; what was made of them is swept only when they are forgotten.
        """
        back = await self._files.come_back(self._id, changes.back)
        for title in back:
            self._tell(title.id, title.name, TitlePhase.READY)
        await self._note(Event.TITLE_ADDED, back)
        if back:
            self._shelves.ledger.news.set()
        await self._tell_gone(await self._files.miss(self._id, changes.gone, self._shelves.clock.unix_s()))
        await self._files.forget(self._id, changes.old)

    async def _tell_gone(self, gone: Iterable[Named]) -> None:
        gone = tuple(gone)
        for title in gone:
            self._shelves.states.drop("title", title.id)
        await self._note(Event.TITLE_GONE, gone)

    async def _note(self, event: Event, titles: Sequence[Named]) -> None:
        """Write titles into the journal; not thousands of them, which would push out all else."""
        for title in titles[:_MOST_NOTED]:
            await self._shelves.catalog.journal.write(event, "title", title.id, name=title.name)
        if len(titles) > _MOST_NOTED:
            _LOG.info("%s in library %s: %s titles", event.value, self._id, len(titles))

    async def _tell_known(self) -> None:
        for id_, name, phase in await self._titles.names(self._id):
            self._tell(id_, name, phase)

    def _tell(self, id_: str, name: str, phase: TitlePhase) -> None:
        self._shelves.states.set("title", id_, name=name, phase=phase.value)

    async def _tell_counts(self) -> None:
        self._counted_s = self._shelves.clock.monotonic_s()
        ready, failed = await self._titles.count(self._id)
        self._shelves.states.set("library", self._id, titles=ready, failed=failed)
