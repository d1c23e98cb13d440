"""What needs somebody: each with what is, why, and a way out."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from osmose_addon.formats.names import full_name
from osmose_addon.interfaces.http.panel.camera_views import CameraView, cameras_of
from osmose_addon.interfaces.http.panel.phrases import NOTHING, Phrases
from osmose_addon.interfaces.http.panel.title_views import libraries_of
from osmose_addon.model.media import Title, TitlePhase
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.states import States

_MOST_FAILED = 50


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: an action with its one argument, or a link when there is no action."""

    text: Markup
    action: str = ""
    argument: str = ""
    value: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs somebody. `level` is `error` or `warn`; `note` is small print such as when."""

    id: str
    icon: str
    level: str
    text: Markup
    why: Markup
    note: Markup = NOTHING
    link: str = ""
    ways: tuple[Way, ...] = ()


async def needs_of(shelves: Shelves, phrases: Phrases) -> tuple[Need, ...]:
    """Return all that needs somebody, most urgent first."""
    return (
        *_disk(shelves.states, phrases),
        *_room(shelves.states, phrases),
        *_findings(shelves.states, phrases),
        *_services(shelves.states, phrases),
        *(_camera(camera, phrases) for camera in cameras_of(shelves.states, phrases) if camera.is_away),
        *_libraries(shelves.states, phrases),
        *[_title(title, phrases) for title in await _failed(shelves)],
    )


def _disk(states: States, phrases: Phrases) -> Iterator[Need]:
    if states.get("osmose", "", "is_lasting") is False:
        yield Need(
            id="disk",
            icon="alert-circle-outline",
            level="error",
            text=phrases.say("panel.need.disk"),
            why=phrases.say("panel.need.disk_why"),
        )


def _room(states: States, phrases: Phrases) -> Iterator[Need]:
    reason = states.get("osmose", "", "jobs_reason")
    if reason:
        yield Need(
            id="room",
            icon="alert-circle-outline",
            level="warn",
            text=phrases.say(f"panel.need.{reason}"),
            why=phrases.say(f"jobs_reason.{reason}"),
            link="activity",
        )


def _findings(states: States, phrases: Phrases) -> Iterator[Need]:
    told = [str(states.get("finding", finding, "text")) for finding in states.ids("finding")]
    if not told:
        return
    yield Need(
        id="findings",
        icon="code-braces",
        level="error",
        text=phrases.say("panel.need.config", n=len(told)),
        why=phrases.say("panel.need.config_why"),
        note=Markup("{}").format(told[0]),
        link="health/details",
        ways=(Way(phrases.say("panel.act.reload"), "reload"),),
    )


def _services(states: States, phrases: Phrases) -> Iterator[Need]:
    for service in states.ids("service"):
        if states.get("service", service, "phase") != "parked" or service.startswith("camera."):
            continue
        reason = str(states.get("service", service, "reason") or "")
        yield Need(
            id=f"service-{service}",
            icon="cog-outline",
            level="error",
            text=phrases.say("panel.need.service", name=service_name(states, phrases, service)),
            why=phrases.first(f"error.{reason}.text", "panel.need.service_why"),
            note=phrases.say(
                "panel.need.next_try", time=phrases.moment(states.get("service", service, "next_try"), "in")
            ),
            link="health/details",
        )


def service_name(states: States, phrases: Phrases, service: str) -> Markup:
    """Return a service's name in words; `library.films` is named by its kind and by the name of what it serves."""
    kind, _, id_ = service.partition(".")
    named = phrases.first(f"service.{kind}") or Markup("{}").format(kind)
    if not id_:
        return named
    return Markup("{} · {}").format(named, states.get(kind, id_, "name") or states.get("library", id_, "name") or id_)


def _camera(camera: CameraView, phrases: Phrases) -> Need:
    key = "camera_since" if camera.since else "camera"
    icon = "lock-outline" if camera.phase == "refused" else "video-off-outline"
    return Need(
        id=f"camera-{camera.id}",
        icon=icon,
        level="warn",
        text=phrases.say(f"panel.need.{key}", name=camera.name, time=camera.since),
        why=Markup(" ").join(part for part in (camera.reason, camera.hint) if part),
        note=phrases.say("panel.need.next_try", time=camera.next_try) if camera.next_try else Markup(),
        link=camera.link,
        ways=(Way(phrases.say("panel.act.try_now"), "try_now", "camera", camera.id),),
    )


def _libraries(states: States, phrases: Phrases) -> Iterator[Need]:
    for library in libraries_of(states):
        if library.phase == "away":
            yield Need(
                id=f"library-{library.id}",
                icon="folder-alert-outline",
                level="warn",
                text=phrases.say("panel.need.library", name=library.name),
                why=phrases.say("panel.need.library_why"),
                link=f"library?library={library.id}",
                ways=(Way(phrases.say("panel.act.look_again"), "rescan", "library", library.id),),
            )


async def _failed(shelves: Shelves) -> list[Title]:
    """Return the titles that failed, as the states tell; not more than somebody would read."""
    told = shelves.states.ids("title")
    failed = [title_id for title_id in told if shelves.states.get("title", title_id, "phase") == TitlePhase.FAILED]
    titles = [await shelves.catalog.titles.get(title_id) for title_id in failed[:_MOST_FAILED]]
    return [title for title in titles if title is not None]


def _title(title: Title, phrases: Phrases) -> Need:
    return Need(
        id=f"title-{title.id}",
        icon="alert-circle-outline",
        level="error",
        text=phrases.say("panel.need.title", name=full_name(title)),
        why=title_reason(title, phrases),
        link=f"titles/{title.id}",
        ways=(Way(phrases.say("panel.act.try_again"), "retry", "title", title.id),),
    )


def title_reason(title: Title, phrases: Phrases) -> Markup:
    """Return in words why a title cannot be played."""
    return phrases.first(f"media_reason.{title.reason}", f"error.{title.reason}.text", "media_reason.unknown")
