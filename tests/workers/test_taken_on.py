"""The day a video was taken, as cameras write it into the file."""

from pathlib import Path

import av
import pytest

from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import Probed, Report
from osmose_addon.workers import probe
from tests.clips import Clip, make


class _Hub(list[Report]):
    def send(self, report: Report) -> None:
        self.append(report)


def _stamped(path: Path, stamp: str) -> Path:
    """Copy a clip with this creation time in its header."""
    stamped = path.with_name("stamped.mp4")
    with av.open(str(path)) as source, av.open(str(stamped), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        target.metadata["creation_time"] = stamp
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return stamped


@pytest.mark.parametrize(
    ("stamp", "days"),
    [
        ("2024-05-01T12:00:00.000000Z", ("2024-05-01", "2024-05-02")),  # as the time zone has it
        ("1904-01-01T00:00:00.000000Z", ("",)),
        ("1970-01-01T00:00:00.000000Z", ("",)),
        ("", ("",)),
    ],
)
def test_the_day_is_read_from_the_header(tmp_path: Path, stamp: str, days: tuple[str, ...]) -> None:
    hub = _Hub()
    probe.main(ProbeOrder(bytes(_stamped(make(tmp_path, Clip("clip.mp4", seconds=1, sounds=())), stamp))), hub)
    (facts,) = [report.facts for report in hub if isinstance(report, Probed)]
    assert facts.taken_on in days


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("2024-05-01T23:30:00+0200", "2024-05-01"),
        ("2024-05-01T23:30:00+02:00", "2024-05-01"),
        ("2024-05-01", "2024-05-01"),
        ("2024-13-01", ""),
        ("9999-12-31T23:59:59Z", ""),
        ("0001-01-01T00:00:00Z", ""),
        ("next year", ""),
        ("9" * 10_000, ""),
    ],
)
def test_a_day_with_its_place_is_that_of_the_place(stamp: str, day: str) -> None:
    assert probe._day(stamp) == day
