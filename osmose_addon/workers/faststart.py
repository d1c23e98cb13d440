"""Whether an MP4 tells first where everything lies, so that a player can begin before it has the whole file."""

import os
import struct

from osmose_addon.runtime.openfiles import open_file

_MOST_BOXES = 64
_HEAD = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")


def has_index_first(path: bytes) -> bool:
    """Whether `moov` stands before the samples, and the file is not made of fragments. False where it cannot be read.

    Source: ISO/IEC 14496-12, sections 4.2 and 8.8.
    """
    try:
        with open_file(path) as file:
            kinds = _kinds(file.fileno(), os.fstat(file.fileno()).st_size)
    except OSError:
        return False
    is_whole = b"mdat" in kinds and not {b"moof", b"sidx", b"styp"} & set(kinds)
    return is_whole and b"moov" in kinds[: kinds.index(b"mdat")]


def _kinds(fd: int, size_bytes: int) -> list[bytes]:
    """Return the kinds of the boxes side by side in a file, up to one that makes no sense."""
    kinds: list[bytes] = []
    at = 0
    while at < size_bytes and len(kinds) < _MOST_BOXES:
        head = os.pread(fd, _HEAD.size + _LARGE.size, at)
        if len(head) < _HEAD.size:
            break
        length, kind = _HEAD.unpack_from(head)
        if length == 1 and len(head) == _HEAD.size + _LARGE.size:
            (length,) = _LARGE.unpack_from(head, _HEAD.size)
        elif length == 0:
            length = size_bytes - at
        if length < _HEAD.size:
            break
        kinds.append(kind)
        at += length
    return kinds
