"""`api/search` answers anything that is typed, and says why."""

from dataclasses import replace
from typing import Any

import pytest

from osmose_addon.model.media import Description, Person, TitleKind
from tests.interfaces.http.conftest import BOB, House


async def search(house: House, status: int = 200, **asked: object) -> Any:
    async with house.client.post(f"{house.url}/api/search", json=asked) as answer:
        assert answer.status == status
        return await answer.json(content_type=None)


async def test_titles_are_found_with_why(house: House):
    found = await search(house, text="linden")
    assert [(item["id"], item["why"]["field"]) for item in found["items"]] == [("under-the-linden", "name")]
    assert found["items"][0]["why"] == {"field": "name", "text": "Under the Linden", "episodes": None}
    assert (found["next"], found["words"], found["mended"]) == (None, ["linden"], None)


async def test_what_was_mistyped_is_told(house: House):
    found = await search(house, text="merdiian")
    assert ([item["id"] for item in found["items"]], found["mended"]) == (["meridian"], "meridian")


async def test_kinds_and_limits_are_kept_to(house: House):
    title = await house.shelves.catalog.titles.get("meridian")
    assert title is not None
    told = Description(TitleKind.EPISODE, "Stars", 1, 2, people=(Person("Nora Harbour", "Captain"),))
    await house.shelves.catalog.titles.save(replace(title, description=told))
    assert [item["id"] for item in (await search(house, text="harbour", kind="episode"))["items"]] == ["meridian"]
    assert len((await search(house, text="harbour"))["items"]) == 2
    assert len((await search(house, text="harbour", limit=1))["items"]) == 1
    assert (await search(house, text="harbour", library="home"))["items"] == []


@pytest.mark.parametrize(
    ("asked", "argument"),
    [
        ({}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 10_000}, "text"),
        ({"text": "x", "limit": 0}, "limit"),
        ({"text": "x", "limit": 101}, "limit"),
        ({"text": "x", "kind": "music"}, "kind"),
        ({"text": "x", "lens": "wide"}, "lens"),
    ],
)
async def test_what_cannot_be_used_is_named(house: House, asked: dict[str, object], argument: str):
    problem = await search(house, 400, **asked)
    assert problem["key"] == "argument"
    assert f"“{argument}”" in problem["title"]


@pytest.mark.parametrize("text", ["", "   ", '"', "a AND (", "*", "NEAR(x", "{name}:", "\0", "\N{GRINNING FACE}"])
async def test_any_text_is_safe(house: House, text: str):
    await search(house, text=text)


async def test_watchers_search_and_other_web_pages_do_not(house: House):
    asked = {"text": "linden"}
    async with house.client.post(f"{house.url}/api/search", headers=BOB, json=asked) as answer:
        assert answer.status == 200
    async with house.client.post(
        f"{house.url}/api/search", headers={"Sec-Fetch-Site": "cross-site"}, json=asked
    ) as answer:
        assert answer.status == 403
