"""What the player's page has made before the player is there."""

from osmose_addon.stores.catalog.watching import Playback
from tests.interfaces.http.conftest import ANNA, House
from tests.interfaces.http.demo import add_film, fill

_FILM = ("early", "Early", 2020, 90.0)
_PLAY = "titles/early/play"


async def test_the_page_of_the_player_has_the_first_cell_made_meanwhile(house: House):
    await add_film(house.shelves, _FILM)
    assert 'data-parts="../../play/titles/early/r1/480p/0.m4s"' in await house.page(_PLAY)


async def test_it_is_the_cell_where_the_person_goes_on(house: House):
    film = await add_film(house.shelves, _FILM)
    await house.shelves.catalog.watching.note("anna", Playback("a", "title", "early", 900.0, 60.0, 5400.0))
    rung = film.grid.rung("480p") if film.grid else None
    assert rung is not None
    cell = next(cell for cell in range(rung.cells) if rung.start_s(cell + 1) > 900)
    assert f'data-parts="../../play/titles/early/r1/480p/{cell}.m4s"' in await house.page(_PLAY, ANNA)


async def test_what_is_there_is_not_asked_for_early(house: House):
    film = await add_film(house.shelves, _FILM)
    fill(house.shelves.paths, film, "480p", range(len(film.grid.rungs[2].borders_ticks) - 1 if film.grid else 0))
    assert "data-parts" not in await house.page(_PLAY)
