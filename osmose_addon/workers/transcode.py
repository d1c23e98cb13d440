"""The worker that makes init segments and fills cells, by copying or by encoding."""

from contextlib import ExitStack

from av.container import InputContainer

from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import Rung, RungKind, RungMethod
from osmose_addon.model.orders import ChunkOrder, InitOrder
from osmose_addon.model.reports import CellFilled
from osmose_addon.runtime.limits import give_way
from osmose_addon.stores.segments.cellfile import CellWriter
from osmose_addon.workers.copies import Emit, copy_pictures, copy_sound
from osmose_addon.workers.effort import HURRIED_CELLS, Effort, hurried, lively, steady
from osmose_addon.workers.encode import encode_pictures
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.inits import init_of
from osmose_addon.workers.opened import opened
from osmose_addon.workers.reading import Span
from osmose_addon.workers.sound_encode import encode_sound


def main(order: InitOrder | ChunkOrder, hub: Hub) -> None:
    """Answer an `InitOrder` with an `InitMade` a rung, a `ChunkOrder` with a `CellFilled` the moment a cell is kept.

    Raises: MediaError (`changed`: the file is not the one the grid was planned for; others as `workers.opened` names
    them), StoreError.
    """
    with opened(order.path) as container:
        if isinstance(order, InitOrder):
            for rung in order.rungs:
                container.seek(0)
                hub.send(init_of(container, rung))
        else:
            _fill(container, order, hub)


def _fill(container: InputContainer, order: ChunkOrder, hub: Hub) -> None:
    last = order.first_cell + order.count - 1
    if any(last >= rung.cells or order.first_cell < 0 for rung in order.rungs):
        raise MediaError(reason="changed")
    with ExitStack() as files:
        spans, emits = [], []
        for rung in order.rungs:
            writer = files.enter_context(CellWriter(order.folder, rung.id, order.first_cell))
            emit = _keeper(writer, rung, hub)
            if order.is_urgent:
                emit = _yielding(emit)
            if rung.kind is RungKind.VIDEO and rung.method is RungMethod.ENCODED:
                spans.append(Span(rung, order.first_cell, last))
                emits.append(emit)
            else:
                _single(container, Span(rung, order.first_cell, last), emit)
        if spans:
            encode_pictures(container, spans, emits, _effort(order))


def _effort(order: ChunkOrder) -> Effort:
    if order.is_urgent:
        return hurried()
    return lively() if order.is_watched else steady()


def _single(container: InputContainer, span: Span, emit: Emit) -> None:
    """Fill the cells of a rung that shares no work with others."""
    if span.rung.kind is RungKind.VIDEO:
        copy_pictures(container, span, emit)
    elif span.rung.method is RungMethod.COPIED:
        copy_sound(container, span, emit)
    else:
        encode_sound(container, span, emit)


def _keeper(writer: CellWriter, rung: Rung, hub: Hub) -> Emit:
    """Return what keeps a cell of this rung and tells the hub of it."""

    def keep(cell: int, body: bytes) -> None:
        writer.write(cell, body)
        hub.send(CellFilled(rung.id, cell, len(body)))

    return keep


def _yielding(emit: Emit) -> Emit:
    """Return what keeps a cell, and lets others go first once the first ones are there: somebody waits for those.

    Without it the sound of the next minute would be made beside the first picture, at its cost.
    """
    waited_for = HURRIED_CELLS

    def keep(cell: int, body: bytes) -> None:
        nonlocal waited_for
        emit(cell, body)
        waited_for -= 1
        if not waited_for:
            give_way()

    return keep
