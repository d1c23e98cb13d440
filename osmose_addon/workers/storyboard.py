"""The worker that makes a film's storyboard: small pictures of key frames, for the time line of players.

Only key frames are decoded, and of a file that can seek little more than those is read: 15 MB of a film of 166 MB
(measured 2026-11-20).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import StoryboardOrder
from osmose_addon.model.reports import Progress, SheetMade, StoryboardMade
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.keyframes import shown
from osmose_addon.workers.opened import opened, picture_stream, time_base
from osmose_addon.workers.reading import pictures_of
from osmose_addon.workers.sheets import Sheets

_WORTH_JUMPING_BYTES = 1 << 20
_LONGEST_S = 26 * 3600
_TOLD_EVERY = 10


def main(order: StoryboardOrder, hub: Hub) -> None:
    """Answer with the sheets and, at the end, when each of their pictures is shown.

    Raises: MediaError; reasons as `workers.opened` names them, `damaged` when no key frame can be decoded.
    """
    with opened(order.path) as container:
        video = picture_stream(container)
        sheets = Sheets(order.tile_width_px, order.columns, float(video.sample_aspect_ratio or 1))
        times_s: list[float] = []
        number = 0
        for at_s, frame in _pictures(container, video, order):
            sheet = sheets.add(frame)
            times_s.append(max(at_s, 0.0))
            if sheet is not None:
                hub.send(SheetMade(number, sheet))
                number += 1
            elif len(times_s) % _TOLD_EVERY == 0:
                hub.send(Progress(min(len(times_s) / order.most, 1.0)))
        rest = sheets.rest()
    if rest is not None:
        hub.send(SheetMade(number, rest))
    if not times_s:
        raise MediaError(reason="damaged")
    hub.send(StoryboardMade(sheets.tile_width_px, sheets.tile_height_px, order.columns, tuple(times_s)))


def _pictures(
    container: InputContainer, video: VideoStream, order: StoryboardOrder
) -> Iterator[tuple[float, VideoFrame]]:
    """Yield pictures at least `gap_s` apart, and when each is shown. In long films they are further apart."""
    tick_s = float(time_base(video))
    duration_s = min((container.duration or 0) / 1e6, _LONGEST_S)
    gap_s = max(order.gap_s, duration_s / order.most)
    rate = container.size / duration_s if duration_s > 0 else 0.0
    walk = _Walk(container, video, max(int(gap_s / tick_s), 1), can_jump=rate * gap_s > _WORTH_JUMPING_BYTES)
    decoder = video.codec_context
    decoder.thread_count, decoder.skip_frame = 1, "NONKEY"
    made = 0
    for packet, pts in walk.key_packets():
        frames = [*pictures_of(decoder, packet), *pictures_of(decoder, None)]
        decoder.flush_buffers()
        if frames:
            yield pts * tick_s - order.origin_s, frames[0]
            walk.wait_a_gap(pts)
            made += 1
        if made == order.most:
            return


@dataclass(slots=True)
class _Walk:
    """The way through a film from one wanted key frame to the next."""

    container: InputContainer
    video: VideoStream
    gap_ticks: int
    can_jump: bool
    due_ticks: int | None = None

    def key_packets(self) -> Iterator[tuple["Packet[VideoStream]", int]]:
        """Yield the first key frame, and each that is due when its turn comes."""
        packets, last = shown(self.container, self.video), None
        while True:
            found = next(((one, pts) for one, pts in packets if one.is_keyframe and self._is_due(pts)), None)
            if found is None:
                return
            yield found
            if self.can_jump and self.due_ticks is not None and self.due_ticks != last:
                packets, last = self._jumped(found[1]), self.due_ticks

    def wait_a_gap(self, pts_ticks: int) -> None:
        """Want the next key frame a gap after this one."""
        self.due_ticks = pts_ticks + self.gap_ticks

    def _is_due(self, pts_ticks: int) -> bool:
        return self.due_ticks is None or pts_ticks >= self.due_ticks

    def _jumped(self, from_ticks: int) -> Iterator[tuple["Packet[VideoStream]", int]]:
        """Go to the first key frame that is due. Where that fails, as at the end, the rest is read through."""
        try:
            self.container.seek(self.due_ticks or 0, stream=self.video, backward=False)
        except av.error.FFmpegError:
            self.can_jump = False
            self.container.seek(from_ticks, stream=self.video)
        return self._watched(shown(self.container, self.video), from_ticks)

    def _watched(
        self, packets: Iterator[tuple["Packet[VideoStream]", int]], from_ticks: int
    ) -> Iterator[tuple["Packet[VideoStream]", int]]:
        """Pass packets on; a jump that led backwards is the last one."""
        for number, (packet, pts) in enumerate(packets):
            if number == 0 and pts < from_ticks:
                self.can_jump = False
            yield packet, pts
