"""Playlists and manifests as they were last told: written once, then answered from memory until their title changes."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from aiohttp import web

from osmose_addon.interfaces.http.answers import tag_of
from osmose_addon.model.media import TextTrack, Title

_MOST = 160


class _Stamp(NamedTuple):
    """What a playlist is written from; not the title itself, which is large."""

    revision: str
    texts: tuple[TextTrack, ...]


class _Kept(NamedTuple):
    stamp: _Stamp
    body: bytes
    tag: str


class Playlists:
    """The last playlists that somebody asked for.

    A new revision of the grid, or a subtitle file more or less, makes them anew.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def told(self, title: Title, name: str, write: Callable[[], str]) -> tuple[bytes, str]:
        """Return playlist `name` of a title and its ETag; `write` writes it where it is not kept."""
        key, stamp = (title.id, name), _Stamp(title.grid.revision if title.grid else "", title.texts)
        kept = self._kept.get(key)
        if kept is None or kept.stamp != stamp:
            body = write().encode()
            kept = self._kept[key] = _Kept(stamp, body, tag_of(body))
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return kept.body, kept.tag


PLAYLISTS = web.AppKey("playlists", Playlists)
