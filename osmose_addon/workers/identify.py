"""The worker that tells what titles are about: by their paths, and by NFO files beside them."""

import importlib
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, cast

from osmose_addon.formats.names import tell
from osmose_addon.formats.names_read import Told, text_of
from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import Description, TitleKind
from osmose_addon.model.orders import IdentifyOrder, Unnamed
from osmose_addon.model.reports import Identified
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.nfo import Nfo, read_nfo

_LETTERS = 120
_ENDING_LETTERS = 5

_show_nfo = lru_cache(maxsize=32)(read_nfo)


class _Guessing(Protocol):
    def guessed(self, told: Told, below: str, kind: LibraryKind) -> Told: ...


def main(order: IdentifyOrder, hub: Hub) -> None:
    """Answer with what is known of each file, in their order."""
    for file in order.files:
        hub.send(_identified(file, order.root, order.kind))


def _identified(file: Unnamed, root: bytes, kind: LibraryKind) -> Identified:
    told, nfo = tell(file.path, root, kind), read_nfo(file.nfo)
    if not (told.is_sure or nfo.name):
        told = _guessed(told, file.path, root, kind)
    about = told.description
    if about.kind is TitleKind.EPISODE:
        return _episode(told, nfo, _show_nfo(file.show_nfo))
    about = _about(about, nfo)
    year = nfo.year or told.year
    if about.kind is TitleKind.HOME_VIDEO:
        about = replace(about, taken_on=nfo.day or about.taken_on)
    return Identified(nfo.name or told.name, year, about)


def _episode(told: Told, nfo: Nfo, show: Nfo) -> Identified:
    """Return what is known of an episode; its year is that of the show."""
    about = _about(told.description, nfo)
    about = replace(
        about,
        show=show.name or nfo.show or about.show,
        season=nfo.season if nfo.season >= 0 else about.season,
        episode=nfo.episode if nfo.episode >= 0 else about.episode,
        last_episode=about.last_episode if about.last_episode > max(nfo.episode, about.episode) else -1,
        genres=about.genres or show.genres,
        people=about.people or show.people,
    )
    return Identified(nfo.name or told.name, show.year or told.year, about)


def _about(about: Description, nfo: Nfo) -> Description:
    original = "" if nfo.original_name == nfo.name else nfo.original_name
    return replace(about, original_name=original, plot=nfo.plot, genres=nfo.genres, people=nfo.people)


def _guessed(told: Told, path: bytes, root: bytes, kind: LibraryKind) -> Told:
    """Ask guessit, which is loaded by name: most workers never need it.

    It is asked for the file and the nearest folder only, and for no more than so many letters of each: what takes it
    milliseconds usually may take it a minute where names are long and odd.
    """
    guessing = cast("_Guessing", importlib.import_module("osmose_addon.workers.guessing"))
    parts = [part for part in path.removeprefix(root).split(b"/") if part][-2:]
    *folders, file = [text_of(part) for part in parts] or ["?"]
    stem, dot, ending = file.rpartition(".")
    below = "/".join((*(folder[:_LETTERS] for folder in folders), f"{stem[:_LETTERS]}{dot}{ending[:_ENDING_LETTERS]}"))
    return guessing.guessed(told, below, kind)
