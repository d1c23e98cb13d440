"""Titles and libraries as pages show them."""

import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape

from osmose_addon.formats.names import in_full
from osmose_addon.interfaces.http.panel.phrases import NOTHING, Phrases
from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import MediaFacts, Title, TitleKind, TitlePhase
from osmose_addon.runtime.paths import Paths
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.catalog.watching import Place
from osmose_addon.stores.states import States
from osmose_addon.stores.titlefiles import artwork_path

_HUES = 8
_KIND_ICONS = {"films": "movie-open-outline", "series": "television-classic", "home_videos": "video-vintage"}


@dataclass(frozen=True, slots=True)
class PosterView:
    """A title as a card of the wall. `hue` is the colour behind its name where there is no picture.

    `percent` and `left` (a length of time) tell where the one who looks goes on, `is_watched` whether the end was seen.
    `is_lettered` is whether its name is set on its picture, as artwork has it and a picture out of a film has not.
    """

    id: str
    library_id: str
    name: str
    sub: Markup
    phase: str
    hue: int
    added_unix_s: float
    duration_s: float
    percent: int = 0
    left: Markup = NOTHING
    is_watched: bool = False
    is_episode: bool = False
    is_lettered: bool = True
    door: str = ""

    @property
    def link(self) -> str:
        """Its page, from the root; where the card stands for more than the title, the `door` to all of that."""
        return self.door or f"titles/{self.id}"

    @property
    def picture(self) -> str:
        """Its large picture, from the root."""
        return f"play/titles/{self.id}/poster.jpg"

    @property
    def small_picture(self) -> str:
        """Its picture as walls show it, from the root."""
        return f"play/titles/{self.id}/poster-small.jpg"


@dataclass(frozen=True, slots=True)
class LibraryView:
    """A library as a chip. `count` is how many titles its wall shows, those that cannot be played among them.

    `is_by_day` is whether its titles are sorted by the day they were taken on, and not by name.
    """

    id: str
    name: str
    icon: str
    count: int
    phase: str
    is_series: bool
    is_by_day: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A named thing of a file: a sound track, a subtitle track or a chapter."""

    name: Markup
    note: Markup = NOTHING
    start_s: float = 0.0


def hue_of(id_: str) -> int:
    """Return the colour of a thing, always the same for the same id."""
    return zlib.crc32(id_.encode()) % _HUES


def poster_of(title: Title, phrases: Phrases, place: Place | None = None, *, has_artwork: bool = False) -> PosterView:
    """Return a title as a card; `place` is that of the one who looks, `has_artwork` tells of a picture beside it."""
    length_s = title.facts.duration_s if title.facts else 0.0
    at_s = place.at_s if place and place.at_s < length_s else 0.0
    return PosterView(
        id=title.id,
        library_id=title.library_id,
        name=title.description.show or title.name,
        sub=_sub(title, phrases),
        phase=title.phase.value,
        hue=hue_of(title.id),
        added_unix_s=title.added_unix_s,
        duration_s=length_s,
        percent=max(round(100 * at_s / length_s), 1) if at_s else 0,
        left=phrases.duration(length_s - at_s) if at_s else NOTHING,
        is_watched=place is not None and place.is_watched,
        is_episode=bool(title.description.show),
        is_lettered=not (has_artwork or _has_picture_of_its_own(title)),
    )


def _has_picture_of_its_own(title: Title) -> bool:
    """Return whether letters would spoil its picture: a cover has its own, a home video needs none."""
    return title.description.kind is TitleKind.HOME_VIDEO or (title.facts is not None and title.facts.has_cover)


async def with_artwork(paths: Paths, titles: Iterable[Title]) -> frozenset[str]:
    """Return the ids of those titles whose posters were made of a picture beside them."""
    files = [(title.id, artwork_path(paths, title.id)) for title in titles]
    return await in_thread(lambda: frozenset(id_ for id_, path in files if path.exists()))


def _sub(title: Title, phrases: Phrases) -> Markup:
    if title.phase is TitlePhase.FAILED:
        return phrases.say("panel.title.cannot_be_played")
    if title.phase is TitlePhase.AWAY:
        return phrases.say("panel.title.file_is_away")
    return escape(own_line(title)) if title.description.show else line_of(title, phrases)


def own_line(title: Title) -> str:
    """Return an episode's numbers and name, e.g. `S1 E2 · The Name`."""
    about = title.description
    return in_full(title.name, "", about.season, about.episode, about.last_episode)


def line_of(title: Title, phrases: Phrases) -> Markup:
    """Return the year (or the day a home video was taken) and the length, as far as they are known."""
    when = title.description.taken_on or str(title.year or "")
    when = "" if when and title.name.startswith(when) else when  # many a home video is named by its day
    return Markup(" · ").join(part for part in (when, length_of(title, phrases)) if part)


def length_of(title: Title, phrases: Phrases) -> Markup:
    """Return how long a title plays, or nothing if that is not known."""
    return phrases.duration(title.facts.duration_s) if title.facts else NOTHING


def libraries_of(states: States) -> tuple[LibraryView, ...]:
    """Return all libraries, in the order of the YAML."""

    def view(library_id: str) -> LibraryView:
        counts = (states.get("library", library_id, field) for field in ("titles", "failed"))
        kind = str(states.get("library", library_id, "kind") or "")
        return LibraryView(
            id=library_id,
            name=str(states.get("library", library_id, "name") or library_id),
            icon=_KIND_ICONS.get(kind, "movie-open-outline"),
            count=sum(count for count in counts if isinstance(count, int)),
            phase=str(states.get("library", library_id, "phase") or "scanning"),
            is_series=kind == LibraryKind.SERIES,
            is_by_day=kind == LibraryKind.HOME_VIDEOS,
        )

    return tuple(view(library_id) for library_id in states.ids("library"))


def tags_of(facts: MediaFacts, phrases: Phrases) -> tuple[Markup, ...]:
    """Return what stands in small frames: size, codec, sound."""
    tags: list[Markup] = []
    if facts.video:
        tags += [
            Markup("{}").format(phrases.height(facts.video)),
            Markup("{}").format(phrases.codec(facts.video.codec)),
        ]
        tags += [Markup("HDR")] if facts.video.is_hdr else []
    if facts.audio:
        tags.append(phrases.channels(max(track.channels for track in facts.audio)))
    return tuple(tags)


def subtitle_codes(title: Title) -> str:
    """Return the languages of the subtitles, e.g. `EN DE FR`."""
    codes = dict.fromkeys(track.language[:2].upper() for track in title.texts if track.language)
    return " ".join(codes)


def sounds_of(facts: MediaFacts, phrases: Phrases) -> tuple[Part, ...]:
    """Return the sound tracks."""
    return tuple(Part(phrases.sound(track), Markup(phrases.codec(track.codec))) for track in facts.audio)  # noqa: S704


def texts_of(title: Title, phrases: Phrases) -> tuple[Part, ...]:
    """Return the subtitle tracks."""
    return tuple(
        Part(
            phrases.language(track.language) if track.language else phrases.say("panel.title.unnamed_track"),
            Markup("{}").format(track.name),
        )
        for track in title.texts
    )


def chapters_of(facts: MediaFacts, phrases: Phrases) -> tuple[Part, ...]:
    """Return the chapters, numbered where they have no name."""
    return tuple(
        Part(
            Markup("{}").format(chapter.name) if chapter.name else phrases.say("panel.title.chapter", n=number),
            Markup(stamp(chapter.start_s)),  # noqa: S704 - digits and colons
            chapter.start_s,
        )
        for number, chapter in enumerate(facts.chapters, 1)
    )


def stamp(seconds: float) -> str:
    """Return a place in a film, e.g. `3:05` or `1:02:09`."""
    minutes, rest_s = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest_s:02}" if hours else f"{minutes}:{rest_s:02}"


def file_name(title: Title) -> str:
    """Return the name of a title's file; bytes that are no UTF-8 are shown as question marks."""
    return Path(os.fsdecode(title.path)).name.encode("utf-8", "replace").decode()
