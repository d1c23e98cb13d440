"""Sizes of picture files, read from their headers."""

import struct

import pytest

from osmose_addon.formats.images import ImageHead, image_head, is_image


def jpeg(*segments: bytes) -> bytes:
    """Return a JPEG of these segments, without a picture."""
    return b"\xff\xd8" + b"".join(segments)


def segment(marker: int, body: bytes) -> bytes:
    """Return one marker segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def frame(marker: int, width: int, height: int) -> bytes:
    """Return a frame header."""
    return segment(marker, struct.pack(">BHHB", 8, height, width, 3))


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 16000, 9000) + bytes((8, 6, 0, 0, 0))


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (PNG, ImageHead("png", 16000, 9000)),
        (jpeg(frame(0xC0, 640, 480)), ImageHead("mjpeg", 640, 480)),
        (jpeg(segment(0xE1, b"Exif\0\0"), b"\xff", frame(0xC2, 31, 7)), ImageHead("mjpeg", 31, 7)),
        (jpeg(segment(0xC4, b"table"), b"\xff\x01", frame(0xC9, 5, 6)), ImageHead("mjpeg", 5, 6)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x3f\x01\x00\x0f\x00\x00", ImageHead("webp", 320, 16)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f" + struct.pack("<I", 319 | 15 << 14), ImageHead("webp", 320, 16)),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(7) + b"\x9d\x01\x2a\x40\x41\x10\x00", ImageHead("webp", 320, 16)),
    ],
    ids=["png", "jpeg", "progressive", "padded", "webp extended", "webp lossless", "webp lossy"],
)
def test_a_picture_tells_its_size(body: bytes, head: ImageHead) -> None:
    assert is_image(body)
    assert image_head(body) == head


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xd8\xff",
        PNG[:17],
        jpeg(segment(0xE0, b"JFIF")),
        jpeg(segment(0xDA, b"")),
        jpeg(b"\xff\xe0\x00\x00" * 3),
        jpeg(b"\xff\xd0" * 100_000, frame(0xC0, 640, 480)),
        b"RIFF\0\0\0\0WEBPANIM",
        b"RIFF\0\0\0\0AVI LIST",
        b"GIF89a",
    ],
)
def test_what_is_cut_off_or_something_else_has_no_size(body: bytes) -> None:
    assert image_head(body) is None
