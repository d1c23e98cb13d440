"""Encoded pictures, gathered until a cell is whole."""

from dataclasses import dataclass, field

from av.packet import Packet
from av.video.stream import VideoStream

from osmose_addon.formats import h264
from osmose_addon.formats.mp4 import Run, Sample, fragment
from osmose_addon.workers.copies import Emit
from osmose_addon.workers.reading import Span

_OUTSIDE = (h264.SPS, h264.PPS, h264.DELIMITER)
_UNREGISTERED = b"\x05"
"""ITU-T H.264, D.1: user data unregistered. Captions are registered user data, and stay."""


@dataclass(slots=True)
class Cells:
    """Collects what an encoder gives until a cell is whole: as many pictures came out as went in."""

    span: Span
    emit: Emit
    fed: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    done: int = 0
    is_closed: bool = False

    def begins(self, cell: int) -> bool:
        """Whether the next picture, of this cell, is the first of it."""
        return cell - self.span.first == len(self.fed)

    def feed(self, cell: int) -> None:
        """Count a picture that goes in."""
        if self.begins(cell):
            self.fed.append(0)
        self.fed[-1] += 1

    def close(self, packets: list["Packet[VideoStream]"]) -> None:
        """Collect the last that an encoder gave: what went in until now is whole."""
        self.is_closed = True
        self.take(packets)
        self.is_closed = False

    def take(self, packets: list["Packet[VideoStream]"]) -> None:
        """Collect what came out, and send each cell that is whole."""
        for packet in packets:
            self.samples.append(Sample(packet.pts or 0, _body(packet), packet.is_keyframe))
        while self.done < len(self.fed) - (not self.is_closed) and len(self.samples) >= self.fed[self.done]:
            count = self.fed[self.done]
            cell = self.span.first + self.done
            run = Run(1, self.samples[:count], self.span.border(cell + 1))
            self.emit(cell, fragment(cell + 1, [run]))
            del self.samples[:count]
            self.done += 1


def _body(packet: "Packet[VideoStream]") -> bytes:
    """Return a packet as a sample, without the note in which an encoder lists its settings.

    Only the first picture of each encoder carries it: a cell would differ by where its run began.
    """
    units = (unit for unit in h264.split_annex_b(bytes(packet)) if not _is_note(unit))
    return h264.join_lengths(unit for unit in units if h264.unit_type(unit) not in _OUTSIDE)


def _is_note(unit: bytes) -> bool:
    return h264.unit_type(unit) == h264.SEI and unit[1:2] == _UNREGISTERED
