"""Finding titles by what people remember of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.formats.words import Asked, around, asked_of, key_of
from osmose_addon.model.media import Title, TitleKind
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.db import Database
from osmose_addon.stores.catalog.index import file_name
from osmose_addon.stores.catalog.ranking import Candidate, candidate, said
from osmose_addon.stores.catalog.rows import GONE, LIGHT, lights
from osmose_addon.stores.catalog.tables import titles
from osmose_addon.stores.catalog.typos import mended

_MOST = 200
_MOST_SHOWS = 40
_LAST_LETTER = "\U0010ffff"
_WEIGHTS = "10, 8, 8, 4, 3, 1, 6, 0.5"
_FROM = "searched AS s JOIN titles AS t ON t.id = s.title_id"
_LISTED = "t.reason != :gone AND (:kind = '' OR s.kind = :kind) AND (:library = '' OR t.library_id = :library)"
_FIRST = "min((CASE WHEN t.season < 1 THEN 9999 ELSE t.season END) * 100000 + t.episode)"
_BY_KEY = f"""SELECT s.*, t.phase, 0 AS episodes FROM {_FROM} WHERE s.key >= :begin AND s.key < :end AND {_LISTED}
 ORDER BY s.key LIMIT :most"""  # noqa: S608 - pieces of our own; what is asked for comes as values
_BY_WORDS = f"""SELECT s.*, t.phase, 0 AS episodes FROM search JOIN {_FROM} WHERE s.number = search.rowid
 AND search MATCH :match AND {_LISTED} ORDER BY bm25(search, {_WEIGHTS}) LIMIT :most"""  # noqa: S608 - as above
_BY_SHOW = f"""SELECT s.*, t.phase, {_FIRST}, count(*) AS episodes FROM search JOIN {_FROM}
 WHERE s.number = search.rowid AND search MATCH :match AND s.show != '' AND {_LISTED} GROUP BY s.show LIMIT :shows"""  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class Hit:
    """A title that was found, in which field, and the piece of that field to show.

    Where the show is what was found, `episodes` is how many of its titles this one, the first, stands for; else 0.
    """

    title: Title
    field: str
    text: str
    episodes: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The best answers first. `words` are what they were found by; `mended` says so where it is not what was typed."""

    hits: tuple[Hit, ...] = ()
    words: tuple[str, ...] = ()
    mended: str = ""


class Search:
    """Finds titles by words in any order, each of which may be begun only; what is mistyped is mended."""

    def __init__(self, database: Database) -> None:
        """Search in `database`."""
        self._database = database

    async def find(self, text: str, kind: TitleKind | None = None, library_id: str = "", limit: int = 20) -> Found:
        """Return what is found by `text`, any text; titles whose files went are passed over. Raises: StoreError."""
        asked = asked_of(text)
        if not asked:
            return Found()
        values = {"kind": kind.value if kind else "", "library": library_id}
        async with self._database.reading() as connection:
            rows, best = await _best(connection, asked, key_of(text), values, limit)
            if not best and (meant := await mended(connection, asked)):
                asked = meant
                told = " ".join(one.ways[0][0] for one in asked)
                rows, best = await _best(connection, asked, key_of(told), values, limit)
            found = await _titles(connection, [one.title_id for one in best])
        hits = tuple(_hit(found[one.title_id], one, asked) for one in best if one.title_id in found)
        is_mended = bool(best) and any(one.meant for one in asked)
        words = {word for one in asked for way in one.ways for word in way}
        return Found(hits, tuple(sorted(words)), said(rows[best[0].title_id], asked) if is_mended else "")


_Rows = dict[str, sa.Row[Any]]


async def _best(
    connection: AsyncConnection, asked: tuple[Asked, ...], key: str, values: dict[str, str], limit: int
) -> tuple[_Rows, list[Candidate]]:
    """Return rows by id and the best candidates; names come first, all else is asked for only if need be."""
    words = _expression(asked)
    by_show = f"{{show year}} : ({words})"
    found = await _rows(connection, _BY_KEY, values, begin=key, end=key + _LAST_LETTER)
    found += await _rows(connection, _BY_WORDS, values, match=f"{{name original_name year}} : ({words})")
    found += await _rows(connection, _BY_SHOW, values, match=by_show)
    rows, best = await in_thread(_ranked, found, asked, key)
    if len(best) < limit:
        found += await _rows(connection, _BY_WORDS, values, match=f"({words}) NOT ({by_show})")
        rows, best = await in_thread(_ranked, found, asked, key)
    return rows, best[:limit]


async def _rows(connection: AsyncConnection, sql: str, values: dict[str, str], **more: str) -> list[sa.Row[Any]]:
    limits = {"most": _MOST, "shows": _MOST_SHOWS, "gone": GONE}
    return list((await connection.execute(sa.text(sql), values | more | limits)).all())


def _ranked(rows: Iterable[sa.Row[Any]], asked: tuple[Asked, ...], key: str) -> tuple[_Rows, list[Candidate]]:
    by_id: _Rows = {}
    best: dict[str, Candidate] = {}
    for row in rows:
        found = candidate(row, asked, key, row.episodes)
        if found is not None and (row.title_id not in best or found < best[row.title_id]):
            best[row.title_id], by_id[row.title_id] = found, row
    return by_id, sorted(best.values())


def _expression(asked: tuple[Asked, ...]) -> str:
    """Return what FTS5 is asked for: words hold letters and digits only, so that quotes hold them safely."""
    return " AND ".join(f"({' OR '.join(map(_way, one.ways))})" for one in asked)


def _way(words: tuple[str, ...]) -> str:
    begins = " AND ".join(f'"{word}" *' for word in words)
    return f"({begins})"


async def _titles(connection: AsyncConnection, ids: list[str]) -> dict[str, Title]:
    rows = list((await connection.execute(sa.select(*LIGHT).where(titles.c.id.in_(ids)))).all())
    return {title.id: title for title in await in_thread(lights, rows)}


def _hit(title: Title, found: Candidate, asked: tuple[Asked, ...]) -> Hit:
    return Hit(title, found.field, _PIECES[found.field](title, asked), found.episodes)


def _first(names: Iterable[str], asked: tuple[Asked, ...]) -> str:
    """Return the first of some names that one of the words stands in."""
    told = list(names)
    return next((name for name in told if any(one.way_in(key_of(name).split()) for one in asked)), " ".join(told[:1]))


_PIECES: dict[str, Callable[[Title, tuple[Asked, ...]], str]] = {
    "name": lambda title, _: title.name,
    "show": lambda title, _: title.description.show,
    "original_name": lambda title, _: title.description.original_name,
    "year": lambda title, _: str(title.year or title.description.taken_on),
    "people": lambda title, asked: _first((person.name for person in title.description.people), asked),
    "genres": lambda title, asked: _first(title.description.genres, asked),
    "file": lambda title, _: file_name(title.path),
    "plot": lambda title, asked: around(title.description.plot, asked),
}
