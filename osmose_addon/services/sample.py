"""The small film that a first visitor sees: made once, into a films library of our own that is still empty."""

import logging
import os
from pathlib import Path

from osmose_addon.model.config import LibraryConfig, LibraryKind
from osmose_addon.model.orders import SampleOrder
from osmose_addon.model.reports import Progress
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.runtime.threads import in_thread
from osmose_addon.stores.states import States

_LOG = logging.getLogger(__name__)
_LIMITS = Limits(memory_bytes=4 << 30, silence_s=60, deadline_s=300)
_FILE = "Over the Hills (2026).mkv"
_MADE = ".sample-made"
"""Says that the film was made: who deletes it does not get it again."""


def wants_sample(library: LibraryConfig, data: Path) -> bool:
    """Whether this library is a films folder of our own, in the data folder, where nothing was ever put.

    What was left half-made by a start that was cut off does not count.
    """
    if library.kind is not LibraryKind.FILMS or not library.path.is_relative_to(data):
        return False
    if not library.path.exists():
        return True
    return {entry.name for entry in library.path.iterdir()} <= {f".{_FILE}.part"}


class SampleService:
    """Makes the sample film, telling `osmose/sample` in percent, and is done."""

    def __init__(self, library: LibraryConfig, states: States) -> None:
        """Take the library that gets the film."""
        self._folder = library.path
        self._states = states

    async def main(self) -> None:
        """Make the film; raises WorkerError if that fails, so that it is tried again."""
        film = self._folder / _FILE
        await in_thread(self._folder.mkdir, parents=True, exist_ok=True)
        self._states.set("osmose", "", sample=0)
        async with worker.start("sample", SampleOrder(os.fsencode(film)), _LIMITS) as making:
            async for report in making:
                if isinstance(report, Progress):
                    self._states.set("osmose", "", sample=round(100 * report.done))
        await in_thread((self._folder / _MADE).touch)
        self._states.set("osmose", "", sample=None)
        _LOG.info("made a sample film: %s", film)
