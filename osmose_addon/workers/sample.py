"""The worker that makes the first visitor's film: forty seconds, a whole day, with everything a film can have in it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from osmose_addon.model.errors import StoreError
from osmose_addon.model.orders import SampleOrder
from osmose_addon.model.reports import Progress
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.landscape import HEIGHT_PX, LASTS_S, WIDTH_PX, Landscape
from osmose_addon.workers.music import RATE_HZ, Samples, music

_RATE = 25
_KEY_EVERY = 50
_TICK = Fraction(1, _RATE)
_MILLISECOND = Fraction(1, 1000)
_FRAME_SAMPLES = 1024
_BT709 = 1
_LONG_AGO_S = 1_767_225_600  # the first of January 2026
_CHAPTER_KEYS = ("id", "start", "end", "metadata", "time_base")
_CHAPTERS = (("Dawn", 0), ("Day", 9), ("Dusk", 23), ("Night", 31))


@dataclass(frozen=True, slots=True)
class _Sound:
    language: str
    name: str
    harmonics: tuple[float, ...]
    fall_per_s: float
    octave: int


@dataclass(frozen=True, slots=True)
class _Text:
    language: str
    name: str
    lines: tuple[tuple[float, float, str], ...]


_SOUNDS = (
    _Sound("eng", "English", (1.0, 0.34, 0.12, 0.05), 1.9, 1),
    _Sound("deu", "Deutsch", (1.0, 0.1, 0.28, 0.02, 0.1), 2.6, 2),
)
_TEXTS = (
    _Text(
        "eng",
        "English",
        (
            (1.0, 4.5, "Every day begins over the hills."),
            (10.0, 14.0, "By noon, the whole house is awake.\nWhatever is on, plays on every screen."),
            (24.0, 28.0, "In the evening, the light goes home."),
            (33.0, 38.0, "<i>Good night.</i>"),
        ),
    ),
    _Text(
        "deu",
        "Deutsch",
        (
            (1.0, 4.5, "Jeder Tag beginnt über den Hügeln."),
            (10.0, 14.0, "Mittags ist das ganze Haus wach.\nWas auch läuft: Es läuft auf jedem Bildschirm."),
            (24.0, 28.0, "Am Abend geht das Licht nach Hause."),
            (33.0, 38.0, "<i>Gute Nacht.</i>"),
        ),
    ),
)


def main(order: SampleOrder, hub: Hub) -> None:
    """Make the film at `path`; it appears whole or not at all. Tells its progress once a second of film.

    Raises: StoreError when it cannot be written.
    """
    make(Path(os.fsdecode(order.path)), hub, until_s=int(LASTS_S))
    hub.send(Progress(1.0))


def make(target: Path, hub: Hub, *, until_s: int) -> None:
    """Make the first seconds of the film. Raises: StoreError when it cannot be written."""
    part = target.with_name(f".{target.name}.part")
    problem = ""
    try:
        _make(part, hub, until_s)
    except (OSError, av.error.FFmpegError) as error:
        problem = error.strerror or "?"
    if problem:
        part.unlink(missing_ok=True)
        raise StoreError(cause=problem)
    # Nobody writes to it any more, so it need not rest before it counts, as strangers' files must.
    os.utime(part, (_LONG_AGO_S, _LONG_AGO_S))
    part.replace(target)


def _make(part: Path, hub: Hub, until_s: int) -> None:
    with av.open(str(part), "w", format="matroska") as out:
        out.metadata.update({"title": "Over the Hills", "date": "2026"})
        out.set_chapters(cast("Any", _chapters()))
        video = _video(out)
        sounds = [_sound(out, one) for one in _SOUNDS]
        texts = [_text(out, text) for text in _TEXTS]
        video.disposition = sounds[0].disposition = Disposition.default
        heard = [_frames(music(one.harmonics, one.fall_per_s, one.octave)) for one in _SOUNDS]
        landscape = Landscape()
        for second in range(until_s):
            for stream, text in zip(texts, _TEXTS, strict=True):
                _speak(out, stream, text, second)
            for sound, frames in zip(sounds, heard, strict=True):
                _hear(out, sound, frames, second + 1)
            _see(out, video, landscape, second)
            hub.send(Progress(second / until_s))
        out.mux(video.encode(None))
        for sound in sounds:
            out.mux(sound.encode(None))


def _see(out: OutputContainer, video: VideoStream, landscape: Landscape, second: int) -> None:
    """Draw one second of pictures."""
    for number in range(second * _RATE, (second + 1) * _RATE):
        frame = VideoFrame.from_ndarray(landscape.frame(number / _RATE), format="yuv420p")
        frame.pts, frame.time_base = number, _TICK
        out.mux(video.encode(frame))


def _hear(out: OutputContainer, stream: AudioStream, frames: Iterator[AudioFrame], until_s: float) -> None:
    """Play the sound up to a time."""
    for frame in frames:
        out.mux(stream.encode(frame))
        if (frame.pts or 0) >= until_s * RATE_HZ:
            return


def _video(out: OutputContainer) -> VideoStream:
    video = out.add_stream("libx264", rate=_RATE)
    context = video.codec_context
    context.width, context.height, context.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    context.time_base, context.gop_size, context.thread_count = _TICK, _KEY_EVERY, 2
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    flags = {"preset": "veryfast", "crf": "20", "sc_threshold": "0", "keyint_min": str(_KEY_EVERY), "flags": "+cgop"}
    context.options = {**flags, "profile": "high", "level": "3.1", "maxrate": "6000000", "bufsize": "6000000"}
    return video


def _sound(out: OutputContainer, sound: _Sound) -> AudioStream:
    stream = out.add_stream("aac", rate=RATE_HZ, layout="stereo")
    stream.bit_rate = 128_000
    stream.metadata.update({"language": sound.language, "title": sound.name})
    return stream


def _text(out: OutputContainer, text: _Text) -> Stream:
    stream = out.add_mux_stream("subrip")
    stream.metadata.update({"language": text.language, "title": text.name})
    return stream


def _speak(out: OutputContainer, stream: Stream, text: _Text, second: int) -> None:
    """Write the lines that begin within a second of the film."""
    for start_s, end_s, line in text.lines:
        if second <= start_s < second + 1:
            packet = Packet(line.encode())
            packet.stream, packet.time_base = stream, _MILLISECOND
            packet.pts = packet.dts = round(start_s * 1000)
            packet.duration = round((end_s - start_s) * 1000)
            out.mux(packet)


def _frames(sound: Samples) -> Iterator[AudioFrame]:
    """Yield the sound in the frames an AAC encoder takes."""
    for at in range(0, sound.shape[1], _FRAME_SAMPLES):
        body = np.ascontiguousarray(sound[:, at : at + _FRAME_SAMPLES])
        frame = AudioFrame.from_ndarray(body, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, at, Fraction(1, RATE_HZ)
        yield frame


def _chapters() -> list[dict[str, Any]]:
    """Return the chapters as PyAV wants them."""
    starts = [start * 1000 for _, start in _CHAPTERS]
    ends = [*starts[1:], int(LASTS_S) * 1000]
    names = [{"title": name} for name, _ in _CHAPTERS]
    columns = zip(range(1, len(starts) + 1), starts, ends, names, strict=True)
    return [dict(zip(_CHAPTER_KEYS, (*column, _MILLISECOND), strict=True)) for column in columns]
