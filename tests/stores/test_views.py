"""Views count by what was really watched, and each person goes on where that person stopped."""

import logging
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from osmose_addon.model.errors import ArgumentError
from osmose_addon.model.media import Description, Title, TitleKind, TitlePhase
from osmose_addon.runtime.paths import paths_of
from osmose_addon.stores.catalog import db
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.catalog.files import KnownFile
from osmose_addon.stores.catalog.watching import (
    Counts,
    Playback,
    Watching,
    begins_unix_s,
    counts_as_view,
    is_near_end,
)
from tests.clock import ManualClock

_FILM = Playback("view-0001", "title", "film", 0.0, 0.0, 6000.0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def catalog(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Catalog]:
    async with Catalog.opened(paths_of(tmp_path, None), clock) as opened:
        for id_ in ("film", "other"):
            title = Title(id_, "films", id_, f"/media/{id_}.mkv".encode(), TitlePhase.READY)
            await opened.titles.save(title, [], KnownFile(1, 2, id_))
        yield opened


def _at(at_s: float, watched_s: float, view: str = "view-0001") -> Playback:
    return replace(_FILM, view=view, at_s=at_s, watched_s=watched_s)


@pytest.mark.parametrize(
    ("watched_s", "length_s", "counts"),
    [(9.9, 6000, False), (10, 6000, True), (3, 60, True), (2.9, 60, False), (10, 0, True), (9, 0, False)],
)
def test_a_view_counts_after_ten_seconds_or_five_percent(watched_s: float, length_s: float, *, counts: bool) -> None:
    assert counts_as_view(watched_s, length_s) is counts


@pytest.mark.parametrize(
    ("at_s", "length_s", "is_end"),
    [(5700, 6000, True), (5699, 6000, False), (550, 600, True), (40, 60, False), (57, 60, True), (5, 0, False)],
)
def test_the_end_is_near_in_the_credits(at_s: float, length_s: float, *, is_end: bool) -> None:
    assert is_near_end(at_s, length_s) is is_end


async def test_a_view_counts_once_however_often_it_is_told(catalog: Catalog) -> None:
    watching = catalog.watching
    assert not (await watching.note("ann", _at(5, 5))).is_counted
    assert await watching.counts("title", "film") == Counts(0, 0, 0)
    for at_s in (12.0, 22.0, 22.0):
        assert (await watching.note("ann", _at(at_s, at_s))).is_counted
    assert await watching.counts("title", "film") == Counts(1, 1, 1)
    await watching.note("ann", _at(3000, 40, "view-0002"))
    await watching.note("bob", _at(3000, 40))
    assert await watching.counts("title", "film") == Counts(3, 3, 3)
    assert await watching.counts("title", "other") == Counts(0, 0, 0)


async def test_what_arrives_late_changes_nothing(catalog: Catalog) -> None:
    await catalog.watching.note("ann", _at(900, 60))
    await catalog.watching.note("ann", _at(850, 50))
    place = await catalog.watching.place("ann", "title", "film")
    assert place is not None
    assert place.at_s == 900


async def test_a_view_of_one_title_is_none_of_another(catalog: Catalog) -> None:
    await catalog.watching.note("ann", _at(900, 60))
    with pytest.raises(ArgumentError):
        await catalog.watching.note("ann", replace(_at(900, 70), id="other"))


async def test_each_person_has_places_of_their_own(catalog: Catalog) -> None:
    watching = catalog.watching
    await watching.note("ann", _at(900, 60))
    await watching.note("bob", _at(2000, 60))
    assert [(title.id, place.at_s) for title, place in await watching.unfinished("ann")] == [("film", 900)]
    assert (await watching.places("bob"))["film"].at_s == 2000
    assert await watching.unfinished("") == ()


async def test_the_episode_after_the_one_that_was_seen_is_next(catalog: Catalog, clock: ManualClock) -> None:
    for number in (1, 2, 3):
        told = Description(TitleKind.EPISODE, show="Show", season=1, episode=number)
        title = Title(f"ep-{number}", "series", f"Part {number}", b"/e", TitlePhase.READY, description=told)
        await catalog.titles.save(title)

    async def going_on() -> list[tuple[str, float]]:
        return [(title.id, place.at_s) for title, place in await catalog.watching.unfinished("ann")]

    await catalog.watching.mark("ann", "title", "ep-1", is_watched=True)
    assert await going_on() == [("ep-2", 0)]
    clock.advance(5)
    await catalog.watching.note("ann", replace(_at(900, 30), id="ep-2"))
    assert await going_on() == [("ep-2", 900)]
    clock.advance(5)
    await catalog.watching.note("ann", _at(300, 30, "view-0002"))
    assert await going_on() == [("film", 300), ("ep-2", 900)]
    await catalog.watching.mark("ann", "title", "ep-2", is_watched=True)
    clock.advance(5)
    await catalog.watching.mark("ann", "title", "ep-3", is_watched=True)
    assert await going_on() == [("film", 300)]
    assert await catalog.watching.unfinished("bob") == ()


async def test_after_the_last_episode_no_other_show_of_that_name_follows(catalog: Catalog) -> None:
    told = Description(TitleKind.EPISODE, show="Show", season=1, episode=1)
    for year in (1978, 2004):
        title = Title(f"ep-{year}", "series", "Pilot", b"/e", TitlePhase.READY, year=year, description=told)
        await catalog.titles.save(title)
    await catalog.watching.mark("ann", "title", "ep-1978", is_watched=True)
    assert await catalog.watching.unfinished("ann") == ()


async def test_the_end_is_seen_and_begins_anew(catalog: Catalog) -> None:
    watching = catalog.watching
    await watching.note("ann", _at(5990, 600))
    place = await watching.place("ann", "title", "film")
    assert (place.at_s, place.is_watched) == (0, True) if place else False
    assert await watching.unfinished("ann") == ()
    await watching.note("ann", _at(900, 30, "view-0002"))
    place = await watching.place("ann", "title", "film")
    assert (place.at_s, place.is_watched) == (900, True) if place else False


async def test_the_first_seconds_leave_an_earlier_place_alone(catalog: Catalog) -> None:
    await catalog.watching.note("ann", _at(900, 60))
    await catalog.watching.note("ann", _at(4, 4, "view-0002"))
    place = await catalog.watching.place("ann", "title", "film")
    assert place is not None
    assert place.at_s == 900


async def test_marks_are_made_and_taken_back(catalog: Catalog) -> None:
    await catalog.watching.mark("ann", "title", "film", is_watched=True)
    assert (await catalog.watching.places("ann"))["film"].is_watched
    await catalog.watching.mark("ann", "title", "film", is_watched=False)
    assert await catalog.watching.place("ann", "title", "film") is None


async def test_what_cannot_be_played_is_not_gone_on_with(catalog: Catalog) -> None:
    await catalog.watching.note("ann", _at(900, 60))
    await catalog.files.miss("films", [b"/media/film.mkv"], 7.0)
    assert await catalog.watching.unfinished("ann") == ()
    await catalog.files.come_back("films", [b"/media/film.mkv"])
    assert len(await catalog.watching.unfinished("ann")) == 1
    assert (await catalog.watching.counts("title", "film")).ever == 1


async def test_views_and_places_go_with_a_title_that_is_forgotten(catalog: Catalog) -> None:
    await catalog.watching.note("ann", _at(900, 60))
    await catalog.files.forget("films", [b"/media/film.mkv"])
    assert await catalog.watching.places("ann") == {}
    assert await catalog.watching.counts("title", "film") == Counts(0, 0, 0)


async def test_days_and_months_are_counted_by_query(catalog: Catalog, clock: ManualClock) -> None:
    now = datetime.fromtimestamp(clock.unix_s()).astimezone()
    await catalog.watching.note("ann", _at(900, 60))
    clock.advance((24 - now.hour) * 3600 + 60)
    tomorrow = await catalog.watching.counts("title", "film")
    assert (tomorrow.today, tomorrow.ever) == (0, 1)
    clock.advance(40 * 86_400)
    assert await catalog.watching.counts("title", "film") == Counts(0, 0, 1)


async def test_views_that_never_counted_are_swept(catalog: Catalog, clock: ManualClock, tmp_path: Path) -> None:
    for number in range(5):
        await catalog.watching.note("ann", _at(1, 1, f"view-short-{number}"))
    clock.advance(2 * 86_400)
    await catalog.watching.note("ann", _at(900, 60))
    async with db.opened(tmp_path / "osmose.db", db.USER) as database, database.reading() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM views")).scalar() == 1


@pytest.fixture
def berlin() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_midnight_is_that_of_the_household_also_when_the_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    noon = datetime(2026, 3, 29, 12, tzinfo=zone)
    day_s, month_s = begins_unix_s(noon.timestamp())
    assert day_s == datetime(2026, 3, 29, tzinfo=zone).timestamp()
    assert month_s == datetime(2026, 3, 1, tzinfo=zone).timestamp()


async def test_a_disk_that_takes_nothing_fails_no_viewer_and_is_told_once(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with db.opened(tmp_path / "osmose.db", db.USER) as database:
        async with database.transaction() as connection:
            await connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON views BEGIN SELECT RAISE(FAIL, 'full'); END"
            )
        watching = Watching(database, clock)
        for _turn in range(3):
            assert not (await watching.note("ann", _at(900, 60))).is_kept
        async with database.transaction() as connection:
            await connection.exec_driver_sql("DROP TRIGGER full")
        assert (await watching.note("ann", _at(900, 60))).is_kept
    told = [record.levelname for record in caplog.records if record.name.endswith("watching")]
    assert told == ["WARNING", "INFO"]
