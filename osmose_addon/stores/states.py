"""The board of states: newest value wins, and a slow reader never holds a writer."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
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
    """All states of Osmose. Only fields declared in `model.states` exist.

    A household may have ten thousand titles with some states each: all but `values` and `pieces` look only at the thing
    they name.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._things: dict[str, dict[str, dict[str, StateValue]]] = {}
        self._watches: set[Watch] = set()

    @property
    def values(self) -> Changes:
        """All states as they are now. It copies them all: for those who begin to follow."""
        return {
            StateKey(kind, id_, field): value
            for kind, things in self._things.items()
            for id_, fields in things.items()
            for field, value in fields.items()
        }

    def pieces(self, most: int, without: Collection[str] = ()) -> Iterator[Changes]:
        """Yield all states but those of some kinds, about `most` at a time; at least one piece, which may be empty.

        Each piece is as things are when it is asked for: they may change, come and go between two.
        """
        piece: Changes = {}
        things = [(kind, id_) for kind, all_ in self._things.items() if kind not in without for id_ in all_]
        for kind, id_ in things:
            piece |= {StateKey(kind, id_, field): value for field, value in self.fields(kind, id_).items()}
            if len(piece) >= most:
                yield piece
                piece = {}
        yield piece

    def set(self, kind: str, id_: str, /, **fields: StateValue) -> None:
        """Set fields of one thing (`id_` is empty for Osmose itself). An unchanged value is not told again.

        Raises: KeyError for a field that is not declared.
        """
        known = self._things.setdefault(kind, {}).setdefault(id_, {})
        for field, value in fields.items():
            declared = FIELDS[kind, field]
            if field not in known or known[field] != value:
                known[field] = value
                self._tell(StateKey(declared.kind, id_, declared.field), value)

    def get(self, kind: str, id_: str, field: str) -> StateValue:
        """Return a state, or `None` if it is not known."""
        return self.fields(kind, id_).get(field)

    def fields(self, kind: str, id_: str) -> Mapping[str, StateValue]:
        """Return all states of one thing by field, live and read-only; empty if nothing is known of it."""
        return MappingProxyType(self._things.get(kind, {}).get(id_, {}))

    def has(self, kind: str, id_: str) -> bool:
        """Whether anything is known of this thing."""
        return id_ in self._things.get(kind, {})

    def ids(self, kind: str) -> tuple[str, ...]:
        """Return the ids of all things of a kind that have a state, in the order they appeared."""
        return tuple(self._things.get(kind, {}))

    def drop(self, kind: str, id_: str) -> None:
        """Forget all states of one thing; watchers see each become `None`."""
        for field in self._things.get(kind, {}).pop(id_, {}):
            self._tell(StateKey(kind, id_, field), None)

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
