"""All that the page and the player of one title show."""

import json
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from osmose_addon.formats.names import full_name, numbers
from osmose_addon.interfaces.http.panel.early import early_parts, quick_strip
from osmose_addon.interfaces.http.panel.job_views import jobs_of
from osmose_addon.interfaces.http.panel.needs import title_reason
from osmose_addon.interfaces.http.panel.phrases import Phrases
from osmose_addon.interfaces.http.panel.shows import Neighbour, neighbours_of
from osmose_addon.interfaces.http.panel.story import Story, story_of
from osmose_addon.interfaces.http.panel.strips import Strip, strips_of
from osmose_addon.interfaces.http.panel.title_views import (
    Part,
    PosterView,
    chapters_of,
    file_name,
    line_of,
    poster_of,
    sounds_of,
    subtitle_codes,
    tags_of,
    texts_of,
)
from osmose_addon.model.errors import NotFoundError
from osmose_addon.model.media import MediaFacts, Title, TitlePhase
from osmose_addon.stores.catalog.rows import GONE
from osmose_addon.stores.catalog.watching import Counts
from osmose_addon.stores.shelves import Shelves

_ALL = 100
_MOST_GENRES = 3
_NO_FACTS = MediaFacts(container="", size_bytes=0, duration_s=0.0)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a title cannot be played now. `can_retry` is whether it would help if somebody asked Osmose to try again."""

    icon: str
    level: str
    heading: Markup
    why: Markup
    can_retry: bool


@dataclass(frozen=True, slots=True)
class TitlePage:
    """One title whole. `heading` and `why` say how ready it is, `job_id` names the job at work on it.

    `show` names the show of an episode and where in it that stands.
    """

    poster: PosterView
    name: str
    show: str
    line: Markup
    tags: tuple[Markup, ...]
    subtitle_codes: str
    trouble: Trouble | None
    heading: Markup
    why: Markup
    strips: tuple[Strip, ...]
    is_ready: bool
    job_id: str
    sounds: tuple[Part, ...]
    texts: tuple[Part, ...]
    chapters: tuple[Part, ...]
    file: str
    size: Markup
    duration_s: float
    at_s: float
    views: Markup
    story: Story
    neighbours: tuple[Neighbour, ...]
    early: tuple[str, ...] = ()

    @property
    def player_json(self) -> str:
        """What the player's script wants to know, as JSON. An original is played only where there is no ladder."""
        played = _played(self.strips)
        quick = quick_strip(played)
        return json.dumps(
            {
                "duration": self.duration_s,
                "isSound": all(not strip.height_px for strip in played),
                "at": self.at_s,
                "chapters": [{"start": part.start_s, "name": part.name.unescape()} for part in self.chapters],
                "rungs": [
                    {
                        "name": strip.label if strip.height_px else "",
                        "height": strip.height_px,
                        "copied": strip.is_copied,
                        "there": strip.is_there,
                        "reason": strip.reason.unescape(),
                    }
                    for strip in played
                ],
                "quick": quick.height_px if quick else 0,
            },
        )


async def title_page(shelves: Shelves, phrases: Phrases, title_id: str, person: str) -> TitlePage:
    """Return a title as its page shows it to a person.

    Raises: NotFoundError.
    """
    title = await shelves.catalog.titles.get(title_id)
    if title is None:
        raise NotFoundError
    strips = await strips_of(shelves.cells, title.id, title.grid, phrases) if title.grid else ()
    jobs = await jobs_of(shelves, phrases, with_strips=False)
    job_id = next((job.id for job in jobs if job.title_id == title.id), "")
    facts = title.facts or _NO_FACTS
    place = await shelves.catalog.watching.place(person, "title", title.id)
    return TitlePage(
        poster=replace(poster_of(title, phrases, place), name=full_name(title)),
        name=title.name,
        show=_show(title),
        line=_line(title, phrases),
        tags=tags_of(facts, phrases),
        subtitle_codes=subtitle_codes(title),
        trouble=_trouble(title, phrases),
        heading=_heading(shelves, phrases, strips, job_id),
        why=_ends_early(title, phrases) or _why(phrases, strips),
        strips=strips,
        is_ready=_is_ready(strips),
        job_id=job_id,
        sounds=sounds_of(facts, phrases),
        texts=texts_of(title, phrases),
        chapters=chapters_of(facts, phrases),
        file=file_name(title),
        size=phrases.size(facts.size_bytes),
        duration_s=_length_s(title),
        at_s=place.at_s if place else 0.0,
        views=_views(await shelves.catalog.watching.counts("title", title.id), phrases),
        story=story_of(title, phrases),
        neighbours=neighbours_of(*await shelves.catalog.titles.neighbours(title), phrases),
        early=early_parts(title, quick_strip(_played(strips)), place.at_s if place else 0.0),
    )


def _played(strips: tuple[Strip, ...]) -> tuple[Strip, ...]:
    """Return the rungs that the player plays: an original only where there is no ladder."""
    return tuple(strip for strip in strips if not strip.is_original) or strips


def _line(title: Title, phrases: Phrases) -> Markup:
    """Return year, length and genres, as far as they are known."""
    genres = [escape(genre) for genre in title.description.genres[:_MOST_GENRES]]
    return Markup(" · ").join(part for part in (line_of(title, phrases), *genres) if part)


def _is_ready(strips: tuple[Strip, ...]) -> bool:
    """Return whether nothing is left to be made that takes its time: copying is done as one asks for it."""
    return all(strip.is_there for strip in strips)


def _show(title: Title) -> str:
    """Return the show of an episode with its numbers, e.g. `Show · S1 E2`; nothing for a film."""
    about = title.description
    told = numbers(about.season, about.episode, about.last_episode)
    return " · ".join(part for part in (about.show, told) if part) if about.show else ""


def _views(counts: Counts, phrases: Phrases) -> Markup:
    """Return how often it was watched, e.g. `2 times today · 5 this month · 31 ever`."""
    if not counts.ever:
        return phrases.say("panel.title.never_watched")
    parts = [phrases.say("panel.title.views_ever", n=counts.ever)]
    if counts.month:
        parts.insert(0, phrases.say("panel.title.views_month", n=counts.month))
    if counts.today:
        parts.insert(0, phrases.say("panel.title.views_today", n=counts.today))
    return Markup(" · ").join(parts)


def _trouble(title: Title, phrases: Phrases) -> Trouble | None:
    if title.phase is TitlePhase.READY:
        return None
    if title.phase is TitlePhase.FAILED:
        heading = phrases.say("panel.need.title", name=title.name)
        return Trouble("alert-circle-outline", "error", heading, title_reason(title, phrases), can_retry=True)
    key = "gone" if title.reason == GONE else "away"
    heading, why = phrases.say(f"panel.title.is_{key}"), phrases.say(f"panel.title.{key}_why")
    return Trouble("folder-alert-outline", "warn", heading, why, can_retry=key == "away")


def _length_s(title: Title) -> float:
    if title.grid:
        return title.grid.duration_s
    return title.facts.duration_s if title.facts else 0.0


def _heading(shelves: Shelves, phrases: Phrases, strips: tuple[Strip, ...], job_id: str) -> Markup:
    if strips and all(strip.is_original for strip in strips):
        return phrases.say("panel.title.as_it_is")
    if _is_ready(strips):
        return phrases.say("panel.title.ready")
    left_s = shelves.states.get("job", job_id, "left") if job_id else None
    if isinstance(left_s, int | float) and left_s > 0:
        return phrases.say("panel.title.ready_in", time=phrases.duration(left_s))
    is_sound = not any(strip.height_px for strip in strips)
    made = "made_as_you_listen" if is_sound else "made_as_you_watch"
    return phrases.say("panel.title.being_made" if job_id else f"panel.title.{made}")


def _ends_early(title: Title, phrases: Phrases) -> Markup:
    """Return that the file holds less than it says, as after a download that stopped; empty if it does not."""
    if title.facts is None or not title.facts.claimed_duration_s:
        return Markup()
    there, claimed = title.facts.duration_s, title.facts.claimed_duration_s
    return phrases.say("panel.title.ends_early", there=phrases.duration(there), claimed=phrases.duration(claimed))


def _why(phrases: Phrases, strips: tuple[Strip, ...]) -> Markup:
    if not strips:
        return Markup()
    # An original beside a ladder is untouched by its nature: what people wonder about is the ladder.
    top = next((strip for strip in strips if not strip.is_original), strips[0])
    key = "copied" if top.is_copied else "encoded"
    first = phrases.say(f"panel.title.{key}_because", name=top.label, reason=top.reason) if top.reason else Markup()
    rest = "" if _is_ready(strips) else phrases.say("panel.title.missing_is_made")
    return Markup(" ").join(part for part in (first, rest) if part)
