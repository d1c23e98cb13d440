"""A library on a real folder, with real workers."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from osmose_addon.model.config import Config, Right, TranscodeMode
from osmose_addon.model.errors import NotFoundError, StoreError
from osmose_addon.model.media import KeyFrames, TitlePhase
from osmose_addon.model.states import StateKey
from osmose_addon.services.libraries.desk import put_away_others
from osmose_addon.services.libraries.intake import Intake, Wish
from osmose_addon.services.libraries.mending import mend
from osmose_addon.stores.catalog.tables import titles
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import poster_path, small_poster_path, storyboard_path, write_whole
from tests.clips import Clip, make
from tests.household import shelves_in, until
from tests.services.looking import config_of, look, only_title, rested, running

_PHASE = StateKey("library", "films", "phase")


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data") as opened:
        yield opened


async def _events(shelves: Shelves) -> list[str]:
    return [entry.event.value for entry in await shelves.catalog.journal.since(0)]


async def test_a_film_becomes_a_title_with_a_grid_inits_and_posters(media: Path, shelves: Shelves) -> None:
    rested(make(media, Clip("Some Film (2019).mp4", seconds=6)))
    async with running(shelves, config_of(media)):
        title = await only_title(shelves)
        assert (title.name, title.year, title.phase, title.library_id) == ("Some Film", 2019, TitlePhase.READY, "films")
        assert title.grid is not None
        assert title.grid.rungs
        for rung in title.grid.rungs:
            body = await shelves.catalog.titles.init(title.id, rung.id)
            assert body is not None
            assert body[4:8] == b"ftyp"
        assert shelves.states.get("library", "films", "titles") == 1
        assert shelves.states.get("title", title.id, "phase") == "ready"
        assert await _events(shelves) == ["title_added"]
        assert poster_path(shelves.paths, title.id).read_bytes().startswith(b"\xff\xd8")
        assert small_poster_path(shelves.paths, title.id).read_bytes().startswith(b"\xff\xd8")


async def test_a_rename_and_a_move_keep_the_title(media: Path, shelves: Shelves) -> None:
    file = rested(make(media, Clip("First Name.mp4", seconds=3)))
    async with running(shelves, config_of(media)):
        before = await only_title(shelves)
        (media / "below").mkdir()
        file.rename(media / "below" / "Second Name (2001).mp4")
        await look(shelves)
        after = await only_title(shelves)
        assert after.id == before.id
        assert (after.name, after.year) == ("Second Name", 2001)
        assert after.path == os.fsencode(media / "below" / "Second Name (2001).mp4")
        assert after.added_unix_s == before.added_unix_s
        assert await _events(shelves) == ["title_added"]


def _make_folder(folder: Path) -> None:
    folder.mkdir()


def _move(folder: Path, target: Path) -> None:
    folder.rename(target)


async def test_a_missing_folder_deletes_nothing_and_its_titles_come_back(media: Path, shelves: Shelves) -> None:
    rested(make(media, Clip("film.mp4", seconds=3)))
    async with running(shelves, config_of(media)):
        before = await only_title(shelves)
        _move(media, media.with_name("elsewhere"))
        await look(shelves)
        assert shelves.states.get(*_PHASE) == "away"
        assert (await only_title(shelves)).phase is TitlePhase.AWAY
        _make_folder(media)
        await look(shelves)
        assert shelves.states.get(*_PHASE) == "away"  # an empty mount point is no empty library
        _move(media.with_name("elsewhere"), media)
        await look(shelves)
        assert await only_title(shelves) == before
        assert await _events(shelves) == ["title_added", "library_away", "library_back"]


async def test_a_deleted_film_goes_and_a_copy_stays(media: Path, shelves: Shelves) -> None:
    film = rested(make(media, Clip("film.mp4", seconds=3)))
    copy = media / "copy.mp4"
    copy.write_bytes(film.read_bytes())
    rested(copy)
    other = rested(make(media, Clip("other.mp4", seconds=2)))
    async with running(shelves, config_of(media)):
        assert len(await shelves.catalog.titles.list()) == 2
        film.unlink()
        other.unlink()
        await look(shelves)
        assert (await only_title(shelves)).path == os.fsencode(copy)
        assert (await _events(shelves)).count("title_gone") == 1


async def test_damaged_files_get_their_reason_and_can_be_tried_again(media: Path, shelves: Shelves) -> None:
    good = make(media, Clip("Cut Off.mp4", seconds=6))
    whole = good.read_bytes()
    good.write_bytes(whole[: len(whole) // 3])
    rested(good)
    (media / "Noise.mkv").write_bytes(os.urandom(5000))
    (media / "Empty.mkv").touch()
    for name in ("Noise.mkv", "Empty.mkv"):
        rested(media / name)
    async with running(shelves, config_of(media)):
        found = {title.name: title for title in await shelves.catalog.titles.list()}
        assert {title.phase for title in found.values()} == {TitlePhase.FAILED}
        assert {name: title.reason for name, title in found.items()} == {
            "Cut Off": "damaged",
            "Noise": "unknown_format",
            "Empty": "empty",
        }
        assert shelves.states.get("library", "films", "failed") == 3
        await shelves.actions.ask("retry", {"title": found["Noise"].id}, right=Right.MANAGE)
        again = await shelves.catalog.titles.get(found["Noise"].id)
        assert again is not None
        assert again.reason == "unknown_format"
        good.unlink()
        better = media / "Cut Off (2000).mp4"
        better.write_bytes(whole)
        rested(better)
        await look(shelves)
        mended = [title for title in await shelves.catalog.titles.list() if title.phase is TitlePhase.READY]
        assert [title.name for title in mended] == ["Cut Off"]


async def test_what_is_no_plain_film_file_is_passed_over(media: Path, shelves: Shelves) -> None:
    os.mkfifo(media / "pipe.mkv")
    (media / ".hidden.mkv").write_bytes(b"x")
    (media / "notes.txt").write_text("x")
    (media / "loop").symlink_to(media)
    (media / "dangling.mkv").symlink_to(media / "nowhere")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(media / "socket.mkv"))
        async with running(shelves, config_of(media)):
            assert await shelves.catalog.titles.list() == ()


async def test_a_name_that_is_no_text_is_a_film_too(media: Path, shelves: Shelves) -> None:
    odd = os.fsencode(media) + b"/caf\xe9.mp4"
    rested(make(media, Clip("plain.mp4", seconds=2))).rename(os.fsdecode(odd))
    async with running(shelves, config_of(media)):
        title = await only_title(shelves)
        assert title.path == odd
        assert title.phase is TitlePhase.READY
        title.name.encode()


async def test_a_new_file_is_found_by_itself_once_it_rests(media: Path, shelves: Shelves) -> None:
    (media / "notes.txt").touch()
    async with running(shelves, config_of(media)):
        fresh = make(media.parent, Clip("fresh.mp4", seconds=2))
        rested(fresh).rename(media / "fresh.mp4")
        await until(shelves, StateKey("library", "films", "titles"), 1)


async def test_other_renditions_give_a_title_another_grid(media: Path, shelves: Shelves) -> None:
    rested(make(media, Clip("film.mp4", seconds=4, gop=200, width_px=1280, height_px=720)))
    async with running(shelves, config_of(media, renditions=("720p", "480p"))):
        pass
    shelves.states.drop("library", "films")
    shelves.ledger.news.clear()
    async with running(shelves, config_of(media, renditions=("240p",))):  # ready at once: grids are made beside
        async with asyncio.timeout(25):
            await shelves.ledger.news.wait()
        after = await only_title(shelves)
        assert after.grid is not None
        assert {rung.id for rung in after.grid.rungs} >= {"240p"}
        assert await shelves.catalog.titles.init(after.id, "240p") is not None


async def test_a_film_that_would_have_to_be_encoded_says_so_where_that_is_forbidden(
    media: Path, shelves: Shelves
) -> None:
    clip = Clip("film.mkv", seconds=2, codec="mpeg4", sounds=())
    rested(make(media, clip))
    async with running(shelves, config_of(media, transcode=TranscodeMode.NEVER)):
        assert (await only_title(shelves)).reason == "needs_encoding"


async def test_titles_of_a_library_that_is_no_longer_configured_wait_away(media: Path, shelves: Shelves) -> None:
    rested(make(media, Clip("film.mp4", seconds=2)))
    async with running(shelves, config_of(media)):
        pass
    await put_away_others(shelves, Config())
    assert (await only_title(shelves)).phase is TitlePhase.AWAY
    assert shelves.states.ids("title") == ()


async def test_an_unknown_library_cannot_be_looked_through(media: Path, shelves: Shelves) -> None:
    async with running(shelves, config_of(media)):
        with pytest.raises(NotFoundError):
            await shelves.actions.ask("rescan", {"library": "cellar"}, right=Right.MANAGE)


async def test_a_folder_below_that_vanishes_takes_its_titles_off_the_wall_and_gives_them_back_for_nothing(
    media: Path, shelves: Shelves
) -> None:
    below = media / "below"
    below.mkdir()
    rested(make(below, Clip("film.mp4", seconds=3)))
    rested(make(media, Clip("other.mp4", seconds=2)))
    async with running(shelves, config_of(media)):
        before = {title.name: title for title in await shelves.catalog.titles.list()}
        film = before["film"]
        _move(below, media.with_name("elsewhere"))
        await look(shelves)
        assert [title.name for title in await shelves.catalog.titles.list()] == ["other"]
        assert shelves.states.get("library", "films", "titles") == 1
        assert shelves.states.get("title", film.id, "phase") is None
        assert film.id in await shelves.catalog.titles.revisions()  # so that nothing made of it is swept
        _move(media.with_name("elsewhere"), below)
        await look(shelves)
        assert {title.name: title for title in await shelves.catalog.titles.list()} == before
        assert shelves.states.get("title", film.id, "phase") == "ready"
        assert (await _events(shelves)).count("title_gone") == 1


async def test_a_film_that_was_missing_may_come_back_under_another_name(media: Path, shelves: Shelves) -> None:
    film = rested(make(media, Clip("film.mp4", seconds=3)))
    rested(make(media, Clip("other.mp4", seconds=2)))
    async with running(shelves, config_of(media)):
        film.rename(media.with_name("elsewhere.mp4"))
        await look(shelves)
        media.with_name("elsewhere.mp4").rename(media / "Later.mp4")
        await look(shelves)
        assert [(title.name, title.phase) for title in await shelves.catalog.titles.list()] == [
            ("Later", TitlePhase.READY),
            ("other", TitlePhase.READY),
        ]


async def _fill_disk(shelves: Shelves, change: str) -> None:
    """Let changes of titles fail from now on, as they do on a full disk."""
    trigger = f"CREATE TRIGGER full BEFORE {change} ON titles BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
    async with shelves.catalog.titles._database.transaction() as connection:
        await connection.exec_driver_sql(trigger)


async def test_a_library_on_a_full_disk_fails_once_with_a_name(media: Path, shelves: Shelves) -> None:
    for number in range(4):
        rested(make(media, Clip(f"film {number}.mp4", seconds=2 + number)))
    await _fill_disk(shelves, "INSERT")
    with pytest.raises(ExceptionGroup) as told:
        async with running(shelves, config_of(media)):
            pass
    problem: BaseException = told.value
    while isinstance(problem, ExceptionGroup):
        (problem,) = problem.exceptions
    assert isinstance(problem, StoreError)


async def test_a_full_disk_does_not_hinder_that_a_library_is_taken_out(media: Path, shelves: Shelves) -> None:
    rested(make(media, Clip("film.mp4", seconds=2)))
    async with running(shelves, config_of(media)):
        pass
    await _fill_disk(shelves, "UPDATE")
    await put_away_others(shelves, Config())
    assert shelves.states.ids("title") == ()


async def _as_of_an_earlier_version(shelves: Shelves, title_id: str, **values: object) -> None:
    change = sa.update(titles).where(titles.c.id == title_id).values(wish="0123456789ab", **values)
    async with shelves.catalog.titles._database.transaction() as connection:
        await connection.execute(change)
    shelves.catalog.titles._kept.clear()


async def test_what_an_earlier_version_saw_less_of_is_probed_anew_and_once(media: Path, shelves: Shelves) -> None:
    rested(make(media, Clip("film.mp4", seconds=2)))
    config = config_of(media)
    async with running(shelves, config):
        title = await only_title(shelves)
    seen = await shelves.catalog.titles.get(title.id)
    assert seen is not None
    assert seen.facts is not None
    less = replace(seen.facts, key_frames=KeyFrames(), audio=())
    await _as_of_an_earlier_version(shelves, title.id, facts=msgspec.msgpack.encode(less))
    wish = Wish(config.libraries[0], config.renditions)
    await mend(shelves, Intake(shelves), wish)
    again = await shelves.catalog.titles.get(title.id)
    assert again is not None
    assert again.facts == seen.facts
    assert await shelves.catalog.titles.made_for_other("films", wish.stamp) == {}


async def test_what_failed_in_an_earlier_version_is_tried_again(media: Path, shelves: Shelves) -> None:
    rested(make(media, Clip("film.mp4", seconds=2)))
    async with running(shelves, config_of(media)):
        title = await only_title(shelves)
    await _as_of_an_earlier_version(shelves, title.id, phase="failed", reason="no_video")
    async with running(shelves, config_of(media)):
        await until(shelves, StateKey("title", title.id, "phase"), "ready")


async def test_storyboards_are_made_ahead_where_a_library_is(media: Path, shelves: Shelves) -> None:
    """Elsewhere they wait until somebody asks; one that is there stays, and a film that is gone hinders no other."""
    for number, name in enumerate(("One.mp4", "Three.mp4", "Two.mp4")):
        rested(make(media, Clip(name, seconds=2.0 + number)))
    config = config_of(media)
    async with running(shelves, config):
        titles = sorted(await shelves.catalog.titles.list(), key=lambda title: title.name)
    boards = [storyboard_path(shelves.paths, title.id) for title in titles]
    assert not any(path.exists() for path in boards)
    write_whole(boards[0], b"there")
    (media / "Three.mp4").unlink()
    ahead = config_of(media, transcode=TranscodeMode.AHEAD)
    await mend(shelves, Intake(shelves), Wish(ahead.libraries[0], config.renditions))
    assert [path.exists() for path in boards] == [True, False, True]
    assert boards[0].read_bytes() == b"there"
    assert boards[2].read_text().startswith("WEBVTT")
