"""Pictures in another size and pixel format, turned upright."""

from fractions import Fraction

from av.filter import Graph
from av.video.frame import VideoFrame

from osmose_addon.workers.opened import refuse_large

_TURNS = {90: ("transpose", "clock"), 180: ("rotate", "PI"), 270: ("transpose", "cclock")}
_FULL_RANGE = 2
_FULL = "yuvj"
"""How FFmpeg names the old formats whose range is full."""

_MATRICES = {1: "bt709", 4: "fcc", 5: "bt470", 6: "smpte170m", 7: "smpte240m", 9: "bt2020"}
"""Code points of ITU-T H.273, and what FFmpeg's scaler calls them."""

_Kind = tuple[int, int, str, bool, int, int]


class Scaler:
    """Makes pictures of one size and format, of limited range. A source may change its own size midway."""

    def __init__(
        self, width_px: int, height_px: int, pixel_format: str = "yuv420p", *, turns: bool = True, threads: int = 2
    ) -> None:
        """Wait for the first picture to see what has to be done; with `turns` it is turned as the file says.

        A `yuvj` format has full range, as JPEG wants it.
        """
        self._size, self._format, self._turns = (width_px, height_px), pixel_format, turns
        self._graph, self._threads = Graph(), threads
        self._made_for: _Kind | None = None

    def scaled(self, frame: VideoFrame, tick: Fraction) -> VideoFrame:
        """Return the picture in the wished size, its pts kept. Raises: MediaError (`too_large`)."""
        turn_deg = clockwise_deg(frame) if self._turns else 0
        name = frame.format.name
        is_full = frame.color_range == _FULL_RANGE or name.startswith(_FULL)
        kind = (frame.width, frame.height, name, is_full, turn_deg, frame.colorspace)
        if kind[:5] == (*self._size, self._format, self._format.startswith(_FULL), 0):
            return frame
        if kind != self._made_for:
            refuse_large(frame.width, frame.height)
            self._graph, self._made_for = self._build(frame, kind, tick), kind
        self._graph.vpush(frame)
        return self._graph.vpull()

    def _build(self, frame: VideoFrame, kind: _Kind, tick: Fraction) -> Graph:
        *_, is_full, turn_deg, _matrix = kind
        graph = Graph()
        graph.threads = self._threads
        nodes = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=tick)]
        if turn_deg in _TURNS:
            nodes.append(graph.add(*_TURNS[turn_deg]))
        options = {"w": self._size[0], "h": self._size[1], "flags": "bicubic", **self._colours(frame, is_full=is_full)}
        told = ":".join(f"{name}={value}" for name, value in options.items())
        nodes += [graph.add("scale", told), graph.add("format", self._format), graph.add("buffersink")]
        graph.link_nodes(*nodes).configure()
        return graph

    def _colours(self, frame: VideoFrame, *, is_full: bool) -> dict[str, str]:
        """Return how FFmpeg's scaler shall treat range and matrix; left alone, it would turn BT.709 into BT.601.

        Red, green and blue become BT.709. A `yuvj` format is for a JPEG, which is always BT.601 (JFIF 1.02).
        """
        is_jpeg = self._format.startswith(_FULL)
        told = {"out_range": "pc" if is_jpeg else "tv"}
        if is_full:
            told["in_range"] = "pc"
        matrix = _MATRICES.get(frame.colorspace)
        if frame.format.is_rgb:
            matrix = "bt709"
        elif matrix:
            told["in_color_matrix"] = matrix
        if matrix:
            told["out_color_matrix"] = "bt601" if is_jpeg else matrix
        return told


def clockwise_deg(frame: VideoFrame) -> int:
    """Return by how much a picture must be turned clockwise to stand upright."""
    return -frame.rotation % 360
