"""Posters out of picture files and covers."""

import io
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.codec import CodecContext
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import ArtworkOrder
from osmose_addon.model.reports import PictureMade
from osmose_addon.workers import artwork, jpeg
from tests import clips
from tests.clips import film
from tests.workers.grids import Listener


def made(path: Path, width_px: int = 960) -> tuple[PictureMade, NDArray[np.uint8]]:
    """Run the worker; return what it told and the picture's pixels."""
    hub = Listener()
    artwork.main(ArtworkOrder(bytes(path), width_px), hub)
    report = hub.reports[-1]
    assert isinstance(report, PictureMade)
    with av.open(io.BytesIO(report.body), "r") as image:
        frame = next(image.decode(video=0))
    assert (frame.width, frame.height) == (report.width_px, report.height_px)
    shown = frame.reformat(format="rgb24", src_colorspace="ITU601", src_color_range="JPEG")
    return report, np.asarray(shown.to_ndarray(), np.uint8)


def reason_of(path: Path) -> str:
    """Run the worker on what it cannot use."""
    with pytest.raises(MediaError) as told:
        artwork.main(ArtworkOrder(bytes(path)), Listener())
    return str(told.value.fields["reason"])


def encoded(codec: str, pixels: NDArray[np.uint8], pixel_format: str) -> bytes:
    """Return pixels as a picture file."""
    frame = av.VideoFrame.from_ndarray(pixels, format=pixel_format)
    encoder = CodecContext.create(codec, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, pixel_format
    encoder.time_base = Fraction(1, 25)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


def two_colours(width: int, height: int) -> NDArray[np.uint8]:
    """Return a picture that is red on the left and green on the right, all of it opaque."""
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[:, : width // 2, 0] = pixels[:, width // 2 :, 1] = 200
    pixels[..., 3] = 255
    return pixels


def near(pixel: NDArray[np.uint8], wished: tuple[int, int, int]) -> bool:
    """Whether a pixel has about this colour."""
    return bool(np.abs(pixel.astype(int) - wished).max() < 16)


def test_a_png_becomes_a_jpeg_of_the_wished_width(tmp_path: Path) -> None:
    """Colours stay; what is transparent is black."""
    pixels = two_colours(600, 900)
    pixels[450:, :, 3] = 0
    path = tmp_path / "poster.png"
    path.write_bytes(encoded("png", pixels, "rgba"))
    told, shown = made(path, 400)
    assert (told.width_px, told.height_px) == (400, 600)
    assert near(shown[100, 50], (200, 0, 0))
    assert near(shown[100, 350], (0, 200, 0))
    assert near(shown[500, 50], (0, 0, 0))


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    """Also when its sides are odd; the ending of its name does not matter."""
    path = tmp_path / "folder.jpg"
    path.write_bytes(encoded("libwebp", two_colours(301, 99), "bgra"))
    told, shown = made(path)
    assert (told.width_px, told.height_px) == (300, 98)
    assert near(shown[50, 40], (0, 0, 200))


def test_a_photo_that_lies_is_put_upright(tmp_path: Path) -> None:
    """Its EXIF orientation 6: the right side of the file is the bottom of the picture."""
    grey = np.full((96 * 3 // 2, 160), 128, np.uint8)
    grey[:96, :80], grey[:96, 80:] = 40, 220
    body = jpeg.written(av.VideoFrame.from_ndarray(grey, format="yuvj420p"))
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x112, 3, 1, 6, 0) + bytes(4)
    path = tmp_path / "photo.jpg"
    path.write_bytes(body[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + body[2:])
    told, shown = made(path)
    assert (told.width_px, told.height_px) == (96, 160)
    assert shown[20, 48].max() < 60
    assert shown[140, 48].min() > 200


def test_the_cover_within_a_film_is_taken(tmp_path: Path) -> None:
    """And not a picture of the film."""
    path = tmp_path / "music.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=48000, layout="mono")
        cover = out.add_stream("png", rate=25)
        cover.width, cover.height, cover.pix_fmt = 320, 320, "rgba"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(two_colours(320, 320), format="rgba")
        frame.pts = 0
        out.mux([*cover.encode(frame), *cover.encode(None)])
        out.mux([*sound.encode(clips.tone(0, 1024, 1, 48000)), *sound.encode(None)])
    told, shown = made(path)
    assert (told.width_px, told.height_px) == (320, 320)
    assert near(shown[160, 40], (200, 0, 0))


def test_a_film_without_a_cover_says_so() -> None:
    assert reason_of(film(clips.STEADY)) == "no_picture"


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_hostile_pictures_are_reasons(tmp_path: Path) -> None:
    """Each is refused before memory is asked for, or while it is decoded."""
    path = tmp_path / "poster.jpg"
    good = encoded("png", two_colours(64, 64), "rgba")
    for body, reason in (
        (bomb(16000, 16000), "too_large"),
        (bomb(2**31, 2**31), "too_large"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (good[:60] + bytes(40), "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8L" + struct.pack("<I", 5) + b"\x2f\xff\xff\xff\x0f", "too_large"),
        (b"RIFF\x10\0\0\0WEBPVP8L" + struct.pack("<I", 5) + b"\x2f\x0f\x00\x00\x00", "damaged"),
        (b"BM" + bytes(50), "unknown_format"),
        (b'<?xml version="1.0"?><svg><image href="file:///etc/passwd"/></svg>', "unknown_format"),
        (b"", "empty"),
    ):
        path.write_bytes(body)
        assert reason_of(path) == reason, body[:20]
    path.unlink()
    assert reason_of(path) == "gone"
    path.symlink_to("/dev/zero")
    assert reason_of(path) == "not_a_file"


def test_a_wide_picture_cannot_become_a_tower(tmp_path: Path) -> None:
    """One pixel wide and very high: it stays within what may be decoded."""
    path = tmp_path / "line.png"
    path.write_bytes(encoded("png", two_colours(2, 4000), "rgba"))
    told, _shown = made(path)
    assert (told.width_px, told.height_px) == (2, 4000)
