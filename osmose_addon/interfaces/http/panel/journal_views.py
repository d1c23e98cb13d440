"""What happened, as pages tell it."""

from dataclasses import dataclass

from markupsafe import Markup

from osmose_addon.formats.names import full_name
from osmose_addon.interfaces.http.panel.camera_views import camera_name
from osmose_addon.interfaces.http.panel.needs import service_name
from osmose_addon.interfaces.http.panel.phrases import Phrases
from osmose_addon.model.journal import Entry, Event
from osmose_addon.stores.shelves import Shelves

_ICONS = {
    Event.CAMERA_LOST: ("video-off-outline", "warn"),
    Event.CAMERA_BACK: ("video-outline", "ok"),
    Event.TITLE_ADDED: ("movie-open-outline", ""),
    Event.TITLE_FAILED: ("alert-circle-outline", "error"),
    Event.TITLE_GONE: ("delete-outline", ""),
    Event.TITLE_PREPARED: ("check", "ok"),
    Event.LIBRARY_AWAY: ("folder-alert-outline", "warn"),
    Event.LIBRARY_BACK: ("folder-outline", "ok"),
    Event.CONFIG_LOADED: ("code-braces", "ok"),
    Event.CONFIG_REFUSED: ("code-braces", "error"),
    Event.SERVICE_PARKED: ("cog-outline", "error"),
    Event.ACTION_DONE: ("account-circle-outline", ""),
}


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line: what happened, when, by whom, and where to look."""

    number: int
    icon: str
    level: str
    text: Markup
    note: Markup
    at: Markup
    link: str


async def happened(shelves: Shelves, phrases: Phrases, limit: int) -> tuple[EntryView, ...]:
    """Return the newest entries, newest first."""
    return tuple([await _view(shelves, phrases, entry) for entry in await shelves.catalog.journal.latest(limit)])


async def _view(shelves: Shelves, phrases: Phrases, entry: Entry) -> EntryView:
    name, link = await _about(shelves, phrases, entry)
    icon, level = _ICONS[entry.event]
    reason = str(entry.fields.get("reason", ""))
    why = phrases.first(reason, f"media_reason.{reason}", f"error.{reason}.text")
    who = phrases.say("panel.journal.by", name=entry.by) if entry.by else Markup()
    return EntryView(
        number=entry.number,
        icon=icon,
        level=level,
        text=_text(phrases, entry, name),
        note=Markup(" · ").join(part for part in (why, who) if part),
        at=phrases.clock(entry.at_unix_s, "ago"),
        link=link,
    )


def _text(phrases: Phrases, entry: Entry, name: str) -> Markup:
    action = str(entry.fields.get("action", ""))
    wanted = phrases.first(f"panel.done.{action}", f"action.{action}")
    key = "action_done_for" if entry.event is Event.ACTION_DONE and name else entry.event.value
    return phrases.say(f"journal.{key}", **{**entry.fields, "name": name, "action": wanted})


def _thing(entry: Entry) -> tuple[str, str]:
    """Return the kind and id of what an entry is about; an action is about what it was asked for."""
    if entry.event is not Event.ACTION_DONE:
        return entry.kind, entry.id
    asked = ((kind, str(entry.fields[kind])) for kind in ("title", "camera", "library") if kind in entry.fields)
    return next(asked, (entry.kind, entry.id))


async def _about(shelves: Shelves, phrases: Phrases, entry: Entry) -> tuple[str, str]:
    """Return the name of what an entry is about, and its page if there is one."""
    told = str(entry.fields.get("name", ""))
    kind, id_ = _thing(entry)
    if kind == "camera":
        known = id_ in shelves.states.ids("camera")
        return told or camera_name(shelves.states, id_), f"cameras/{id_}" if known else ""
    if kind == "title":
        title = await shelves.catalog.titles.get(id_)
        return (full_name(title), f"titles/{title.id}") if title else (told or id_, "")
    if kind == "library":
        return told or str(shelves.states.get("library", id_, "name") or id_), f"library?library={id_}"
    if kind == "service":
        return service_name(shelves.states, phrases, id_), ""
    return told or id_, ""
