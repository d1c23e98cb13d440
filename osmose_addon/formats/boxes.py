"""The building bricks of an MP4: boxes inside boxes. Source: ISO/IEC 14496-12, section 4.2."""

import struct

IDENTITY = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

_MATRICES = {
    0: IDENTITY,
    90: (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000),
    180: (-0x10000, 0, 0, 0, -0x10000, 0, 0, 0, 0x40000000),
    270: (0, -0x10000, 0, 0x10000, 0, 0, 0, 0, 0x40000000),
}


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of four-letter `kind` around `parts`."""
    return b"".join((struct.pack(">I4s", 8 + sum(map(len, parts)), kind), *parts))


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box that begins with a version byte and three bytes of flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def matrix(rotation_deg: int) -> bytes:
    """Return the display matrix that turns a picture clockwise by 0, 90, 180 or 270 degrees."""
    return struct.pack(">9i", *_MATRICES.get(rotation_deg % 360, IDENTITY))


def descriptor(tag: int, body: bytes) -> bytes:
    """Return an MPEG-4 descriptor with its length in four bytes. Source: ISO/IEC 14496-1, section 8.3.3."""
    size = len(body)
    return bytes((tag, 0x80 | size >> 21 & 0x7F, 0x80 | size >> 14 & 0x7F, 0x80 | size >> 7 & 0x7F, size & 0x7F)) + body


def packed_language(language: str) -> bytes:
    """Return a three-letter ISO 639-2 code as `mdhd` packs it; anything else becomes `und`."""
    code = language if len(language) == 3 and language.isascii() and language.islower() else "und"  # noqa: PLR2004
    first, second, third = (ord(letter) - 0x60 for letter in code)
    return struct.pack(">H", first << 10 | second << 5 | third)
