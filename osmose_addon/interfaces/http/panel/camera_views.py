"""Cameras as pages show them, read from their states."""

from dataclasses import dataclass

from markupsafe import Markup

from osmose_addon.interfaces.http.panel.phrases import Phrases, unix_s_of
from osmose_addon.model.states import StateValue
from osmose_addon.stores.states import States

_NOT_KNOWN = Markup("\N{EN DASH}")
_AWAY = frozenset({"lost", "frozen", "refused", "unusable"})


@dataclass(frozen=True, slots=True)
class CameraView:
    """One camera. `is_away` when it sends none now; `has_picture` is whether there ever was one to show.

    `reason` and `hint` are sentences, the times are `<time>`.
    """

    id: str
    name: str
    phase: str
    is_live: bool
    is_away: bool
    reason: Markup
    hint: Markup
    since: Markup
    last_picture: Markup
    next_try: Markup
    has_picture: bool = True

    @property
    def link(self) -> str:
        """Its page, from the root."""
        return f"cameras/{self.id}"

    @property
    def picture(self) -> str:
        """Its newest picture, from the root."""
        return f"play/cameras/{self.id}/snapshot.jpg"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a table of facts. `state` is told to the script, which keeps the figure fresh."""

    name: str
    told: Markup
    state: str = ""
    form: str = ""


def camera_name(states: States, camera_id: str) -> str:
    """Return a camera's name, or its id where no name is told."""
    return str(states.get("camera", camera_id, "name") or camera_id)


def cameras_of(states: States, phrases: Phrases) -> tuple[CameraView, ...]:
    """Return all cameras, in the order of the YAML."""
    return tuple(camera_of(states, phrases, camera_id) for camera_id in states.ids("camera"))


def camera_of(states: States, phrases: Phrases, camera_id: str) -> CameraView:
    """Return one camera."""

    def told(field: str) -> StateValue:
        return states.get("camera", camera_id, field)

    phase = str(told("phase") or "starting")
    reason = str(told("reason") or "")
    return CameraView(
        id=camera_id,
        name=camera_name(states, camera_id),
        phase=phase,
        is_live=phase == "live",
        is_away=phase in _AWAY,
        reason=phrases.first(reason, f"camera_phase.{phase}.text"),
        hint=phrases.first(f"{reason}_hint", f"camera_phase.{phase}.hint"),
        since=phrases.moment(told("since")),
        last_picture=phrases.moment(told("last_picture"), "ago"),
        next_try=phrases.moment(told("next_try"), "in") if unix_s_of(told("next_try")) else Markup(),
        has_picture=phase == "live" or bool(unix_s_of(told("last_picture"))),
    )


def stream_facts(states: States, phrases: Phrases, camera_id: str) -> tuple[Fact, ...]:
    """Return what is known of a camera's stream, without what is not known."""

    def told(field: str) -> StateValue:
        return states.get("camera", camera_id, field)

    def figure(field: str, form: str, shown: str, factor: float = 1.0) -> Fact:
        value = told(field)
        known = Markup("{}").format(shown.format(value * factor)) if isinstance(value, int | float) else _NOT_KNOWN
        return Fact(field, known, f"camera.{camera_id}/{field}", form)

    facts = (
        Fact("picture", _join(told("resolution"), phrases.codec(str(told("codec") or "")))),
        figure("bit_rate", "mbps", "{:.1f} Mb/s", 1e-3),
        figure("frame_rate", "fps", "{:.1f} fps"),
        figure("key_frame_gap", "seconds", "{:.1f} s"),
        Fact("sound", phrases.first(str(told("sound")))),
        figure("viewers", "", "{:.0f}"),
    )
    return tuple(fact for fact in facts if fact.told)


def _join(*parts: StateValue) -> Markup:
    return Markup(" · ").join(str(part) for part in parts if part)
