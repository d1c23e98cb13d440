"""Opening a foreign media file: regular files only, allow-listed formats and codecs, and plain words for what fails.

FFmpeg knows 417 formats and 557 codecs; a household's films need a handful, and each of the others is a way in
(playlists that open other files, pictures of 16000 x 16000). Every failure becomes a `MediaError` whose field `reason`
is a key below `media_reason.`.

FFmpeg heeds its codec list only while it opens a file. Whoever decodes later gets the track here, where it is looked at
once more: `picture_stream`, `video_stream`, `audio_stream`, `text_stream`.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TypeVar, cast

import av
import av.error
from av.audio.stream import AudioStream
from av.codec import Codec, CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError

StreamOf = TypeVar("StreamOf", VideoStream, AudioStream, SubtitleStream)

LARGEST_PX = 8192 * 4352
LONGEST_SIDE_PX = 0xFFFF  # more has no room in an MP4

_LAST_S = 26 * 3600

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,h264,hevc"
_CODECS = (
    "h264,hevc,av1,libdav1d,vp8,vp9,libvpx-vp9,mpeg1video,mpeg2video,mpeg4,msmpeg4v3,msmpeg4,msmpeg4v2,h263,flv1,flv,"
    "theora,vc1,wmv3,wmv2,wmv1,mjpeg,prores,dvvideo,dnxhd,"
    "aac,aac_latm,ac3,eac3,mp1,mp1float,mp2,mp2float,mp3,mp3float,opus,libopus,vorbis,flac,alac,dts,dca,truehd,mlp,"
    "wmav1,wmav2,wmapro,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_u8,pcm_f32le,pcm_bluray,pcm_dvd,"
    "adpcm_ms,adpcm_ima_wav,amr_nb,amrnb,"
    "subrip,srt,ass,ssa,mov_text,webvtt,text"
)
"""Names of codecs and, where they are others, of FFmpeg's decoders for them."""
_KNOWN = frozenset(_CODECS.split(","))
_OPTIONS = {"format_whitelist": _FORMATS, "codec_whitelist": _CODECS, "protocol_whitelist": "file"}
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_FILM_MARKS = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"RIFF"),
    (0, b"\x47"),
    (0, b"FLV"),
)
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_HEAD_BYTES = 16
_NO_PICTURE_KINDS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


@contextmanager
def opened(path: bytes) -> Iterator[InputContainer]:
    """Open a media file for as long as the block lasts.

    Raises: MediaError with reason `not_a_file`, `gone`, `unreadable`, `empty`, `is_archive`, `unknown_format` or
    `damaged`; errors of FFmpeg within the block become `damaged` or `unknown_codec`.
    """
    fd = regular_file(path)
    try:
        head = os.pread(fd, _HEAD_BYTES, 0)
        _refuse_by_head(head, os.fstat(fd).st_size)
        looks_like_film = any(head[at : at + len(mark)] == mark for at, mark in _FILM_MARKS)
        with media_errors("damaged" if looks_like_film else "unknown_format"):
            container = _open(fd)
        with container, media_errors("damaged"):
            yield container
    finally:
        os.close(fd)


@contextmanager
def media_errors(reason: str) -> Iterator[None]:
    """Turn an error of FFmpeg into a MediaError of this reason; a missing decoder is always `unknown_codec`."""
    try:
        yield
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        found = "unknown_codec" if isinstance(error, av.error.DecoderNotFoundError) else reason
    else:
        return
    raise MediaError(reason=found)


def picture_stream(container: InputContainer) -> VideoStream:
    """Return the track with the film's pictures, not its cover.

    Raises: MediaError (`no_picture`, `unknown_codec`, `too_large`).
    """
    found = find_picture_stream(container)
    if found is None:
        raise MediaError(reason="no_picture")
    return found


def find_picture_stream(container: InputContainer) -> VideoStream | None:
    """Return the track with the film's pictures, nothing where there is none but a cover.

    Raises: MediaError (`unknown_codec` when there are only tracks that must not be decoded, `too_large`).
    """
    tracks = [stream for stream in container.streams.video if not stream.disposition & _NO_PICTURE_KINDS]
    films = [stream for stream in tracks if codec_name(stream)]
    if not films:
        if any(_decoder_of(stream) for stream in tracks):
            raise MediaError(reason="unknown_codec")
        return None
    best = max(films, key=lambda stream: (bool(stream.disposition & Disposition.default), stream.codec_context.width))
    refuse_large(best.codec_context.width, best.codec_context.height)
    return best


def has_cover(container: InputContainer) -> bool:
    """Whether a picture is attached to the file, as music has it."""
    return any(stream.disposition & Disposition.attached_pic for stream in container.streams.video)


def refuse_large(width_px: int, height_px: int) -> None:
    """Call before anything is decoded: a small file may ask for 786 MB. Raises: MediaError (`too_large`)."""
    if width_px * height_px > LARGEST_PX or max(width_px, height_px) > LONGEST_SIDE_PX:
        raise MediaError(reason="too_large")


def video_stream(container: InputContainer, index: int) -> VideoStream:
    """Return the picture track of that index.

    Raises: MediaError (`changed` when the file has no such track now, `unknown_codec`, `too_large`).
    """
    stream = _stream(container, index)
    if not isinstance(stream, VideoStream):
        raise MediaError(reason="changed")
    _refuse_unknown(stream)
    refuse_large(stream.codec_context.width, stream.codec_context.height)
    return stream


def audio_stream(container: InputContainer, index: int) -> AudioStream:
    """Return the sound track of that index. Raises: MediaError (`changed` when there is none now, `unknown_codec`)."""
    stream = _stream(container, index)
    if not isinstance(stream, AudioStream):
        raise MediaError(reason="changed")
    _refuse_unknown(stream)
    return stream


def text_stream(container: InputContainer, index: int) -> SubtitleStream:
    """Return the text track of that index. Raises: MediaError (`changed` when there is none now, `unknown_codec`)."""
    stream = _stream(container, index)
    if not isinstance(stream, SubtitleStream):
        raise MediaError(reason="changed")
    _refuse_unknown(stream)
    return stream


def packets(container: InputContainer, *streams: StreamOf) -> Iterator["Packet[StreamOf]"]:
    """Yield the packets of some tracks. Tracks that appear midway, as in a recorded broadcast, are passed over.

    PyAV (18.1) takes them for ours once the file ends, and stumbles over them: that is the end then.
    """
    demuxed = cast("Iterator[Packet[StreamOf]]", container.demux(*streams))
    try:
        yield from demuxed
    except IndexError:
        return


def codec_name(stream: Stream) -> str:
    """Return FFmpeg's name of the codec (not of the decoder), empty for a track that cannot or must not be decoded."""
    codec = _decoder_of(stream)
    is_known = codec is not None and {codec.canonical_name, codec.name} <= _KNOWN
    return codec.canonical_name if codec is not None and is_known else ""


def time_base(stream: Stream) -> Fraction:
    """Return the seconds of a tick. Raises: MediaError (`damaged`) when the file tells none."""
    if not stream.time_base:
        raise MediaError(reason="damaged")
    return stream.time_base


def last_tick(stream: Stream) -> int:
    """Return the highest time stamp that is meant: MPEG-TS writes times before 0 as ones just below 26.5 hours."""
    return int(_LAST_S / time_base(stream))


def _decoder_of(stream: Stream) -> Codec | None:
    """Return what FFmpeg would decode a track with; nothing is opened by asking."""
    context: CodecContext | None = stream.codec_context
    return context.codec if context is not None else None


def _refuse_unknown(stream: Stream) -> None:
    if not codec_name(stream):
        raise MediaError(reason="unknown_codec")


def _stream(container: InputContainer, index: int) -> Stream | None:
    return next((stream for stream in container.streams if stream.index == index), None)


def regular_file(path: bytes) -> int:
    """Return a descriptor of the file: links, pipes and devices are refused before a byte is read.

    Raises: MediaError (`gone`, `not_a_file`, `unreadable`).
    """
    try:
        fd = os.open(path, _OPEN_FLAGS)
    except FileNotFoundError:
        reason = "gone"
    except OSError:
        reason = "not_a_file" if os.path.islink(path) else "unreadable"  # noqa: PTH114 - the name is bytes
    else:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            return fd
        os.close(fd)
        reason = "not_a_file"
    raise MediaError(reason=reason)


def _refuse_by_head(head: bytes, size_bytes: int) -> None:
    if not size_bytes:
        raise MediaError(reason="empty")
    if head.startswith(_ARCHIVES):
        raise MediaError(reason="is_archive")


def _open(fd: int) -> InputContainer:
    return av.open(f"file:/dev/fd/{fd}", "r", options=dict(_OPTIONS), metadata_errors="replace")
