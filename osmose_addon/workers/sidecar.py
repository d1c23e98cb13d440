"""The worker that turns a subtitle file into WebVTT, whatever its encoding, and however well it was written."""

import os

from osmose_addon.formats.captions import webvtt
from osmose_addon.formats.charsets import decoded
from osmose_addon.formats.subtitles import read
from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import SidecarOrder
from osmose_addon.model.reports import TextMade
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.opened import regular_file

_LARGEST_BYTES = 32 << 20


def main(order: SidecarOrder, hub: Hub) -> None:
    """Answer with the file as one document.

    Raises: MediaError with reason `gone`, `not_a_file`, `unreadable`, `empty` or `no_subtitles`, also for a file of
    more than 32 MiB.
    """
    cues = read(decoded(_bytes_of(order.path), order.language))
    if not cues:
        raise MediaError(reason="no_subtitles")
    hub.send(TextMade(webvtt(cues)))


def _bytes_of(path: bytes) -> bytes:
    with os.fdopen(regular_file(path), "rb") as file:
        body = file.read(_LARGEST_BYTES + 1)
    if not body or len(body) > _LARGEST_BYTES:
        raise MediaError(reason="no_subtitles" if body else "empty")
    return body
