"""Where the key frames of a film are, found without decoding and, where the container has an index, without reading.

An MP4's index holds decode times, players need presentation times. The difference is the same for every key frame in
ordinary files; that is verified on a few of them, and a file that fails it is read through instead.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import KeyFrames
from osmose_addon.workers.opened import last_tick, packets, time_base

_INDEXED = "mov"
_STREAMED = ("mpeg", "h264", "hevc")
_CLOSEST_S = 0.4
_TOLD_EVERY = 2_000
_LONGEST_LEAD_S = 10


@dataclass(frozen=True, slots=True)
class Found:
    """The key frames, what span the pictures are shown in, in ticks of the track, and how many `pictures` there are."""

    key_frames: KeyFrames
    start_ticks: int
    end_ticks: int
    pictures: int


def find(container: InputContainer, video: VideoStream, told: Callable[[float], None]) -> Found:
    """Return the key frames of a track; `told` is called with the share that is read while a long file is read.

    Key frames closer together than 0.4 s are counted as one. Raises: MediaError (`damaged`) when there are none.
    """
    container.seek(0)  # a picture was decoded before: whatever was read for that is to be seen again
    found = _from_index(container, video) if container.format.name.startswith(_INDEXED) else None
    if found is None:
        container.seek(0)
        found = _from_packets(container, video, told)
    if not found.key_frames.pts_ticks or found.end_ticks <= found.start_ticks:
        raise MediaError(reason="damaged")
    return found


def shown(container: InputContainer, video: VideoStream) -> Iterator[tuple["Packet[VideoStream]", int]]:
    """Yield the packets of a track that are shown, with their presentation time, in decode order."""
    last = last_tick(video)
    for packet in packets(container, video):
        pts = packet.pts if packet.pts is not None else packet.dts
        if packet.size and pts is not None and pts <= last and not packet.is_discard:
            yield packet, pts


def seek(container: InputContainer, video: VideoStream, pts_ticks: int) -> None:
    """Go to the key frame at or before a presentation time of the track."""
    container.seek(pts_ticks, stream=video)


@dataclass(slots=True)
class _Tally:
    """Key frames as they are met, close ones merged."""

    closest_ticks: int
    pts: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def key(self, pts_ticks: int) -> None:
        if not self.pts or pts_ticks - self.pts[-1] >= self.closest_ticks:
            self.pts.append(pts_ticks)
            self.sizes.append(0)

    def count(self, size_bytes: int) -> None:
        if self.sizes:
            self.sizes[-1] += size_bytes

    def done(self, *, is_closed: bool) -> KeyFrames:
        return KeyFrames(tuple(self.pts), tuple(self.sizes), is_closed)


def _tally(video: VideoStream) -> _Tally:
    return _Tally(max(int(Fraction(_CLOSEST_S) / time_base(video)), 1))


def _frame_ticks(video: VideoStream) -> int:
    """Return how long a picture lasts when a packet does not say."""
    rate = video.average_rate or video.guessed_rate or Fraction(25)
    return max(1, round(1 / (rate * time_base(video))))


def _from_packets(container: InputContainer, video: VideoStream, told: Callable[[float], None]) -> Found:
    tally, end = (
        _tally(video),
        _End(_frame_ticks(video), tells_durations=not container.format.name.startswith(_STREAMED)),
    )
    is_closed, key, start, number = True, 0, None, -1
    for number, (packet, pts) in enumerate(shown(container, video)):
        if packet.is_keyframe:
            key = pts
            tally.key(pts)
        is_closed &= pts >= key or not tally.pts
        tally.count(packet.size)
        start = pts if start is None else min(start, pts)
        end.count(pts, packet.duration or 0)
        if number % _TOLD_EVERY == _TOLD_EVERY - 1:
            told(share_read(container, packet.pos))
    return Found(tally.done(is_closed=is_closed), _start(start, tally.pts, video), end.ticks, number + 1)


def _start(first_shown: int | None, keys: list[int], video: VideoStream) -> int:
    """Return when the title begins: with its first key frame, unless that lies far behind the first picture.

    A film that was cut out of another begins with pictures which lean on ones that are gone.
    """
    shown_ticks = first_shown or 0
    is_near = bool(keys) and (keys[0] - shown_ticks) * time_base(video) <= _LONGEST_LEAD_S
    return keys[0] if is_near else shown_ticks


def share_read(container: InputContainer, place_bytes: int | None) -> float:
    """Return how much of a file was read when a packet at that place comes, 0 to 1; 0 where that is not known."""
    return min(max(place_bytes or 0, 0) / container.size, 1.0) if container.size > 0 else 0.0


class _End:
    """Until when the last picture is shown; in MPEG streams, which tell no durations, as long as the one before."""

    def __init__(self, frame_ticks: int, *, tells_durations: bool) -> None:
        """Begin without a picture; one without a duration lasts `frame_ticks`."""
        self._frame_ticks, self._tells = frame_ticks, tells_durations
        self._last: int | None = None
        self._lasts = 0

    def count(self, pts: int, duration: int) -> None:
        """Take note of a picture; they come in decode order."""
        if self._last is None:
            self._last, self._lasts = pts, duration
        elif pts > self._last:
            self._lasts = duration if self._tells else pts - self._last
            self._last = pts
        elif not self._tells:
            self._lasts = min(self._lasts, self._last - pts) or self._lasts

    @property
    def ticks(self) -> int:
        """Return the end."""
        return (self._last or 0) + (self._lasts or self._frame_ticks)


def _from_index(container: InputContainer, video: VideoStream) -> Found | None:
    """Return what the index says, or nothing when it does not hold what the packets say."""
    # One at a time: a day of film has five million entries.
    entries = (entry for entry in video.index_entries if not entry.is_discard)
    first, begin = next(shown(container, video), None), next(entries, None)
    if first is None or begin is None or not begin.is_keyframe:
        return None
    shift = first[1] - begin.timestamp
    tally, count = _tally(video), 0
    for entry in itertools.chain((begin,), entries):
        count += 1
        if entry.is_keyframe:
            tally.key(entry.timestamp + shift)
        tally.count(entry.size)
    keys = tally.pts
    places = {keys[0], keys[len(keys) // 2], keys[-1]}
    looks = [_look(container, video, pts) for pts in places]
    if None in looks:
        return None
    end = _end(container, video, keys[-1], tally.closest_ticks)
    return None if end is None else Found(tally.done(is_closed=all(looks)), keys[0], end, count)


def _look(container: InputContainer, video: VideoStream, key_ticks: int) -> bool | None:
    """Return whether the group at a key frame is closed, or nothing when there is no key frame at that time.

    A film that was cut off knows by its index of key frames that are not there.
    """
    seek(container, video, key_ticks)
    coming = shown(container, video)
    packet, pts = next(coming, (None, 0))
    if packet is None or pts != key_ticks or not packet.is_keyframe:
        return None
    _, after = next(coming, (None, None))
    return after is None or after > key_ticks


def _end(container: InputContainer, video: VideoStream, last_key: int, closest_ticks: int) -> int | None:
    """Return until when the last picture is shown: the last group is read for it.

    Nothing when there are key frames the index does not know, as in a fragmented MP4.
    """
    seek(container, video, last_key)
    end = _End(_frame_ticks(video), tells_durations=True)
    for packet, pts in shown(container, video):
        if packet.is_keyframe and pts - last_key >= closest_ticks:
            return None
        end.count(pts, packet.duration or 0)
    return end.ticks
