"""A small disk of one's own, in memory, that only chosen programs see; no rights are needed for it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.tools import namespace_tools

_MOUNT = 'mount -t tmpfs -o "size=$1" tmpfs "$0" && echo there && exec cat'
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class SmallDisk:
    """The disk: how programs that shall see it are started, and where the test finds it."""

    through: tuple[str, ...]
    folder: Path

    @property
    def free_bytes(self) -> int:
        """How much more it takes."""
        told = os.statvfs(self.folder)
        return told.f_bavail * told.f_frsize

    def leave(self, size_bytes: int) -> None:
        """Fill it with something else until so much is free; 0 leaves not a byte."""
        with (self.folder / "ballast").open("ab", buffering=0) as ballast:
            try:
                while self.free_bytes > size_bytes:
                    ballast.write(bytes(min(_PIECE_BYTES, self.free_bytes - size_bytes)))
            except OSError:
                return

    def empty(self) -> None:
        """Take that away again."""
        (self.folder / "ballast").unlink()


@asynccontextmanager
async def small_disk(folder: Path, size_bytes: int) -> AsyncIterator[SmallDisk]:
    """Mount a disk of that size at `folder`, for who goes `through` only, until the block is left.

    Raises: ToolMissingError.
    """
    unshare, nsenter = namespace_tools()
    folder.mkdir(parents=True, exist_ok=True)
    holder = await asyncio.create_subprocess_exec(
        *(str(unshare), "--map-root-user", "--mount", "sh", "-c", _MOUNT, str(folder), str(size_bytes)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"there\n"
        enter = (str(nsenter), "-t", str(holder.pid), "--mount", "--user", "--preserve-credentials")
        yield SmallDisk((*enter, f"--wd={Path.cwd()}", "--"), Path(f"/proc/{holder.pid}/root{folder}"))
    finally:
        await holder.communicate(b"")
