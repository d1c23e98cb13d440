"""Asking web services: bounded in time and size, and blind to redirects."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from osmose_addon.model.errors import FetchError
from osmose_addon.runtime.fetch import fetch_json

Answer = Callable[[web.Request], web.Response]


@asynccontextmanager
async def service(answer: Answer) -> AsyncIterator[str]:
    async def answered(request: web.Request) -> web.Response:
        return answer(request)

    app = web.Application()
    app.router.add_get("/{path}", answered)
    async with TestServer(app) as server:
        yield str(server.make_url("/ask"))


async def test_json_comes_back_parsed_and_the_header_went_out() -> None:
    async with service(lambda request: web.json_response({"said": request.headers["Authorization"]})) as url:
        assert await fetch_json(url, {"Authorization": "Bearer x"}) == {"said": "Bearer x"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: web.Response(status=400, text="{}"), "status"),
        (lambda _: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), "status"),
        (lambda _: web.Response(body=b'"' + b"x" * 300_000 + b'"'), "too_long"),
        (lambda _: web.Response(text="<html>"), "not_json"),
        (lambda _: web.Response(text="[" * 100_000), "not_json"),
    ],
    ids=["refused", "redirect", "too long", "no JSON", "too deep"],
)
async def test_what_is_no_usable_answer_is_named(answer: Answer, reason: str) -> None:
    async with service(answer) as url:
        with pytest.raises(FetchError) as caught:
            await fetch_json(url, {})
    assert caught.value.fields["reason"] == reason


async def test_an_unreachable_service_is_named_without_its_address() -> None:
    with pytest.raises(FetchError) as caught:
        await fetch_json("http://user:secret@127.0.0.1:1/", {})
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None
