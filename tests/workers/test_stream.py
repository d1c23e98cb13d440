"""Streams that change while they run: sizes, sound, missing key frames. Fed by hand, without any camera."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import av
import pytest

from osmose_addon.formats.aac import AacConfig, build_config
from osmose_addon.model.errors import SourceUnusableError
from osmose_addon.model.orders import SnapshotCommand
from osmose_addon.model.reports import PartMade, PictureMade, Report, StreamFigures, StreamOpened
from osmose_addon.workers.source import Facts, Unit
from osmose_addon.workers.stream import Stream
from tests import cameras

_BASE = Fraction(1, 90_000)
_SILENT = Facts("h264", b"", _BASE)
_WITH_SOUND = Facts("h264", b"", _BASE, "aac", build_config(AacConfig(2, 16000, 2)), Fraction(1, 16000), 16000, 2)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> cameras.Reel:
    return cameras.reel(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> cameras.Reel:
    return cameras.reel(tmp_path_factory.mktemp("large"), width_px=640, height_px=360)


def _unit(ticks: int | None, body: bytes, at_s: float, *, is_sound: bool = False, is_key: bool = True) -> Unit:
    return Unit(is_sound, ticks, ticks, body, is_key, 1000 + at_s, at_s)


def _pictures(film: cameras.Reel, begin: int, end: int) -> Iterator[Unit]:
    for number in range(begin, end):
        at_s = number / 25
        body = film.pictures[number % len(film.pictures)]
        yield _unit(number * 3600, body, at_s, is_key=number % 25 == 0)


def _sounds(film: cameras.Reel, begin_s: float, end_s: float) -> Iterator[Unit]:
    for number in range(round(begin_s * 15.625), round(end_s * 15.625)):
        at_s = number / 15.625
        yield _unit(number * 1024, film.sounds[number % len(film.sounds)], at_s, is_sound=True)


def _run(facts: Facts, *units: Iterator[Unit]) -> list[Report]:
    reports: list[Report] = []
    stream = Stream(facts, reports.append, 0.2)
    for unit in sorted((unit for each in units for unit in each), key=lambda unit: unit.arrival_s):
        stream.take(unit)
    return reports


def _opened(reports: list[Report]) -> list[StreamOpened]:
    return [report for report in reports if isinstance(report, StreamOpened)]


def test_new_picture_size_begins_a_new_stream_and_loses_nothing(small: cameras.Reel, large: cameras.Reel) -> None:
    reports = _run(_SILENT, _pictures(small, 0, 50), _pictures(large, 50, 101))
    assert [(opened.width_px, opened.height_px) for opened in _opened(reports)] == [(320, 180), (640, 360)]
    at = reports.index(_opened(reports)[1])
    following = next(report for report in reports[at:] if isinstance(report, PartMade))
    assert following.starts_segment
    for opened, begin, end in zip(_opened(reports), (0, at), (at, len(reports)), strict=True):
        parts = [report for report in reports[begin:end] if isinstance(report, PartMade)]
        with av.open(BytesIO(opened.init + b"".join(part.body for part in parts)), "r") as film:
            assert sum(1 for packet in film.demux() if packet.size) == 50


def test_declared_sound_that_never_comes_holds_the_picture_up_only_briefly(small: cameras.Reel) -> None:
    reports = _run(_WITH_SOUND, _pictures(small, 0, 20))
    assert [opened.sound for opened in _opened(reports)] == ["sound_silent"]
    assert [report for report in reports if isinstance(report, PartMade)]


def test_sound_that_comes_late_is_taken_up_at_the_next_key_frame(small: cameras.Reel) -> None:
    reports = _run(_WITH_SOUND, _pictures(small, 0, 60), _sounds(small, 1.5, 2.4))
    assert [opened.sound for opened in _opened(reports)] == ["sound_silent", "copied"]


def test_sound_that_stops_is_left_out_so_that_players_go_on(small: cameras.Reel) -> None:
    reports = _run(_WITH_SOUND, _pictures(small, 0, 160), _sounds(small, 0, 1.5))
    assert [opened.sound for opened in _opened(reports)] == ["copied", "sound_silent"]


def test_stream_begins_with_its_first_key_frame(small: cameras.Reel) -> None:
    reports = _run(_SILENT, _pictures(small, 10, 60))
    first = next(report for report in reports if isinstance(report, PartMade))
    assert first.is_independent
    assert first.at_unix_s == pytest.approx(1001.0)


def test_stream_without_key_frames_is_named_unusable(small: cameras.Reel) -> None:
    with pytest.raises(SourceUnusableError):
        _run(_SILENT, (unit for unit in _pictures(small, 1, 2000) if not unit.is_key))


def test_stream_that_sends_one_key_frame_only_still_gets_new_segments(small: cameras.Reel) -> None:
    """Whoever keeps them could never let go of one endless segment."""
    units = (replace(unit, is_key=unit.pts_ticks == 0) for unit in _pictures(small, 0, 25 * 65))
    parts = [report for report in _run(_SILENT, units) if isinstance(report, PartMade)]
    starts = [number for number, part in enumerate(parts) if part.starts_segment]
    assert [parts[number].is_independent for number in starts] == [True, False, False, False]
    assert sum(part.duration_s for part in parts[: starts[1]]) == pytest.approx(20.0, abs=0.3)


def test_h265_is_named_unusable() -> None:
    with pytest.raises(SourceUnusableError) as refused:
        _run(Facts("hevc", b"", _BASE))
    assert refused.value.fields == {"reason": "h265"}


def test_figures_tell_rates_and_the_gap_of_key_frames(small: cameras.Reel) -> None:
    figures = [report for report in _run(_SILENT, _pictures(small, 0, 120)) if isinstance(report, StreamFigures)]
    assert figures
    assert figures[-1].frame_rate == pytest.approx(25, abs=0.5)
    assert figures[-1].key_frame_gap_s == pytest.approx(1.0)


def test_snapshot_is_no_wider_than_asked_for(small: cameras.Reel) -> None:
    reports: list[Report] = []
    stream = Stream(_SILENT, reports.append, 0.2)
    for unit in _pictures(small, 0, 3):
        stream.take(unit)
    stream.answer(SnapshotCommand(1, 160))
    answer = reports[-1]
    assert isinstance(answer, PictureMade)
    assert (answer.width_px, answer.height_px) == (160, 90)
    assert answer.body.startswith(b"\xff\xd8")


def test_damaged_units_are_survived(small: cameras.Reel) -> None:
    units = list(_pictures(small, 0, 30))
    odd = [_unit(None, body, 0.0) for body in (b"\0\0\1", b"\0\0\1\x67", b"x", b"\0\0\1\x67\x64")]
    assert _opened(_run(_SILENT, iter([*odd, *units])))
