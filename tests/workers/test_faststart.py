"""Where the index of an MP4 stands."""

import struct
from pathlib import Path

import pytest

from osmose_addon.formats.boxes import box
from osmose_addon.workers.faststart import has_index_first
from tests.clips import Clip, make

_FTYP, _MOOV, _MDAT = box(b"ftyp", b"isom"), box(b"moov", bytes(90)), box(b"mdat", bytes(5000))


def _file(tmp_path: Path, body: bytes) -> bytes:
    path = tmp_path / "film.mp4"
    path.write_bytes(body)
    return bytes(path)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (_FTYP + _MOOV + _MDAT, True),
        (_FTYP + box(b"free", bytes(40)) + _MOOV + _MDAT + box(b"udta"), True),
        (_FTYP + _MOOV + struct.pack(">I4sQ", 1, b"mdat", 1 << 40), True),
        (_FTYP + _MOOV + struct.pack(">I4s", 0, b"mdat") + bytes(100), True),
        (_FTYP + _MDAT + _MOOV, False),
        (_FTYP + _MOOV, False),
        (_FTYP + _MOOV + box(b"moof", bytes(20)) + _MDAT, False),
        (_FTYP + struct.pack(">I4s", 3, b"moov") + _MDAT, False),
        (b"", False),
        (b"\x00\x00", False),
        (box(b"free") * 500 + _MOOV + _MDAT, False),
    ],
)
def test_only_an_index_before_the_samples_counts(tmp_path: Path, body: bytes, *, expected: bool) -> None:
    assert has_index_first(_file(tmp_path, body)) is expected


@pytest.mark.parametrize(("flags", "expected"), [("", False), ("faststart", True), ("frag_keyframe+empty_moov", False)])
def test_ffmpegs_own_files_are_told_apart(tmp_path: Path, flags: str, *, expected: bool) -> None:
    options = (("movflags", flags),) if flags else ()
    path = make(tmp_path, Clip("film.mp4", seconds=1, container_options=options))
    assert has_index_first(bytes(path)) is expected


def test_what_is_not_there_has_none(tmp_path: Path) -> None:
    assert not has_index_first(bytes(tmp_path / "nothing"))
