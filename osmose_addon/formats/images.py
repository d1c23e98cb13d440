"""What a picture file says of itself before anything of it is decoded: PNG, JPEG and WebP.

Sources: the PNG specification, section 11.2.1; ITU-T T.81, annex B; RFC 9649 (WebP), sections 2.5 to 2.7.
"""

from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_MARKER = 0xFF
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # what is left out are tables and an extension
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))
_END_OF_HEADERS = (0xD9, 0xDA)
_MOST_SEGMENTS = 4096  # before the size: a file of 64 MB could hold 32 million empty ones


@dataclass(frozen=True, slots=True)
class ImageHead:
    """A picture's `codec` by FFmpeg's name (`png`, `mjpeg`, `webp`), and the size it claims."""

    codec: str
    width_px: int
    height_px: int


def image_head(body: bytes) -> ImageHead | None:
    """Return what a file's own header says, or nothing when it is no picture of a known kind, or cut off too early."""
    if body.startswith(_PNG):
        return _checked("png", _number(body, 16, 4), _number(body, 20, 4)) if body[12:16] == b"IHDR" else None
    if body.startswith(_JPEG):
        return _jpeg(body)
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return _webp(body)
    return None


def is_image(head: bytes) -> bool:
    """Whether a file that begins like this is a picture of a known kind."""
    return head.startswith((_PNG, _JPEG)) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _jpeg(body: bytes) -> ImageHead | None:
    at = 2
    for _segment in range(_MOST_SEGMENTS):
        if at + 4 > len(body) or body[at] != _MARKER:
            return None
        marker = body[at + 1]
        if marker in _FRAMES:
            return _checked("mjpeg", int.from_bytes(body[at + 7 : at + 9]), int.from_bytes(body[at + 5 : at + 7]))
        if marker in _END_OF_HEADERS:
            return None
        if marker == _MARKER:  # padding
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(body[at + 2 : at + 4])
    return None


def _webp(body: bytes) -> ImageHead | None:
    kind = body[12:16]
    if kind == b"VP8X":
        return _checked("webp", _number(body, 24, 3, "little") + 1, _number(body, 27, 3, "little") + 1)
    if kind == b"VP8L" and body[20:21] == b"\x2f":
        bits = _number(body, 21, 4, "little")
        return _checked("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and body[23:26] == b"\x9d\x01\x2a":
        return _checked("webp", _number(body, 26, 2, "little") & 0x3FFF, _number(body, 28, 2, "little") & 0x3FFF)
    return None


def _number(body: bytes, at: int, length: int, order: str = "big") -> int:
    return int.from_bytes(body[at : at + length], "little" if order == "little" else "big")


def _checked(codec: str, width_px: int, height_px: int) -> ImageHead | None:
    return ImageHead(codec, width_px, height_px) if width_px and height_px else None
