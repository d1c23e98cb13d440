"""What a file's path says of the title in it: quick rules, no look-ups. The kind of library decides which."""

import os
import unicodedata

from osmose_addon.formats.names_clips import clip
from osmose_addon.formats.names_episodes import episode
from osmose_addon.formats.names_films import film
from osmose_addon.formats.names_read import Told, text_of
from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import Title

RULES = "1"
"""Another text whenever the rules tell something else, so that titles which were named before are named anew."""

_READERS = {LibraryKind.FILMS: film, LibraryKind.SERIES: episode, LibraryKind.HOME_VIDEOS: clip}
_ARTICLES = ("the ", "a ", "an ", "der ", "die ", "das ", "ein ", "eine ", "le ", "la ", "les ", "l'", "el ", "los ")
_MOST_FOLDERS = 8


def tell(path: bytes, root: bytes, kind: LibraryKind) -> Told:
    """Return what the path of a file tells, below the `root` of a library of this kind. Any bytes may be in it."""
    below = path[len(root) :] if path.startswith(root.rstrip(b"/") + b"/") else path
    *folders, file = [part for part in below.split(b"/") if part] or [b""]
    stem = os.path.splitext(file)[0]  # noqa: PTH122 - names are bytes
    return _READERS[kind]([text_of(folder) for folder in folders[-_MOST_FOLDERS:]], text_of(stem))


def full_name(title: Title) -> str:
    """Return what a title is called where nothing else tells its show: `Show · S1 E2 · Name`."""
    about = title.description
    return in_full(title.name, about.show, about.season, about.episode, about.last_episode)


def in_full(name: str, show: str, season: int, episode: int, last_episode: int = -1) -> str:
    """Return numbers and name of an episode behind its show; what has no numbers is called by its name."""
    own = "" if name == f"Episode {episode}" else name
    return " · ".join(filter(None, (show, numbers(season, episode, last_episode), own)))


def numbers(season: int, episode: int, last_episode: int = -1) -> str:
    """Return `S1 E2`, `S1 E2-3` or `E2`; nothing for an episode without a number, which a day may stand for."""
    if episode < 0:
        return ""
    last = f"-{last_episode}" if last_episode > episode else ""
    return f"S{season} E{episode}{last}" if season >= 0 else f"E{episode}{last}"


def sort_name(name: str) -> str:
    """Return what a name is sorted by: lower case, without accents and without an article at its start."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()
    article = next((article for article in _ARTICLES if plain.startswith(article)), "")
    return plain[len(article) :].strip() or plain
