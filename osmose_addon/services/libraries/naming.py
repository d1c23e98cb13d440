"""What titles are called and what they are about: by quick rules, and by a worker where those do not do.

One worker reads many names, so that a library of thousands costs few of them, and one whose names the quick rules
match and which has no NFO files costs none.
"""

import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from osmose_addon.formats.names import tell
from osmose_addon.formats.names_read import Told
from osmose_addon.model.config import LibraryConfig, LibraryKind
from osmose_addon.model.errors import OsmoseError
from osmose_addon.model.media import Title, TitleKind
from osmose_addon.model.orders import IdentifyOrder, Unnamed
from osmose_addon.model.reports import Identified
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.services.libraries.scan import Seen

_LOG = logging.getLogger(__name__)
_LIMITS = Limits(memory_bytes=1 << 30, nice=5, cpu_s=600, silence_s=30.0)
Ask = Callable[[IdentifyOrder], Awaitable[Sequence[Identified]]]

_MOST_FRUITLESS = 3
"""When so many workers one after another tell nothing at all, it is not the files that they end at."""
_LAST_YEAR = 9999
_MOST_EPISODES = 99_999


async def identify(files: Sequence[Seen], library: LibraryConfig, ask: Ask | None = None) -> dict[bytes, Identified]:
    """Return what is known, by path, of those files that the quick rules alone do not do for.

    A file that a worker ends at is left out: it keeps the name the quick rules give it. `ask` returns what was told of
    the first files of an order, all of them if all went well (by a worker process if none is given).
    """
    root, found = os.fsencode(library.path), dict[bytes, Identified]()
    left = [seen for seen in files if _needs_more(seen, root, library.kind)]
    fruitless = 0
    while left and fruitless < _MOST_FRUITLESS:
        asked = tuple(Unnamed(seen.path, seen.beside.nfo, seen.beside.show_nfo) for seen in left)
        told = await (ask or _ask)(IdentifyOrder(root, library.kind, asked))
        found.update(zip((seen.path for seen in left), map(_bounded, told), strict=False))
        left = left[len(told) + 1 :]
        fruitless = 0 if told else fruitless + 1
    return found


def described(title: Title, seen: Seen, library: LibraryConfig, told: Identified | None) -> Title:
    """Return a title as `seen` and by what is `told` of it, else by quick rules; tags of the file fill gaps."""
    if told is None:
        quick = tell(seen.path, os.fsencode(library.path), library.kind)
        told = Identified(quick.name, quick.year, quick.description)
    facts, name, year, about = title.facts, told.name, told.year, told.description
    if name == "?" and facts is not None and facts.tag_title:
        name = facts.tag_title
    if about.kind is TitleKind.HOME_VIDEO and not about.taken_on:
        about = replace(about, taken_on=_day(seen, title))
        year = year or int(about.taken_on[:4])
    elif about.kind is TitleKind.FILM:
        year = year or (facts.tag_year if facts else 0)
    return replace(title, path=seen.path, name=name, year=year, description=about, sidecars=seen.beside.sidecars)


async def _ask(order: IdentifyOrder) -> list[Identified]:
    """Return what a worker told before it ended, well or not."""
    told = list[Identified]()
    try:
        async with worker.start("identify", order, _LIMITS) as hand:
            async for report in hand:
                told += [report] if isinstance(report, Identified) else []
    except OsmoseError as error:
        _LOG.warning("reading the name of %r failed: %s", order.files[min(len(told), len(order.files) - 1)].path, error)
    return told[: len(order.files)]


def _needs_more(seen: Seen, root: bytes, kind: LibraryKind) -> bool:
    return bool(seen.beside.nfo or seen.beside.show_nfo) or not _quick(seen, root, kind).is_sure


def _quick(seen: Seen, root: bytes, kind: LibraryKind) -> Told:
    return tell(seen.path, root, kind)


def _bounded(told: Identified) -> Identified:
    """Return what a worker told within what the catalog takes: foreign files were read there."""
    about = told.description
    about = replace(
        about,
        season=min(max(about.season, -1), _LAST_YEAR),
        episode=min(max(about.episode, -1), _MOST_EPISODES),
        last_episode=min(max(about.last_episode, -1), _MOST_EPISODES),
    )
    return Identified(told.name or "?", told.year if 0 <= told.year <= _LAST_YEAR else 0, about)


def _day(seen: Seen, title: Title) -> str:
    """Return the day a home video was taken: that in the file if there is one, else that of its last change."""
    if title.facts is not None and title.facts.taken_on:
        return title.facts.taken_on
    return datetime.fromtimestamp(seen.changed_ns // 1_000_000_000, UTC).astimezone().date().isoformat()
