"""Every action Osmose can be asked for, declared once: what *shall be done*.

One action is one button in Home Assistant, one call of the API, one button of the panel. `action.<name>` is its text.
"""

from dataclasses import dataclass

from osmose_addon.model.config import Right


@dataclass(frozen=True, slots=True)
class Argument:
    """One named argument of an action; all are text (ids or choices), at most 200 characters."""

    name: str
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """One declared action. `button_of` names the kind of device that shows it as a button in Home Assistant."""

    name: str
    right: Right
    arguments: tuple[Argument, ...] = ()
    button_of: str = ""
    icon: str = ""

    @property
    def text_key(self) -> str:
        """The key of its name in the translations."""
        return f"action.{self.name}"


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("rescan", Right.MANAGE, (Argument("library", is_required=False),), "library", "mdi:refresh"),
        Action("reload", Right.MANAGE, (), "osmose", "mdi:reload"),
        Action("pause_jobs", Right.MANAGE, (), "", "mdi:pause"),
        Action("resume_jobs", Right.MANAGE, (), "", "mdi:play"),
        Action("prepare", Right.MANAGE, (Argument("title"),)),
        Action("cancel", Right.MANAGE, (Argument("job"),)),
        Action("retry", Right.MANAGE, (Argument("title"),)),
        Action("try_now", Right.MANAGE, (Argument("camera"),), "camera", "mdi:connection"),
        Action("snapshot", Right.WATCH, (Argument("camera"),)),
    )
}


@dataclass(frozen=True, slots=True)
class Done:
    """What an action gave: `result` is told as JSON; `body` is bytes for those who asked for a picture."""

    result: dict[str, str | int | float | bool | None]
    body: bytes = b""
