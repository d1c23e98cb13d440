"""Titles are found by what people remember of them."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osmose_addon.formats.words import around, asked_of, key_of, searchable
from osmose_addon.model.media import Description, Person, Title, TitleKind, TitlePhase
from osmose_addon.runtime.clock import Clock
from osmose_addon.runtime.paths import paths_of
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.catalog.files import KnownFile
from osmose_addon.stores.catalog.search import Found

_PEOPLE = (Person("Keanu Reeves", "Neo"), Person("Carrie-Anne Moss", "Trinity"))
_MATRIX = Description(plot="A hacker learns what is real.", genres=("Science Fiction",), people=_PEOPLE)
_AMELIE = Description(original_name="Le Fabuleux Destin d'Amélie Poulain", genres=("Comedy",))


def _title(id_: str, name: str, year: int = 0, told: Description | None = None, file: str = "") -> Title:
    path = (file or f"/media/{name} ({year}).mkv").encode()
    return Title(id_, "films", name, path, TitlePhase.READY, year, 5.0, description=told or Description())


def _episode(id_: str, show: str, number: int, name: str) -> Title:
    told = Description(TitleKind.EPISODE, show=show, season=1, episode=number)
    return replace(_title(id_, name, 2019, told, f"/media/{show}/S01E{number:02}.mkv"), library_id="series")


_TITLES = (
    _title("matrix", "The Matrix", 1999, _MATRIX),
    _title("reloaded", "The Matrix Reloaded", 2003),
    _title("animatrix", "Enter the Matrix", 2003),
    _title("godfather", "The Godfather", 1972),
    _title("amelie", "Amélie", 2001, _AMELIE),
    _title("plot", "Night Train", 2011, Description(plot="Two people talk about the Matrix all night long.")),
    _title("file", "Holiday", 2012, file="/media/clips/matrix-test-IMG_4471.mov"),
    _title("spider", "Spider-Man", 2002),
    _title("tokyo", "東京物語", 1953),
    _title("ocean", "Ocean\N{RIGHT SINGLE QUOTATION MARK}s Eleven", 2001),
    _episode("fargo-2", "Harbour Street", 2, "The Crossing"),
    _episode("fargo-1", "Harbour Street", 1, "Arrival"),
    _episode("fargo-3", "Harbour Street", 3, "Lights"),
)


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    async with Catalog.opened(paths_of(tmp_path, None), Clock()) as opened:
        for title in _TITLES:
            await opened.titles.save(title)
        yield opened


def _ids(found: Found) -> list[str]:
    return [hit.title.id for hit in found.hits]


async def test_names_come_before_people_files_and_plots(catalog: Catalog) -> None:
    found = await catalog.search.find("matrix")
    assert [(hit.title.id, hit.field) for hit in found.hits] == [
        ("matrix", "name"),
        ("reloaded", "name"),
        ("animatrix", "name"),
        ("file", "file"),
        ("plot", "plot"),
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("mat", "matrix"),
        ("THE MATRIX", "matrix"),
        ("amelie", "amelie"),
        ("amélie", "amelie"),
        ("reloaded matr", "reloaded"),
        ("fabuleux", "amelie"),
        ("d'amelie", "amelie"),
        ("keanu", "matrix"),
        ("matrix reeves", "matrix"),
        ("matrix 2003 enter", "animatrix"),
        ("spiderman", "spider"),
        ("spider man", "spider"),
        ("spider-m", "spider"),
        ("oceans eleven", "ocean"),
        ("ocean's", "ocean"),
        ("東京", "tokyo"),
        ("img_4471", "file"),
        ("harbour crossing", "fargo-2"),
        ("harbour s01e03", "fargo-3"),
    ],
)
async def test_words_in_any_order_begun_or_whole_with_or_without_accents(
    catalog: Catalog, text: str, first: str
) -> None:
    found = await catalog.search.find(text)
    assert _ids(found)[:1] == [first]
    assert found.mended == ""


@pytest.mark.parametrize(
    ("text", "first", "mended"),
    [
        ("matirx", "matrix", "matrix"),
        ("godfahter", "godfather", "godfather"),
        ("godfaht", "godfather", "godfather"),
        ("the godfahter", "godfather", "the godfather"),
        ("natrix relaoded", "reloaded", "matrix reloaded"),
        ("harbor crossing", "fargo-2", "harbour crossing"),
        ("keanu reevse", "matrix", "keanu reeves"),
    ],
)
async def test_what_is_mistyped_is_mended_and_said(catalog: Catalog, text: str, first: str, mended: str) -> None:
    found = await catalog.search.find(text)
    assert _ids(found)[:1] == [first]
    assert found.mended == mended


async def test_nonsense_finds_nothing(catalog: Catalog) -> None:
    for text in ("xyzzyplugh", "qq", "matrix xyzzyplugh", "", "   ", "\N{GRINNING FACE}"):
        assert (await catalog.search.find(text)).hits == ()


async def test_a_show_that_is_found_stands_for_its_episodes(catalog: Catalog) -> None:
    hit = (await catalog.search.find("harbour")).hits[0]
    assert (hit.title.id, hit.field, hit.text, hit.episodes) == ("fargo-1", "show", "Harbour Street", 3)


async def test_only_one_kind_or_library(catalog: Catalog) -> None:
    assert _ids(await catalog.search.find("the", TitleKind.EPISODE)) == ["fargo-2"]
    assert "fargo-2" not in _ids(await catalog.search.find("the", library_id="films"))
    assert len((await catalog.search.find("the", limit=2)).hits) == 2


async def test_why_it_was_found_is_told_in_its_own_words(catalog: Catalog) -> None:
    assert (await catalog.search.find("moss")).hits[0].text == "Carrie-Anne Moss"
    assert (await catalog.search.find("science")).hits[0].text == "Science Fiction"
    assert (await catalog.search.find("hacker")).hits[0].text == "A hacker learns what is real."


async def test_titles_that_cannot_be_played_come_after_those_that_can(catalog: Catalog) -> None:
    await catalog.titles.save(replace(_title("bad", "Matrix"), phase=TitlePhase.FAILED, reason="damaged"))
    assert _ids(await catalog.search.find("matrix"))[:3] == ["matrix", "bad", "reloaded"]


async def test_a_title_is_found_by_what_it_is_now(catalog: Catalog) -> None:
    renamed = replace(_TITLES[0], name="Something Else", path=b"/media/films/else.mkv", description=Description())
    await catalog.titles.found_at(renamed, KnownFile(1, 2, "matrix"))
    assert "matrix" not in _ids(await catalog.search.find("matrix"))
    assert _ids(await catalog.search.find("something")) == ["matrix"]
    await catalog.files.note("films", b"/media/films/copy.mkv", KnownFile(1, 2, "matrix"))
    await catalog.files.miss("films", [b"/media/films/else.mkv"], 7.0)
    assert _ids(await catalog.search.find("copy")) == ["matrix"]
    await catalog.files.miss("films", [b"/media/films/copy.mkv"], 7.0)
    assert _ids(await catalog.search.find("something")) == []
    await catalog.titles.remove("matrix")
    assert (await catalog.search.find("reeves")).hits == ()


_BACK_TO_0002 = """
DROP TABLE searched; DROP TABLE search_words; DROP TABLE search; DROP TABLE views; DROP TABLE places;
DROP INDEX ix_titles_show; UPDATE alembic_version SET version_num = '0002';
"""


async def test_titles_of_an_earlier_version_are_found_after_the_first_start(tmp_path: Path) -> None:
    paths = paths_of(tmp_path, None)
    async with Catalog.opened(paths, Clock()) as catalog:
        for title in _TITLES:
            await catalog.titles.save(title)
    with sqlite3.connect(paths.user_db) as connection:
        connection.executescript(_BACK_TO_0002)
    connection.close()
    async with Catalog.opened(paths, Clock()) as catalog:
        assert catalog.is_lasting
        assert _ids(await catalog.search.find("keanu")) == ["matrix"]
        assert len(await catalog.titles.list()) == len(_TITLES)


async def test_the_index_agrees_with_what_it_is_of(catalog: Catalog, tmp_path: Path) -> None:
    for turn in range(3):
        for title in _TITLES:
            await catalog.titles.save(replace(title, name=f"{title.name} {turn}"))
    await catalog.titles.remove("godfather")
    with sqlite3.connect(tmp_path / "osmose.db") as connection:
        connection.execute("INSERT INTO search(search, rank) VALUES('integrity-check', 1)")
        assert connection.execute("SELECT count(*) FROM searched").fetchone() == (len(_TITLES) - 1,)
    connection.close()


_ANY = st.text(max_size=60) | st.text(alphabet="\"'*()^:{}+-AND OR NOT NEAR abcmatrix0,;%_\\", max_size=60)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_ANY)
async def test_any_text_may_be_searched_for(catalog: Catalog, text: str) -> None:
    await catalog.search.find(text)
    assert len((await catalog.search.find(text * 200)).hits) <= 20


def test_texts_become_plain_words() -> None:
    assert searchable("Spider-Man: Über ALLES") == "spider man uber alles spiderman"
    assert key_of("The Matrix") == "matrix"
    assert [one.whole for one in asked_of("S.W.A.T.  l'été")] == ["swat", "lete"]


def test_a_long_plot_is_cut_around_the_word() -> None:
    plot = "One morning " * 20 + "the Café burns " + "and then nothing " * 20
    told = around(plot, asked_of("cafe"))
    assert "Café" in told
    assert len(told) < 130
    assert around("Short.", asked_of("x")) == "Short."
