"""Names that the quick rules do not match, read by guessit. Loading it takes 0.2 s: done only when needed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from guessit import guessit
from guessit.api import GuessitException

from osmose_addon.formats.names_read import Told, plain
from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import TitleKind

_EARLIEST_YEAR = 1880
_LAST_YEAR = 2100
_MOST = 9999


def guessed(told: Told, below: str, kind: LibraryKind) -> Told:
    """Return what is told of a title together with what guessit makes of its path below the library's folder."""
    try:
        found: Mapping[str, object] = guessit(below)
    except GuessitException:
        return told
    name = _text(found.get("title"))
    is_episode = found.get("type") == "episode" and kind is LibraryKind.SERIES
    if is_episode or told.description.kind is TitleKind.EPISODE:
        return _episode(told, found, name)
    if not name:
        return told
    extra = " · ".join(filter(None, (name, _text(found.get("edition")), _part(found))))
    return replace(told, name=extra, year=_year(found) or told.year)


def _episode(told: Told, found: Mapping[str, object], name: str) -> Told:
    about = told.description
    numbers = _numbers(found.get("episode"))
    seasons = _numbers(found.get("season"))
    first = min(numbers) if numbers else about.episode
    last = max(numbers) if numbers and max(numbers) > first else about.last_episode
    about = replace(
        about,
        kind=TitleKind.EPISODE,
        show=about.show or name,
        season=about.season if about.season >= 0 or not seasons else min(seasons),
        episode=about.episode if about.episode >= 0 else first,
        last_episode=last,
    )
    day = found.get("date")
    own = _text(found.get("episode_title")) or (day.isoformat() if isinstance(day, date) else "")
    if not own and numbers:
        own = f"Episode {first}"
    # A year in the name of one episode is not that of its show, whose folder has told all there is to tell of it.
    year = told.year if told.description.show else told.year or _year(found)
    return replace(told, name=own or told.name, year=year, description=about)


def _text(value: object) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return plain(first) if isinstance(first, str) else ""


def _part(found: Mapping[str, object]) -> str:
    numbers = _numbers(found.get("part") or found.get("cd"))
    return f"Part {min(numbers)}" if numbers else ""


def _numbers(value: object) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [number for number in values if isinstance(number, int) and 0 <= number <= _MOST]


def _year(found: Mapping[str, object]) -> int:
    year = found.get("year")
    return year if isinstance(year, int) and _EARLIEST_YEAR <= year <= _LAST_YEAR else 0
