"""Who watched what, and where each person stopped.

A **view** is one playback by one person; it counts once ten seconds or 5 % of it were played, whichever comes first. A
**place** is where one person goes on with one thing. Things are named by kind and id, as in states: `title` and its id.
Counts are asked of the views themselves; days and months are those of this machine's time zone (`TZ`).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.model.errors import ArgumentError, StoreError
from osmose_addon.model.media import Title
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.next_up import rows_to_go_on_with
from osmose_addon.stores.catalog.rows import lights
from osmose_addon.stores.catalog.tables import places, views

_LOG = logging.getLogger(__name__)
_COUNTS_AFTER_S = 10.0
_COUNTS_AFTER_SHARE = 0.05
_BEGINNING_S = 10.0
_END_SHARE = 0.95
_CREDITS_S = 60.0
_HAS_CREDITS_S = 600.0
_LONGEST_VIEW_S = 86_400.0
_FORGET_UNCOUNTED_S = 86_400.0
_TITLE = "title"


@dataclass(frozen=True, slots=True)
class Playback:
    """What a player tells of one playback: of what it is, where it is, and how much was really played until now.

    `view` is an id that the player makes up for this playback. `length_s` is 0 where it is not known.
    """

    view: str
    kind: str
    id: str
    at_s: float
    watched_s: float
    length_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a player's word: whether the view counts by now, and whether it could be written down."""

    is_counted: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person goes on, 0 for the start, and whether the end was reached once."""

    at_s: float
    is_watched: bool
    changed_unix_s: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How many views counted since midnight, since the month began, and ever."""

    today: int
    month: int
    ever: int


class Watching:
    """All views and places. While the disk takes nothing they are not written, which is told once and fails nobody."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep views and places in `database`, stamped by `clock`."""
        self._database = database
        self._clock = clock
        self._is_lost = False

    async def note(self, person: str, played: Playback) -> Noted:
        """Take a player's word; the same word twice, or an older one late, changes nothing.

        Raises: ArgumentError when the view is known as one of another thing.
        """
        problem = None
        is_counted = False
        try:
            async with self._database.transaction() as connection:
                is_counted = await self._note(connection, person, played)
        except StoreError as error:
            problem = error
        self._tell(problem)
        return Noted(is_counted, problem is None)

    async def counts(self, kind: str, id_: str) -> Counts:
        """Return how often a thing was watched."""
        day_s, month_s = begins_unix_s(self._clock.unix_s())
        began = views.c.began_unix_s
        question = sa.select(_number(began >= day_s), _number(began >= month_s), _number(sa.true()))
        async with self._database.reading() as connection:
            row = (await connection.execute(question.where(*_of(views, kind, id_), views.c.is_counted))).one()
        return Counts(*row)

    async def place(self, person: str, kind: str, id_: str) -> Place | None:
        """Return a person's place in a thing, or `None`."""
        question = sa.select(places).where(places.c.person == person, *_of(places, kind, id_))
        async with self._database.reading() as connection:
            row = (await connection.execute(question)).first()
        return None if row is None else _place(row)

    async def places(self, person: str, kind: str = _TITLE) -> dict[str, Place]:
        """Return all places of a person by the id of the thing."""
        question = sa.select(places).where(places.c.person == person, places.c.kind == kind)
        async with self._database.reading() as connection:
            rows = (await connection.execute(question)).all()
        return {row.thing_id: _place(row) for row in rows}

    async def unfinished(self, person: str, limit: int = 12) -> tuple[tuple[Title, Place], ...]:
        """Return the titles that a person can go on with, the last one first.

        These are titles that were begun, and the next episode (at 0 s) of shows whose last one was seen to its end.
        """
        async with self._database.reading() as connection:
            rows = await rows_to_go_on_with(connection, person, limit)
        return tuple(zip(await in_thread(lights, rows), map(_place, rows), strict=True))

    async def mark(self, person: str, kind: str, id_: str, *, is_watched: bool) -> None:
        """Note that a person has seen a thing to its end, or forget their place in it. Raises: StoreError."""
        async with self._database.transaction() as connection:
            if is_watched:
                await _put(
                    connection, person, kind, id_, Place(0.0, is_watched=True, changed_unix_s=self._clock.unix_s())
                )
            else:
                mine = (places.c.person == person, *_of(places, kind, id_))
                await connection.execute(sa.delete(places).where(*mine))

    async def _note(self, connection: AsyncConnection, person: str, played: Playback) -> bool:
        now_unix_s, watched_s = self._clock.unix_s(), min(played.watched_s, _LONGEST_VIEW_S)
        this = (views.c.person == person, views.c.id == played.view)
        known = (await connection.execute(sa.select(views).where(*this))).first()
        is_counted = counts_as_view(watched_s, played.length_s)
        if known is None:
            await _forget_uncounted(connection, person, now_unix_s - _FORGET_UNCOUNTED_S)
            values = {"kind": played.kind, "thing_id": played.id, "began_unix_s": now_unix_s - watched_s}
            values |= {"person": person, "id": played.view, "watched_s": watched_s, "is_counted": is_counted}
            await connection.execute(sa.insert(views).values(**values))
        elif (known.kind, known.thing_id) != (played.kind, played.id):
            raise ArgumentError(argument="view", reason="taken")
        elif watched_s < known.watched_s:
            return bool(known.is_counted)
        else:
            is_counted = is_counted or bool(known.is_counted)
            fresh = {"watched_s": watched_s, "is_counted": is_counted}
            await connection.execute(sa.update(views).where(*this).values(**fresh))
        await _move_place(connection, person, played, now_unix_s)
        return is_counted

    def _tell(self, problem: StoreError | None) -> None:
        if problem is not None and not self._is_lost:
            _LOG.warning("what is watched cannot be written down: %s", problem)
        if problem is None and self._is_lost:
            _LOG.info("what is watched is written down again")
        self._is_lost = problem is not None


def counts_as_view(watched_s: float, length_s: float) -> bool:
    """Whether so much of a thing was played that it counts as watched once: 10 s, or 5 % of something short."""
    enough_s = min(_COUNTS_AFTER_S, length_s * _COUNTS_AFTER_SHARE) if length_s > 0 else _COUNTS_AFTER_S
    return watched_s >= enough_s


def is_near_end(at_s: float, length_s: float) -> bool:
    """Whether somebody who stops here has seen it all: from 95 % on, or in the last minute of ten minutes or more."""
    if length_s <= 0:
        return False
    return at_s >= length_s * _END_SHARE or (length_s >= _HAS_CREDITS_S and length_s - at_s < _CREDITS_S)


def begins_unix_s(now_unix_s: float) -> tuple[float, float]:
    """Return when this day and this month began, by the clock on the wall of the household (this machine's `TZ`)."""
    today = datetime.fromtimestamp(now_unix_s).astimezone().replace(tzinfo=None)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp(), midnight.replace(day=1).timestamp()


async def forget(connection: AsyncConnection, kind: str, ids: Sequence[str]) -> None:
    """Forget all views of things that are forgotten themselves, and all places in them."""
    for table in (views, places):
        await connection.execute(sa.delete(table).where(table.c.kind == kind, table.c.thing_id.in_(ids)))


def _of(table: sa.Table, kind: str, id_: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.c.kind == kind, table.c.thing_id == id_)


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(condition)


def _place(row: sa.Row[Any]) -> Place:
    return Place(row.at_s, bool(row.is_watched), row.changed_unix_s)


async def _forget_uncounted(connection: AsyncConnection, person: str, before_unix_s: float) -> None:
    """Forget a person's views that never counted and no longer will."""
    old = (views.c.person == person, sa.not_(views.c.is_counted), views.c.began_unix_s < before_unix_s)
    await connection.execute(sa.delete(views).where(*old))


async def _move_place(connection: AsyncConnection, person: str, played: Playback, now_unix_s: float) -> None:
    """Take the place of a playback. Its first seconds leave the place of an earlier one alone."""
    if is_near_end(played.at_s, played.length_s):
        await _put(connection, person, played.kind, played.id, Place(0.0, is_watched=True, changed_unix_s=now_unix_s))
    elif played.at_s >= min(_BEGINNING_S, played.length_s * _COUNTS_AFTER_SHARE or _BEGINNING_S):
        await _put(
            connection, person, played.kind, played.id, Place(played.at_s, is_watched=False, changed_unix_s=now_unix_s)
        )


async def _put(connection: AsyncConnection, person: str, kind: str, id_: str, place: Place) -> None:
    """Keep a place; what was seen to its end once stays so."""
    values = {"person": person, "kind": kind, "thing_id": id_, "at_s": place.at_s}
    change = insert(places).values(**values, is_watched=place.is_watched, changed_unix_s=place.changed_unix_s)
    fresh: dict[str, Any] = {"at_s": change.excluded.at_s, "changed_unix_s": change.excluded.changed_unix_s}
    fresh["is_watched"] = sa.or_(places.c.is_watched, change.excluded.is_watched)
    await connection.execute(change.on_conflict_do_update(index_elements=["person", "kind", "thing_id"], set_=fresh))
