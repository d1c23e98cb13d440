"""CMAF segments, written by hand, so that every tick is exact.

FFmpeg's muxer guesses the last duration of a fragment and underflows the first decode time; both break variable frame
rates (measured, see ARCHITECTURE.md). Sources: ISO/IEC 14496-12 (boxes), ISO/IEC 23000-19 (CMAF).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from osmose_addon.formats.boxes import box, descriptor, full_box, matrix, packed_language

_KEY_FLAGS = 0x02000000
_OTHER_FLAGS = 0x01010000
_WIDEST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Colour:
    """Code points of ITU-T H.273; 2 means not known."""

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    is_full_range: bool = False


@dataclass(frozen=True, slots=True)
class VideoSetup:
    """What a player must know of a picture track before its first sample.

    `config` is the body of the box `config_box` in the sample `entry`: for H.264 the `avcC` record in `avc1`.
    """

    track_id: int
    timescale_hz: int
    width_px: int
    height_px: int
    config: bytes
    sample_aspect_num: int = 1
    sample_aspect_den: int = 1
    rotation_deg: int = 0
    colour: Colour | None = None
    entry: bytes = b"avc1"
    config_box: bytes = b"avcC"


@dataclass(frozen=True, slots=True)
class AudioSetup:
    """What a player must know of an AAC track before its first sample. `config` is the AudioSpecificConfig."""

    track_id: int
    timescale_hz: int
    channels: int
    sample_rate_hz: int
    config: bytes
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit: when it is shown, its bytes (H.264 with 4-byte lengths), whether decoding can start here."""

    pts_ticks: int
    body: bytes
    is_key: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """The samples of one track in a fragment, in decode order. The last one is shown until `end_ticks`.

    `times_ticks` are their decode times. Without them the sorted presentation times serve: that is exact when the run
    holds all samples shown in its span, as a cell does; a live part that ends between reordered frames must give them.
    """

    track_id: int
    samples: Sequence[Sample]
    end_ticks: int
    times_ticks: Sequence[int] | None = None


def init_segment(tracks: Sequence[VideoSetup | AudioSetup]) -> bytes:
    """Return the init segment (`ftyp`, `moov`) for these tracks."""
    head = full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100),
        matrix(0),
        bytes(24),
        struct.pack(">I", max(track.track_id for track in tracks) + 1),
    )
    extends = (full_box(b"trex", 0, 0, struct.pack(">IIIII", track.track_id, 1, 0, 0, 0)) for track in tracks)
    brands = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"cmfc", b"mp41")
    return brands + box(b"moov", head, *map(_track, tracks), box(b"mvex", *extends))


def fragment(sequence: int, runs: Sequence[Run], *, with_styp: bool = True) -> bytes:
    """Return one fragment (`styp` unless told otherwise, `moof`, `mdat`) of one run a track.

    Times are exact: each sample lasts until the next decode time, the last one until the end of its run.
    Raises: ValueError when a run is empty, begins before 0 or ends before its last sample.
    """
    heads = [_TrackFragment(run) for run in runs]
    size = 8 + 16 + sum(head.size for head in heads)
    at, parts = size + 8, []
    for head in heads:
        parts.append(head.body(at))
        at += head.payload_bytes
    moof = box(b"moof", full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)), *parts)
    styp = box(b"styp", b"msdh", struct.pack(">I", 0), b"msdh", b"msix", b"cmfs") if with_styp else b""
    mdat = struct.pack(">I4s", at - size, b"mdat")
    return b"".join((styp, moof, mdat, *(sample.body for run in runs for sample in run.samples)))


class _TrackFragment:
    """One `traf` whose data offset is filled in once the whole `moof` is known."""

    def __init__(self, run: Run) -> None:
        """Work out times, durations and offsets of the run."""
        if not run.samples:
            raise ValueError("empty run")
        times = list(run.times_ticks or sorted(sample.pts_ticks for sample in run.samples))
        ends = [*times[1:], run.end_ticks]
        durations = [end - time for time, end in zip(times, ends, strict=True)]
        if times[0] < 0 or min(durations) < 0:
            raise ValueError("times of a run must begin at 0 or later and never go back")
        self._track_id, self._start_ticks = run.track_id, times[0]
        offsets = [sample.pts_ticks - time for sample, time in zip(run.samples, times, strict=True)]
        self._has_offsets = any(offsets)
        self._table = self._rows(run.samples, durations, offsets)
        self.payload_bytes = sum(len(sample.body) for sample in run.samples)
        self._count = len(times)

    @property
    def size(self) -> int:
        """Return the bytes of the `traf`."""
        return 8 + 16 + 20 + 20 + len(self._table)

    def body(self, data_offset: int) -> bytes:
        """Return the `traf`; its payload lies `data_offset` bytes from the start of the `moof`."""
        flags = 0x701 | (0x800 if self._has_offsets else 0)
        return box(
            b"traf",
            full_box(b"tfhd", 0, 0x020000, struct.pack(">I", self._track_id)),
            full_box(b"tfdt", 1, 0, struct.pack(">Q", self._start_ticks)),
            full_box(b"trun", 1, flags, struct.pack(">Ii", self._count, data_offset), self._table),
        )

    def _rows(self, samples: Sequence[Sample], durations: Sequence[int], offsets: Sequence[int]) -> bytes:
        columns = zip(samples, durations, offsets, strict=True)
        flags = (_OTHER_FLAGS, _KEY_FLAGS)
        if self._has_offsets:
            row = struct.Struct(">IIIi").pack
            return b"".join(row(lasts, len(s.body), flags[s.is_key], offset) for s, lasts, offset in columns)
        row = struct.Struct(">III").pack
        return b"".join(row(lasts, len(s.body), flags[s.is_key]) for s, lasts, _ in columns)


def _track(setup: VideoSetup | AudioSetup) -> bytes:
    is_video = isinstance(setup, VideoSetup)
    media_head = struct.pack(">IIII", 0, 0, setup.timescale_hz, 0)
    language = "" if isinstance(setup, VideoSetup) else setup.language
    handler, name = (b"vide", b"Video\0") if is_video else (b"soun", b"Sound\0")
    about = full_box(b"vmhd", 0, 1, bytes(8)) if is_video else full_box(b"smhd", 0, 0, bytes(4))
    here = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    return box(
        b"trak",
        _track_head(setup),
        box(
            b"mdia",
            full_box(b"mdhd", 0, 0, media_head, packed_language(language), bytes(2)),
            full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), name),
            box(b"minf", about, here, _sample_table(setup)),
        ),
    )


def _track_head(setup: VideoSetup | AudioSetup) -> bytes:
    """Return `tkhd`: shown size is the coded size stretched by the sample aspect, in 16.16."""
    width = height = rotation_deg = 0
    if isinstance(setup, VideoSetup):
        stretched = (setup.width_px * setup.sample_aspect_num << 16) // setup.sample_aspect_den
        width = min(stretched, _WIDEST)  # a file may claim any shape of its pixels; `pasp` tells it exactly
        height, rotation_deg = setup.height_px << 16, setup.rotation_deg
    volume = 0x100 if isinstance(setup, AudioSetup) else 0
    ids = struct.pack(">IIIII8xHHHH", 0, 0, setup.track_id, 0, 0, 0, 0, volume, 0)
    return full_box(b"tkhd", 0, 3, ids, matrix(rotation_deg), struct.pack(">II", width, height))


def _sample_table(setup: VideoSetup | AudioSetup) -> bytes:
    entry = _visual(setup) if isinstance(setup, VideoSetup) else _mp4a(setup)
    nothing = struct.pack(">I", 0)
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, nothing),
        full_box(b"stsc", 0, 0, nothing),
        full_box(b"stsz", 0, 0, nothing, nothing),
        full_box(b"stco", 0, 0, nothing),
    )


def _visual(setup: VideoSetup) -> bytes:
    """Return the sample entry of a picture track. Source: ISO/IEC 14496-12, section 12.1.3."""
    head = struct.pack(">6xH16xHHIIIH32xHh", 1, setup.width_px, setup.height_px, 0x480000, 0x480000, 0, 1, 24, -1)
    colour = b""
    if setup.colour is not None:
        codes = (setup.colour.primaries, setup.colour.transfer, setup.colour.matrix, setup.colour.is_full_range << 7)
        colour = box(b"colr", b"nclx", struct.pack(">HHHB", *codes))
    aspect = box(b"pasp", struct.pack(">II", setup.sample_aspect_num, setup.sample_aspect_den))
    return box(setup.entry, head, box(setup.config_box, setup.config), colour, aspect)


def _mp4a(setup: AudioSetup) -> bytes:
    """Return the sample entry of an AAC track. Source: ISO/IEC 14496-14, section 5.6."""
    rate = min(setup.sample_rate_hz, 0xFFFF) << 16
    head = struct.pack(">6xH8xHHIHH", 1, setup.channels, 16, 0, rate >> 16, rate & 0xFFFF)
    decoder = bytes((0x40, 0x15)) + bytes(11) + descriptor(5, setup.config)
    stream = bytes(3) + descriptor(4, decoder) + descriptor(6, b"\x02")
    return box(b"mp4a", head, full_box(b"esds", 0, 0, descriptor(3, stream)))
