"""The grid strip, the sign of Osmose: which cells of a rung are there, as 40 fields of a small picture."""

from dataclasses import dataclass

from markupsafe import Markup

from osmose_addon.interfaces.http.panel.phrases import Phrases
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod
from osmose_addon.stores.segments.cells import CellStore

_FIELDS = 40
_FIELD_PX = 10
_GAP_PX = 1.6
_HEIGHT_PX = 10
_ALL = 100


@dataclass(frozen=True, slots=True)
class Strip:
    """One row: `made` and `holes` are SVG paths in a box of 400 by 10, `sentence` says the same in words."""

    rung_id: str
    label: str
    is_copied: bool
    is_original: bool
    percent: int
    made: str
    holes: str
    sentence: Markup
    reason: Markup
    bit_rate_bps: int
    height_px: int

    @property
    def is_there(self) -> bool:
        """Whether nothing of it takes time to make: copying is done as one asks for it."""
        return self.is_copied or self.percent == _ALL


def shares(filled: list[bool], fields: int = _FIELDS) -> list[float]:
    """Return which share of each of `fields` equal stretches is filled, 0 to 1."""
    if not filled:
        return [0.0] * fields
    spread = []
    for field in range(fields):
        first = field * len(filled) // fields
        last = max(first + 1, (field + 1) * len(filled) // fields)
        stretch = filled[first:last]
        spread.append(sum(stretch) / len(stretch))
    return spread


def paths(filled: list[bool]) -> tuple[str, str]:
    """Return the SVG paths of what is made and of the holes."""
    width_px = _FIELD_PX - _GAP_PX
    made, holes = [], []
    for field, share in enumerate(shares(filled)):
        left_px = field * _FIELD_PX
        split_px = round(width_px * share, 1)
        if split_px:
            made.append(f"M{left_px} 0h{split_px}v{_HEIGHT_PX}h-{split_px}z")
        if split_px < width_px:
            rest_px = round(width_px - split_px, 1)
            holes.append(f"M{left_px + split_px:g} 0h{rest_px}v{_HEIGHT_PX}h-{rest_px}z")
    return "".join(made), "".join(holes)


def percent_of(filled: list[bool]) -> int:
    """Return how much is filled, in whole percent; 100 only when nothing is missing."""
    return 100 * sum(filled) // len(filled) if filled else 0


def shown_rungs(grid: Grid) -> tuple[Rung, ...]:
    """Return the rungs that people care for: pictures from large to small, or the sound where there is no picture."""
    pictures = [rung for rung in grid.rungs if rung.kind is RungKind.VIDEO]
    rungs = pictures or list(grid.rungs)
    return tuple(sorted(rungs, key=lambda rung: (rung.group is not RungGroup.ORIGINAL, -rung.height_px)))


async def strips_of(cells: CellStore, title_id: str, grid: Grid, phrases: Phrases) -> tuple[Strip, ...]:
    """Return the rows of a title."""
    return tuple(
        [_strip(rung, await cells.filled(title_id, grid, rung.id), phrases) for rung in shown_rungs(grid)],
    )


def _strip(rung: Rung, filled: list[bool], phrases: Phrases) -> Strip:
    is_copied = rung.method is RungMethod.COPIED
    percent = percent_of(filled)
    made, holes = paths(filled)
    label = _label(rung, phrases)
    key = "copied" if is_copied else "encoded"
    return Strip(
        rung_id=rung.id,
        label=label,
        is_copied=is_copied,
        is_original=rung.group is RungGroup.ORIGINAL,
        percent=percent,
        made=made,
        holes=holes,
        sentence=phrases.say(f"panel.strip.{key}", name=label, percent=percent),
        reason=phrases.first(f"rung_reason.{rung.reason}"),
        bit_rate_bps=rung.average_bps or rung.target_bps or rung.bandwidth_bps,
        height_px=rung.height_px,
    )


def _label(rung: Rung, phrases: Phrases) -> Markup:
    if rung.group is RungGroup.ORIGINAL:
        return phrases.say("panel.title.original")
    if rung.kind is RungKind.VIDEO:
        return Markup("{}").format(rung.id)
    name = Markup("{}").format(rung.name) or (phrases.language(rung.language) if rung.language else Markup())
    parts = (name or phrases.say("panel.title.sound"), phrases.channels(rung.channels))
    return Markup(" ").join(part for part in parts if part)
