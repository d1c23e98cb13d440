"""Subtitle files through their worker."""

import os
import time
from pathlib import Path

import pytest

from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import SidecarOrder
from osmose_addon.model.reports import TextMade
from osmose_addon.workers import sidecar
from tests.workers.grids import Listener

_CUE = "1\n00:00:01,000 --> 00:00:02,000\nÄpfel und Süßes für Jörg\n\n"


def made(path: Path, language: str = "") -> str:
    """Return the document the worker makes."""
    hub = Listener()
    sidecar.main(SidecarOrder(bytes(path), language), hub)
    (report,) = hub.reports
    assert isinstance(report, TextMade)
    return report.body


def reason_of(path: Path) -> str:
    """Run the worker on what it cannot use."""
    with pytest.raises(MediaError) as told:
        sidecar.main(SidecarOrder(bytes(path)), Listener())
    return str(told.value.fields["reason"])


def test_a_german_file_from_windows_keeps_its_umlauts(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"Film\xff.de.srt")
    path.write_bytes(_CUE.encode("cp1252"))
    assert made(path, "ger").endswith("00:00:01.000 --> 00:00:02.000\nÄpfel und Süßes für Jörg\n")


def test_what_cannot_be_read_has_a_reason(tmp_path: Path) -> None:
    """No hang on a pipe, no link is followed."""
    path = tmp_path / "film.srt"
    assert reason_of(path) == "gone"
    path.write_bytes(b"")
    assert reason_of(path) == "empty"
    path.write_bytes(bytes(range(256)) * 4000)
    assert reason_of(path) == "no_subtitles"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert reason_of(path) == "no_subtitles"
    path.unlink()
    os.mkfifo(path)
    assert reason_of(path) == "not_a_file"
    path.unlink()
    path.symlink_to("/dev/zero")
    assert reason_of(path) == "not_a_file"


@pytest.mark.parametrize(
    "body",
    [
        _CUE.encode("cp1252") * 150_000,
        _CUE.encode() + b"\n" * (30 << 20),
        b"\n<" + b" " * (8 << 20) + b"\n" + _CUE.encode(),
        _CUE.encode() + b"<i" * (4 << 20),
        b"[Events]\nDialogue: "
        + b"," * (8 << 20)
        + b"\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,x"
        + b"{" * (1 << 20),
    ],
    ids=["many cues", "blank lines", "blanks", "tags", "commas"],
)
def test_endless_files_are_read_in_bounded_time(tmp_path: Path, body: bytes) -> None:
    """As far as they make sense."""
    path = tmp_path / "film.srt"
    path.write_bytes(body[: 32 << 20])
    began_s = time.process_time()
    assert made(path).startswith("WEBVTT")
    assert time.process_time() - began_s < 30
