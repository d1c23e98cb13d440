"""The worker that turns a subtitle file into WebVTT, whatever its encoding, and however well it was written."""

import os
import stat

from osmose_addon.formats.captions import webvtt
from osmose_addon.formats.charsets import decoded
from osmose_addon.formats.subtitles import read
from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import SidecarOrder
from osmose_addon.model.reports import TextMade
from osmose_addon.workers.hub import Hub

_LARGEST_BYTES = 32 << 20
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


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
    try:
        fd = os.open(path, _OPEN_FLAGS)
    except FileNotFoundError:
        reason = "gone"
    except OSError:
        reason = "not_a_file" if os.path.islink(path) else "unreadable"  # noqa: PTH114 - the name is bytes
    else:
        with os.fdopen(fd, "rb") as file:
            told = os.fstat(fd)
            reason = _refusal(told.st_mode, told.st_size)
            if not reason:
                return file.read(_LARGEST_BYTES)
    raise MediaError(reason=reason)


def _refusal(mode: int, size_bytes: int) -> str:
    if not stat.S_ISREG(mode):
        return "not_a_file"
    if not size_bytes:
        return "empty"
    return "no_subtitles" if size_bytes > _LARGEST_BYTES else ""
