"""Events: all states first, then what changes; who comes back misses nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from osmose_addon.model.journal import Event
from tests.interfaces.http.conftest import BOB, House
from tests.interfaces.http.demo import served


async def told(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str, Any]]:
    """Yield (event, id, data) of a stream."""
    event = number = ""
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            event = value
        elif name == "id":
            number = value
        elif name == "data":
            yield event, number, json.loads(value)
            event = number = ""


async def test_all_states_come_first_and_changes_follow(house: House):
    async with house.client.get(f"{house.url}/api/events") as answer:
        assert answer.content_type == "text/event-stream"
        stream = told(answer)
        event, _, states = await anext(stream)
        assert event == "states"
        assert (
            states["camera.porch/phase"] if "camera.porch/phase" in states else states["camera.garden/phase"] == "live"
        )
        house.shelves.states.set("camera", "garden", phase="lost")
        assert await anext(stream) == ("changes", "", {"camera.garden/phase": "lost"})
        house.shelves.states.drop("camera", "garden")
        event, _, gone = await anext(stream)
        assert gone["camera.garden/phase"] is None


async def test_states_of_ten_thousand_titles_come_in_lines_that_readers_take(house: House):
    for number in range(10_000):
        house.shelves.states.set("title", f"film-{number}", name=f"Film {number}", phase="ready", filled=0)
    states: dict[str, Any] = {}
    async with house.client.get(f"{house.url}/api/events") as answer:
        async for event, _, piece in told(answer):
            assert (event, len(json.dumps(piece)) < 32_768) == ("states", True)
            states |= piece
            if "title.film-9999/phase" in states:
                break
    assert states.keys() >= {str(key) for key in house.shelves.states.values}


async def test_who_wants_no_states_of_titles_hears_of_their_changes_only(house: House):
    house.shelves.states.set("title", "film-1", phase="ready")
    async with house.client.get(f"{house.url}/api/events?without=title") as answer:
        stream = told(answer)
        _, _, states = await anext(stream)
        assert "camera.garden/phase" in states
        assert not any(key.startswith("title.") for key in states)
        house.shelves.states.set("title", "film-1", phase="away")
        assert await anext(stream) == ("changes", "", {"title.film-1/phase": "away"})


async def test_the_journal_comes_with_its_numbers(house: House):
    async with house.client.get(f"{house.url}/api/events") as answer:
        stream = told(answer)
        await anext(stream)
        entry = await house.shelves.catalog.journal.write(Event.CAMERA_BACK, "camera", "garage", away_s=4.0)
        event, number, body = await anext(stream)
        assert (event, number) == ("journal", str(entry.number))
        assert body["event"] == "camera_back"
        assert body["fields"] == {"away_s": 4.0}


async def test_who_comes_back_gets_what_was_missed_once(house: House):
    journal = house.shelves.catalog.journal
    first = await journal.write(Event.CAMERA_LOST, "camera", "garden")
    missed = [(await journal.write(Event.CAMERA_BACK, "camera", "garden")).number for _ in range(3)]
    async with house.client.get(f"{house.url}/api/events", headers={"Last-Event-ID": str(first.number)}) as answer:
        stream = told(answer)
        await anext(stream)
        assert [int((await anext(stream))[1]) for _ in missed] == missed
        new = await journal.write(Event.CAMERA_LOST, "camera", "garden")
        assert int((await anext(stream))[1]) == new.number


async def test_a_watcher_hears_of_cameras_but_not_of_what_people_did(house: House):
    async with house.client.get(f"{house.url}/api/events", headers=BOB) as answer:
        stream = told(answer)
        _, _, states = await anext(stream)
        assert not any(key.startswith(("job.", "service.")) for key in states)
        house.shelves.states.set("job", "prepare-salt-road", progress=50)
        await house.shelves.catalog.journal.write(Event.ACTION_DONE, "title", "salt-road", by="Anna", action="cancel")
        house.shelves.states.set("camera", "garage", phase="live")
        assert (await anext(stream))[2] == {"camera.garage/phase": "live"}


async def test_streams_end_when_the_server_does(empty_house: House):
    async with AsyncExitStack() as serving:
        url = await serving.enter_async_context(served(empty_house.shelves))
        async with empty_house.client.get(f"{url}/api/events") as answer, asyncio.timeout(5):
            await anext(told(answer))
            await serving.aclose()
            assert (await answer.content.read()).strip() == b""
