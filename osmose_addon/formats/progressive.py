"""One plain MP4 out of a title's cells: the index that stands before the cells' own bytes.

The index tells the same times as the cells do. Their offsets are made positive and an edit list takes the shift back,
because old players cannot read negative ones; sound that begins some samples later than the picture gets an empty edit.
Sources: ISO/IEC 14496-12, sections 8.2 to 8.7.
"""

import struct
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from osmose_addon.formats.boxes import IDENTITY, box, full_box
from osmose_addon.formats.boxread import BadBoxError, SampleRun, big_endian, inner

_U32 = 1 << 32
_LARGE_HEAD = 16
_BRANDS = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")


class Chunk(NamedTuple):
    """The bytes of one fragment of one track, which lie together."""

    track: int
    place: int
    size_bytes: int


class Layout(NamedTuple):
    """The head of the file (all that stands before the samples), and the chunks in the order in which they follow."""

    head: bytes
    chunks: tuple[Chunk, ...]

    @property
    def size_bytes(self) -> int:
        """How long the whole file is."""
        return len(self.head) + sum(chunk.size_bytes for chunk in self.chunks)


class TrackIndex:
    """What the index says of one track; add its runs in order."""

    def __init__(self, init: bytes) -> None:
        """Begin with the track's init segment. Raises: BadBoxError."""
        media = inner(init, b"moov", b"trak", b"mdia")
        self.head = inner(init, b"moov", b"trak", b"tkhd")
        self.media_head = inner(media, b"mdia", b"mdhd")
        self.handler = inner(media, b"mdia", b"hdlr")
        self.is_video = self.handler[16:20] == b"vide"
        self.about = inner(media, b"mdia", b"minf", b"vmhd" if self.is_video else b"smhd")
        self.source = inner(media, b"mdia", b"minf", b"dinf")
        self.entry = inner(media, b"mdia", b"minf", b"stbl", b"stsd")
        self.timescale_hz = int.from_bytes(self.media_head[20:24], "big")
        if self.media_head[8] or not self.timescale_hz:
            raise BadBoxError("not an init segment of ours")
        self.start_ticks = self.end_ticks = 0
        self.sizes_bytes, self._lasts_ticks = array("I"), array("I")
        self._offsets_ticks = array("i")
        self._keys = array("I")
        self.chunk_samples: list[int] = []
        self.chunk_bytes: list[int] = []
        self.chunk_ticks: list[int] = []

    def add(self, run: SampleRun) -> None:
        """Add the next fragment; a hole before it lengthens the sample before the hole. Raises: BadBoxError."""
        if self._lasts_ticks:
            last = self._lasts_ticks[-1] + run.start_ticks - self.end_ticks
            if not 0 <= last < _U32:
                raise BadBoxError("times go back")
            self._lasts_ticks[-1] = last
        else:
            self.start_ticks = run.start_ticks
        before = len(self.sizes_bytes)
        self._lasts_ticks.extend(run.lasts_ticks)
        self.sizes_bytes.extend(run.sizes_bytes)
        self._offsets_ticks.extend(run.offsets_ticks)
        self._keys.extend(before + key + 1 for key in run.keys)
        self.end_ticks = run.start_ticks + sum(run.lasts_ticks)
        self.chunk_samples.append(len(run.sizes_bytes))
        self.chunk_bytes.append(run.size_bytes)
        self.chunk_ticks.append(run.start_ticks)

    @property
    def shift_ticks(self) -> int:
        """By how much all offsets are raised, so that none is negative."""
        return max(0, -min(self._offsets_ticks, default=0))

    def tables(self, starts_bytes: Sequence[int]) -> bytes:
        """Return the sample table (`stbl`), its chunks beginning at these places of the file."""
        parts = [self.entry, self._times(), self._reordering(), self._sync(), self._chunks()]
        sizes = big_endian(self.sizes_bytes[:])
        parts.append(full_box(b"stsz", 0, 0, struct.pack(">II", 0, len(sizes)), sizes.tobytes()))
        is_large = bool(starts_bytes) and starts_bytes[-1] >= _U32
        places = big_endian(array("Q" if is_large else "I", starts_bytes)).tobytes()
        parts.append(full_box(b"co64" if is_large else b"stco", 0, 0, struct.pack(">I", len(starts_bytes)), places))
        return box(b"stbl", *parts)

    def _times(self) -> bytes:
        return _counted(b"stts", _lengths(self._lasts_ticks))

    def _reordering(self) -> bytes:
        if not any(self._offsets_ticks):
            return b""
        shift = self.shift_ticks
        return _counted(b"ctts", ((count, offset + shift) for count, offset in _lengths(self._offsets_ticks)))

    def _sync(self) -> bytes:
        if len(self._keys) == len(self.sizes_bytes):
            return b""
        return full_box(b"stss", 0, 0, struct.pack(">I", len(self._keys)), big_endian(self._keys[:]).tobytes())

    def _chunks(self) -> bytes:
        rows, first = [], 1
        for count, samples in _lengths(self.chunk_samples):
            rows.append(struct.pack(">III", first, samples, 1))
            first += count
        return full_box(b"stsc", 0, 0, struct.pack(">I", len(rows)), *rows)


def laid_out(tracks: Sequence[TrackIndex]) -> Layout:
    """Return the head of the file and the order of its chunks: by time, so that a player reads ahead in both tracks.

    Raises: BadBoxError when there is nothing to lay out.
    """
    chunks = sorted(
        (
            Chunk(number, place, size_bytes)
            for number, track in enumerate(tracks)
            for place, size_bytes in enumerate(track.chunk_bytes)
        ),
        key=lambda chunk: (_start_s(tracks[chunk.track], chunk.place), chunk.track),
    )
    if not chunks:
        raise BadBoxError("no samples")
    body_bytes = sum(chunk.size_bytes for chunk in chunks)
    is_large = body_bytes + _LARGE_HEAD >= _U32
    mdat = struct.pack(">I4sQ", 1, b"mdat", _LARGE_HEAD + body_bytes) if is_large else _head(b"mdat", body_bytes)
    # The places of chunks stand in the index, and how long it is decides on them: one that ends beyond 4 GB has longer
    # entries, which may push others there; so it is written until its length stays.
    moov, length = b"", -1
    while len(moov) != length:
        length = len(moov)
        try:
            moov = _moov(tracks, chunks, len(_BRANDS) + length + len(mdat))
        except (struct.error, OverflowError):
            raise BadBoxError("times out of reach") from None
    return Layout(_BRANDS + moov + mdat, tuple(chunks))


def _head(kind: bytes, body_bytes: int) -> bytes:
    return struct.pack(">I4s", 8 + body_bytes, kind)


def _start_s(track: TrackIndex, place: int) -> float:
    return track.chunk_ticks[place] / track.timescale_hz


def _moov(tracks: Sequence[TrackIndex], chunks: Iterable[Chunk], first_byte: int) -> bytes:
    starts: list[list[int]] = [[] for _track in tracks]
    listed = tuple(chunks)
    ends = accumulate((chunk.size_bytes for chunk in listed), initial=first_byte)
    for chunk, start in zip(listed, ends, strict=False):
        starts[chunk.track].append(start)
    scale_hz = next((track.timescale_hz for track in tracks if not track.is_video), tracks[0].timescale_hz)
    traks = [_trak(number, track, starts[number], scale_hz) for number, track in enumerate(tracks)]
    lasts = max(_scaled(track.end_ticks, track.timescale_hz, scale_hz) for track in tracks)
    head = _timed(lasts, struct.pack(">I", scale_hz))
    rest = struct.pack(">IH10x9i24xI", 0x10000, 0x100, *IDENTITY, len(tracks) + 1)
    return box(b"moov", full_box(b"mvhd", head.version, 0, head.body, rest), *traks)


def _trak(number: int, track: TrackIndex, starts_bytes: Sequence[int], scale_hz: int) -> bytes:
    lasts_ticks = track.end_ticks - track.start_ticks
    whole = _scaled(track.end_ticks, track.timescale_hz, scale_hz)
    head = _timed(whole, struct.pack(">II", number + 1, 0))
    media = _timed(lasts_ticks, struct.pack(">I", track.timescale_hz))
    information = box(b"minf", track.about, track.source, track.tables(starts_bytes))
    return box(
        b"trak",
        full_box(b"tkhd", head.version, 3, head.body, track.head[32:]),
        _edits(track, scale_hz),
        box(
            b"mdia",
            full_box(b"mdhd", media.version, 0, media.body, track.media_head[28:]),
            track.handler,
            information,
        ),
    )


class _Timed(NamedTuple):
    version: int
    body: bytes


def _timed(lasts_ticks: int, between: bytes) -> _Timed:
    """Return the beginning that three kinds of heads share: two dates, something of its own, and a length in ticks."""
    if lasts_ticks < _U32:
        return _Timed(0, struct.pack(">II", 0, 0) + between + struct.pack(">I", lasts_ticks))
    return _Timed(1, struct.pack(">QQ", 0, 0) + between + struct.pack(">Q", lasts_ticks))


def _edits(track: TrackIndex, scale_hz: int) -> bytes:
    """Return the edit list, where one is needed: nothing until the first sample, then the media less its shift."""
    if not track.start_ticks and not track.shift_ticks:
        return b""
    empty = _scaled(track.start_ticks, track.timescale_hz, scale_hz)
    lasts = _scaled(track.end_ticks, track.timescale_hz, scale_hz) - empty
    rows = [(empty, -1)] if empty else []
    rows.append((lasts, track.shift_ticks))
    version = 1 if lasts >= _U32 else 0
    row = struct.Struct(">QqI" if version else ">IiI")
    body = b"".join(row.pack(length, media_time, 0x10000) for length, media_time in rows)
    return box(b"edts", full_box(b"elst", version, 0, struct.pack(">I", len(rows)), body))


def _scaled(ticks: int, from_hz: int, to_hz: int) -> int:
    return (ticks * to_hz + from_hz // 2) // from_hz


def _lengths(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return equal neighbours as (how many, number)."""
    return [(sum(1 for _one in same), number) for number, same in groupby(numbers)]


def _counted(kind: bytes, rows: Iterable[tuple[int, int]]) -> bytes:
    numbers = array("I", (number for row in rows for number in row))
    return full_box(kind, 0, 0, struct.pack(">I", len(numbers) // 2), big_endian(numbers).tobytes())
