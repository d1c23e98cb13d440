"""What titles of a library are called, and what lies beside their files, as it comes, changes and goes."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest
import sqlalchemy as sa

from osmose_addon.model.config import LibraryConfig, LibraryKind
from osmose_addon.model.media import FIRST_SIDECAR, Description, Title, TitleKind, TitlePhase
from osmose_addon.model.orders import IdentifyOrder
from osmose_addon.model.reports import Identified
from osmose_addon.services.libraries.beside import bare
from osmose_addon.services.libraries.naming import identify
from osmose_addon.services.libraries.scan import Seen
from osmose_addon.stores.catalog.tables import files, titles
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.titlefiles import artwork_path, poster_path, text_path, write_whole
from tests.clips import Clip, make, picture
from tests.household import shelves_in
from tests.services.looking import config_of, look, only_title, rested, running

_NFO = "<movie><title>{}</title><year>1987</year><plot>A story.</plot></movie>"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[Shelves]:
    async with shelves_in(tmp_path / "data") as opened:
        yield opened


def _film(media: Path, name: str = "Quick (1999).mp4") -> Path:
    (media / name).parent.mkdir(parents=True, exist_ok=True)
    return rested(make((media / name).parent, Clip(Path(name).name, seconds=2)))


async def _once(shelves: Shelves, holds: Callable[[Title], bool]) -> Title:
    """Return the only title once something holds of it: titles are described anew beside everything else."""
    deadline_s = time.monotonic() + 30
    while True:
        title = await only_title(shelves)
        if holds(title):
            return title
        assert time.monotonic() < deadline_s, title
        await shelves.clock.wait(asyncio.Event(), 0.05)


async def _eventually(holds: Callable[[], Awaitable[bool]], shelves: Shelves) -> None:
    deadline_s = time.monotonic() + 30
    while not await holds():
        assert time.monotonic() < deadline_s
        await shelves.clock.wait(asyncio.Event(), 0.05)


async def test_subtitles_that_come_and_change_cost_no_probe_and_no_cell(media: Path, shelves: Shelves) -> None:
    film = _film(media)
    async with running(shelves, config_of(media)):
        before = await only_title(shelves)
        (media / "Quick (1999).de.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHallo\n")
        await look(shelves)
        title = await _once(shelves, lambda title: bool(title.sidecars))
        (track,) = title.sidecars
        assert (track.index, track.language, track.codec) == (FIRST_SIDECAR, "de", "subrip")
        assert track.file == os.fsencode(media / "Quick (1999).de.srt")
        assert replace(title, sidecars=()) == before
        made = text_path(shelves.paths, title.id, FIRST_SIDECAR)
        kept = text_path(shelves.paths, title.id, 2)
        write_whole(made, b"WEBVTT old")
        write_whole(kept, b"WEBVTT embedded")
        rested(media / "Quick (1999).de.srt")
        await look(shelves)
        await _eventually(lambda: _is_gone(made), shelves)
        assert kept.exists()
        (media / "Quick (1999).de.srt").unlink()
        await look(shelves)
        assert await _once(shelves, lambda title: not title.sidecars) == before
        assert film.exists()


async def _is_gone(path: Path) -> bool:
    return not path.exists()


async def test_an_nfo_names_a_title_at_once_and_anew_when_it_changes(media: Path, shelves: Shelves) -> None:
    _film(media)
    nfo = media / "Quick (1999).nfo"
    nfo.write_text(_NFO.format("By NFO"))
    async with running(shelves, config_of(media)):
        title = await only_title(shelves)
        assert (title.name, title.year, title.description.plot) == ("By NFO", 1987, "A story.")
        assert [entry.fields["name"] for entry in await shelves.catalog.journal.since(0)] == ["By NFO"]
        nfo.write_text(_NFO.format("By another"))
        await look(shelves)
        after = await _once(shelves, lambda title: title.name == "By another")
        assert after.grid == title.grid
        await _eventually(lambda: _is_told(shelves, title.id, "By another"), shelves)
        nfo.write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><movie><title>&a;</title></movie>")
        await look(shelves)
        after = await _once(shelves, lambda title: title.name == "Quick")
        assert (after.phase, after.year, after.description.plot) == (TitlePhase.READY, 1999, "")


async def _is_told(shelves: Shelves, title_id: str, name: str) -> bool:
    return shelves.states.get("title", title_id, "name") == name


def _picture(path: Path, number: int) -> None:
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 320, 480, "rgb24"
        frame = picture(number, 320, 480).reformat(format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


async def test_a_picture_beside_a_film_wins_and_the_film_is_asked_again_when_it_goes(
    media: Path, shelves: Shelves
) -> None:
    _film(media)
    artwork = media / "poster.png"
    async with running(shelves, config_of(media)):
        title = await only_title(shelves)
        poster = poster_path(shelves.paths, title.id)
        of_film = poster.read_bytes()
        _picture(artwork, 1)
        await look(shelves)
        await _eventually(lambda: _is_there(artwork_path(shelves.paths, title.id)), shelves)
        of_artwork = poster.read_bytes()
        assert of_artwork != of_film
        assert of_artwork.startswith(b"\xff\xd8")
        artwork.unlink()
        await look(shelves)
        await _eventually(lambda: _is_gone(artwork_path(shelves.paths, title.id)), shelves)
        assert poster.read_bytes() == of_film


async def _is_there(path: Path) -> bool:
    return path.exists()


async def test_a_picture_that_is_none_leaves_the_poster_of_the_film(media: Path, shelves: Shelves) -> None:
    _film(media)
    (media / "poster.jpg").write_bytes(b"\xff\xd8\xff" + b"no picture" * 100)
    async with running(shelves, config_of(media)):
        title = await only_title(shelves)
        assert title.phase is TitlePhase.READY
        assert poster_path(shelves.paths, title.id).read_bytes().startswith(b"\xff\xd8")


async def test_an_episode_is_described_and_told_in_full(media: Path, shelves: Shelves) -> None:
    _film(media, "Some Show (2005)/Season 1/S01E02 - The Name.mp4")
    async with running(shelves, config_of(media, kind=LibraryKind.SERIES)):
        title = await only_title(shelves)
        assert (title.name, title.year) == ("The Name", 2005)
        assert title.description == Description(TitleKind.EPISODE, "Some Show", 1, 2)
        assert shelves.states.get("title", title.id, "name") == "Some Show · S1 E2 · The Name"
        (entry,) = await shelves.catalog.journal.since(0)
        assert entry.fields["name"] == "Some Show · S1 E2 · The Name"


async def test_a_show_that_gets_another_name_is_told_by_it_and_stays_away_while_it_is(
    media: Path, shelves: Shelves
) -> None:
    _film(media, "Some Show/Season 1/S01E02 - The Name.mp4")
    async with running(shelves, config_of(media, kind=LibraryKind.SERIES)):
        title = await only_title(shelves)
        (media / "Some Show/tvshow.nfo").write_text("<tvshow><title>The Other</title></tvshow>")
        shelves.states.set("title", title.id, phase="away")  # as it may become while it is described
        await look(shelves)
        await _eventually(lambda: _is_told(shelves, title.id, "The Other · S1 E2 · The Name"), shelves)
        assert shelves.states.get("title", title.id, "phase") == "away"


async def test_a_library_of_another_kind_names_its_titles_anew(media: Path, shelves: Shelves) -> None:
    _film(media, "Some Show/S01E02.mp4")
    async with running(shelves, config_of(media)):
        assert (await only_title(shelves)).description.kind is TitleKind.FILM
    shelves.states.drop("library", "films")
    async with running(shelves, config_of(media, kind=LibraryKind.SERIES)):
        after = await _once(shelves, lambda title: title.description.kind is TitleKind.EPISODE)
        assert (after.name, after.description.show, after.description.episode) == ("Episode 2", "Some Show", 2)


async def test_a_home_video_without_a_date_in_its_name_has_the_day_of_its_file(media: Path, shelves: Shelves) -> None:
    _film(media, "Grandma.mp4")
    async with running(shelves, config_of(media, kind=LibraryKind.HOME_VIDEOS)):
        title = await only_title(shelves)
        assert (title.name, title.year) == ("Grandma", 2023)
        assert title.description.taken_on in ("2023-11-14", "2023-11-15")  # as the time zone has it


async def test_a_name_the_quick_rules_do_not_match_is_guessed_once_and_again_after_a_rename(
    media: Path, shelves: Shelves
) -> None:
    film = _film(media, "[Grp].Some.Odd.Film.mp4")
    async with running(shelves, config_of(media)):
        assert (await only_title(shelves)).name == "Some Odd Film"
        film.rename(media / "[Grp].Another.Odd.Film.mp4")
        await look(shelves)
        assert (await only_title(shelves)).name == "Another Odd Film"


async def test_titles_of_an_older_catalog_are_described_at_the_next_start(media: Path, shelves: Shelves) -> None:
    _film(media, "Show/S01E02.mp4")
    settings = config_of(media, kind=LibraryKind.SERIES)
    async with running(shelves, settings):
        title = await only_title(shelves)
    async with shelves.catalog.titles._database.transaction() as connection:
        old = {"description": None, "kind": "film", "show": "", "season": -1, "episode": -1, "name": "S01E02"}
        await connection.execute(sa.update(titles).values(**old))
        await connection.execute(sa.update(files).values(beside=""))
    shelves.catalog.titles._kept.clear()
    shelves.states.drop("library", "films")
    async with running(shelves, settings):
        assert await _once(shelves, lambda title: title.description.show == "Show") == title


async def test_a_copy_that_is_left_gives_the_title_its_name(media: Path, shelves: Shelves) -> None:
    film = _film(media, "First (1999).mp4")
    copy = media / "Second (2000).mp4"
    copy.write_bytes(film.read_bytes())
    rested(copy)
    async with running(shelves, config_of(media)):
        first = await only_title(shelves)
        Path(os.fsdecode(first.path)).unlink()
        other = "Second" if first.name == "First" else "First"
        await look(shelves)
        await look(shelves)
        assert (await _once(shelves, lambda title: title.name == other)).id == first.id


async def test_ten_thousand_names_that_the_quick_rules_match_need_no_worker() -> None:
    library = LibraryConfig("films", "Films", LibraryKind.FILMS, Path("/media/films"))
    beside = bare(LibraryKind.FILMS)
    seen = [Seen(b"/media/films/Film %d (1999)/film.mkv" % number, 1, 1, beside) for number in range(10_000)]
    begun_s = time.process_time()
    assert await identify(seen, library) == {}
    assert time.process_time() - begun_s < 5


async def test_a_file_that_ends_the_worker_keeps_its_quick_name_and_the_others_are_named() -> None:
    library = LibraryConfig("films", "Films", LibraryKind.FILMS, Path("/media"))
    seen = [Seen(b"/media/[Grp].Film.%d.x.mkv" % number, 1, 1) for number in range(5)]
    asked = list[int]()

    async def dies_at_the_third(order: IdentifyOrder) -> list[Identified]:
        asked.append(len(order.files))
        most = 2 if len(order.files) == 5 else len(order.files)
        return [Identified(file.path.decode(), 10**6, Description(season=-7)) for file in order.files[:most]]

    found = await identify(seen, library, dies_at_the_third)
    assert asked == [5, 2]
    assert sorted(found) == [seen[number].path for number in (0, 1, 3, 4)]
    assert {(told.year, told.description.season) for told in found.values()} == {(0, -1)}


async def test_workers_that_never_tell_anything_are_not_asked_for_ever() -> None:
    library = LibraryConfig("films", "Films", LibraryKind.FILMS, Path("/media"))
    seen = [Seen(b"/media/[Grp].Film.%d.x.mkv" % number, 1, 1) for number in range(50)]
    asked = list[int]()

    async def dies(order: IdentifyOrder) -> list[Identified]:
        asked.append(len(order.files))
        return []

    assert await identify(seen, library, dies) == {}
    assert asked == [50, 49, 48]


_ODD = (
    b"line\nbreak %s %d.mp4",
    b"quotes \"'`$(x);.mp4",
    "\u202eright to left שלום.mp4".encode(),
    b"x" * 251 + b".mp4",
    b"not utf-8 \xff\xfe.mp4",
    b"-leading dash.mp4",
    b" .mp4",
)


async def test_any_file_name_works_with_all_that_lies_beside_it(media: Path, shelves: Shelves) -> None:
    for number, name in enumerate(_ODD):
        made = rested(make(media, Clip("made.mp4", seconds=1 + number / 5)))
        folder = media / str(number)
        folder.mkdir()
        made.rename(folder / os.fsdecode(name))
        (folder / "de.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nx\n")
        (folder / "movie.nfo").write_text("<movie><plot>told</plot></movie>")
    async with running(shelves, config_of(media)):
        found = await shelves.catalog.titles.list()
        assert len(found) == len(_ODD)
        for title in found:
            assert (title.phase, title.description.plot) == (TitlePhase.READY, "told")
            assert [track.language for track in title.sidecars] == ["de"]
            assert title.name.encode()
