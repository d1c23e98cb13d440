"""Things as the API tells them: plain JSON with `id`, `name` and `links` relative to the root."""

from collections.abc import Sequence

from osmose_addon.model.journal import Entry
from osmose_addon.model.media import AudioTrack, Chapter, Rung, TextTrack, Title, VideoTrack
from osmose_addon.model.states import StateKey, StateValue
from osmose_addon.runtime.clock import iso
from osmose_addon.stores.catalog.watching import Counts, Place
from osmose_addon.stores.segments.cells import CellStore
from osmose_addon.stores.states import States

Json = dict[str, object]

_BITS_OF_DIGIT = 4


def bitmap(filled: Sequence[bool]) -> str:
    """Return one bit a cell as hexadecimal digits: the first cell is the highest bit of the first digit."""
    padded = [*filled, *[False] * (-len(filled) % _BITS_OF_DIGIT)]
    digits = (padded[at : at + _BITS_OF_DIGIT] for at in range(0, len(padded), _BITS_OF_DIGIT))
    return "".join(f"{sum(bit << (3 - place) for place, bit in enumerate(digit)):x}" for digit in digits)


def fields_of(states: States, kind: str, id_: str) -> dict[str, StateValue]:
    """Return all states of one thing by field."""
    return dict(states.fields(kind, id_))


def told(values: dict[StateKey, StateValue]) -> dict[str, StateValue]:
    """Return states by their written form."""
    return {str(key): value for key, value in values.items()}


def library_json(states: States, library_id: str) -> Json:
    """Return a library."""
    fields = fields_of(states, "library", library_id)
    links = {
        "self": "api/libraries",
        "titles": f"api/titles?library={library_id}",
        "page": f"library?library={library_id}",
    }
    return {"id": library_id, "name": fields.pop("name", None) or library_id, **fields, "links": links}


def camera_json(states: States, camera_id: str) -> Json:
    """Return a camera with all its states."""
    fields = fields_of(states, "camera", camera_id)
    links = {
        "self": f"api/cameras/{camera_id}",
        "page": f"cameras/{camera_id}",
        "hls": f"play/cameras/{camera_id}/master.m3u8",
        "snapshot": f"play/cameras/{camera_id}/snapshot.jpg",
    }
    return {"id": camera_id, "name": fields.pop("name", None) or camera_id, **fields, "links": links}


def job_json(states: States, job_id: str, name: str) -> Json:
    """Return a job, named as the title it is for."""
    return {"id": job_id, "name": name, **fields_of(states, "job", job_id), "links": {"page": "activity"}}


def title_json(title: Title, place: Place | None = None) -> Json:
    """Return a title as lists tell it. `place` is that of the one who asks."""
    told = title.description
    links = {
        "self": f"api/titles/{title.id}",
        "page": f"titles/{title.id}",
        "hls": f"play/titles/{title.id}/master.m3u8",
        "dash": f"play/titles/{title.id}/manifest.mpd",
        "mp4": f"play/titles/{title.id}/stream.mp4",
        "original": f"play/titles/{title.id}/original",
        "poster": f"play/titles/{title.id}/poster.jpg",
        "storyboard": f"play/titles/{title.id}/storyboard.vtt",
    }
    return {
        "id": title.id,
        "name": title.name,
        "library": title.library_id,
        "phase": title.phase.value,
        "reason": title.reason,
        "year": title.year or None,
        "added": iso(title.added_unix_s),
        "duration_s": title.facts.duration_s if title.facts else None,
        "kind": told.kind.value,
        "show": told.show or None,
        "season": _number(told.season),
        "episode": _number(told.episode),
        "last_episode": _number(told.last_episode),
        "taken_on": told.taken_on or None,
        "genres": list(told.genres),
        "place": {"at_s": place.at_s, "watched": place.is_watched} if place else None,
        "links": links,
    }


async def whole_title_json(title: Title, cells: CellStore, counts: Counts, place: Place | None) -> Json:
    """Return a title with all that is known of it: what it is about, tracks, chapters, its grid, and who watched it."""
    facts, grid = title.facts, title.grid
    rungs = [_rung(rung, await cells.filled(title.id, grid, rung.id)) for rung in grid.rungs] if grid else []
    return {
        **title_json(title, place),
        "views": {"today": counts.today, "month": counts.month, "ever": counts.ever},
        "original_name": title.description.original_name or None,
        "plot": title.description.plot or None,
        "people": [{"name": person.name, "role": person.role} for person in title.description.people],
        "container": facts.container if facts else None,
        "size_bytes": facts.size_bytes if facts else None,
        "video": _video(facts.video) if facts and facts.video else None,
        "audio": [_audio(track) for track in facts.audio] if facts else [],
        "subtitles": [_text(track) for track in title.texts],
        "chapters": [_chapter(chapter) for chapter in facts.chapters] if facts else [],
        "revision": grid.revision if grid else None,
        "rungs": rungs,
    }


def entry_json(entry: Entry) -> Json:
    """Return an entry of the journal."""
    return {
        "number": entry.number,
        "at": iso(entry.at_unix_s),
        "event": entry.event.value,
        "kind": entry.kind,
        "id": entry.id,
        "fields": entry.fields,
        "by": entry.by,
    }


def _number(told: int) -> int | None:
    """Return a number of a season or an episode; -1 stands for none."""
    return told if told >= 0 else None


def _video(track: VideoTrack) -> Json:
    return {
        "codec": track.codec,
        "width_px": track.width_px,
        "height_px": track.height_px,
        "frame_rate": round(track.frame_rate, 3),
        "bit_depth": track.bit_depth,
        "hdr": track.is_hdr,
    }


def _audio(track: AudioTrack) -> Json:
    return {
        "codec": track.codec,
        "channels": track.channels,
        "sample_rate_hz": track.sample_rate_hz,
        "language": track.language,
        "name": track.name,
    }


def _text(track: TextTrack) -> Json:
    return {"track": track.index, "language": track.language, "name": track.name, "forced": track.is_forced}


def _chapter(chapter: Chapter) -> Json:
    return {"start_s": chapter.start_s, "end_s": chapter.end_s, "name": chapter.name}


def _rung(rung: Rung, filled: list[bool]) -> Json:
    return {
        "id": rung.id,
        "kind": rung.kind.value,
        "group": rung.group.value,
        "method": rung.method.value,
        "reason": rung.reason,
        "width_px": rung.width_px or None,
        "height_px": rung.height_px or None,
        "codecs": rung.codecs,
        "bandwidth_bps": rung.bandwidth_bps,
        "language": rung.language,
        "cells": rung.cells,
        "filled": bitmap(filled),
        "percent": 100 * sum(filled) // len(filled) if filled else 0,
    }
