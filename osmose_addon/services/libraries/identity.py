"""Who a file is: its content, not its name, so that a rename or a move costs nothing."""

import os
from hashlib import blake2b

_END_BYTES = 256 << 10
_ID_BYTES = 10


def title_id(path: bytes) -> str:
    """Return the id of the title in a file: 20 hexadecimal digits of its size, head and tail.

    An empty file has no content to tell it by, so its name counts. Blocking: call it in a thread. Raises: OSError.
    """
    told = blake2b(digest_size=_ID_BYTES, person=b"osmose title")
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size_bytes = os.fstat(fd).st_size
        told.update(size_bytes.to_bytes(8, "big"))
        told.update(os.pread(fd, _END_BYTES, 0) if size_bytes else path)
        told.update(os.pread(fd, _END_BYTES, max(size_bytes - _END_BYTES, 0)))
    finally:
        os.close(fd)
    return told.hexdigest()


def nameless_id(path: bytes) -> str:
    """Return an id for a file whose content nobody may read: until that changes, its place has to do."""
    return blake2b(path, digest_size=_ID_BYTES, person=b"osmose place").hexdigest()
