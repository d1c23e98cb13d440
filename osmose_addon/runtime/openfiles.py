"""Reading stretches of files without ever holding the event loop.

What the page cache holds is read at once (`RWF_NOWAIT`), the rest in a thread: so a warm file costs no thread, and a
disk that sleeps or a share that hangs keeps nobody else waiting.
"""

import asyncio
import errno
import os
import stat
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from osmose_addon.runtime.threads import in_thread

PIECE_BYTES = 1 << 20

_MOST = 16
_IDLE_S = 10.0
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def open_file(path: Path | bytes) -> FileIO:
    """Open a regular file, and nothing that a link or a pipe of its name leads to. Blocking: call it in a thread.

    Raises: OSError.
    """
    file = FileIO(os.open(path, _FLAGS))  # an object, so that it is closed even when nobody waits for it any more
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return file


async def read_pieces(fd: int, first_byte: int, size_bytes: int) -> AsyncIterator[bytes]:
    """Yield bytes of an open file, some at a time. Raises: OSError, also when the file ends too early."""
    at, end = first_byte, first_byte + size_bytes
    while at < end:
        wanted = min(PIECE_BYTES, end - at)
        is_near = _is_in_memory(fd, at) and _is_in_memory(fd, at + wanted - 1)
        piece = os.pread(fd, wanted, at) if is_near else await in_thread(os.pread, fd, wanted, at)
        if not piece:
            raise OSError(errno.ENODATA, "the file is shorter than it was")
        yield piece
        at += len(piece)


def _is_in_memory(fd: int, at: int) -> bool:
    """Whether the page cache holds a byte; false where the file system cannot tell, as on network shares."""
    try:
        return os.preadv(fd, [bytearray(1)], at, os.RWF_NOWAIT) == 1
    except OSError:
        return False


@dataclass(slots=True)
class _Opened:
    file: FileIO
    users: int = 0
    closing: asyncio.TimerHandle | None = None


class OpenFiles:
    """Files of our own that were read just now, kept open for some seconds, because a player comes again.

    Only a few, and not for long, because a file that was deleted meanwhile fills the disk while it is open.
    """

    def __init__(self, idle_s: float = _IDLE_S) -> None:
        """Begin with none. A file that nobody reads for `idle_s` is closed."""
        self._idle_s = idle_s
        self._files: OrderedDict[Path, _Opened] = OrderedDict()

    @asynccontextmanager
    async def lent(self, path: Path) -> AsyncIterator[int]:
        """Lend the descriptor of a file for as long as the block lasts. Raises: OSError."""
        opened = self._files.get(path)
        if opened is None:
            opened = await self._open(path)
        opened.users += 1
        if opened.closing is not None:
            opened.closing.cancel()
            opened.closing = None
        try:
            yield opened.file.fileno()
        finally:
            opened.users -= 1
            self._rest(path, opened)

    def close(self) -> None:
        """Close all that nobody reads now."""
        for path, opened in list(self._files.items()):
            self._close(path, opened)

    async def _open(self, path: Path) -> _Opened:
        file = await in_thread(open_file, path)
        known = self._files.get(path)
        if known is not None:  # somebody else opened it meanwhile
            file.close()
            return known
        opened = self._files[path] = _Opened(file)
        return opened

    def _rest(self, path: Path, opened: _Opened) -> None:
        if opened.users:
            return
        loop = asyncio.get_running_loop()
        opened.closing = loop.call_later(self._idle_s, self._close, path, opened)
        self._files.move_to_end(path)
        idle = [path for path, one in self._files.items() if not one.users]
        for oldest in idle[: max(0, len(self._files) - _MOST)]:
            self._close(oldest, self._files[oldest])

    def _close(self, path: Path, opened: _Opened) -> None:
        if opened.users:
            return
        if opened.closing is not None:
            opened.closing.cancel()
        if self._files.get(path) is opened:
            del self._files[path]
            opened.file.close()
