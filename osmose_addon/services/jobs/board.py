"""What is told of jobs: one entry for each thing that is being made."""

from osmose_addon.model.states import StateValue
from osmose_addon.services.jobs.hands import Hand
from osmose_addon.services.jobs.runs import Run
from osmose_addon.stores.catalog.chunks import Cause
from osmose_addon.stores.states import States

_LONGEST_ID = 40
_ALL = 100
_SHORTEST_MEASURE_S = 1.0


def job_id(cause: Cause, title_id: str, rung_id: str = "") -> str:
    """Return the id of a job: one for each title that is made ahead, one for each rung that a viewer waits for."""
    return "-".join(part for part in (cause.value, title_id, rung_id) if part)[:_LONGEST_ID]


def job_of(run: Run) -> str:
    """Return the id of the job that a run belongs to."""
    return job_id(run.cause, run.title_id, run.rungs[0].id if run.cause is Cause.VIEWER else "")


class Board:
    """Tells `job.<id>/…` and how many jobs run."""

    def __init__(self, states: States) -> None:
        """Tell on this board."""
        self._states = states

    def wipe(self) -> None:
        """Forget what an earlier run left."""
        for old in self._states.ids("job"):
            self._states.drop("job", old)

    def waiting(self, cause: Cause, title_id: str, phase: str) -> None:
        """Tell of a job that is not being worked on: `waiting` or `paused`."""
        self._states.set("job", job_id(cause, title_id), title=title_id, cause=cause.value, phase=phase)

    def failed(self, cause: Cause, title_id: str, reason: str) -> None:
        """Tell of a job that made all but what cannot be made, and why (a key below `media_reason.`)."""
        fields = {"title": title_id, "cause": cause.value, "phase": "failed", "reason": reason}
        self._states.set("job", job_id(cause, title_id), **fields)

    def began(self, run: Run) -> None:
        """Tell that a run begins."""
        rungs = ", ".join(rung.id for rung in run.rungs)
        fields = {"title": run.title_id, "cause": run.cause.value, "phase": "running", "rung": rungs, "reason": None}
        self._states.set("job", job_of(run), **fields)

    def running(self, hand: Hand, now_s: float, share: float) -> None:
        """Tell how far a job is. `share` is how much of its title is filled, 0 to 1; for a viewer the run counts."""
        run, rung = hand.run, hand.run.rungs[0]
        made_s = rung.start_s(hand.next_cell) - rung.start_s(run.first_cell)
        is_ahead = run.cause is not Cause.VIEWER
        done = share if is_ahead else made_s / run.duration_s
        fields: dict[str, StateValue] = {"progress": int(_ALL * done)}
        passed_s = now_s - hand.began_s
        if made_s and passed_s >= _SHORTEST_MEASURE_S:
            speed = made_s / passed_s
            left_s = rung.start_s(rung.cells) * (1 - share) if is_ahead else run.duration_s - made_s
            fields |= {"speed": round(speed, 1), "left": round(left_s / speed)}
        self._states.set("job", job_of(run), **fields)

    def ended(self, hand: Hand) -> None:
        """Tell that a run is over; a job that nobody watches goes on later, unless it was cancelled."""
        if hand.run.cause is Cause.VIEWER or not hand.phase_after:
            self.over(job_of(hand.run))
        else:
            self.waiting(hand.run.cause, hand.run.title_id, hand.phase_after)

    def over(self, id_: str) -> None:
        """Tell no more of a job."""
        self._states.drop("job", id_)

    def totals(self, running: int, *, is_paused: bool, reason: str) -> None:
        """Tell how many jobs run, whether somebody paused them, and why nothing is made ahead."""
        self._states.set("osmose", "", jobs_running=running, jobs_paused=is_paused, jobs_reason=reason)
