"""Frames on the pipe between hub and worker: a 4-byte length, then MessagePack of (type name, value).

Decoding is strict and by known types only, so a worker that foreign media took over can send nonsense, but no code.
"""

from functools import cache
from typing import get_args

import msgspec

from osmose_addon.model import orders, reports
from osmose_addon.model.errors import WorkerError

LENGTH_BYTES = 4
LONGEST_FRAME_BYTES = 64 << 20

Message = orders.Order | orders.Command | reports.Report

_TYPES: dict[str, type] = {
    kind.__name__: kind for kind in (*get_args(orders.Order), orders.SnapshotCommand, *get_args(reports.Report))
}


@cache
def _decoder(name: str) -> msgspec.msgpack.Decoder[Message]:
    return msgspec.msgpack.Decoder(_TYPES[name])


def pack(message: Message) -> bytes:
    """Return the frame of a message."""
    body = msgspec.msgpack.encode((type(message).__name__, message))
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def unpack(body: bytes) -> Message:
    """Return the message of a frame's body (without its length).

    Raises: WorkerError when it is not one of ours.
    """
    try:
        name, raw = msgspec.msgpack.decode(body, type=tuple[str, msgspec.Raw])
        return _decoder(name).decode(raw)
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError) as error:
        reason = type(error).__name__
    raise WorkerError(name="?", cause=f"sent a frame that cannot be read ({reason})")
