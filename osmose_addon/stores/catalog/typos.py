"""Mending words that nothing is found by: what was probably meant, by the words that the catalog knows."""

from collections.abc import Collection
from dataclasses import replace
from importlib import import_module

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from osmose_addon.formats.words import Asked
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.tables import searched

_SHORTEST = 4
_LONG = 7
_MOST_MEANT = 6
_MOST_LOOKED_AT = 24
_LAST_LETTER = "\U0010ffff"


async def mended(connection: AsyncConnection, asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """Return what was probably meant; nothing when no words come near.

    A word that the catalog knows stays as it is; where it knows them all, but found nothing, each may be mistyped.
    """
    known = [await _is_known(connection, one) for one in asked]
    is_each = all(known)
    meant = []
    for one, is_known in zip(asked, known, strict=True):
        near = await _near(connection, one.whole) if is_each or not is_known else ()
        if not (near or is_known):
            return ()
        own = (one.whole,) if is_known and near else ()
        meant.append(replace(one, meant=(*own, *near)))
    return tuple(meant)


async def _is_known(connection: AsyncConnection, one: Asked) -> bool:
    for words in one.ways:
        if all([await _terms(connection, word, limit=1) for word in words]):
            return True
    return False


async def _near(connection: AsyncConnection, word: str) -> tuple[str, ...]:
    """Return the words next to this one: of those with its first letter, which most people get right, else of names."""
    if len(word) < _SHORTEST:
        return ()
    near = await in_thread(nearest, word, await _terms(connection, word[:1]))
    if near:
        return near
    keys = (await connection.execute(sa.select(searched.c.key))).scalars()
    return await in_thread(nearest, word, dict.fromkeys(" ".join(keys).split()))


def nearest(word: str, terms: Collection[str]) -> tuple[str, ...]:
    """Return words, or begins of words, that this one is but for a slip or two: a letter wrong, left out, swapped."""
    process, distance = (import_module(f"rapidfuzz.{name}") for name in ("process", "distance"))  # costs 5 MiB
    slips = 2 if len(word) >= _LONG else 1
    begins = dict.fromkeys(term[: len(word)] for term in terms)
    begins |= dict.fromkeys(term for term in terms if abs(len(term) - len(word)) <= slips)
    found = process.extract(word, list(begins), scorer=distance.OSA.distance, score_cutoff=slips, limit=_MOST_LOOKED_AT)
    closest = min((far for _, far, _ in found), default=0)
    return tuple(term for term, far, _ in found if far == closest)[:_MOST_MEANT]


async def _terms(connection: AsyncConnection, begin: str, limit: int = -1) -> list[str]:
    """Return the words of the catalog that begin so, at most `limit` where that is not negative."""
    question = sa.text("SELECT term FROM search_words WHERE term >= :begin AND term < :end LIMIT :limit")
    values = {"begin": begin, "end": begin + _LAST_LETTER, "limit": limit}
    return list((await connection.execute(question, values)).scalars())
