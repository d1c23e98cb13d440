"""Episodes as pages show them: by show and season, and those before and after one."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup

from osmose_addon.formats.names import numbers
from osmose_addon.interfaces.http.panel.phrases import NOTHING, Phrases
from osmose_addon.interfaces.http.panel.title_views import PosterView, length_of, own_line
from osmose_addon.model.media import Title, TitleKind


@dataclass(frozen=True, slots=True)
class SeasonView:
    """The cards of one season. `heading` is empty where a show has no seasons."""

    heading: Markup
    posters: tuple[PosterView, ...]


@dataclass(frozen=True, slots=True)
class ShowView:
    """A show; what belongs to none stands under an empty name. `anchor` is its place on the page."""

    name: str
    year: str
    seasons: tuple[SeasonView, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An episode that another one leads to. `word` names the way, e.g. `Next episode`."""

    link: str
    word: Markup
    name: str
    is_next: bool


def shows_of(titles: Iterable[tuple[Title, PosterView]], phrases: Phrases) -> tuple[ShowView, ...]:
    """Return titles that are sorted by name as shows with their seasons."""

    def views() -> Iterator[ShowView]:
        for (show, year), of_show in groupby(titles, key=lambda pair: _show(pair[0])):
            yield ShowView(show, str(year or ""), tuple(_seasons(of_show, phrases)), _anchor(show, year))

    return tuple(views())


def folded(titles: Iterable[tuple[Title, PosterView]], phrases: Phrases) -> tuple[PosterView, ...]:
    """Return the cards of a wall of all kinds, sorted by name: a show is one card, which leads to its episodes."""

    def cards() -> Iterator[PosterView]:
        for (show, year, library_id), group in groupby(titles, key=lambda pair: (*_show(pair[0]), pair[0].library_id)):
            found = [card for _, card in group]
            if not show:
                yield from found
                continue
            card = next((card for card in found if card.phase == "ready"), found[0])
            sub = Markup(" · ").join(part for part in (str(year or ""), phrases.say("panel.search.series")) if part)
            place = f"library?library={library_id}#{_anchor(show, year)}"
            yield replace(card, sub=sub, percent=0, left=NOTHING, is_watched=False, door=place)

    return tuple(cards())


def _anchor(show: str, year: int) -> str:
    return f"show-{zlib.crc32(f'{show} {year}'.encode()):08x}"


def neighbours_of(before: Title | None, after: Title | None, phrases: Phrases) -> tuple[Neighbour, ...]:
    """Return the ways from an episode to those before and after it, as far as there are any."""
    found = ((before, "previous"), (after, "next"))
    return tuple(
        Neighbour(f"titles/{title.id}", phrases.say(f"panel.title.{word}"), own_line(title), word == "next")
        for title, word in found
        if title is not None
    )


def _show(title: Title) -> tuple[str, int]:
    is_episode = title.description.kind is TitleKind.EPISODE
    return (title.description.show, title.year) if is_episode else ("", 0)


def _seasons(titles: Iterable[tuple[Title, PosterView]], phrases: Phrases) -> Iterator[SeasonView]:
    for season, of_season in groupby(titles, key=lambda pair: pair[0].description.season):
        yield SeasonView(_heading(season, phrases), tuple(_card(title, card, phrases) for title, card in of_season))


def _heading(season: int, phrases: Phrases) -> Markup:
    if season < 0:
        return NOTHING
    return phrases.say("panel.library.season", n=season) if season else phrases.say("panel.library.specials")


def _card(title: Title, card: PosterView, phrases: Phrases) -> PosterView:
    """Return the card of an episode below the headings of its show and season, which it need not repeat."""
    about = title.description
    if about.kind is not TitleKind.EPISODE or title.phase.value != "ready":
        return card
    number = numbers(-1, about.episode, about.last_episode)
    sub = Markup(" · ").join(part for part in (number, length_of(title, phrases)) if part)
    return replace(card, name=title.name, sub=sub, is_lettered=False)
