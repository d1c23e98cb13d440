"""Watching a library's folder, as far as the system tells what changes in it."""

import asyncio
import logging
from pathlib import Path

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

_LOG = logging.getLogger(__name__)
_GATHER_MS = 1600
_STEP_MS = 300


class Watch:
    """Sets `changed` whenever something changes in a folder. It ends when the folder goes away, and can begin again."""

    def __init__(self, library_id: str, folder: Path, changed: asyncio.Event) -> None:
        """Begin with no eyes open."""
        self._library_id = library_id
        self._folder = folder
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        self._is_blind = False

    def begin(self, group: asyncio.TaskGroup) -> bool:
        """Watch, unless that is done already; return whether it begins just now."""
        is_new = self._task is None or self._task.done()
        if is_new:
            self._task = group.create_task(self._follow())
        return is_new

    def end(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _follow(self) -> None:
        """Tell of changes; without watching, the regular look has to do."""
        changes = watchfiles.awatch(
            self._folder, debounce=_GATHER_MS, step=_STEP_MS, recursive=True, ignore_permission_denied=True
        )
        try:
            async for _change in changes:
                self._changed.set()
        except* WatchfilesRustInternalError:
            self._changed.set()  # names that are no UTF-8 make it stumble: that was a change, and the look watches anew
        except* OSError as errors:
            if not self._is_blind:
                _LOG.warning(
                    "library %s is only looked through now and then: %s", self._library_id, errors.exceptions[0]
                )
            self._is_blind = True
