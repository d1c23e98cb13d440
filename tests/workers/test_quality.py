"""Encoded rungs look as good as what ffmpeg makes with the same settings, and have as many pictures."""

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from osmose_addon.formats import ladder
from osmose_addon.model.config import RenditionConfig
from osmose_addon.model.media import Rung, RungGroup, RungMethod
from tests.tools import ffmpeg
from tests.workers.grids import cells_of, facts_of, fill, inits_of
from tests.workers.likeness import ssim

_SIZE = (640, 360)
_SECONDS = 8
_CLOSE = 0.002
_WISHED = (
    RenditionConfig("360p", 360, 700_000),
    RenditionConfig("240p", 240, 350_000),
    RenditionConfig("160p", 160, 160_000),
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film with grain, edges and slow and fast movement, nearly lossless, with one key frame."""
    path = tmp_path_factory.mktemp("quality") / "film.mp4"
    chance = np.random.default_rng(5)
    coarse = chance.integers(30, 220, (60, 90))
    land = np.kron(coarse, np.ones((16, 16))) + chance.normal(0, 6, (960, 1440))
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height, context.pix_fmt, context.thread_count = *_SIZE, "yuv420p", 1
        context.options = {"preset": "ultrafast", "crf": "6", "bf": "2", "g": "1000", "sc_threshold": "0"}
        for number in range(_SECONDS * 25):
            across, down = number * 3 % 700, 200 + int(150 * np.sin(number / 20))
            grey = land[down : down + 360, across : across + 640].clip(16, 235).astype(np.uint8)
            colour = np.full((180, 640), 128, np.uint8)
            frame = av.VideoFrame.from_ndarray(np.vstack((grey, colour)), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def _theirs(film: Path, folder: Path, rung: Rung) -> Path:
    """Have ffmpeg make a rung with the same size, quality, rate bounds and key frames."""
    path = folder / f"{rung.id}.mp4"
    borders = ",".join(f"{max(rung.start_s(cell) - 0.001, 0):.6f}" for cell in range(rung.cells))
    settings = {
        "-vf": f"scale={rung.width_px}:{rung.height_px}:flags=bicubic",
        "-c:v": "libx264",
        "-preset": rung.preset,
        "-crf": "23",
        "-maxrate": str(round(rung.target_bps * ladder.MAXRATE_SHARE)),
        "-bufsize": str(round(rung.target_bps * ladder.BUFFER_SHARE)),
        "-g": "100000",
        "-keyint_min": "1",
        "-sc_threshold": "0",
        "-forced-idr": "1",
        "-force_key_frames": borders,
    }
    told = [part for pair in settings.items() for part in pair]
    subprocess.run([ffmpeg(), "-v", "error", "-i", str(film), *told, str(path)], check=True)
    return path


def test_every_rung_is_as_good_as_ffmpeg_s(film: Path, tmp_path: Path) -> None:
    """Measured against the source in the rung's size; each of ours below the first is scaled from the one above."""
    grid = ladder.plan(facts_of(film), _WISHED)
    rungs = tuple(rung for rung in grid.rungs if (rung.group, rung.method) == (RungGroup.LADDER, RungMethod.ENCODED))
    assert [rung.height_px for rung in rungs] == [360, 240, 160]
    inits = inits_of(film, grid)
    fill(film, tmp_path, rungs, 0, rungs[0].cells)
    for rung in rungs:
        ours = tmp_path / f"{rung.id}-ours.mp4"
        cells = cells_of(tmp_path, rung)
        ours.write_bytes(inits[rung.id].body + b"".join(cells[cell] for cell in sorted(cells)))
        mine, theirs = ssim(film, ours), ssim(film, _theirs(film, tmp_path, rung))
        assert len(mine) == len(theirs) == _SECONDS * 25
        assert np.mean(mine) > np.mean(theirs) - _CLOSE, rung.id
        assert min(mine) > min(theirs) - 10 * _CLOSE, rung.id
