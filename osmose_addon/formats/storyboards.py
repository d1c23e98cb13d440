"""The list of a storyboard's small pictures: WebVTT whose cues name a part of a sheet, as players' time lines read it.

Sources: the WebVTT recommendation of the W3C; Media Fragments URI 1.0, section 4.2.2 (`xywh`).
"""

from osmose_addon.formats.captions import clock
from osmose_addon.model.reports import StoryboardMade

_SHORTEST_S = 0.001


def tile_list(board: StoryboardMade, duration_s: float) -> str:
    """Return the list. Each picture is shown up to the next one, the first from 0 on, the last to the end.

    Sheets are named relative to the list: `storyboard-<number>.jpg`.
    """
    starts_s = [0.0, *board.times_s[1:]]
    blocks = ["WEBVTT\n"]
    for number, (start_s, next_s) in enumerate(zip(starts_s, [*starts_s[1:], duration_s], strict=True)):
        end_s = max(next_s, start_s + _SHORTEST_S)
        blocks.append(f"{clock(start_s)} --> {clock(end_s)}\n{_place(board, number)}\n")
    return "\n".join(blocks)


def _place(board: StoryboardMade, number: int) -> str:
    sheet, place = divmod(number, board.columns**2)
    row, column = divmod(place, board.columns)
    width, height = board.tile_width_px, board.tile_height_px
    return f"storyboard-{sheet}.jpg#xywh={column * width},{row * height},{width},{height}"
