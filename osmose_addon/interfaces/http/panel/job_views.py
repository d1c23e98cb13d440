"""What Osmose is working on, as pages show it."""

from dataclasses import dataclass

from markupsafe import Markup

from osmose_addon.formats.names import full_name
from osmose_addon.interfaces.http.panel.phrases import Phrases
from osmose_addon.interfaces.http.panel.strips import Strip, strips_of
from osmose_addon.interfaces.http.panel.title_views import hue_of
from osmose_addon.model.states import StateValue
from osmose_addon.stores.shelves import Shelves


@dataclass(frozen=True, slots=True)
class JobView:
    """One job. `note` says speed and time left, `cause` why it is done, `percent` how far it is (-1: not known)."""

    id: str
    title_id: str
    name: str
    cause: Markup
    note: Markup
    percent: int
    is_waiting: bool
    hue: int
    strips: tuple[Strip, ...] = ()


async def jobs_of(shelves: Shelves, phrases: Phrases, *, with_strips: bool = True) -> tuple[JobView, ...]:
    """Return all jobs, in the order they began."""
    jobs = [await _job(shelves, phrases, job_id, with_strips=with_strips) for job_id in shelves.states.ids("job")]
    return tuple(jobs)


async def _job(shelves: Shelves, phrases: Phrases, job_id: str, *, with_strips: bool) -> JobView:
    def told(field: str) -> StateValue:
        return shelves.states.get("job", job_id, field)

    title_id = str(told("title") or job_id)
    title = await shelves.catalog.titles.get(title_id)
    strips: tuple[Strip, ...] = ()
    if with_strips and title and title.grid:
        strips = await strips_of(shelves.cells, title.id, title.grid, phrases)
    progress = told("progress")
    return JobView(
        id=job_id,
        title_id=title.id if title else "",
        name=full_name(title) if title else title_id,
        cause=phrases.first(f"job_cause.{told('cause')}"),
        note=_note(phrases, told("speed"), told("left"), str(told("phase") or ""), str(told("reason") or "")),
        percent=int(progress) if isinstance(progress, int | float) else -1,
        is_waiting=told("phase") in {"waiting", "paused"},
        hue=hue_of(title_id),
        strips=strips,
    )


def _note(phrases: Phrases, speed: StateValue, left_s: StateValue, phase: str, reason: str) -> Markup:
    if phase in {"waiting", "paused"}:
        return phrases.first(f"job_phase.{phase}")
    if phase == "failed":
        return Markup(": ").join((phrases.first("job_phase.failed"), phrases.first(f"media_reason.{reason}")))
    parts = []
    if isinstance(speed, int | float) and speed > 0:
        parts.append(phrases.say("panel.job.speed", x=f"{speed:.1f}"))
    if isinstance(left_s, int | float) and left_s > 0:
        parts.append(phrases.say("panel.job.left", time=phrases.duration(left_s)))
    return Markup(" · ").join(parts) or phrases.first(f"job_phase.{phase}")
