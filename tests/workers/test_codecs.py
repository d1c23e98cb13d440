"""What is not on the list of codecs is decoded nowhere, whatever container brings it and whoever asks."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import Rung, RungGroup, RungKind, RungMethod
from osmose_addon.model.orders import ChunkOrder, InitOrder, Order, PosterOrder, ProbeOrder, TextOrder
from osmose_addon.workers import probe, stills, texts, transcode
from osmose_addon.workers.opened import codec_name, opened
from tests import clips
from tests.clips import film
from tests.workers.grids import Listener, facts_of

_STRANGE = [
    ("magicyuv", "gbrp", "avi"),
    ("huffyuv", "yuv422p", "avi"),
    ("png", "rgb24", "avi"),
    ("ffv1", "yuv420p", "avi"),
    ("utvideo", "yuv420p", "avi"),
    ("cinepak", "rgb24", "avi"),
    ("snow", "yuv420p", "avi"),
    ("png", "rgb24", "mov"),
    ("qtrle", "rgb24", "mov"),
    ("jpeg2000", "rgb24", "mov"),
    ("ffv1", "yuv420p", "matroska"),
]
_MAINS: dict[type[Order], Callable[..., None]] = {
    ProbeOrder: probe.main,
    PosterOrder: stills.main,
    InitOrder: transcode.main,
    ChunkOrder: transcode.main,
    TextOrder: texts.main,
}


def _made(path: Path, codec: str, pixel_format: str, container: str) -> Path:
    options = {"strict": "experimental"}
    with av.open(str(path), "w", format=container) as film_:
        track = film_.add_stream(codec, rate=25, options=options)
        assert isinstance(track, VideoStream)
        track.width, track.height, track.pix_fmt = 64, 64, pixel_format
        for number in range(5):
            frame = av.VideoFrame(64, 64, pixel_format)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            film_.mux(track.encode(frame))
        film_.mux(track.encode())
    return path


def _rung(method: RungMethod, kind: RungKind = RungKind.VIDEO, track: int = 0) -> Rung:
    group = RungGroup.SOUND if kind is RungKind.AUDIO else RungGroup.LADDER
    rung = Rung("v", kind, group, method, "fits", track, 90_000, 0, (0, 9_000))
    return replace(rung, width_px=64, height_px=64, channels=2, target_bps=64_000)


def _reason(order: Order) -> str:
    """Return why the worker for this order gives up."""
    with pytest.raises(MediaError) as caught:
        _MAINS[type(order)](order, Listener())
    return str(caught.value.fields["reason"])


@pytest.mark.parametrize(("codec", "pixel_format", "container"), _STRANGE)
def test_pictures_of_a_strange_codec_are_refused_by_every_worker(
    tmp_path: Path, codec: str, pixel_format: str, container: str
) -> None:
    path = bytes(_made(tmp_path / "film", codec, pixel_format, container))
    copied, encoded = _rung(RungMethod.COPIED), _rung(RungMethod.ENCODED)
    assert _reason(ProbeOrder(path)) == "unknown_codec"
    assert _reason(PosterOrder(path, 0.0)) == "unknown_codec"
    for rung in (copied, encoded):
        assert _reason(InitOrder(path, (rung,))) == "unknown_codec"
        assert _reason(ChunkOrder(path, str(tmp_path), (rung,), 0, 1)) == "unknown_codec"


def test_sound_of_a_strange_codec_is_neither_listed_nor_decoded(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(film(clips.SILENT))) as source, av.open(str(path), "w", format="matroska") as made:
        pictures = made.add_stream_from_template(source.streams.video[0])
        sound = made.add_stream("tta", rate=48_000, layout="stereo", format="s16")
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = pictures
                made.mux(packet)
        frame = av.AudioFrame(format="s16", layout="stereo", samples=4096)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        made.mux([*sound.encode(frame), *sound.encode()])
    assert facts_of(path).audio == ()
    for method in RungMethod:
        rungs = (_rung(method, RungKind.AUDIO, track=1),)
        assert _reason(ChunkOrder(bytes(path), str(tmp_path), rungs, 0, 1)) == "unknown_codec"


def test_subtitles_that_are_pictures_are_not_decoded_as_text(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w", format="matroska") as made:
        pictures = made.add_stream("libx264", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        made.add_stream("dvbsub")
        frame = av.VideoFrame(64, 64, "yuv420p")
        made.mux([*pictures.encode(frame), *pictures.encode()])
    assert facts_of(path).texts == ()
    assert _reason(TextOrder(bytes(path), 1)) == "unknown_codec"


@pytest.mark.parametrize(
    ("codec", "container"),
    [("libx264", "avi"), ("libx265", "mov"), ("mpeg4", "avi"), ("mpeg2video", "mpegts"), ("msmpeg4", "avi"),
     ("mjpeg", "avi"), ("libvpx-vp9", "matroska")],
)  # fmt: skip
def test_what_households_have_is_read(tmp_path: Path, codec: str, container: str) -> None:
    path = _made(tmp_path / "film", codec, "yuvj420p" if codec == "mjpeg" else "yuv420p", container)
    assert facts_of(path).video


@pytest.mark.parametrize("codec", ["aac", "ac3", "eac3", "mp2", "flac", "alac", "pcm_s16le", "libopus", "vorbis"])
def test_sounds_that_households_have_are_listed(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "sound.mkv"
    with av.open(str(path), "w", format="matroska") as made:
        track = made.add_stream(codec, rate=48_000, layout="stereo", options={"strict": "experimental"})
        assert isinstance(track, AudioStream)
        frame = av.AudioFrame(format="s16", layout="stereo", samples=4096)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        made.mux([*track.encode(frame), *track.encode()])
    with opened(bytes(path)) as container:
        assert codec_name(container.streams.audio[0])
