"""Which of two titles that were found is the better answer."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from osmose_addon.formats.words import Asked
from osmose_addon.model.media import TitlePhase

_EXACT, _PREFIX, _NAMED = 0, 1, 2
_NAMES = ("name", "show", "original_name")
"""In the order of the keys in a row's `key`."""
_RANKS = dict.fromkeys(_NAMES, _NAMED) | {"year": 3, "people": 4, "genres": 5, "file": 6, "plot": 7}


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
    words = {field: set(getattr(row, field).split()) for field in _RANKS}
    if episodes:
        words["name"] = words["original_name"] = set()
    fields = [next((field for field in _RANKS if one.way_in(words[field])), "") for one in asked]
    if "" in fields:
        return None
    field = max(fields, key=lambda name: _RANKS[name])
    rank, key = _RANKS[field], row.key.split("\n")[0]
    if rank == _NAMED:
        field = next((name for name in _NAMES if all(one.way_in(words[name]) for one in asked)), field)
        key = row.key.split("\n")[_NAMES.index(field)]
        rank = _EXACT if key == text else _PREFIX if key.startswith(text) else _NAMED
    every = set[str]().union(*words.values())
    cut_words = sum(not every.issuperset(one.way_in(every)) for one in asked)
    is_not_ready = row.phase != TitlePhase.READY.value
    return Candidate(rank, is_not_ready, cut_words, len(key), key, row.title_id, field, episodes)


def said(row: sa.Row[Any], asked: tuple[Asked, ...]) -> str:
    """Return what was asked for as it stands in a row: words that were mended are whole there."""
    every = sorted(set[str]().union(*(getattr(row, field).split() for field in _RANKS)), key=len)
    words = ((one, begin) for one in asked for begin in one.way_in(every))
    return " ".join(
        next(word for word in every if word.startswith(begin)) if one.meant else begin for one, begin in words
    )
