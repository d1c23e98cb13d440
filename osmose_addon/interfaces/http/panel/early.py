"""What the player of a title will ask for first, known before its page is there."""

from bisect import bisect_right

from osmose_addon.interfaces.http.panel.strips import Strip
from osmose_addon.model.media import Grid, Rung, RungGroup, Title, TitlePhase

_SMALLEST_PX = 360
_NEXT_CELL_S = 0.25
"""Players take the next cell for a place as near to its begin as this (hls.js: `maxFragLookUpTolerance`)."""


def quick_strip(strips: tuple[Strip, ...]) -> Strip | None:
    """Return the rung of the ladder whose cells are made soonest: the smallest that is no poor sight."""
    by_height = sorted((strip for strip in strips if strip.height_px), key=lambda strip: strip.height_px)
    return next((strip for strip in by_height if strip.height_px >= _SMALLEST_PX), by_height[-1] if by_height else None)


def early_parts(title: Title, quick: Strip | None, at_s: float) -> tuple[str, ...]:
    """Return the cells of picture and sound at a time of the title that must be made first, from the root.

    None where the picture has not to be made, or cannot be.
    """
    if title.grid is None or title.phase is not TitlePhase.READY or quick is None or quick.is_there:
        return ()
    rungs = [title.grid.rung(quick.rung_id), _sound_of(title.grid)]
    home = f"play/titles/{title.id}/{title.grid.revision}"
    return tuple(f"{home}/{rung.id}/{_cell_at(rung, at_s)}.m4s" for rung in rungs if rung)


def _sound_of(grid: Grid) -> Rung | None:
    """Return the rung of sound that players begin with."""
    sounds = [rung for rung in grid.rungs if rung.group is RungGroup.SOUND]
    return next((rung for rung in sounds if rung.is_default), sounds[0] if sounds else None)


def _cell_at(rung: Rung, at_s: float) -> int:
    found = bisect_right(rung.borders_ticks, (at_s + _NEXT_CELL_S) * rung.timescale_hz, hi=rung.cells)
    return max(found - 1, 0)
