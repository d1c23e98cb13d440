"""What paths say of episodes: their numbers in files and folders, days of broadcast, and the show they belong to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from osmose_addon.formats.names_films import film
from osmose_addon.formats.names_read import Told, clean, likeness, read, spaced, without_marks
from osmose_addon.model.media import Description, TitleKind

_SEASON_WORDS = "season|staffel|saison|series|temporada|stagione|seizoen|sæson|säsong|sezon|сезон"
_EPISODE_WORDS = "episode|épisode|folge|episodio|aflevering|afsnit|avsnitt|odcinek|серия"
_EDGE = r"(?<![^\W_])"

_NUMBERED = (
    # S01E02, S01E02E03, S01E02-E03, S01E02-03, s1 ep 2
    re.compile(
        rf"(?i){_EDGE}s(\d{{1,4}})[ .,-]{{0,3}}(?:ep?|{_EPISODE_WORDS})[ .]?(\d{{1,4}})"
        rf"((?:[ .-]{{0,3}}e\d{{1,4}}|-\d{{1,3}}(?![\dpi]))*)(?!\d)",
    ),
    # 1x02, 1x02x03, 1x02-1x03, 1x02-03
    re.compile(
        rf"(?i){_EDGE}(\d{{1,2}})x(?!26[45])(\d{{2,3}})"
        rf"((?:[ .-]{{0,3}}\d{{0,2}}x\d{{2,3}}|-\d{{2,3}}(?![\dpi]))*)(?!\d)",
    ),
    re.compile(
        rf"(?i){_EDGE}(?:{_SEASON_WORDS})[ .]?(\d{{1,4}})[ ,.-]{{0,4}}"
        rf"(?:{_EPISODE_WORDS}|ep?)[ .]?(\d{{1,4}})(())(?!\d)",
    ),
)
_LAST_NUMBER = re.compile(r"(\d{1,4})$")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[ .-](0[1-9]|1[0-2])[ .-](0[1-9]|[12]\d|3[01])(?!\d)")
_EPISODE = re.compile(
    rf"(?i){_EDGE}(?:(?:{_EPISODE_WORDS}|ep)[ .]{{0,2}}#?|e)(\d{{1,4}})(?:[ .-]{{0,3}}(?:e|ep)(\d{{1,4}}))?(?![^\W_])",
)
_LEADING = re.compile(r"^(?:\[[^\]]{0,60}\] ?)?(\d{1,4})(?:-(\d{1,4}))?(?:v\d)?(?= ?[-.\u2013] | ?[-.\u2013]?$| [^-])")
_ABSOLUTE = re.compile(r" - #?(\d{1,4})(?:v\d)?(?=$| |\[|\()")
_PARTS = (
    re.compile(rf"(?i){_EDGE}(?:part|pt|teil)[ .]?(\d{{1,2}})(?![^\W_])"),
    re.compile(rf"(?i){_EDGE}(\d{{1,2}}) ?(?:of|von) ?\d{{1,2}}(?![^\W_])"),
)
_TRAILING = re.compile(r" #?(\d{1,4})(?:v\d)?(?=$| ?[\[(])")

_SEASON = re.compile(
    rf"(?i){_EDGE}(?:{_SEASON_WORDS})[ .-]?(\d{{1,4}})(?!\d)|^(\d{{1,2}})\.? (?:{_SEASON_WORDS})(?![^\W_])"
)
_SHORT_SEASON = re.compile(rf"(?i){_EDGE}s(\d{{1,4}})(?![^\W_])")
_ONLY_NUMBER = re.compile(r"^\d{1,2}$")
_SPECIALS = re.compile(r"(?i)^(?:specials?|extras?|bonus|sonderfolgen|ovas?|oads?)$")
_NO_SHOW = re.compile(
    r"(?i)^(?:dis[ck] ?\d{1,2}|cd ?\d{1,2}|dvd ?\d{1,2}|\d{3,4}p|subbed|dubbed|video_ts|bdmv|stream)$"
)
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class _Number:
    """Where an episode stands: its numbers, and the text before and behind them. -1 where there is none."""

    season: int
    episode: int
    last_episode: int
    before: str
    behind: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class _Show:
    """What the folders say: the show, its year and the season, as far as they do."""

    name: str = ""
    year: int = 0
    season: int = -1


def episode(folders: Sequence[str], stem: str) -> Told:
    """Return what the path of an episode tells. `folders` lie above the file, the nearest last."""
    folders = [folder for folder in folders if not _NO_SHOW.match(folder)]
    stem = spaced(stem)
    if folders and _strong(spaced(folders[-1])) is not None:  # a release in a folder of its own
        stem = stem if _strong(stem) else spaced(folders[-1])
        folders = folders[:-1]
    show = _show(folders)
    number = _strong(stem) or _weak(stem, show)
    if number is None:
        return _numberless(folders, stem, show)
    if not show.name:
        before = read(number.before)
        show = replace(show, name=before.name, year=before.year)
    return _told(show, number)


def _told(show: _Show, number: _Number) -> Told:
    season = show.season if number.season < 0 else number.season
    name = _episode_name(number)
    told = Description(TitleKind.EPISODE, show.name, season, number.episode, number.last_episode)
    return Told(name, show.year, told, is_sure=bool(show.name))


def _numberless(folders: Sequence[str], stem: str, show: _Show) -> Told:
    if not show.name:
        return replace(film(folders, stem), is_sure=False)
    told = Description(TitleKind.EPISODE, show.name, show.season)
    return Told(without_marks(stem) or "?", show.year, told, is_sure=False)


def _episode_name(number: _Number) -> str:
    behind = number.behind
    if behind.startswith("-") and " " not in behind:  # the group of a release
        behind = ""
    name = without_marks(behind.lstrip(" -.\u2013:)]")) or ""
    if number.day:
        return f"{number.day} · {name}" if name else number.day
    if name:
        return name
    numbers = f"{number.episode}–{number.last_episode}" if number.last_episode >= 0 else f"{number.episode}"  # noqa: RUF001 - from, to
    return f"Episode {numbers}"


def _strong(text: str) -> _Number | None:
    """Find numbers that can be nothing else than those of an episode, or the day it was broadcast."""
    for pattern in _NUMBERED:
        if found := pattern.search(text):
            first = int(found[2])
            last = int(told[1]) if (told := _LAST_NUMBER.search(found[3])) else -1
            behind = text[found.end() :]
            return _Number(int(found[1]), first, last if last > first else -1, text[: found.start()], behind)
    if (found := _DATE.search(text)) and (day := _day(*found.groups())):
        return _Number(int(found[1]), -1, -1, text[: found.start()], text[found.end() :], day)
    return None


def _weak(text: str, show: _Show) -> _Number | None:
    """Find a number that is one of an episode if the folder is a show's."""
    if found := _EPISODE.search(text):
        return _in_season(text, found, int(found[1]), int(found[2] or -1))
    if show.name and (found := _LEADING.match(text)) and not _is_year(found[1], text):
        return _in_season(text, found, _of_season(int(found[1]), show.season), int(found[2] or -1))
    found = _ABSOLUTE.search(text) or (_counted(text, show) if show.name else None)
    return _in_season(text, found, int(found[1]), -1) if found else None


def _counted(text: str, show: _Show) -> "re.Match[str] | None":
    """Find `Part 2`, `2 of 6`, or a number behind the name of the show."""
    for pattern in _PARTS:
        if found := pattern.search(text):
            return found
    found = _TRAILING.search(text)
    names = (likeness(show.name), f"{likeness(show.name)}{show.year}")
    return found if found and likeness(text[: found.start()]) in names else None


def _in_season(text: str, found: "re.Match[str]", first: int, last: int) -> _Number:
    return _Number(-1, first, last if last > first else -1, text[: found.start()], text[found.end() :])


def _of_season(number: int, season: int) -> int:
    """Return the number of an episode; `102` in season 1 is its second."""
    is_long = season > 0 and number // _HUNDRED == season and number % _HUNDRED > 0
    return number % _HUNDRED if is_long else number


def _is_year(digits: str, text: str) -> bool:
    return len(digits) == len("2024") and len(text) > len(digits) and digits[:2] in ("19", "20")


def _show(folders: Sequence[str]) -> _Show:
    """Return what the folders above a file say of its show."""
    if not folders:
        return _Show()
    nearest = spaced(folders[-1])
    above = read(folders[-2]) if len(folders) > 1 else None
    season, before = _season_of(nearest, has_above=above is not None)
    if season < 0:
        own = read(folders[-1])
        return _Show(own.name, own.year)
    own = read(before)
    if above is not None and above.name and (not own.name or likeness(own.name) in likeness(above.name)):
        own = above
    return _Show(own.name, own.year, season)


def _season_of(folder: str, *, has_above: bool) -> tuple[int, str]:
    """Return the season a folder is named after (-1: none), and the text before it."""
    for pattern in (_SEASON, _SHORT_SEASON):
        if found := pattern.search(folder):
            return int(next(filter(None, found.groups()), "0")), clean(folder[: found.start()])
    if has_above and _SPECIALS.match(folder):
        return 0, ""
    return (int(folder), "") if has_above and _ONLY_NUMBER.match(folder) else (-1, "")


def _day(year: str, month: str, day: str) -> str:
    """Return a day as ISO 8601 writes it, or nothing if there is none such."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
