"""Titles as rows of the catalog and back."""

from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from osmose_addon.formats.names import in_full, sort_name
from osmose_addon.model.media import (
    Description,
    Grid,
    KeyFrames,
    MediaFacts,
    TextTrack,
    Title,
    TitleKind,
    TitlePhase,
)
from osmose_addon.stores.catalog.tables import titles

GONE = "gone"
"""The reason of a title whose last file went, for as long as it may come back."""

_DESCRIPTIONS = msgspec.msgpack.Decoder(Description)

LIGHT = [
    column
    for column in titles.c
    if column.name not in {"key_frames", "grid", "wish", "sort_key", "kind", "show", "season", "episode"}
]
NAMED = (titles.c.id, titles.c.name, titles.c.show, titles.c.season, titles.c.episode)
"""What `name_of` needs."""
_SPECIALS = 9999
"""They come after all seasons."""
IS_LISTED = titles.c.reason != GONE


def row_of(title: Title, wish: str = "") -> dict[str, object]:
    """Return the values of a title's row. `wish` tells what its grid was made for."""
    facts, grid = title.facts, title.grid
    return {
        "id": title.id,
        "library_id": title.library_id,
        "name": title.name,
        "sort_key": sort_key(title),
        "path": title.path,
        "phase": title.phase.value,
        "year": title.year,
        "added_unix_s": title.added_unix_s,
        "reason": title.reason,
        "facts": None if facts is None else msgspec.msgpack.encode(replace(facts, key_frames=KeyFrames())),
        "key_frames": None if facts is None else msgspec.msgpack.encode(facts.key_frames),
        "revision": "" if grid is None else grid.revision,
        "grid": None if grid is None else msgspec.msgpack.encode(grid),
        "wish": wish,
        "kind": title.description.kind.value,
        "show": title.description.show,
        "season": title.description.season,
        "episode": title.description.episode,
        "description": msgspec.msgpack.encode(title.description),
        "sidecars": msgspec.msgpack.encode(title.sidecars) if title.sidecars else None,
    }


def name_of(row: sa.Row[*tuple[Any, ...]]) -> str:
    """Return the full name of a title."""
    return in_full(row.name, row.show, row.season, row.episode)


def sort_key(title: Title) -> str:
    """Return what lists are sorted by: films by name, episodes as they follow one another, home videos by day."""
    told = title.description
    if told.kind is TitleKind.EPISODE:
        show = f"{sort_name(told.show)} {title.year:04}"  # two shows of one name differ by their years
        season = max(told.season, 0) if told.season else _SPECIALS
        return f"{show} {season:04} {max(told.episode, 0):05} {sort_name(title.name)}"
    if told.kind is TitleKind.HOME_VIDEO:
        return f"{told.taken_on} {sort_name(title.name)}"
    return sort_name(title.name)


def light(row: sa.Row[Any]) -> Title:
    """Return a title without its grid and key frames."""
    return Title(
        id=row.id,
        library_id=row.library_id,
        name=row.name,
        path=bytes(row.path),
        phase=TitlePhase(row.phase),
        year=row.year,
        added_unix_s=row.added_unix_s,
        reason=row.reason,
        facts=None if row.facts is None else msgspec.msgpack.decode(row.facts, type=MediaFacts),
        description=Description() if row.description is None else _DESCRIPTIONS.decode(row.description),
        sidecars=() if row.sidecars is None else msgspec.msgpack.decode(row.sidecars, type=tuple[TextTrack, ...]),
    )


def lights(rows: "list[sa.Row[Any]]") -> tuple[Title, ...]:
    """Return many titles without their grids and key frames. Call it in a thread."""
    return tuple(light(row) for row in rows)


def whole(row: sa.Row[Any]) -> Title:
    """Return a title with all that is known of it."""
    title = light(row)
    grid = None if row.grid is None else msgspec.msgpack.decode(row.grid, type=Grid)
    if title.facts is None or row.key_frames is None:
        return replace(title, grid=grid)
    key_frames = msgspec.msgpack.decode(row.key_frames, type=KeyFrames)
    return replace(title, grid=grid, facts=replace(title.facts, key_frames=key_frames))
