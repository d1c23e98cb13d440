"""The list of a storyboard's pictures."""

from osmose_addon.formats.storyboards import tile_list
from osmose_addon.model.reports import StoryboardMade


def test_each_picture_has_its_time_and_its_place_on_a_sheet() -> None:
    """The first is shown from the start, the last to the end; a full sheet is followed by the next."""
    board = StoryboardMade(160, 90, 2, (0.5, 6.0, 12.25, 18.0, 24.0))
    assert tile_list(board, 30.0).split("\n\n") == [
        "WEBVTT",
        "00:00:00.000 --> 00:00:06.000\nstoryboard-0.jpg#xywh=0,0,160,90",
        "00:00:06.000 --> 00:00:12.250\nstoryboard-0.jpg#xywh=160,0,160,90",
        "00:00:12.250 --> 00:00:18.000\nstoryboard-0.jpg#xywh=0,90,160,90",
        "00:00:18.000 --> 00:00:24.000\nstoryboard-0.jpg#xywh=160,90,160,90",
        "00:00:24.000 --> 00:00:30.000\nstoryboard-1.jpg#xywh=0,0,160,90\n",
    ]


def test_a_picture_past_the_told_end_still_has_a_time() -> None:
    """A header may tell a length that is too short."""
    assert "00:00:07.000 --> 00:00:07.001" in tile_list(StoryboardMade(160, 90, 10, (0.0, 7.0)), 6.0)
