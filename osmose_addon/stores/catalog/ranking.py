"""Which of two titles that were found is the better answer."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from osmose_addon.formats.words import Asked
from osmose_addon.model.media import TitlePhase

_EXACT, _PREFIX, _NAMED = 0, 1, 2
_NAMES = ("name", "show", "original_name")
"""In the order of the keys in a row's `key`."""
_OTHERS = ("year", "people", "genres", "file", "plot")
_RANKS = dict.fromkeys(_NAMES, _NAMED) | {field: rank for rank, field in enumerate((*_OTHERS, ""), _NAMED + 1)}


class Candidate(NamedTuple):
    """A title that was found; it sorts before those that are a worse answer.

    `field` names where the word stands that lies furthest from the name. Where the show is what was found, `episodes`
    is how many of its titles this one stands for, else 0.
    """

    rank: int
    is_not_ready: bool
    cut_words: int
    length: int
    key: str
    title_id: str
    field: str
    episodes: int


def candidate(row: sa.Row[Any], asked: tuple[Asked, ...], text: str, episodes: int = 0) -> Candidate | None:
    """Return how good an answer a row of `searched` (with its `phase`) is, or `None` if it is none.

    `text` is all that was asked for, as a key. With `episodes` the answer is the show, whatever the row's own name is.
    """
    names = ("show",) if episodes else _NAMES
    places = [_place(row, one, (*names, *_OTHERS)) for one in asked]
    field = max((place.field for place in places), key=lambda name: _RANKS[name])
    if not field:
        return None
    rank, key = _RANKS[field], row.key.split("\n")[0]
    if rank == _NAMED:
        field = next((name for name in names if all(_place(row, one, (name,)).field for one in asked)), field)
        key = row.key.split("\n")[_NAMES.index(field)]
        rank = _EXACT if key == text else _PREFIX if key.startswith(text) else _NAMED
    is_not_ready = row.phase != TitlePhase.READY.value
    cut_words = sum(place.is_cut for place in places)
    return Candidate(rank, is_not_ready, cut_words, len(key), key, row.title_id, field, episodes)


class _Place(NamedTuple):
    """The first field that a word stands in (empty for none), and whether what stands there goes on."""

    field: str
    is_cut: bool


def _place(row: sa.Row[Any], one: Asked, fields: tuple[str, ...]) -> _Place:
    for field in fields:
        text = f" {getattr(row, field)} "
        for way in one.ways:
            if all(f" {begin}" in text for begin in way):
                return _Place(field, any(f" {begin} " not in text for begin in way))
    return _Place("", is_cut=False)


def said(row: sa.Row[Any], asked: tuple[Asked, ...]) -> str:
    """Return what was asked for as it stands in a row: words that were mended are whole there."""
    every = sorted({word for field in (*_NAMES, *_OTHERS) for word in getattr(row, field).split()}, key=len)
    words = ((one, begin) for one in asked for begin in one.way_in(every))
    return " ".join(
        next(word for word in every if word.startswith(begin)) if one.meant else begin for one, begin in words
    )
