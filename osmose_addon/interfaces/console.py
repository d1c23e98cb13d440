"""What a person at the terminal sees of a start: the address, how far the sample film is, what plays."""

import sys
from collections.abc import Callable

from osmose_addon.formats.texts import Texts
from osmose_addon.model.states import StateKey, StateValue
from osmose_addon.stores.states import States

_STEP_PERCENT = 20
_MOST_TITLES = 20
"""A large library would fill a terminal, and whoever reads it slowly would hold up the program."""


def _to_terminal(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Console:
    """Tells each news once, in a line."""

    def __init__(self, states: States, texts: Texts, address: str, tell: Callable[[str], None] = _to_terminal) -> None:
        """Take the board to read, the words for reasons, and the address to show."""
        self._states = states
        self._texts = texts
        self._address = address
        self._tell = tell
        self._told: set[str] = set()
        self._titles = 0

    async def main(self) -> None:
        """Run for ever."""
        self._once(f"Osmose is ready at {self._address}  (Ctrl-C stops it)")
        with self._states.watch() as watch:
            for key, value in self._states.values.items():
                self._look(key, value)
            async for changes in watch:
                for key, value in changes.items():
                    self._look(key, value)

    def _look(self, key: StateKey, value: StateValue) -> None:
        if (key.kind, key.field) == ("osmose", "sample") and isinstance(value, int):
            self._once(f"  making the sample film: {value - value % _STEP_PERCENT} %")
        elif (key.kind, key.field, value) == ("title", "phase", "ready"):
            name = self._states.get("title", key.id, "name") or key.id
            self._title(f"  ready to play: {name}")
        elif (key.kind, key.field, value) == ("title", "phase", "failed"):
            name = self._states.get("title", key.id, "name") or key.id
            self._title(f"  cannot be played: {name}")
        elif (key.kind, key.field) == ("camera", "phase") and value is not None:
            name = self._states.get("camera", key.id, "name") or key.id
            reason = self._states.get("camera", key.id, "reason")
            self._once(f"  camera {name}: {value}{self._because(reason)}")
        elif key.kind == "finding" and value is not None:
            self._once(f"  configuration: {value}")

    def _title(self, line: str) -> None:
        self._titles += 1
        if self._titles <= _MOST_TITLES:
            self._once(line)
        else:
            self._once("  and more titles")

    def _because(self, reason: StateValue) -> str:
        return f". {self._texts.say(reason)}" if isinstance(reason, str) and self._texts.has(reason) else ""

    def _once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._tell(line)
