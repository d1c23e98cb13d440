"""Every topic Osmose speaks or hears: the paths of DOCS.md, made and read in one place."""

import re
from dataclasses import dataclass

from osmose_addon.model.ids import ID_PATTERN

HOME = "osmose"
# Home Assistant says `online` here after its start, whatever the discovery prefix is.
# Source: home-assistant/core, components/mqtt/const.py, DEFAULT_BIRTH.
BIRTH = "homeassistant/status"

_REPLY = re.compile(r"[A-Za-z0-9_/-]{1,200}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics below one `base`; discovery lies below `prefix`. Osmose itself has kind `osmose` and no id."""

    base: str
    prefix: str

    @property
    def status(self) -> str:
        """Where `online` and `offline` are told, the latter by the broker too if Osmose dies."""
        return f"{self.base}/status"

    @property
    def announced(self) -> str:
        """Where Osmose notes for itself, retained, what it has announced."""
        return f"{self.base}/announced"

    def state(self, kind: str, id_: str, field: str) -> str:
        """Where a state is told, retained."""
        return f"{self._thing(kind, id_)}/{field}"

    def event(self, kind: str, id_: str) -> str:
        """Where journal entries about a thing are told, never retained."""
        return f"{self._thing(kind, id_)}/event"

    def image(self, camera_id: str) -> str:
        """Where the newest picture of a camera is told, retained, as a JPEG."""
        return f"{self._thing('camera', camera_id)}/image"

    def command(self, kind: str, id_: str, action: str) -> str:
        """Where a button is pressed."""
        return f"{self._thing(kind, id_)}/{action}/set"

    def discovery(self, device_id: str) -> str:
        """Where Home Assistant reads what a device is."""
        return f"{self.prefix}/device/{device_id}/config"

    def subscriptions(self) -> tuple[str, ...]:
        """Return all that Osmose listens to: its own notes and commands, and Home Assistant's birth."""
        base = self.base
        commands = (f"{base}/+/set", f"{base}/camera/+/+/set", f"{base}/library/+/+/set", f"{base}/actions/+")
        return (self.announced, *self.births(), *commands)

    def births(self) -> tuple[str, ...]:
        """Return where Home Assistant may say that it is there."""
        return tuple(dict.fromkeys((BIRTH, f"{self.prefix}/status")))

    def pressed(self, topic: str) -> tuple[str, str, str] | None:
        """Return the kind, id and action of a button's topic, or `None` if it is none of ours."""
        match self._below_base(topic):
            case [action, "set"]:
                found = HOME, "", action
            case ["camera" | "library" as kind, id_, action, "set"] if ID_PATTERN.fullmatch(id_):
                found = kind, id_, action
            case _:
                return None
        return found

    def asked(self, topic: str) -> str | None:
        """Return the action of a topic `<base>/actions/<action>`, or `None` if it is none."""
        match self._below_base(topic):
            case ["actions", action]:
                return action
            case _:
                return None

    def may_reply(self, topic: str) -> bool:
        """Whether an answer may go there: only below `<base>/reply/`, so that nobody writes elsewhere in our name."""
        return topic.startswith(f"{self.base}/reply/") and _REPLY.fullmatch(topic) is not None

    def _thing(self, kind: str, id_: str) -> str:
        return f"{self.base}/{kind}/{id_}" if id_ else self.base

    def _below_base(self, topic: str) -> list[str]:
        head = f"{self.base}/"
        return topic.removeprefix(head).split("/") if topic.startswith(head) else []
