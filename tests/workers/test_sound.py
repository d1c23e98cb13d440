"""Sound of every kind becomes cells that join, begin with the picture and play everywhere."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from osmose_addon.formats.aac import FRAME_SAMPLES
from osmose_addon.model.media import Grid, Rung, RungMethod
from osmose_addon.workers.mixing import Mixer
from osmose_addon.workers.opened import audio_stream, opened
from osmose_addon.workers.placing import placed
from tests.sounds import SoundClip, made, music
from tests.workers.grids import cells_of, facts_of, fill, grid_of, hear, inits_of, starts

_Heard = NDArray[np.float32]
_LOW_EFFECTS = 3
# Of full scale: less than one pass of most of these sources shows in its own first second.
_HARDLY_HEARD = 0.02


def _rung(grid: Grid, rung_id: str) -> Rung:
    rung = grid.rung(rung_id)
    assert rung is not None
    return rung


def _source(path: Path, rung: Rung) -> _Heard:
    """Return what one decode from the start of the file hears, mixed as the rung is, from the title's start on."""
    mixer = Mixer(rung.channels, rung.timescale_hz)
    sound = np.zeros((rung.channels, rung.borders_ticks[-1]), np.float32)
    with opened(bytes(path)) as film:
        for second, frame in placed(film, audio_stream(film, rung.track), 0.0):
            for place, piece in mixer.mixed(frame, second):
                at = place - rung.origin_ticks
                kept = piece[:, max(-at, 0) : max(sound.shape[1] - at, 0)]
                sound[:, max(at, 0) : max(at, 0) + kept.shape[1]] = kept
    return sound


def _at_joins(heard: _Heard, rung: Rung) -> _Heard:
    """Return the stretches around the borders of cells."""
    cuts = [heard[:, border - 2 * FRAME_SAMPLES : border + 4 * FRAME_SAMPLES] for border in rung.borders_ticks[1:-1]]
    return np.concatenate(cuts, axis=1)


_SOURCES = [
    SoundClip("ac3-51.mkv", "ac3", channels=6),
    SoundClip("mp3.mkv", "libmp3lame", rate_hz=44_100),
    SoundClip("mp3.avi", "libmp3lame", has_picture=True),
    SoundClip("opus.webm", "libopus"),
    SoundClip("opus-51.mkv", "libopus", channels=6),
    SoundClip("flac.mkv", "flac", rate_hz=44_100),
    SoundClip("flac-96.mkv", "flac", rate_hz=96_000),
    SoundClip("flac-71.mkv", "flac", channels=8),
    SoundClip("pcm.mov", "pcm_s16le", rate_hz=44_100),
    SoundClip("mono.mkv", "flac", channels=1),
    SoundClip("low.mov", "pcm_s16le", channels=1, rate_hz=8_000),
    SoundClip("eac3-51.mp4", "eac3", channels=6, has_picture=True),
    SoundClip("mp2.ts", "mp2", has_picture=True),
    SoundClip("three.mkv", "flac", channels=3),
]


@pytest.mark.parametrize("clip", _SOURCES, ids=lambda clip: clip.name)
def test_cells_made_one_by_one_sound_like_one_pass(tmp_path: Path, clip: SoundClip) -> None:
    """At the joins nothing differs more from the source than one pass differs, and nothing bends more: no click."""
    path = made(clip)
    grid = grid_of(path)
    inits = inits_of(path, grid)
    for rung in (rung for rung in grid.rungs if rung.kind == "audio"):
        assert rung.method is RungMethod.ENCODED
        fill(path, tmp_path / "whole", (rung,), 0, rung.cells)
        for cell in range(rung.cells):
            fill(path, tmp_path / "pieces", (rung,), cell, 1)
        init = inits[rung.id].body
        whole, pieces = (hear(init, cells_of(tmp_path / name, rung)) for name in ("whole", "pieces"))
        source = _source(path, rung)
        assert whole.shape == pieces.shape == source.shape
        heard = [channel for channel in range(rung.channels) if channel != _LOW_EFFECTS]  # AAC cuts that one at 120 Hz
        of_one_pass, of_pieces = (np.abs(one - source)[heard] for one in (whole, pieces))
        largest = of_one_pass[:, 2 * FRAME_SAMPLES : -6 * FRAME_SAMPLES].max()
        assert largest < 0.15
        assert _at_joins(of_pieces, rung).max() <= max(largest, _HARDLY_HEARD)
        bends = np.abs(np.diff(whole, 2, axis=1)), np.abs(np.diff(pieces, 2, axis=1))
        assert _at_joins(bends[1], rung).max() <= 1.1 * bends[0][:, 2 * FRAME_SAMPLES :].max()


def test_surround_is_offered_as_it_is_and_as_stereo() -> None:
    """Stereo plays by itself; more than 5.1 becomes 5.1; mono stays mono."""
    of = {
        clip.name: [
            (rung.id, rung.channels, rung.method.value, rung.reason, rung.is_default)
            for rung in grid_of(made(clip)).rungs
            if rung.kind == "audio"
        ]
        for clip in (_SOURCES[0], _SOURCES[7], _SOURCES[9], SoundClip("aac-51.mkv", channels=6))
    }
    assert of["aac-51.mkv"] == [
        ("sound-1", 6, "copied", "aac_fits", False),
        ("sound-1-stereo", 2, "encoded", "stereo", True),
    ]
    assert of["ac3-51.mkv"] == [
        ("sound-1", 6, "encoded", "not_aac", False),
        ("sound-1-stereo", 2, "encoded", "stereo", True),
    ]
    assert [told[:2] for told in of["flac-71.mkv"]] == [("sound-1", 6), ("sound-1-stereo", 2)]
    assert of["mono.mkv"] == [("sound-1", 1, "encoded", "not_aac", True)]


def test_down_mixing_takes_the_usual_shares_and_never_clips() -> None:
    """Centre and surround at 0.707 beside the fronts, all 3 dB down; all channels at full scale stay below it."""

    def mixed(levels: list[float]) -> _Heard:
        packed = np.tile(np.array(levels, np.float32), 2048)[None, :]
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="5.1")
        frame.sample_rate = 48_000
        return np.concatenate([body for _, body in Mixer(2, 48_000).mixed(frame, Fraction(0))], axis=1)[:, 100]

    assert mixed([1, 0, 0, 0, 0, 0]) == pytest.approx([0.707, 0], abs=0.001)
    assert mixed([0, 0, 1, 0, 0, 0]) == pytest.approx([0.5, 0.5], abs=0.001)
    assert mixed([0, 0, 0, 0, 0, 1]) == pytest.approx([0, 0.5], abs=0.001)
    assert mixed([0, 0, 0, 1, 0, 0]) == pytest.approx([0, 0], abs=0.001)
    assert 0.8 < mixed([1, 1, 1, 1, 1, 1]).max() < 0.97
    assert mixed([-1, 1, 0, 0, -1, 1]) == pytest.approx([-mixed([1, 0, 0, 0, 1, 0])[0], mixed([0, 1, 0, 0, 0, 1])[1]])


def test_a_track_may_change_its_layout_midway() -> None:
    """As broadcasts do between a film and what is said about it: two channels come out all the time."""
    mixer, sizes = Mixer(2, 48_000), []
    for number, (layout, channels) in enumerate([("stereo", 2), ("5.1", 6), ("mono", 1), ("5.1", 6)]):
        packed = music(number * 1024, 1024, channels, 48_000).T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(packed), format="flt", layout=layout)
        frame.sample_rate = 48_000
        sizes += [(at, body.shape) for at, body in mixer.mixed(frame, Fraction(number * 1024, 48_000))]
    assert sizes == [(number * 1024, (2, 1024)) for number in range(4)]


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv", "late.ts"])
@pytest.mark.parametrize("codec", ["aac", "mp2"])
def test_sound_that_begins_later_than_the_picture_stays_in_its_place(tmp_path: Path, name: str, codec: str) -> None:
    """Before it there is silence; then what is heard is what belongs to that instant of the film."""
    path = made(SoundClip(f"{codec}-{name}", codec, starts_s=2.5, seconds=7, has_picture=True))
    grid = grid_of(path)
    rung = _rung(grid, "sound-1")
    fill(path, tmp_path, (rung,), 0, rung.cells)
    cells = cells_of(tmp_path, rung)
    heard = hear(inits_of(path, grid)["sound-1"].body, cells)
    assert np.abs(heard[:, : int(2.4 * rung.timescale_hz)]).max() < 0.01
    assert _is_music(heard[0], 3.0 - starts(cells[0]) / rung.timescale_hz, 3.0)


@pytest.mark.parametrize("name", ["early.mkv", "early.mp4"])
@pytest.mark.parametrize("codec", ["aac", "mp2"])
def test_sound_that_begins_before_the_picture_is_cut_to_it(tmp_path: Path, name: str, codec: str) -> None:
    """The title begins with its first picture, and so does what is heard."""
    path = made(SoundClip(f"{codec}-{name}", codec, seconds=7, has_picture=True, pictures_start_s=1.6))
    grid = grid_of(path)
    rung = _rung(grid, "sound-1")
    fill(path, tmp_path, (rung,), 0, rung.cells)
    cells = cells_of(tmp_path, rung)
    heard = hear(inits_of(path, grid)["sound-1"].body, cells)
    assert grid.duration_s == pytest.approx(7.0, abs=0.05)
    assert _is_music(heard[0], 2.0 - starts(cells[0]) / rung.timescale_hz, 3.6)


def _is_music(heard: _Heard, at_s: float, of_s: float, rate_hz: int = 48_000) -> bool:
    """Whether a second of what is heard is that of the source, to within 25 ms."""
    window = slice(round(at_s * rate_hz), round((at_s + 1) * rate_hz))
    shifts = range(-1200, 1201, 12)
    wished = music(round(of_s * rate_hz) - 1200, rate_hz + 2400, 2, rate_hz)[0]
    alike = [np.corrcoef(heard[window], wished[1200 + by : 1200 + by + rate_hz])[0, 1] for by in shifts]
    return bool(max(alike) > 0.9)


@pytest.mark.parametrize("clip", [
    SoundClip("radio.m4a", languages=("eng", "deu")),
    SoundClip("radio.mkv", "libopus"),
    SoundClip("radio.ts", "mp2"),
    SoundClip("album.mp4", cover=True),
], ids=lambda clip: clip.name)  # fmt: skip
def test_sound_without_a_picture_is_a_title(tmp_path: Path, clip: SoundClip) -> None:
    """It lasts as long as it is heard; a cover is no picture track; all of it becomes cells."""
    path = made(clip)
    facts = facts_of(path)
    assert facts.video is None
    assert facts.has_cover is clip.cover
    assert facts.duration_s == pytest.approx(clip.seconds, abs=0.06)
    grid = grid_of(path)
    assert {rung.kind.value for rung in grid.rungs} == {"audio"}
    assert [rung.language for rung in grid.rungs if "stereo" not in rung.id] == list(clip.languages)
    inits = inits_of(path, grid)
    for rung in grid.rungs:
        fill(path, tmp_path, (rung,), 0, rung.cells)
        heard = hear(inits[rung.id].body, cells_of(tmp_path, rung))
        assert heard.shape[1] / rung.timescale_hz == pytest.approx(clip.seconds, abs=0.1)
        assert np.abs(heard[:, 48_000:96_000]).max() > 0.1
