"""What a title is about, in words: its story and who made it."""

from dataclasses import dataclass

from markupsafe import Markup

from osmose_addon.interfaces.http.panel.phrases import NOTHING, Phrases
from osmose_addon.model.media import Person, Title

_DIRECTOR = "director"
_MOST_PLAYERS = 12


@dataclass(frozen=True, slots=True)
class Story:
    """All of it may be empty. `lines` tell people and the original name, a line each."""

    plot: str
    lines: tuple[Markup, ...]

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.plot or self.lines)


def story_of(title: Title, phrases: Phrases) -> Story:
    """Return what is known of a title's story."""
    about = title.description
    directors = [person for person in about.people if person.role == _DIRECTOR]
    players = [person for person in about.people if person.role != _DIRECTOR][:_MOST_PLAYERS]
    lines = (
        phrases.say("panel.title.directed", names=_names(directors)) if directors else NOTHING,
        phrases.say("panel.title.players", names=_names(players)) if players else NOTHING,
        phrases.say("panel.title.original_name", name=about.original_name) if about.original_name else NOTHING,
    )
    return Story(about.plot, tuple(line for line in lines if line))


def _names(people: list[Person]) -> str:
    """Return names, each with the part that is played in brackets."""
    return ", ".join(
        f"{person.name} ({person.role})" if person.role not in ("", _DIRECTOR) else person.name for person in people
    )
