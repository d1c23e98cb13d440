"""Titles as rows of the catalog and back."""

from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from osmose_addon.formats.names import sort_name
from osmose_addon.model.media import Grid, KeyFrames, MediaFacts, Title, TitlePhase
from osmose_addon.stores.catalog.tables import titles

GONE = "gone"
"""The reason of a title whose last file went, for as long as it may come back."""

LIGHT = [column for column in titles.c if column.name not in {"key_frames", "grid", "wish", "sort_key"}]
IS_LISTED = titles.c.reason != GONE


def row_of(title: Title, wish: str = "") -> dict[str, object]:
    """Return the values of a title's row. `wish` tells what its grid was made for."""
    facts, grid = title.facts, title.grid
    return {
        "id": title.id,
        "library_id": title.library_id,
        "name": title.name,
        "sort_key": sort_name(title.name),
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
    }


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
