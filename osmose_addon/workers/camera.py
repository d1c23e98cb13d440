"""The worker that keeps one camera live: source, mended times, parts, figures, and a picture when one is asked for."""

import queue

from osmose_addon.model.errors import SourceError
from osmose_addon.model.orders import CameraOrder, Command, SnapshotCommand
from osmose_addon.model.reports import Progress
from osmose_addon.runtime.child import HubLink
from osmose_addon.runtime.clock import Clock
from osmose_addon.workers.source import Source, open_rtsp
from osmose_addon.workers.stream import Stream
from osmose_addon.workers.testpicture import TestPicture

_TEST_PICTURE = "test"


def main(order: CameraOrder, hub: HubLink) -> None:
    """Be a camera until stopped.

    Raises: SourceLostError, SourceFrozenError, SourceRefusedError or SourceUnusableError when the source ends, whose
    field `reason` is a key below `camera_reason.`.
    """
    asked: queue.SimpleQueue[SnapshotCommand] = queue.SimpleQueue()

    def on_command(command: Command) -> None:
        asked.put(command)

    hub.on_command(on_command)

    def told() -> None:
        hub.send(Progress(0.0))

    told()
    clock = Clock()
    source: Source
    source = TestPicture(clock) if order.source == _TEST_PICTURE else open_rtsp(order.source, clock, told)
    stream = Stream(source.facts, hub.send, order.part_target_s)
    try:
        _run(source, stream, asked)
    except SourceError:
        # The picture people see while the camera is away.
        stream.answer(SnapshotCommand(0))
        raise


def _run(source: Source, stream: Stream, asked: queue.SimpleQueue[SnapshotCommand]) -> None:
    for unit in source.units():
        stream.take(unit)
        while not asked.empty():
            stream.answer(asked.get())
