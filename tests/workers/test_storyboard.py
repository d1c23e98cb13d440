"""Storyboards: few pictures, true times, upright, and little read for them."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import ProbeOrder, StoryboardOrder
from osmose_addon.model.reports import Probed, SheetMade, StoryboardMade
from osmose_addon.workers import probe, storyboard
from tests import clips
from tests.clips import Clip, film
from tests.workers.grids import Listener

LONG = Clip("long.mp4", seconds=40, gop=25, sounds=())


def board(order: StoryboardOrder) -> tuple[StoryboardMade, list[NDArray[np.uint8]]]:
    """Make a storyboard; return what was told and the sheets as grey pixels."""
    hub = Listener()
    storyboard.main(order, hub)
    told = hub.reports[-1]
    assert isinstance(told, StoryboardMade)
    sheets = [report for report in hub.reports if isinstance(report, SheetMade)]
    assert [sheet.number for sheet in sheets] == list(range(len(sheets)))
    return told, [_grey(sheet.body) for sheet in sheets]


def _grey(body: bytes) -> NDArray[np.uint8]:
    with av.open(io.BytesIO(body), "r") as image:
        return np.asarray(next(image.decode(video=0)).to_ndarray(format="gray"), np.uint8)


def start_s(path: Path) -> float:
    """Return when the picture of a film begins, in seconds of its file."""
    with av.open(str(path), "r") as container:
        video = container.streams.video[0]
        return float((video.start_time or 0) * (video.time_base or 0))


def tile(told: StoryboardMade, sheets: list[NDArray[np.uint8]], number: int) -> NDArray[np.uint8]:
    """Return the pixels of one small picture."""
    sheet, place = divmod(number, told.columns**2)
    row, column = divmod(place, told.columns)
    y, x = row * told.tile_height_px, column * told.tile_width_px
    return sheets[sheet][y : y + told.tile_height_px, x : x + told.tile_width_px]


def number_in(pixels: NDArray[np.uint8]) -> int:
    """Return the number that `clips.picture` wrote into a picture."""
    return clips.read_number(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="gray"))


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts", "long.avi"])
def test_pictures_are_a_gap_apart_and_have_their_true_times(name: str) -> None:
    """The number burnt into each picture is that of the time it is told for."""
    clip = Clip(name, seconds=40, gop=25, sounds=(), bframes=0 if name.endswith("avi") else 2)
    told, sheets = board(StoryboardOrder(bytes(film(clip)), origin_s=start_s(film(clip)), columns=3, gap_s=4.5))
    assert [round(time_s) for time_s in told.times_s] == [0, 5, 10, 15, 20, 25, 30, 35]
    assert [number_in(tile(told, sheets, number)) for number in range(8)] == [0, 125, 250, 375, 500, 625, 750, 875]
    assert (told.tile_width_px, told.tile_height_px) == (160, 90)
    assert [sheet.shape for sheet in sheets] == [(270, 480)]


@pytest.mark.parametrize("name", ["heavy.mkv", "heavy.mp4", "heavy.ts"])
def test_a_film_that_can_seek_is_not_read_through(name: str, tmp_path: Path) -> None:
    """Only the wanted key frames and the container's own tables are, and what MPEG-TS needs to find a place."""
    path = _heavy(tmp_path / name)
    before = _read_bytes()
    told, sheets = board(StoryboardOrder(bytes(path), origin_s=start_s(path), gap_s=5.0))
    read = _read_bytes() - before
    numbers = [number_in(tile(told, sheets, place)) for place in range(len(told.times_s))]
    assert numbers == [round(time_s * 25) for time_s in told.times_s]
    assert numbers in ([0, 125, 250, 375], [0, 150, 300])
    assert path.stat().st_size > 20 << 20
    assert read < path.stat().st_size / 2


def _heavy(path: Path, seconds: int = 16) -> Path:
    """Make a film with so much noise below its numbers that it takes many bytes."""
    noise = np.random.default_rng(1).integers(0, 255, (270, 640), np.uint8)
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg2video", rate=25)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        video.codec_context.gop_size, video.codec_context.bit_rate = 25, 15_000_000
        for number in range(seconds * 25):
            pixels = clips.picture(number, 640, 360).to_ndarray()
            pixels[90:360] = np.roll(noise, number * 7, axis=1)
            frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
            frame.pts = number
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def _read_bytes() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def test_sheets_are_given_away_when_full() -> None:
    """The last has no more rows than it needs."""
    told, sheets = board(StoryboardOrder(bytes(film(LONG)), columns=2, gap_s=1.0, tile_width_px=320))
    assert len(told.times_s) == 40
    assert [sheet.shape for sheet in sheets] == [(360, 640)] * 10
    told, sheets = board(StoryboardOrder(bytes(film(LONG)), columns=3, gap_s=1.0, tile_width_px=320))
    assert [sheet.shape for sheet in sheets] == [(540, 960)] * 4 + [(360, 960)]
    assert number_in(tile(told, sheets, 39)) == 39 * 25


def test_a_long_film_has_no_more_pictures_but_wider_gaps() -> None:
    """Ten pictures are spread over all of it."""
    told, _sheets = board(StoryboardOrder(bytes(film(LONG)), gap_s=1.0, most=10))
    assert [round(time_s, 3) for time_s in told.times_s] == [*range(0, 40, 4)]


def test_a_film_with_few_key_frames_has_few_pictures() -> None:
    """One key frame in all: one picture, not a guess."""
    told, _sheets = board(StoryboardOrder(bytes(film(clips.FAR_KEYS))))
    assert told.times_s == (0.0,)


def test_pictures_are_shown_as_people_see_them() -> None:
    """Square pixels, upright."""
    told, _sheets = board(StoryboardOrder(bytes(film(clips.ANAMORPHIC))))
    assert (told.tile_width_px, told.tile_height_px) == (160, 90)
    turned = film(Clip("turned.mp4", seconds=2, turn_deg=90, sounds=()))
    told, sheets = board(StoryboardOrder(bytes(turned)))
    assert (told.tile_width_px, told.tile_height_px) == (160, 284)
    plain, plain_sheets = board(StoryboardOrder(bytes(film(clips.STEADY)), tile_width_px=284))
    lying, as_made = np.rot90(tile(told, sheets, 0), -1), tile(plain, plain_sheets, 0)
    assert np.abs(lying.astype(int) - as_made).mean() < 8


def test_what_changes_its_shape_gets_borders() -> None:
    """All tiles are as large as the first; a square picture stands in its middle."""
    from osmose_addon.workers.sheets import Sheets  # noqa: PLC0415 - seen from inside, no container can hold this

    sheets = Sheets(160, 2, 1.0)
    sheets.add(clips.picture(0, 640, 360))
    sheets.add(av.VideoFrame.from_ndarray(np.full((300, 200), 200, np.uint8), format="yuv420p"))
    rest = sheets.rest()
    assert rest is not None
    grey = _grey(rest)
    assert grey.shape == (90, 320)
    assert grey[45, 240] > 180
    assert grey[45, 165] < 20
    assert sheets.rest() is None


def test_a_damaged_film_is_a_reason(tmp_path: Path) -> None:
    """Half a film has half a storyboard; one without a picture has a reason."""
    whole = film(Clip("long.mkv", seconds=40, gop=25, sounds=())).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) // 2])
    told, _sheets = board(StoryboardOrder(bytes(path)))
    assert 2 < len(told.times_s) < 8
    path.write_bytes(whole[:1500])
    with pytest.raises(MediaError):
        storyboard.main(StoryboardOrder(bytes(path)), Listener())


def test_a_recording_whose_sound_comes_later_is_read_to_its_end(tmp_path: Path) -> None:
    """As broadcasts do: tracks appear and go. What reads on and what jumps both see all of it."""
    silent = _heavy(tmp_path / "silent.ts", seconds=6).read_bytes()
    path = tmp_path / "recording.ts"
    path.write_bytes(silent + film(Clip("loud.ts", seconds=4, gop=25)).read_bytes() + silent)
    hub = Listener()
    probe.main(ProbeOrder(bytes(path)), hub)
    assert isinstance(hub.reports[-1], Probed)
    for gap_s in (0.1, 5.0):
        told, _sheets = board(StoryboardOrder(bytes(path), gap_s=gap_s))
        assert told.times_s
