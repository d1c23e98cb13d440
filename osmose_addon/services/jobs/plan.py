"""What is to be made next: first for those who wait, then for those who watch, then ahead."""

from dataclasses import replace

from osmose_addon.formats.names import full_name
from osmose_addon.model.journal import Event
from osmose_addon.model.media import Rung, RungKind, Title, TitlePhase
from osmose_addon.services.jobs.board import Board, job_id
from osmose_addon.services.jobs.hands import Wants
from osmose_addon.services.jobs.runs import LOW_S, Run, cell_at, made_ahead, next_hole, read_ahead, waited_run
from osmose_addon.stores.catalog.chunks import Cause
from osmose_addon.stores.ledger import Row, Spot
from osmose_addon.stores.shelves import Shelves

_LOOK_EVERY_S = 5.0


class Plan:
    """Chooses runs. It holds nothing but what it need not look at again."""

    def __init__(self, shelves: Shelves, board: Board, ahead: frozenset[str]) -> None:
        """Make the libraries named by `ahead` without being asked."""
        self._shelves = shelves
        self._board = board
        self._ahead = ahead
        self._settled: dict[str, str] = {}
        self._given_up: dict[str, Cause] = {}
        self._waiting: dict[str, str] = {}
        self._looked_s = float("-inf")

    async def wants(self) -> tuple[tuple[Row, int], ...]:
        """Return the cells that viewers wait for, longest waiting first, and those they will ask for next.

        Who seeks waits for the picture, and asks for the sound of that place once it is there: a player that does so
        would wait twice.
        """
        wanted = self._shelves.ledger.wants()
        sounds = [one for row, cell in wanted for one in await self._sounds_with(row, cell)]
        return (*wanted, *(one for one in sounds if one not in wanted))

    async def for_viewers(self, wants: Wants) -> list[Run]:
        """Return the runs that viewers need, most urgent first; `wants` are what they wait for.

        While somebody waits nothing new is read ahead: it would take its share of the machine from what is waited for.
        """
        waited = [await self._wanted(row, cell) for row, cell in wants]
        runs = [run for run in waited if run is not None]
        if runs:
            return runs
        watched = [(row, one.cell) for row, all_ in self._shelves.ledger.viewers().items() for one in all_]
        ahead = [await self._ahead_of(row, cell) for row, cell in watched]
        return [run for run in ahead if run is not None]

    def is_watched(self, run: Run) -> bool:
        """Whether a viewer is, or soon will be, where a run makes cells."""
        viewers, rung = self._shelves.ledger.viewers(), run.rungs[0]
        return any(
            one.cell < run.end_cell
            and rung.start_s(run.first_cell) - rung.start_s(min(one.cell + 1, rung.cells)) < LOW_S
            for one in viewers.get(Row(run.title_id, rung.id), ())
        )

    async def in_background(self, busy: frozenset[str]) -> Run | None:
        """Return the next run that nobody waits for, of a title that is not among `busy`.

        It looks at one title only, because viewers wait meanwhile; where that one is done it asks for another turn.
        """
        await self._forgive()
        prepared = (one for one in self._shelves.ledger.prepared() if one not in busy and one not in self._given_up)
        title_id = next(prepared, None)
        if title_id is not None:
            run = await self._hole(title_id, Cause.PREPARE)
            if run is None:
                await self._prepared(title_id)
            return run
        await self._look()
        title_id = next((one for one in self._waiting if one not in busy), None)
        if title_id is None:
            return None
        run = await self._hole(title_id, Cause.AHEAD)
        if run is None:
            await self._settle(title_id, self._waiting[title_id])
            self._shelves.ledger.news.set()
        return run

    def leave_out(self, title_id: str) -> None:
        """Make no more of a title ahead until Osmose starts again."""
        self._settled[title_id] = "*"
        self._waiting.pop(title_id, None)

    async def _sounds_with(self, row: Row, cell: int) -> list[tuple[Row, int]]:
        """Return the cells of sound that belong to a cell of pictures, of the rungs of sound that are being played."""
        title = await self._shelves.catalog.titles.get(row.title_id)
        rung = title.grid.rung(row.rung_id) if title and title.grid else None
        if title is None or title.grid is None or rung is None or rung.kind is RungKind.AUDIO or cell >= rung.cells:
            return []
        played = [one.rung_id for one in self._shelves.ledger.viewers() if one.title_id == title.id]
        sounds = [one for one in title.grid.rungs if one.kind is RungKind.AUDIO and one.id in played]
        asked = {row_.rung_id for row_, _cell in self._shelves.ledger.wants() if row_.title_id == title.id}
        places = [(one.id, cell_at(one, rung.start_s(cell))) for one in sounds if one.id not in asked]
        failed = self._shelves.ledger.has_failed
        return [
            (Row(title.id, id_), at) for id_, at in places if not failed(Spot(title.id, title.grid.revision, id_, at))
        ]

    async def _wanted(self, row: Row, cell: int) -> Run | None:
        found = await self._found(row, cell)
        if found is None:
            return None
        title, rung, filled = found
        if filled[cell]:
            self._shelves.ledger.filled(row.title_id, row.rung_id, cell)
            return None
        return waited_run(title, rung, filled, cell)

    async def _ahead_of(self, row: Row, cell: int) -> Run | None:
        found = await self._found(row, cell)
        if found is None:
            return None
        title, rung, filled = found
        run = read_ahead(title, rung, filled, cell)
        if run is None or self._shelves.ledger.has_failed(Spot(title.id, run.revision, rung.id, run.first_cell)):
            return None
        return run

    async def _found(self, row: Row, cell: int) -> tuple[Title, Rung, list[bool]] | None:
        """Return what a cell belongs to; `None` also where a new grid, made while somebody waits, has it no more."""
        title = await self._shelves.catalog.titles.get(row.title_id)
        rung = title.grid.rung(row.rung_id) if title and title.grid else None
        if title is None or title.grid is None or rung is None or title.phase is not TitlePhase.READY:
            return None
        if cell >= rung.cells:
            return None
        return title, rung, await self._shelves.cells.filled(title.id, title.grid, rung.id)

    async def _hole(self, title_id: str, cause: Cause) -> Run | None:
        title = await self._shelves.catalog.titles.get(title_id)
        if title is None or title.grid is None or title.phase is not TitlePhase.READY:
            return None
        only = self._shelves.ledger.prepared_rungs(title_id) if cause is Cause.PREPARE else frozenset()
        grid = replace(title.grid, rungs=tuple(rung for rung in title.grid.rungs if not only or rung.id in only))
        taken = {}
        for rung in made_ahead(grid.rungs):
            filled = await self._shelves.cells.filled(title_id, grid, rung.id)
            taken[rung.id] = [
                is_filled or self._shelves.ledger.has_failed(Spot(title_id, grid.revision, rung.id, cell))
                for cell, is_filled in enumerate(filled)
            ]
        return next_hole(replace(title, grid=grid), cause, taken)

    async def _look(self) -> None:
        """See, now and then, which titles of the libraries made ahead have come or gone."""
        now_s = self._shelves.clock.monotonic_s()
        if not self._ahead or now_s - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = now_s
        ready = await self._shelves.catalog.titles.ready(self._ahead)
        self._waiting = {id_: rev for id_, rev in ready.items() if self._settled.get(id_) not in (rev, "*")}

    async def _forgive(self) -> None:
        """Go on with titles whose failures somebody had forgiven."""
        for title_id, cause in list(self._given_up.items()):
            if not await self._reason(title_id):
                del self._given_up[title_id]
                self._board.over(job_id(cause, title_id))
                if self._settled.get(title_id) != "*":
                    self._settled.pop(title_id, None)
                    self._looked_s = float("-inf")

    async def _reason(self, title_id: str) -> str:
        """Return why cells of a title that should be made ahead were given up, or nothing."""
        title = await self._shelves.catalog.titles.get(title_id)
        if title is None or title.grid is None or title.phase is not TitlePhase.READY:
            return ""
        rung_ids = {rung.id for rung in made_ahead(title.grid.rungs)}
        return self._shelves.ledger.reason(title_id, title.grid.revision, rung_ids)

    async def _prepared(self, title_id: str) -> None:
        """Strike a title off the list; one with cells that cannot be made stays on it, failed."""
        reason = await self._reason(title_id)
        if reason:
            self._given_up[title_id] = Cause.PREPARE
            self._board.failed(Cause.PREPARE, title_id, reason)
            self._shelves.ledger.news.set()
            return
        await self._journal(title_id)
        await self._shelves.ledger.prepare_done(title_id)
        self._board.over(job_id(Cause.PREPARE, title_id))

    async def _settle(self, title_id: str, revision: str) -> None:
        had_job = job_id(Cause.AHEAD, title_id) in self._shelves.states.ids("job")
        self._settled[title_id] = revision
        self._waiting.pop(title_id, None)
        reason = await self._reason(title_id)
        if reason:
            self._given_up[title_id] = Cause.AHEAD
            self._board.failed(Cause.AHEAD, title_id, reason)
            return
        if had_job:
            await self._journal(title_id)
        self._board.over(job_id(Cause.AHEAD, title_id))

    async def _journal(self, title_id: str) -> None:
        title = await self._shelves.catalog.titles.get(title_id)
        if title is not None and title.phase is TitlePhase.READY:
            await self._shelves.catalog.journal.write(Event.TITLE_PREPARED, "title", title_id, name=full_name(title))
