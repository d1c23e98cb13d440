"""Cells hold every picture once, begin at the same instants in every rung, and join whoever made them."""

import io
import random
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod
from tests import clips
from tests.clips import Clip, film
from tests.workers.grids import cells_of, facts_of, fill, grid_of, hear, inits_of, starts, watch


def _pictures(grid: Grid) -> list[Rung]:
    return [rung for rung in grid.rungs if rung.kind is RungKind.VIDEO]


def _times(clip: Clip) -> list[int]:
    """Return when each picture of a clip is shown, in 1/600 s."""
    at, times = 0, []
    while at < clip.seconds * 600:
        times.append(at)
        at += clip.steps[len(times) % len(clip.steps) - 1] if len(clip.steps) > 1 else clip.steps[0]
    return times


@pytest.mark.parametrize(
    "clip",
    [clips.STEADY, clips.FAR_KEYS, clips.UNEVEN, clips.OPEN_GOPS, clips.MATROSKA, clips.TRANSPORT, clips.MPEG4],
    ids=lambda clip: clip.name,
)
def test_every_picture_is_there_once_in_every_rung(tmp_path: Path, clip: Clip) -> None:
    """Copied or encoded, steady or not: the numbers burnt into the pictures come back in order, at their times."""
    path = film(clip)
    grid = grid_of(path)
    inits = inits_of(path, grid)
    times = _times(clip)
    for rung in _pictures(grid):
        told = fill(path, tmp_path, (rung,), 0, rung.cells)
        assert [report.cell for report in told] == list(range(rung.cells))
        cells = cells_of(tmp_path, rung)
        seen = watch(inits[rung.id].body, cells)
        assert seen.numbers == list(range(len(times))), rung.id
        wished = [round(at * rung.timescale_hz / 600) for at in times]
        assert max(abs(a - b) for a, b in zip(seen.ticks, wished, strict=True)) <= max(rung.timescale_hz // 900, 1)
        assert inits[rung.id].codecs == rung.codecs


@pytest.mark.parametrize("clip", [clips.STEADY, clips.FAR_KEYS, clips.UNEVEN], ids=lambda clip: clip.name)
def test_rungs_of_the_ladder_begin_their_cells_at_the_same_tick(tmp_path: Path, clip: Clip) -> None:
    """One decode fills all encoded rungs, and a player may switch at every border."""
    path = film(clip)
    grid = grid_of(path)
    rungs = tuple(rung for rung in grid.rungs if rung.group is RungGroup.LADDER)
    assert len(rungs) >= 3
    fill(path, tmp_path, rungs, 0, rungs[0].cells)
    begins = [[starts(body) for _, body in sorted(cells_of(tmp_path, rung).items())] for rung in rungs]
    assert begins[0] == begins[1] == begins[2]
    allowed = 0 if len(clip.steps) == 1 else rungs[0].timescale_hz // 14
    for begin, border in zip(begins[0], rungs[0].borders_ticks, strict=False):
        assert 0 <= begin - border <= allowed


@pytest.mark.parametrize("clip", [clips.FAR_KEYS, clips.MATROSKA, clips.TRANSPORT], ids=lambda clip: clip.name)
def test_a_film_filled_in_pieces_is_the_same_film(tmp_path: Path, clip: Clip) -> None:
    """Runs of any length, in any order: a seek, a crash and a second machine all look like this."""
    path = film(clip)
    grid = grid_of(path)
    inits = inits_of(path, grid)
    chance = random.Random(7)  # noqa: S311 - a fixed shuffle
    for rung in grid.rungs:
        firsts = [0, *sorted(chance.sample(range(1, rung.cells), min(2, rung.cells - 1)))]
        runs = list(zip(firsts, [*firsts[1:], rung.cells], strict=True))
        chance.shuffle(runs)
        for first, end in runs:
            fill(path, tmp_path / "pieces", (rung,), first, end - first)
        fill(path, tmp_path / "whole", (rung,), 0, rung.cells)
        pieces, whole = cells_of(tmp_path / "pieces", rung), cells_of(tmp_path / "whole", rung)
        assert [starts(pieces[cell]) for cell in sorted(pieces)] == [starts(whole[cell]) for cell in sorted(whole)]
        if rung.method is RungMethod.COPIED:
            assert pieces == whole
        elif rung.kind is RungKind.VIDEO:
            one, other = watch(inits[rung.id].body, pieces), watch(inits[rung.id].body, whole)
            assert (one.numbers, one.ticks) == (other.numbers, other.ticks)


def test_a_cell_without_a_new_picture_shows_the_last_one_again(tmp_path: Path) -> None:
    """A slide show holds a picture for nine seconds, a cell at most four."""
    path = film(clips.SLIDES)
    grid = grid_of(path)
    inits = inits_of(path, grid)
    rung = next(rung for rung in _pictures(grid) if rung.method is RungMethod.ENCODED)
    fill(path, tmp_path, (rung,), 0, rung.cells)
    cells = cells_of(tmp_path, rung)
    assert sorted(cells) == list(range(rung.cells))
    numbers = watch(inits[rung.id].body, cells).numbers
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(len(_times(clips.SLIDES))))
    fill(path, tmp_path / "middle", (rung,), 2, 1)
    assert watch(inits[rung.id].body, cells_of(tmp_path / "middle", rung)).numbers == [0]


@pytest.mark.parametrize("steps", [(5400, 600, 24), (24, 24, 24, 1900, 24, 24, 1300)], ids=["slides", "screen"])
def test_a_still_that_ends_within_a_cell_leaves_no_hole(tmp_path: Path, steps: tuple[int, ...]) -> None:
    """Where nothing new is shown for a while, a cell once began up to two seconds late, and players stood still."""
    path = film(Clip("still.mp4", seconds=14, steps=steps, gop=1000))
    grid = grid_of(path)
    rung = next(rung for rung in _pictures(grid) if rung.method is RungMethod.ENCODED)
    fill(path, tmp_path, (rung,), 0, rung.cells)
    cells = cells_of(tmp_path, rung)
    late_s = [(starts(cells[cell]) - rung.borders_ticks[cell]) / rung.timescale_hz for cell in range(rung.cells)]
    assert all(0 <= late <= 0.1 for late in late_s)
    seen = watch(inits_of(path, grid)[rung.id].body, cells)
    assert seen.numbers == sorted(seen.numbers)
    assert all(later > earlier for earlier, later in pairwise(seen.ticks))


def test_encoded_sound_joins_without_a_click(tmp_path: Path) -> None:
    """Cells made one by one sound like one pass: 5.1 becomes stereo, a steady tone stays steady."""
    path = film(Clip("surround.mkv", seconds=14, codec="mpeg4", bframes=0, channels=6, sounds=("eng",)))
    grid = grid_of(path)
    made = grid.rung("sound-1")
    assert made is not None
    assert made.method is RungMethod.COPIED
    path = film(Clip("mp2.ts", seconds=14, bframes=0, sound_codec="mp2"))
    grid = grid_of(path)
    made = grid.rung("sound-1")
    assert made is not None
    assert (made.method, made.reason, made.channels) == (RungMethod.ENCODED, "not_aac", 2)
    init = inits_of(path, grid)["sound-1"].body
    fill(path, tmp_path / "whole", (made,), 0, made.cells)
    for cell in range(made.cells):
        fill(path, tmp_path / "pieces", (made,), cell, 1)
    whole, pieces = (hear(init, cells_of(tmp_path / name, made)) for name in ("whole", "pieces"))
    assert whole.shape == pieces.shape == (2, made.borders_ticks[-1])
    steady = slice(4800, whole.shape[1] - 9600)
    assert np.abs(whole[:, steady] - pieces[:, steady]).max() < 0.03
    bend = np.abs(np.diff(pieces[:, steady], 2))
    assert bend.max() < 1.5 * np.abs(np.diff(whole[:, steady], 2)).max()


def test_sound_starts_with_the_picture(tmp_path: Path) -> None:
    """A transport stream begins at 1.4 s, its sound at another instant; both count from the first picture."""
    path = film(clips.TRANSPORT)
    grid = grid_of(path)
    made = grid.rung("sound-1")
    assert made is not None
    init = inits_of(path, grid)["sound-1"].body
    fill(path, tmp_path, (made,), 0, made.cells)
    cells = cells_of(tmp_path, made)
    assert sorted(cells) == list(range(made.cells))
    heard = hear(init, cells)[0][2048:40_000]
    at = (np.arange(2048, 40_000) + starts(cells[0])) / made.timescale_hz
    wished = 0.2 * np.sin(2 * np.pi * 440 * at) + 0.1 * np.sin(2 * np.pi * 661 * at)
    assert float(np.corrcoef(heard, wished)[0, 1]) > 0.95


def test_silence_fills_what_a_track_lacks(tmp_path: Path) -> None:
    """A sound track that ends early still has all its cells."""
    path = film(Clip("short-sound.mp4", seconds=14, sound_seconds=3.0))
    grid = grid_of(path)
    made = grid.rung("sound-1")
    assert made is not None
    fill(path, tmp_path, (made,), 0, made.cells)
    heard = hear(inits_of(path, grid)["sound-1"].body, cells_of(tmp_path, made))
    assert heard.shape[1] == made.borders_ticks[-1]
    assert np.abs(heard[:, 48_000:96_000]).max() > 0.1
    assert np.abs(heard[:, -480_000:]).max() < 0.01


def test_odd_pictures_become_plain_ones(tmp_path: Path) -> None:
    """Ten bits become eight, stretched samples become square ones."""
    for clip, size in ((clips.TEN_BIT, (640, 360)), (clips.ANAMORPHIC, (640, 360))):
        path = film(clip)
        grid = grid_of(path)
        rung = next(rung for rung in _pictures(grid) if rung.method is RungMethod.ENCODED)
        fill(path, tmp_path / clip.name, (rung,), 0, rung.cells)
        seen = watch(inits_of(path, grid)[rung.id].body, cells_of(tmp_path / clip.name, rung))
        assert (seen.width_px, seen.height_px) == size
        assert seen.numbers == list(range(len(_times(clip))))


def test_a_phone_held_upright_gives_an_upright_film(tmp_path: Path) -> None:
    """The turn is in the file's head; encoded pictures are turned, in the first rung and in those made from it."""
    path = film(Clip("phone.mp4", seconds=2, turn_deg=90))
    facts = facts_of(path)
    assert facts.video is not None
    grid = grid_of(path)
    inits = inits_of(path, grid)
    rungs = tuple(rung for rung in _pictures(grid) if rung.group is RungGroup.LADDER)
    assert [(rung.width_px, rung.height_px, rung.reason) for rung in rungs[:2]] == [
        (360, 640, "rotated"),
        (240, 426, "smaller"),
    ]
    fill(path, tmp_path, rungs, 0, rungs[0].cells)
    for rung in rungs:
        body = inits[rung.id].body + b"".join(cells_of(tmp_path, rung).values())
        with av.open(io.BytesIO(body), "r") as back:
            grey = next(back.decode(video=0)).to_ndarray(format="gray")
        assert grey.shape == (rung.height_px, rung.width_px)
        marked = grey[:, : rung.width_px // 14] if facts.video.rotation_deg == 270 else grey[:, -rung.width_px // 14 :]
        assert marked.mean() < 30  # picture 0 is marked by a dark bar along its top


def test_damage_in_the_film_costs_its_pictures_only(tmp_path: Path) -> None:
    """A torn packet is left out; all cells are there, and the numbers still grow."""
    whole = bytearray(film(clips.FAR_KEYS).read_bytes())
    media = whole.index(b"mdat")
    for share in (0.3, 0.5, 0.7):
        place = media + int((len(whole) - media) * share)
        whole[place : place + 400] = bytes(400)
    path = tmp_path / "torn.mp4"
    path.write_bytes(whole)
    grid = grid_of(path)
    rung = next(rung for rung in _pictures(grid) if rung.method is RungMethod.ENCODED)
    told = fill(path, tmp_path / "cells", (rung,), 0, rung.cells)
    assert [report.cell for report in told] == list(range(rung.cells))


def test_a_file_that_changed_is_not_cut_in_the_wrong_places(tmp_path: Path) -> None:
    """A grid planned for another file gives an error with a reason, not a torn cell."""
    rung = grid_of(film(clips.STEADY)).rungs[0]
    assert rung.method is RungMethod.COPIED
    with pytest.raises(MediaError) as caught:
        fill(film(clips.FAR_KEYS), tmp_path, (rung,), 1, 2)
    assert caught.value.fields == {"reason": "changed"}
    with pytest.raises(MediaError):
        fill(film(clips.STEADY), tmp_path, (rung,), 2, 99)


def test_one_wrong_time_stamp_costs_a_copied_film_a_picture_and_no_cell(tmp_path: Path) -> None:
    """A picture that claims to be shown within another cell once ended the worker, whoever asked for its cell."""
    path = tmp_path / "wrong.mkv"
    late = 60
    with (
        av.open(str(film(Clip("right.mkv", seconds=8, bframes=2, sounds=())))) as right,
        av.open(str(path), "w") as out,
    ):
        source = right.streams.video[0]
        video = out.add_stream_from_template(source)
        for number, packet in enumerate(right.demux(source)):
            if not packet.size:
                continue
            if number == late and packet.pts is not None:
                packet.pts += 5000
            packet.stream = video
            out.mux(packet)
    grid = grid_of(path)
    rung = next(rung for rung in _pictures(grid) if rung.method is RungMethod.COPIED)
    fill(path, tmp_path, (rung,), 0, rung.cells)
    cells = cells_of(tmp_path, rung)
    assert sorted(cells) == list(range(rung.cells))
    assert len(watch(inits_of(path, grid)[rung.id].body, cells).numbers) >= 199
