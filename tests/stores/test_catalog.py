"""The catalog on real database files."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from osmose_addon.model.errors import StoreError
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
from osmose_addon.stores.catalog.journal import Journal
from osmose_addon.stores.catalog.titles import KnownFile

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
        await catalog.titles.note_file("films", b"/media/copy.mkv", KnownFile(1, 3, "film-1"))
        assert await catalog.titles.forget_files("films", [b"/media/film\xff.mkv"]) == ()
        left = await catalog.titles.get("film-1")
        assert left is not None
        assert left.path == b"/media/copy.mkv"
        gone = await catalog.titles.forget_files("films", [b"/media/copy.mkv"])
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


async def test_a_broken_user_database_is_told_and_left_alone(paths: Paths) -> None:
    paths.user_db.write_bytes(b"not a database at all, not even close" * 200)
    with pytest.raises(StoreError):
        async with Catalog.opened(paths, Clock()):
            pass
    assert paths.user_db.read_bytes().startswith(b"not a database")


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
