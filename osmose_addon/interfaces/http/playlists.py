"""Playlists and manifests as they were last told: written once, then answered from memory until their title changes."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from aiohttp import web

from osmose_addon.interfaces.http.answers import tag_of
from osmose_addon.model.media import Title

_MOST = 160


class _Kept(NamedTuple):
    title: Title
    body: bytes
    tag: str


class Playlists:
    """The last playlists that somebody asked for.

    The catalog lends the same title object until something of it changes, so a playlist holds for as long as its title
    is that very object: a new revision, a subtitle file more or another name make it anew.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def told(self, title: Title, name: str, write: Callable[[], str]) -> tuple[bytes, str]:
        """Return playlist `name` of a title and its ETag; `write` writes it where it is not kept."""
        key = (title.id, name)
        kept = self._kept.get(key)
        if kept is None or kept.title is not title:
            body = write().encode()
            kept = self._kept[key] = _Kept(title, body, tag_of(body))
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return kept.body, kept.tag


PLAYLISTS = web.AppKey("playlists", Playlists)
