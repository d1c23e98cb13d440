"""The board of states: newest value wins, and a slow reader never holds a writer."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from osmose_addon.model.states import FIELDS, StateKey, StateValue

Changes = dict[StateKey, StateValue]


class Watch:
    """Iterate over it for batches of changed states; `None` as a value means that the state is gone.

    A reader that sleeps finds one batch with the last value of each, however much happened.
    """

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self._changes: Changes = {}
        self._news = asyncio.Event()

    def tell(self, key: StateKey, value: StateValue) -> None:
        """Note a change, for the next batch."""
        self._changes[key] = value
        self._news.set()

    def __aiter__(self) -> AsyncIterator[Changes]:
        """Read batches."""
        return self

    async def __anext__(self) -> Changes:
        """Return the changes since the last batch; wait for one if there is none."""
        await self._news.wait()
        self._news.clear()
        changes, self._changes = self._changes, {}
        return changes


class States:
    """All states of Osmose. Only fields declared in `model.states` exist."""

    def __init__(self) -> None:
        """Begin empty."""
        self._values: dict[StateKey, StateValue] = {}
        self._watches: set[Watch] = set()

    @property
    def values(self) -> Mapping[StateKey, StateValue]:
        """All states, live and read-only."""
        return MappingProxyType(self._values)

    def set(self, kind: str, id_: str, /, **fields: StateValue) -> None:
        """Set fields of one thing (`id_` is empty for Osmose itself). An unchanged value is not told again.

        Raises: KeyError for a field that is not declared.
        """
        for field, value in fields.items():
            declared = FIELDS[kind, field]
            key = StateKey(declared.kind, id_, declared.field)
            if key not in self._values or self._values[key] != value:
                self._values[key] = value
                self._tell(key, value)

    def get(self, kind: str, id_: str, field: str) -> StateValue:
        """Return a state, or `None` if it is not known."""
        return self._values.get(StateKey(kind, id_, field))

    def ids(self, kind: str) -> tuple[str, ...]:
        """Return the ids of all things of a kind that have a state, in the order they appeared."""
        return tuple(dict.fromkeys(key.id for key in self._values if key.kind == kind))

    def drop(self, kind: str, id_: str) -> None:
        """Forget all states of one thing; watchers see each become `None`."""
        for key in [key for key in self._values if key.kind == kind and key.id == id_]:
            del self._values[key]
            self._tell(key, None)

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """Watch all states while the block lasts. What is there already comes from `values`."""
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def _tell(self, key: StateKey, value: StateValue) -> None:
        for watch in self._watches:
            watch.tell(key, value)
