"""Notice that the configuration changed: the file itself, `secrets.yaml`, and everything it includes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

from osmose_addon.config.tree import read_tree

Stamp = tuple[int, int, int] | None
Stamps = dict[Path, Stamp]

QUIET_MS = 400
POLL_MS = 5_000


async def watch_config(path: Path, *, poll_ms: int = POLL_MS, quiet_ms: int = QUIET_MS) -> AsyncGenerator[None]:
    """Yield after each change, once the files rested for `quiet_ms`: also for a deleted, replaced or included file.

    Folders are watched, not files, as editors write a new file and rename it. Where the kernel tells nothing (network
    shares, some bind mounts), a look at the time stamps every `poll_ms` does. A change that comes while the caller is
    busy is told afterwards. Runs until it is closed.
    """
    seen = _stamps(path)
    while True:
        async with aclosing(_wake_ups(_folders(seen), poll_ms, quiet_ms)) as wake_ups:
            async for _ in wake_ups:
                now = _stamps_since(seen, path)
                has_changed, has_moved = now != seen, _folders(now) != _folders(seen)
                seen = now
                if has_changed:
                    yield None
                if has_moved:
                    break


async def _wake_ups(folders: tuple[Path, ...], poll_ms: int, quiet_ms: int) -> AsyncGenerator[None]:
    """Yield whenever it is worth looking at the time stamps."""
    yield None  # what happened while nobody watched
    if folders:
        changes = awatch(
            *folders, watch_filter=None, step=quiet_ms, recursive=False, rust_timeout=poll_ms, yield_on_timeout=True
        )
        async with aclosing(changes):
            async for _ in changes:
                yield None
    while True:
        await asyncio.sleep(poll_ms / 1000)
        yield None


def _folders(stamps: Stamps) -> tuple[Path, ...]:
    return tuple(sorted({file.parent for file in stamps if file.parent.is_dir()}))


def _stamps(path: Path) -> Stamps:
    """Return the stamps of all files that make up the configuration now; those that are missing count too."""
    return {file: _stamp(file) for file in (path, *read_tree(path).files)}


def _stamps_since(seen: Stamps, path: Path) -> Stamps:
    """Return the stamps of the same files; only if one differs, find out anew which files there are."""
    now = {file: _stamp(file) for file in seen}
    return now if now == seen else _stamps(path)


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
