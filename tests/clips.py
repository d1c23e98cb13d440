"""Small films for the tests, made by PyAV when a test asks for them."""

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream


@dataclass(frozen=True, slots=True)
class Clip:
    """What a made film shall be like. `steps` are how many ticks of 1/600 s each picture lasts, in turn."""

    name: str
    seconds: float = 10.0
    steps: tuple[int, ...] = (24,)
    width_px: int = 640
    height_px: int = 360
    gop: int = 50
    bframes: int = 2
    options: tuple[tuple[str, str], ...] = ()
    pixel_format: str = "yuv420p"
    codec: str = "libx264"
    channels: int = 2
    sounds: tuple[str, ...] = ("eng",)
    sample_rate_hz: int = 48000
    aspect: tuple[int, int] = (1, 1)
    sound_codec: str = "aac"
    sound_seconds: float = 0.0
    turn_deg: int = 0
    container_options: tuple[tuple[str, str], ...] = ()
    transfer: int = 2
    flags: int = 0


def picture(number: int, width_px: int, height_px: int) -> av.VideoFrame:
    """Return picture `number`: a moving bar over a slope, with the number as 16 black or white blocks on top."""
    across = np.arange(width_px, dtype=np.uint16)[None, :]
    down = np.arange(height_px, dtype=np.uint16)[:, None]
    plane = ((across + down + number * 3) % 200 + 28).astype(np.uint8)
    block = width_px // 16
    for bit in range(16):
        plane[: max(height_px // 12, 8), bit * block : (bit + 1) * block] = 235 if number >> bit & 1 else 16
    grey = np.full((height_px // 2, width_px), 128, dtype=np.uint8)
    return av.VideoFrame.from_ndarray(np.vstack((plane, grey)), format="yuv420p")


def read_number(frame: av.VideoFrame) -> int:
    """Return the number that `picture` wrote into a frame, whatever its size is now."""
    grey = frame.to_ndarray(format="gray")
    block = frame.width / 16
    row = max(frame.height // 24, 3)
    return sum(int(grey[row, int((bit + 0.5) * block)] > 125) << bit for bit in range(16))


def tone(start: int, count: int, channels: int, rate_hz: int) -> av.AudioFrame:
    """Return `count` samples of a steady chord that begins `start` samples after the film."""
    at = np.arange(start, start + count) / rate_hz
    wave = 0.2 * np.sin(2 * np.pi * 440 * at) + 0.1 * np.sin(2 * np.pi * 661 * at)
    frame = av.AudioFrame.from_ndarray(
        np.repeat(wave[None, :], channels, axis=0).astype(np.float32),
        format="fltp",
        layout={1: "mono", 2: "stereo", 6: "5.1"}[channels],
    )
    frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
    return frame


def make(folder: Path, clip: Clip) -> Path:
    """Write the film into `folder` and return its path."""
    path = folder / clip.name
    with av.open(str(path), "w", options=dict(clip.container_options)) as out:
        video = out.add_stream(clip.codec, rate=25)
        assert isinstance(video, VideoStream)
        _set_up(video, clip)
        if clip.turn_deg:
            video.set_display_rotation(clip.turn_deg)
        sounds = [_sound(out, clip, language) for language in clip.sounds]
        _write_pictures(out, video, clip)
        for sound in sounds:
            _write_sound(out, sound, clip)
    return path


def _set_up(video: VideoStream, clip: Clip) -> None:
    context = video.codec_context
    context.width, context.height, context.pix_fmt = clip.width_px, clip.height_px, clip.pixel_format
    context.time_base = video.time_base = Fraction(1, 25) if clip.name.endswith((".avi", ".mpg")) else Fraction(1, 600)
    context.gop_size, context.max_b_frames, context.thread_count = clip.gop, clip.bframes, 1
    context.sample_aspect_ratio = Fraction(*clip.aspect)
    context.color_trc = clip.transfer
    context.flags |= clip.flags
    context.options = (
        dict(clip.options)
        if clip.codec != "libx264"
        else {
            "preset": "ultrafast",
            "bf": str(clip.bframes),
            "sc_threshold": "0",
            "keyint_min": str(clip.gop),
            **dict(clip.options),
        }
    )


def _sound(out: av.container.OutputContainer, clip: Clip, language: str) -> AudioStream:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[clip.channels]
    sound = out.add_stream(clip.sound_codec, rate=clip.sample_rate_hz, layout=layout)
    assert isinstance(sound, AudioStream)
    sound.metadata["language"] = language
    return sound


def _write_pictures(out: av.container.OutputContainer, video: VideoStream, clip: Clip) -> None:
    at = number = 0
    while at < clip.seconds * 600:
        even = picture(number, clip.width_px + clip.width_px % 2, clip.height_px + clip.height_px % 2)
        frame = even.reformat(clip.width_px, clip.height_px, clip.pixel_format)
        frame.pts, frame.time_base = at, Fraction(1, 600)
        out.mux(video.encode(frame))
        at += clip.steps[number % len(clip.steps)]
        number += 1
    out.mux(video.encode(None))


def _write_sound(out: av.container.OutputContainer, sound: AudioStream, clip: Clip) -> None:
    total = int((clip.sound_seconds or clip.seconds) * clip.sample_rate_hz)
    for start in range(0, total, 1024):
        out.mux(sound.encode(tone(start, min(1024, total - start), clip.channels, clip.sample_rate_hz)))
    out.mux(sound.encode(None))


STEADY = Clip("steady.mp4")
FAR_KEYS = Clip("far-keys.mp4", seconds=14, gop=1000, sample_rate_hz=44100)
UNEVEN = Clip("uneven.mp4", seconds=8, steps=(24, 20, 31, 24, 40), gop=1000)
TEN_BIT = Clip("ten-bit.mp4", seconds=4, pixel_format="yuv420p10le", channels=6)
OPEN_GOPS = Clip("open-gops.mkv", options=(("x264-params", "open-gop=1"), ("g", "30"), ("keyint_min", "30")))
MATROSKA = Clip("steady.mkv", sounds=("eng", "deu"))
TRANSPORT = Clip("steady.ts", seconds=8)
SLIDES = Clip("slides.mp4", seconds=14, steps=(5400, 600, 24), gop=1000)
ANAMORPHIC = Clip("anamorphic.mkv", seconds=6, width_px=480, height_px=360, aspect=(4, 3), gop=1000)
MPEG4 = Clip("old.avi", seconds=6, codec="mpeg4", bframes=0)
SILENT = Clip("silent.mp4", seconds=4, sounds=())

_MADE: dict[Clip, Path] = {}
_FOLDER = tempfile.TemporaryDirectory(prefix="osmose-clips-")


def film(clip: Clip) -> Path:
    """Return the path of a film that is made once and then lent to every test that asks; do not change it."""
    if clip not in _MADE:
        _MADE[clip] = make(Path(_FOLDER.name), clip)
    return _MADE[clip]
