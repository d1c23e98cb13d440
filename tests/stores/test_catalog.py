"""The catalog on real database files."""

import asyncio
import logging
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from osmose_addon.model.errors import NotFoundError, StoreError
from osmose_addon.model.journal import Event
from osmose_addon.model.media import (
    Grid,
    KeyFrames,
    MediaFacts,
    Rung,
    RungGroup,
    RungKind,
    RungMethod,
    Title,
    TitlePhase,
    VideoTrack,
)
from osmose_addon.model.reports import InitMade
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import Paths, paths_of
from osmose_addon.stores.catalog import db, tables
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.catalog.chunks import Cause, Chunk, ChunkPhase
from osmose_addon.stores.catalog.files import KnownFile
from osmose_addon.stores.catalog.journal import Journal

_VIDEO = VideoTrack(0, "h264", 100, 31, 640, 360, "yuv420p", 8, 1, 600, 25.0, extradata=b"\x01avcC")
_FACTS = MediaFacts("mov,mp4", 1000, 10.0, _VIDEO, key_frames=KeyFrames((0, 1200), (500, 500)), video_end_ticks=6000)
_RUNG = Rung(
    "360p", RungKind.VIDEO, RungGroup.LADDER, RungMethod.COPIED, "fits", 0, 600, 0, (0, 1200, 6000), "avc1.64001f"
)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return paths_of(tmp_path, None)


def _film(id_: str = "film-1", name: str = "Film", path: bytes = b"/media/film\xff.mkv") -> Title:
    grid = Grid("rev1", 10.0, (_RUNG,))
    return Title(id_, "films", name, path, TitlePhase.READY, 2020, 5.0, facts=_FACTS, grid=grid)


async def test_a_title_comes_back_as_it_was_kept(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        await catalog.titles.save(_film(), [InitMade("360p", "avc1.64001f", b"moov")])
    async with Catalog.opened(paths, Clock()) as catalog:
        assert await catalog.titles.get("film-1") == _film()
        assert await catalog.titles.init("film-1", "360p") == b"moov"
        assert await catalog.titles.init("film-1", "720p") is None


async def test_the_list_is_light_and_sorted_by_name(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        for id_, name in (("one1", "beta"), ("two2", "Alpha"), ("three", "gamma")):
            await catalog.titles.save(_film(id_, name))
        listed = await catalog.titles.list("films")
    assert [title.name for title in listed] == ["Alpha", "beta", "gamma"]
    assert listed[0].grid is None
    assert listed[0].facts == replace(_FACTS, key_frames=KeyFrames())


async def test_a_title_goes_with_the_last_of_its_files(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        await catalog.titles.save(_film(), [], KnownFile(1, 2, "film-1"))
        await catalog.files.note("films", b"/media/copy.mkv", KnownFile(1, 3, "film-1"))
        assert await catalog.files.forget("films", [b"/media/film\xff.mkv"]) == ()
        left = await catalog.titles.get("film-1")
        assert left is not None
        assert left.path == b"/media/copy.mkv"
        gone = await catalog.files.forget("films", [b"/media/copy.mkv"])
        assert [title.id for title in gone] == ["film-1"]
        assert await catalog.titles.list() == ()


async def test_titles_of_a_library_go_away_and_come_back(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        await catalog.titles.save(_film())
        await catalog.titles.save(replace(_film("bad1"), phase=TitlePhase.FAILED, reason="damaged", grid=None))
        await catalog.titles.turn("films", TitlePhase.AWAY, back=TitlePhase.READY)
        assert {title.id: title.phase.value for title in await catalog.titles.list()} == {
            "film-1": "away",
            "bad1": "failed",
        }


async def test_the_journal_is_numbered_and_told_to_followers(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        with catalog.journal.follow() as news:
            first = await catalog.journal.write(Event.TITLE_ADDED, "title", "film-1", name="Film")
            second = await catalog.journal.write(Event.TITLE_GONE, "title", "film-1", by="ann")
            assert [await anext(news), await anext(news)] == [first, second]
        assert await catalog.journal.since(first.number) == (second,)
        assert await catalog.journal.latest(1) == (second,)
        assert first.fields == {"name": "Film"}


async def test_the_journal_forgets_its_oldest_entries(paths: Paths) -> None:
    async with db.opened(paths.user_db, db.USER) as database:
        short = Journal(database, Clock(), most_entries=30)
        for _turn in range(100):
            await short.write(Event.CAMERA_LOST, "camera", "porch")
        assert [entry.number for entry in await short.since(0, 1000)] == list(range(71, 101))


async def test_a_leased_chunk_is_wanted_again_after_a_restart(paths: Paths) -> None:
    chunk = Chunk("film-1", "rev1", "360p", 3, 5, ChunkPhase.LEASED, Cause.AHEAD, 2)
    async with Catalog.opened(paths, Clock()) as catalog:
        await catalog.chunks.save(chunk)
    async with Catalog.opened(paths, Clock()) as catalog:
        assert await catalog.chunks.all() == (replace(chunk, phase=ChunkPhase.WANTED),)
        await catalog.chunks.remove(chunk)
        assert await catalog.chunks.all() == ()


async def test_a_broken_work_database_is_begun_anew(paths: Paths) -> None:
    paths.work_db.write_bytes(b"not a database at all, not even close" * 200)
    async with Catalog.opened(paths, Clock()) as catalog:
        assert await catalog.chunks.all() == ()


async def test_a_broken_user_database_is_left_alone_and_the_catalog_lives_in_memory(paths: Paths) -> None:
    paths.user_db.write_bytes(b"not a database at all, not even close" * 200)
    async with Catalog.opened(paths, Clock()) as catalog:
        assert not catalog.is_lasting
        await catalog.titles.save(_film())
        assert await catalog.titles.get("film-1") == _film()
    assert paths.user_db.read_bytes().startswith(b"not a database")


def _make_read_only(path: Path) -> None:
    """Make a database one that nobody may change, not even root."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    header = bytearray(path.read_bytes())
    header[18] = 3  # a later way of writing: readers of this one open it, but only to read
    path.write_bytes(header)


async def test_a_database_that_may_not_be_written_is_read_into_memory(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        assert catalog.is_lasting
        await catalog.titles.save(_film(), [InitMade("360p", "avc1.64001f", b"moov")])
        await catalog.journal.write(Event.TITLE_ADDED, "title", "film-1", name="Film")
    _make_read_only(paths.user_db)
    kept = paths.user_db.read_bytes()
    async with Catalog.opened(paths, Clock()) as catalog:
        assert not catalog.is_lasting
        assert await catalog.titles.get("film-1") == _film()
        assert await catalog.titles.init("film-1", "360p") == b"moov"
        assert [hit.title.id for hit in (await catalog.search.find("film")).hits] == ["film-1"]
        await catalog.titles.save(_film("film-2"))
        added = await catalog.journal.write(Event.TITLE_ADDED, "title", "film-2")
        assert added.number == 2
        assert [entry.number for entry in await catalog.journal.since(0)] == [1, 2]
    assert paths.user_db.read_bytes() == kept


async def test_a_work_database_of_a_newer_version_is_begun_anew(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()):
        pass
    with sqlite3.connect(paths.work_db) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    async with Catalog.opened(paths, Clock()) as catalog:
        assert catalog.is_lasting
        assert await catalog.chunks.all() == ()


_HALF_A_STEP = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def upgrade():
    op.create_table("first", sa.Column("id", sa.Text))
    op.execute("this is no SQL")
"""


async def test_a_migration_that_stops_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    steps = tmp_path / "steps"
    (steps / "versions").mkdir(parents=True)
    env = Path(db.__file__).parent / "migrations" / "user" / "env.py"
    (steps / "env.py").write_text(env.read_text())
    (steps / "versions" / "v0001_half.py").write_text(_HALF_A_STEP)
    with pytest.raises(StoreError):
        async with db.opened(tmp_path / "x.db", db.Kind(str(steps), "0001", "FULL")):
            pass
    with sqlite3.connect(tmp_path / "x.db") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()


async def test_a_journal_that_cannot_be_written_loses_nothing_and_fails_nobody(
    paths: Paths, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with db.opened(paths.user_db, db.USER) as database:
        async with database.transaction() as connection:
            await connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(FAIL, 'full'); END"
            )
        journal = Journal(database, Clock())
        with journal.follow() as news:
            entries = [await journal.write(Event.CAMERA_LOST, "camera", name) for name in ("porch", "garden")]
            assert [await anext(news), await anext(news)] == entries
        assert await journal.since(0) == tuple(entries)
        assert await journal.latest(1) == (entries[1],)
        async with database.transaction() as connection:
            await connection.exec_driver_sql("DROP TRIGGER full")
        entries.append(await journal.write(Event.CAMERA_BACK, "camera", "porch"))
        again = Journal(database, Clock())
        await again.load()
        assert await again.since(0) == tuple(entries)
    assert [record.levelname for record in caplog.records if record.name.endswith("journal")] == ["WARNING", "INFO"]


async def test_pages_follow_one_another_by_name(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        for number, name in enumerate(("beta", "The Alpha", "gamma", "Beta")):
            await catalog.titles.save(replace(_film(f"t{number}", name), added_unix_s=float(number)))
        await catalog.titles.save(replace(_film("other", "delta"), library_id="series"))
        first = await catalog.titles.page("films", limit=2)
        assert [title.id for title in first] == ["t1", "t0"]
        assert [title.id for title in await catalog.titles.page("films", after="t0", limit=2)] == ["t3", "t2"]
        assert await catalog.titles.page("films", after="t2") == ()
        assert len(await catalog.titles.page()) == 5
        assert [title.id for title in await catalog.titles.newest(2, "films")] == ["t3", "t2"]
        assert await catalog.titles.count("films") == (4, 0)
        assert await catalog.titles.count() == (5, 0)
        with pytest.raises(NotFoundError):
            await catalog.titles.page(after="nobody")


async def test_a_title_whose_file_is_missing_leaves_the_lists_and_comes_back_as_it_was(paths: Paths) -> None:
    path = b"/media/film\xff.mkv"
    async with Catalog.opened(paths, Clock()) as catalog:
        await catalog.titles.save(_film(), [], KnownFile(1, 2, "film-1"))
        assert [title.name for title in await catalog.files.miss("films", [path], 7.0)] == ["Film"]
        assert await catalog.titles.list() == await catalog.titles.page() == await catalog.titles.newest(9) == ()
        assert await catalog.titles.count("films") == (0, 0)
        assert await catalog.titles.revisions() == {"film-1": "rev1"}
        away = await catalog.titles.get("film-1")
        assert away is not None
        assert (away.phase, away.reason) == (TitlePhase.AWAY, "gone")
        assert (await catalog.files.known("films"))[path].gone_unix_s == 7.0
        assert [title.id for title in await catalog.files.come_back("films", [path])] == ["film-1"]
        assert await catalog.titles.get("film-1") == _film()


async def test_a_copy_takes_over_for_a_file_that_is_missing(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()) as catalog:
        await catalog.titles.save(_film(), [], KnownFile(1, 2, "film-1"))
        await catalog.files.note("films", b"/media/copy.mkv", KnownFile(1, 3, "film-1"))
        assert await catalog.files.miss("films", [b"/media/film\xff.mkv"], 7.0) == ()
        title = await catalog.titles.get("film-1")
        assert title is not None
        assert (title.path, title.phase) == (b"/media/copy.mkv", TitlePhase.READY)
        assert list(await catalog.files.known("films")) == [b"/media/copy.mkv"]


async def test_many_files_go_quickly_and_others_may_write_meanwhile(paths: Paths) -> None:
    many = [b"/media/%d.mkv" % number for number in range(1000)]
    async with Catalog.opened(paths, Clock()) as catalog:
        for number, path in enumerate(many[:250]):
            await catalog.titles.save(replace(_film(f"t{number}"), path=path), [], KnownFile(1, 2, f"t{number}"))
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            going = group.create_task(catalog.files.forget("films", many))
            await catalog.journal.write(Event.CAMERA_LOST, "camera", "porch")
            was_first = not going.done()
        assert was_first
        assert len(going.result()) == 250
        assert await catalog.files.known("films") == {}


@pytest.mark.parametrize(("kind", "metadata"), [(db.USER, tables.USER), (db.WORK, tables.WORK)])
async def test_migrations_end_at_the_declared_head_with_the_declared_tables(
    tmp_path: Path, kind: db.Kind, metadata: sa.MetaData
) -> None:
    async with db.opened(tmp_path / "x.db", kind):
        pass
    steps = ScriptDirectory(str(Path(db.__file__).parent / "migrations" / kind.steps))
    assert steps.get_current_head() == kind.head
    found = sa.inspect(sa.create_engine(f"sqlite:///{tmp_path / 'x.db'}", poolclass=sa.pool.NullPool))
    for table in metadata.sorted_tables:
        made = {column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(table.name)}
        assert made == {column.name: (str(column.type.compile(found.dialect)), column.nullable) for column in table.c}


async def test_durability_is_what_each_database_promises(paths: Paths) -> None:
    async with Catalog.opened(paths, Clock()):
        pass
    with sqlite3.connect(paths.user_db) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert (db.USER.synchronous, db.WORK.synchronous) == ("FULL", "NORMAL")
