"""Files with sound alone, or beside a plain picture, for the tests: any codec, layout, rate and offset."""

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 6: "5.1", 8: "7.1"}
_FRAME = 1152


@dataclass(frozen=True, slots=True)
class SoundClip:
    """What a made file shall be like. `starts_s` is when its sound begins, `pictures_start_s` when its pictures do.

    `cover` is whether a picture is attached.
    """

    name: str
    codec: str = "aac"
    channels: int = 2
    rate_hz: int = 48_000
    seconds: float = 10.5
    starts_s: float = 0.0
    pictures_start_s: float = 0.0
    languages: tuple[str, ...] = ("eng",)
    has_picture: bool = False
    cover: bool = False


def music(start: int, count: int, channels: int, rate_hz: int) -> NDArray[np.float32]:
    """Return samples of gliding chords, another one in each channel; the same whoever asks for them."""
    at = (np.arange(start, start + count) / rate_hz)[None, :]
    voice = np.arange(1, channels + 1)[:, None]
    glide = 220 * voice * at + 30 * voice * np.sin(0.7 * at)
    wave = 0.14 * np.sin(2 * np.pi * glide) + 0.07 * np.sin(2 * np.pi * 3.01 * glide) * (1 + np.sin(5 * at)) / 2
    return np.asarray(wave, np.float32)


def made(clip: SoundClip) -> Path:
    """Return the path of a file that is made once and lent to every test; do not change it."""
    if clip not in _MADE:
        _MADE[clip] = make(Path(_FOLDER.name), clip)
    return _MADE[clip]


def make(folder: Path, clip: SoundClip) -> Path:
    """Write the file into `folder` and return its path."""
    path = folder / clip.name
    with av.open(str(path), "w") as out:
        pictures = _pictures(out, clip)
        tracks = [_track(out, clip, language) for language in clip.languages]
        if clip.has_picture or clip.cover:
            _write_pictures(out, pictures, clip)
        for track in tracks:
            _write_sound(out, track, clip)
    return path


def _pictures(out: av.container.OutputContainer, clip: SoundClip) -> VideoStream | None:
    if not clip.has_picture and not clip.cover:
        return None
    video = out.add_stream("mjpeg" if clip.cover else "libx264", rate=25)
    assert isinstance(video, VideoStream)
    video.width, video.height, video.pix_fmt = 160, 90, "yuvj420p" if clip.cover else "yuv420p"
    if clip.cover:
        video.disposition = av.stream.Disposition.attached_pic
    else:
        video.codec_context.options = {"preset": "ultrafast", "g": "50"}
    return video


def _track(out: av.container.OutputContainer, clip: SoundClip, language: str) -> AudioStream:
    options = {"strict": "experimental"}
    track = out.add_stream(clip.codec, rate=clip.rate_hz, layout=_LAYOUTS[clip.channels], options=options)
    assert isinstance(track, AudioStream)
    track.metadata["language"] = language
    return track


def _write_pictures(out: av.container.OutputContainer, video: VideoStream | None, clip: SoundClip) -> None:
    assert video is not None
    for number in range(1 if clip.cover else round(clip.seconds * 25)):
        frame = av.VideoFrame(160, 90, video.pix_fmt or "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([40 + number % 160]) * plane.buffer_size)
        frame.pts, frame.time_base = number + round(clip.pictures_start_s * 25), Fraction(1, 25)
        out.mux(video.encode(frame))
    out.mux(video.encode(None))


def _write_sound(out: av.container.OutputContainer, track: AudioStream, clip: SoundClip) -> None:
    first, total = round(clip.starts_s * clip.rate_hz), round(clip.seconds * clip.rate_hz)
    for start in range(first, total, _FRAME):
        body = music(start, min(_FRAME, total - start), clip.channels, clip.rate_hz)
        packed = np.ascontiguousarray(body.T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=_LAYOUTS[clip.channels])
        frame.sample_rate, frame.pts, frame.time_base = clip.rate_hz, start, Fraction(1, clip.rate_hz)
        out.mux(track.encode(frame))
    out.mux(track.encode(None))


_MADE: dict[SoundClip, Path] = {}
_FOLDER = tempfile.TemporaryDirectory(prefix="osmose-sounds-")
