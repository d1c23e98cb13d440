"""Notice that the configuration changed: the file itself, `secrets.yaml`, and everything it includes."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

from osmose_addon.config.tree import read_tree

Stamp = tuple[int, int, int] | None
Stamps = dict[Path, Stamp]

QUIET_MS = 400
POLL_MS = 5_000


def watch_config(path: Path, *, poll_ms: int = POLL_MS, quiet_ms: int = QUIET_MS) -> AsyncGenerator[None, None]:
    """Yield after each change, once the files rested for `quiet_ms`: also for a deleted, replaced or included file.

    Folders are watched, not files, as editors write a new file and rename it. Where the kernel tells nothing (network
    shares, some bind mounts), a look at the time stamps every `poll_ms` does. What changes after this call is told,
    also while the caller is busy: call it before `load_config`, and nothing is missed. Runs until it is closed.
    """
    return _changes(path, _stamps(path), poll_ms, quiet_ms)


async def _changes(path: Path, seen: Stamps, poll_ms: int, quiet_ms: int) -> AsyncGenerator[None, None]:
    while True:
        now = _stamps_since(seen, path)
        if now != seen:
            seen = now
            yield None
        else:  # no await between this look and the start of the watch, so that no change falls in between
            await _wake_up(_folders(seen), poll_ms, quiet_ms)


async def _wake_up(folders: tuple[Path, ...], poll_ms: int, quiet_ms: int) -> None:
    """Return when something happened in one of the folders and is over, or after `poll_ms`."""
    if not folders:
        await asyncio.sleep(poll_ms / 1000)
        return
    watched = awatch(
        *folders, watch_filter=None, step=quiet_ms, recursive=False, rust_timeout=poll_ms, yield_on_timeout=True
    )
    async with aclosing(watched):
        await anext(watched)


def _folders(stamps: Stamps) -> tuple[Path, ...]:
    parents = sorted({file.parent for file in stamps})
    return tuple(folder for folder in parents if os.path.isdir(folder))  # noqa: PTH112 - never raises


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
