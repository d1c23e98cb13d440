"""What a person goes on with: titles that were begun, and of each show the episode after the last one seen."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.model.media import TitlePhase
from osmose_addon.stores.catalog.rows import IS_LISTED, LIGHT
from osmose_addon.stores.catalog.tables import places, titles

_IS_PLAYABLE = sa.and_(titles.c.phase == TitlePhase.READY.value, IS_LISTED)
_HAS_PLACE = sa.and_(places.c.kind == "title", places.c.thing_id == titles.c.id)
_SHOW = (titles.c.library_id, titles.c.show, titles.c.year)
"""What tells one show from another: two of one name differ by their years."""
_PLACE = (places.c.at_s, places.c.is_watched, places.c.changed_unix_s)


async def rows_to_go_on_with(connection: AsyncConnection, person: str, limit: int) -> list[sa.Row[Any]]:
    """Return light rows of titles with the person's place (0 s for the next episode), the newest first."""
    begun = _begun(person).order_by(places.c.changed_unix_s.desc(), titles.c.id).limit(limit)
    rows = list((await connection.execute(begun)).all())
    for last in (await connection.execute(_last_of_shows(person).limit(limit))).all():
        if last.at_s == 0 and last.is_watched:
            rows += (await connection.execute(_next(person, last))).all()
    return sorted(rows, key=lambda row: row.changed_unix_s, reverse=True)[:limit]


def _begun(person: str) -> sa.Select[Any]:
    question = sa.select(*LIGHT, *_PLACE).join(places, _HAS_PLACE)
    return question.where(places.c.person == person, places.c.at_s > 0, _IS_PLAYABLE)


def _last_of_shows(person: str) -> sa.Select[Any]:
    """Ask for the episode of each show that was played last: SQLite takes all columns from the row with the maximum."""
    changed = sa.func.max(places.c.changed_unix_s).label("changed_unix_s")
    question = sa.select(*_SHOW, titles.c.sort_key, *_PLACE[:2], changed)
    question = question.join(places, _HAS_PLACE).where(places.c.person == person, titles.c.show != "")
    return question.group_by(*_SHOW).order_by(changed.desc())


def _next(person: str, last: sa.Row[Any]) -> sa.Select[Any]:
    """Ask for the episode after the last one, unless it was seen, or has a place of its own."""
    known = sa.exists().where(places.c.person == person, _HAS_PLACE).correlate(titles)
    place = (sa.literal(0.0).label("at_s"), sa.false().label("is_watched"), sa.literal(last.changed_unix_s))
    same_show = (column == last._mapping[column] for column in _SHOW)  # noqa: SLF001 - public despite its name
    follows = titles.c.sort_key > last.sort_key
    first = (
        sa.select(titles.c.id)
        .where(*same_show, follows, _IS_PLAYABLE)
        .order_by(titles.c.sort_key, titles.c.id)
        .limit(1)
    )
    question = sa.select(*LIGHT, *place[:2], place[2].label("changed_unix_s"))
    return question.where(titles.c.id == first.scalar_subquery(), sa.not_(known))
