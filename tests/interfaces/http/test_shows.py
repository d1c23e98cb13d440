"""Series in the panel: by show and season, one episode leading to the next, and what titles are about."""

import re
from html import unescape

from osmose_addon.model.media import Description, Person, Title, TitleKind, TitlePhase
from tests.interfaces.http.conftest import House
from tests.interfaces.http.demo import facts

_EPISODES = (
    ("pilot-0001", "Some Show", 2005, 1, 1, "The Pilot"),
    ("second-0001", "Some Show", 2005, 1, 2, "Episode 2"),
    ("later-0001", "Some Show", 2005, 2, 1, "Later"),
    ("special-0001", "Some Show", 2005, 0, 1, "Making of"),
    ("remake-0001", "Some Show", 2020, 1, 1, "The Other Pilot"),
    ("count-0001", "Another Show", 0, -1, 12, "Twelve"),
)


async def _furnish(house: House) -> None:
    house.shelves.states.set("library", "shows", name="Shows", kind="series", phase="ready", titles=6, failed=0)
    for id_, show, year, season, number, name in _EPISODES:
        about = Description(TitleKind.EPISODE, show, season, number)
        path = f"/media/{id_}.mkv".encode()
        title = Title(id_, "shows", name, path, TitlePhase.READY, year, 1.0, facts=facts(45), description=about)
        await house.shelves.catalog.titles.save(title, ())


def _texts(page: str, tag: str) -> list[str]:
    found = re.findall(rf"<{tag}[ >][^<]*(?:<(?!/{tag})[^<]*)*</{tag}>", page)
    return [" ".join(unescape(re.sub("<[^>]+>", " ", one)).split()) for one in found]


async def test_a_series_library_is_sorted_by_show_and_season(empty_house: House) -> None:
    await _furnish(empty_house)
    page = await empty_house.page("library?library=shows")
    assert _texts(page, "h2") == ["Another Show", "Some Show 2005", "Some Show 2020"]
    assert _texts(page, "h3") == ["Season 1", "Season 2", "Specials", "Season 1"]
    assert page.index("The Pilot") < page.index("Later") < page.index("The Other Pilot")
    newest = await empty_house.page("library?library=shows&sort=added")
    assert _texts(newest, "h3") == []


async def test_a_card_away_from_its_show_names_it(empty_house: House) -> None:
    await _furnish(empty_house)
    page = await empty_house.page("library?library=shows&sort=added")
    assert "S1 E1 · The Pilot" in unescape(page)
    assert ">S1 E2<" in page  # a made-up name is not repeated


async def test_among_all_libraries_a_show_is_one_card_that_leads_to_its_episodes(empty_house: House) -> None:
    await _furnish(empty_house)
    empty_house.shelves.states.set("library", "films", name="Films", kind="films", phase="ready", titles=0, failed=0)
    page = await empty_house.page("library")
    cards = re.findall(r'class="poster ready" href="\./(library\?library=shows#show-\w+)"', page)
    assert len(set(cards)) == len(cards) == 3
    episodes = await empty_house.page("library?library=shows")
    for card in cards:
        assert f'id="{card.partition("#")[2]}"' in episodes


async def test_an_episode_leads_to_those_beside_it_in_its_own_show(empty_house: House) -> None:
    await _furnish(empty_house)
    first = unescape(await empty_house.page("titles/pilot-0001"))
    assert "Some Show · S1 E1" in first
    assert "Previous episode" not in first
    assert 'Next episode: <span dir="auto">S1 E2</span>' in first
    assert 'id="next" href="../../titles/second-0001/play"' in await empty_house.page("titles/pilot-0001/play")
    assert 'id="next"' not in await empty_house.page("titles/special-0001/play")
    last = unescape(await empty_house.page("titles/special-0001"))
    assert "Next episode" not in last
    assert 'Previous episode: <span dir="auto">S2 E1 · Later</span>' in last
    assert 'titles/later-0001"' in last


async def test_a_title_tells_its_story(empty_house: House) -> None:
    people = (Person("D. Irector", "director"), Person("A. Ctor", "Captain"), Person("B. Ctress"))
    about = Description(plot="A <b>storm</b>.", genres=("Drama", "Sea"), people=people, original_name="Die See")
    title = Title("sea-0001", "films", "The Sea", b"/x.mkv", TitlePhase.READY, 1987, 1.0, description=about)
    await empty_house.shelves.catalog.titles.save(title, ())
    page = await empty_house.page("titles/sea-0001")
    assert "A &lt;b&gt;storm&lt;/b&gt;." in page
    assert "1987 · Drama · Sea" in page
    assert {
        "Directed by D. Irector",
        "With A. Ctor (Captain), B. Ctress",
        "Original title: Die See",
    } <= set(_texts(page, "p"))
    assert "Next episode" not in page
