"""From file to cell: the colours of a film survive whatever its pixels are."""

import io
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.video.stream import VideoStream

from osmose_addon.model.media import RungKind, RungMethod
from tests.workers.colours import colour, orange, patch
from tests.workers.grids import cells_of, fill, grid_of, inits_of

_SIZE = (320, 240)


def _film(folder: Path, codec: str, pixel_format: str) -> Path:
    """Return a film of one orange, in BT.709 where it is not RGB."""
    path = folder / "orange.mkv"
    is_full = pixel_format.startswith("yuvj")
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=25)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height, context.pix_fmt = *_SIZE, pixel_format
        context.thread_count, context.gop_size = 1, 1000
        context.options = {"preset": "ultrafast", "crf": "10", "sc_threshold": "0"} if "x264" in codec else {}
        if "rgb" not in pixel_format:
            context.colorspace, context.color_range = 1, 2 if is_full else 1
        for number in range(75):
            frame = patch(*_SIZE, pixel_format, is_full=is_full)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


@pytest.mark.parametrize(
    ("codec", "pixel_format"),
    [
        ("libx264", "yuv420p"),
        ("libx264", "yuvj420p"),
        ("libx264", "yuvj422p"),
        ("libx264", "yuv422p"),
        ("libx264", "yuv444p"),
        ("libx264", "yuv422p10le"),
        ("libx264", "yuv444p10le"),
        ("libx264rgb", "rgb24"),
    ],
)
def test_an_orange_stays_orange(tmp_path: Path, codec: str, pixel_format: str) -> None:
    """A cell is 4:2:0 of limited range, and says that it is BT.709, as the film did; RGB becomes that."""
    path = _film(tmp_path, codec, pixel_format)
    grid = grid_of(path)
    rung = [one for one in grid.rungs if (one.kind, one.method) == (RungKind.VIDEO, RungMethod.ENCODED)][-1]
    fill(path, tmp_path, (rung,), 0, 1)
    body = inits_of(path, grid)[rung.id].body + cells_of(tmp_path, rung)[0]
    with av.open(io.BytesIO(body), "r") as made:
        frame = next(made.decode(video=0))
    assert (frame.format.name, frame.colorspace) == ("yuv420p", 1)
    assert frame.color_range != 2
    assert colour(frame) == pytest.approx(orange(), abs=2)
