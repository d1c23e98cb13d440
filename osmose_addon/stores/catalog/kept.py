"""The titles that were asked for last, kept so that a player's next cell costs no question to the database."""

from collections import OrderedDict

from osmose_addon.model.media import Title

_MOST = 16


class KeptTitles:
    """A few whole titles by id. What was read before a change is not kept after it."""

    def __init__(self) -> None:
        """Begin empty."""
        self._titles: OrderedDict[str, Title] = OrderedDict()
        self.changes = 0

    def get(self, id_: str) -> Title | None:
        """Return a title that is kept."""
        title = self._titles.get(id_)
        if title is not None:
            self._titles.move_to_end(id_)
        return title

    def keep(self, title: Title, changes: int) -> None:
        """Keep a title that was read when `changes` was so high, unless something changed meanwhile."""
        if changes != self.changes:
            return
        self._titles[title.id] = title
        while len(self._titles) > _MOST:
            self._titles.popitem(last=False)

    def drop(self, id_: str) -> None:
        """Forget a title that changed."""
        self.changes += 1
        self._titles.pop(id_, None)

    def clear(self) -> None:
        """Forget all, because many may have changed."""
        self.changes += 1
        self._titles.clear()
