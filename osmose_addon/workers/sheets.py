"""Many small pictures on few large ones, as players want them for their time line."""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from osmose_addon.workers import jpeg
from osmose_addon.workers.opened import refuse_large
from osmose_addon.workers.scaling import clockwise_deg

_TALLEST = 2
_BLACK = 0
_GREY = 128
_QUALITY = 5
_HD_LINES = 720
_UNSPECIFIED = 2  # ITU-T H.273, matrix coefficients


class Sheets:
    """Collects small pictures and gives away a sheet whenever one is full. One sheet is held, no more.

    The first picture decides how high all are; what has another shape gets black borders.
    """

    def __init__(self, tile_width_px: int, columns: int, aspect: float) -> None:
        """Begin without a picture; a pixel of the source is `aspect` times as wide as high."""
        self.tile_width_px = max(tile_width_px // 2 * 2, 2)
        self.tile_height_px = 0
        self._columns, self._aspect = columns, aspect
        self._sheet = np.empty((0, 0), np.uint8)
        self._held = 0

    def add(self, frame: VideoFrame) -> bytes | None:
        """Place one more picture; return the sheet when this was its last. Raises: MediaError (`too_large`)."""
        refuse_large(frame.width, frame.height)
        if not self.tile_height_px:
            self.tile_height_px = self._height_of(frame)
        if not self._held:
            self._clear()
        self._place(self._tile(frame), *divmod(self._held, self._columns))
        self._held += 1
        return self.rest() if self._held == self._columns**2 else None

    def rest(self) -> bytes | None:
        """Return the sheet that is not full, with no more rows than it needs; nothing when there is none."""
        if not self._held:
            return None
        rows = -(-self._held // self._columns)
        self._held = 0
        height = self._columns * self.tile_height_px
        kept = rows * self.tile_height_px
        luma, chroma = self._sheet[:height], self._sheet[height:].reshape(2, -1)
        body = np.concatenate((luma[:kept].ravel(), chroma[:, : chroma.shape[1] * rows // self._columns].ravel()))
        picture = VideoFrame.from_ndarray(body.reshape(-1, self._sheet.shape[1]), format=jpeg.PIXEL_FORMAT)
        return jpeg.written(picture, _QUALITY)

    def _shown_px(self, frame: VideoFrame) -> tuple[float, float]:
        """Return width and height in square pixels, lying as in the file."""
        return frame.width * self._aspect, float(frame.height)

    def _height_of(self, frame: VideoFrame) -> int:
        width, height = self._shown_px(frame)
        if clockwise_deg(frame) % 180:
            width, height = height, width
        wished = round(self.tile_width_px * height / width / 2) * 2
        return min(max(wished, 2), self.tile_width_px * _TALLEST)

    def _clear(self) -> None:
        width, height = self._columns * self.tile_width_px, self._columns * self.tile_height_px
        self._sheet = np.full((height * 3 // 2, width), _GREY, np.uint8)
        self._sheet[:height] = _BLACK

    def _tile(self, frame: VideoFrame) -> list[NDArray[np.uint8]]:
        """Return the planes of a picture that fits into a tile and stands upright."""
        turn_deg = clockwise_deg(frame)
        room = (self.tile_width_px, self.tile_height_px)
        if turn_deg % 180:
            room = (room[1], room[0])
        shown = self._shown_px(frame)
        factor = min(room[0] / shown[0], room[1] / shown[1])
        width, height = (
            min(max(round(size * factor / 2) * 2, 2), most) for size, most in zip(shown, room, strict=True)
        )
        small = frame.reformat(
            width,
            height,
            jpeg.PIXEL_FORMAT,
            src_colorspace=_colors_of(frame),
            interpolation=Interpolation.AREA,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
        )
        return [
            np.rot90(plane, -(turn_deg // 90))
            for plane in _planes(np.asarray(small.to_ndarray(), np.uint8), width, height)
        ]

    def _place(self, tile: list[NDArray[np.uint8]], row: int, column: int) -> None:
        width, height = self._columns * self.tile_width_px, self._columns * self.tile_height_px
        for part, target, factor in zip(tile, _planes(self._sheet, width, height), (1, 2, 2), strict=True):
            room_x, room_y = self.tile_width_px // factor, self.tile_height_px // factor
            x = column * room_x + (room_x - part.shape[1]) // 2
            y = row * room_y + (room_y - part.shape[0]) // 2
            target[y : y + part.shape[0], x : x + part.shape[1]] = part


def _colors_of(frame: VideoFrame) -> Colorspace | None:
    """Return how to read the colours of a picture that does not say so: as players do, by its size."""
    says_nothing = frame.colorspace == _UNSPECIFIED
    return Colorspace.ITU709 if says_nothing and frame.height >= _HD_LINES else None


def _planes(picture: NDArray[np.uint8], width: int, height: int) -> list[NDArray[np.uint8]]:
    """Return the three planes of a 4:2:0 picture as views of it."""
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    return [picture[:height], chroma[0], chroma[1]]
