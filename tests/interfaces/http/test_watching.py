"""Players tell what is watched; each person goes on where that person stopped."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from osmose_addon.model.media import Description, TitleKind
from tests.interfaces.http.conftest import ANNA, BOB, House

VIEW = {"title": "salt-road", "view": "view-0001", "at_s": 600.0, "watched_s": 40.0}


async def post(house: House, path: str, body: object, headers: dict[str, str] = ANNA, status: int = 200) -> Any:
    async with house.client.post(f"{house.url}/api/{path}", json=body, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json(content_type=None)


async def told(house: House, path: str, headers: dict[str, str] = ANNA) -> Any:
    return json.loads(await house.page(path, headers))


async def test_a_view_counts_once(house: House):
    assert await post(house, "views", {**VIEW, "watched_s": 4}) == {"counted": False, "kept": True}
    for _again in range(2):
        assert await post(house, "views", VIEW) == {"counted": True, "kept": True}
    assert (await told(house, "api/titles/salt-road"))["views"] == {"today": 1, "month": 1, "ever": 1}


async def test_places_are_each_persons_own(house: House):
    await post(house, "views", VIEW)
    await post(house, "views", {**VIEW, "at_s": 1200}, BOB)
    assert (await told(house, "api/titles/salt-road"))["place"] == {"at_s": 600, "watched": False}
    assert (await told(house, "api/titles/salt-road", BOB))["place"] == {"at_s": 1200, "watched": False}
    assert (await told(house, "api/titles/meridian"))["place"] is None
    begun = await told(house, "api/places")
    assert [(item["id"], item["place"]["at_s"]) for item in begun["items"]] == [("salt-road", 600)]
    listed = {item["id"]: item["place"] for item in (await told(house, "api/titles"))["items"]}
    assert listed["salt-road"] == {"at_s": 600, "watched": False}


async def test_a_person_is_known_by_the_id_that_stays(house: House):
    ann = ANNA | {"X-Remote-User-Id": "5d0c", "X-Remote-User-Display-Name": "Anna"}
    await post(house, "views", VIEW, ann)
    renamed = ann | {"X-Remote-User-Display-Name": "Anna B."}
    assert len((await told(house, "api/places", renamed))["items"]) == 1


async def test_seen_is_marked_and_taken_back(house: House):
    await post(house, "views", VIEW)
    await post(house, "places", {"title": "salt-road", "watched": True})
    assert (await told(house, "api/titles/salt-road"))["place"] == {"at_s": 0, "watched": True}
    assert (await told(house, "api/places"))["items"] == []
    await post(house, "places", {"title": "salt-road", "watched": False})
    assert (await told(house, "api/titles/salt-road"))["place"] is None


async def test_a_title_that_goes_takes_its_place_along(house: House):
    await post(house, "views", VIEW)
    await house.shelves.catalog.titles.remove("salt-road")
    assert (await told(house, "api/places"))["items"] == []


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"at_s": -1}, "at_s"),
        ({"watched_s": 1e300}, "watched_s"),
        ({"at_s": "12"}, "at_s"),
        ({"view": "x"}, "view"),
        ({"view": "../../etc"}, "view"),
        ({"speed": 2}, "speed"),
    ],
)
async def test_what_makes_no_sense_is_named(house: House, change: dict[str, object], argument: str):
    problem = await post(house, "views", VIEW | change, status=400)
    assert f"“{argument}”" in problem["title"]


async def test_unknown_titles_and_other_web_pages_are_refused(house: House):
    await post(house, "views", VIEW | {"title": "nothing"}, status=404)
    await post(house, "places", {"title": "nothing", "watched": True}, status=404)
    await post(house, "views", VIEW, ANNA | {"Sec-Fetch-Site": "cross-site"}, status=403)
    async with house.client.post(f"{house.url}/api/views", data=json.dumps(VIEW)) as answer:
        assert answer.status == 403


async def test_titles_of_one_kind_or_show_only(house: House):
    assert (await told(house, "api/titles?kind=episode"))["items"] == []
    assert len((await told(house, "api/titles?kind=film&limit=2"))["items"]) == 2
    assert (await told(house, "api/titles?show=Nothing"))["items"] == []
    await house.page("api/titles?kind=music", ANNA, 400)


async def test_home_leads_to_what_was_begun_and_to_the_next_episode(house: House):
    titles = house.shelves.catalog.titles
    for number, title_id in enumerate(("meridian", "paper-kites"), 1):
        title = await titles.get(title_id)
        assert title is not None
        told = Description(TitleKind.EPISODE, "Stars", 1, number)
        await titles.save(replace(title, year=2020, description=told))
    await post(house, "views", VIEW)
    await post(house, "places", {"title": "meridian", "watched": True})
    page = await house.page("")
    shown = page[page.index("Continue watching") : page.index("Just added")]
    assert re.findall(r'href="\./titles/([a-z-]+)/play"', shown) == ["paper-kites", "salt-road"]
    assert "S1 E2 · Paper Kites" in shown
    assert 'max="100" value="7"' in shown
    assert "Continue watching" not in await house.page("", BOB)
