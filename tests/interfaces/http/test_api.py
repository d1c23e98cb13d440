"""The API tells things in one shape and lets only those change them who may."""

import json
import re
from pathlib import Path

import pytest

from osmose_addon.interfaces.http import api, events, play_cells, play_files, play_stills, play_titles, search, watching
from osmose_addon.interfaces.http.things import bitmap
from tests.interfaces.http.conftest import BOB, House
from tests.interfaces.http.demo import FILMS

PLAYED = (play_titles, play_cells, play_files, play_stills)


async def told(house: House, path: str):
    return json.loads(await house.page(path))


async def test_lists_hold_items_with_id_name_and_relative_links(house: House):
    for path in ("api/libraries", "api/titles", "api/cameras", "api/jobs"):
        answer = await told(house, path)
        assert set(answer) == {"items", "next"}
        assert answer["items"], path
        for item in answer["items"]:
            assert item["id"]
            assert item["name"]
            assert not any(link.startswith("/") or ":" in link for link in item["links"].values())


async def test_links_of_a_camera_lead_somewhere(house: House):
    camera = (await told(house, "api/cameras/front-door"))["links"]
    for name in ("self", "page", "snapshot"):
        async with house.client.get(f"{house.url}/{camera[name]}") as answer:
            assert answer.status == 200, name


async def test_titles_come_in_pages_that_miss_none(house: House):
    seen, after = [], ""
    while True:
        answer = await told(house, f"api/titles?limit=4{after}")
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        after = f"&after={answer['next']}"
    assert len(seen) == len(set(seen)) == len(FILMS) + 1


async def test_titles_of_one_library_only(house: House):
    assert len((await told(house, "api/titles?library=films"))["items"]) == len(FILMS) + 1
    assert (await told(house, "api/titles?library=home"))["items"] == []


async def test_a_limit_that_is_none_is_refused_in_words(house: House):
    problem = json.loads(await house.page("api/titles?limit=many", status=400))
    assert problem["key"] == "argument"
    assert problem["title"]


async def test_a_title_tells_its_tracks_and_which_cells_are_filled(house: House):
    title = await told(house, "api/titles/salt-road")
    assert [track["language"] for track in title["audio"]] == ["eng", "deu"]
    assert len(title["chapters"]) == 4
    top, middle, _ = title["rungs"]
    assert (top["id"], top["method"], top["reason"], top["percent"]) == ("1080p", "copied", "fits", 100)
    assert 0 < middle["percent"] < 100
    assert len(middle["filled"]) == -(-middle["cells"] // 4)


def test_the_bitmap_begins_at_the_highest_bit():
    assert bitmap([True, False, False, False, True]) == "88"
    assert bitmap([]) == ""


async def test_unknown_things_answer_404_in_words(house: House):
    for path in ("api/titles/nothing", "api/cameras/nothing", "api/nothing"):
        assert json.loads(await house.page(path, status=404))["key"] == "not_found"


async def test_states_are_told_by_their_written_form(house: House):
    states = await told(house, "api/states")
    assert states["camera.garage/phase"] == "lost"
    assert states["osmose/needs_you"] == 2


async def test_a_watcher_sees_no_jobs_and_no_services(house: House):
    await house.page("api/jobs", BOB, 404)
    states = json.loads(await house.page("api/states", BOB))
    assert not any(key.startswith(("job.", "service.", "finding.")) for key in states)


async def post(house: House, action: str, body: object, headers: dict[str, str] | None = None) -> int:
    address = f"{house.url}/api/actions/{action}"
    async with house.client.post(address, json=body, headers=headers) as answer:
        return answer.status


async def test_a_manager_may_act_and_a_watcher_may_not(house: House):
    assert await post(house, "try_now", {"camera": "garage"}) == 200
    assert await post(house, "try_now", {"camera": "garage"}, BOB) == 403


async def test_an_action_refuses_what_it_cannot_use(house: House):
    assert await post(house, "nothing", {}) == 404
    assert await post(house, "try_now", {}) == 400
    assert await post(house, "try_now", ["garage"]) == 400
    assert await post(house, "try_now", {"camera": 5}) == 400


async def test_other_web_pages_cannot_act(house: House):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert await post(house, "try_now", {"camera": "garage"}, foreign) == 403
    async with house.client.post(f"{house.url}/api/actions/reload", data={"a": "b"}) as answer:
        assert answer.status == 403


async def test_a_snapshot_is_a_picture(house: House):
    address = f"{house.url}/api/actions/snapshot"
    async with house.client.post(address, json={"camera": "garden"}, headers=BOB) as answer:
        assert answer.content_type == "image/jpeg"
        assert (await answer.read()).startswith(b"\xff\xd8")


async def test_the_description_names_exactly_the_routes_there_are(house: House):
    described = await told(house, "api/openapi.json")
    assert described == json.loads(Path(api.__file__).with_name("openapi.json").read_text())
    written = {(method, path) for path, methods in described["paths"].items() for method in methods}
    routes = {(route.method.lower(), route.path) for room in (api, search, watching, events) for route in room.routes}
    played = {re.sub(r"{(\w+):[^/]*}(?=\.)", r"{\1}", route.path) for room in PLAYED for route in room.routes}
    assert written == routes | {(method, path) for path in played for method in ("get", "head")}


async def test_the_description_has_all_that_it_refers_to(house: House):
    described = await told(house, "api/openapi.json")
    for name in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)):
        found = described
        for part in name.split("/"):
            found = found[part]


@pytest.mark.parametrize("body", [b"\xff", b"[" * 100_000, b'{"camera": 12}', b"not json", b"[]"])
async def test_a_body_that_makes_no_sense_is_refused_in_words(house: House, body: bytes):
    headers = {"Content-Type": "application/json; charset=nonsense"}
    async with house.client.post(f"{house.url}/api/actions/snapshot", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json(content_type=None))["key"] == "argument"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "“camera” is missing."),
        ({"camera": "garden", "lens": "wide"}, "“lens” is not known here."),
        ({"camera": "x" * 5000}, "“camera” is too long."),
    ],
)
async def test_what_is_wrong_with_an_argument_is_said(house: House, body: dict[str, str], sentence: str):
    async with house.client.post(f"{house.url}/api/actions/snapshot", json=body) as answer:
        assert (await answer.json(content_type=None))["title"] == sentence


async def test_endless_numbers_are_refused(house: House):
    async with house.client.get(f"{house.url}/api/titles?limit={'9' * 5000}") as answer:
        assert answer.status == 400
    async with house.client.get(f"{house.url}/api/events", headers={"Last-Event-ID": "9" * 30}) as answer:
        assert await answer.content.readline() == b"event: states\n"
