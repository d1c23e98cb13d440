"""What happened and must not be lost to "newest value wins": the kinds of journal entries."""

from dataclasses import dataclass
from enum import StrEnum

from osmose_addon.model.errors import Field


class Event(StrEnum):
    """The kinds of entries; `journal.<event>` is the text."""

    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"
    TITLE_ADDED = "title_added"
    TITLE_FAILED = "title_failed"
    TITLE_GONE = "title_gone"
    TITLE_PREPARED = "title_prepared"
    LIBRARY_AWAY = "library_away"
    LIBRARY_BACK = "library_back"
    CONFIG_LOADED = "config_loaded"
    CONFIG_REFUSED = "config_refused"
    SERVICE_PARKED = "service_parked"
    ACTION_DONE = "action_done"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `number` grows by one each; `kind` and `id` say what it is about; `by` is who, if a person did it."""

    number: int
    at_unix_s: float
    event: Event
    kind: str
    id: str
    fields: dict[str, Field]
    by: str = ""
