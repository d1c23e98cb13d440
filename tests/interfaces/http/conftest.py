"""A served household for all tests of the API, the events and the pages."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from osmose_addon.stores.shelves import Shelves
from tests.interfaces.http.demo import empty_shelves, furnish, served

ANNA = {"X-Remote-User-Name": "anna"}
BOB = {"X-Remote-User-Name": "bob"}


@dataclass(frozen=True, slots=True)
class House:
    """What a test needs: the address, the stores behind it, and a browser of Anna's, who manages."""

    url: str
    shelves: Shelves
    client: aiohttp.ClientSession

    async def page(self, path: str, headers: dict[str, str] | None = None, status: int = 200) -> str:
        """Return a page that must answer with this status."""
        async with self.client.get(f"{self.url}/{path}", headers=headers) as answer:
            text = await answer.text()
            assert answer.status == status, f"{path}: {answer.status} {text[:300]}"
            return text


@pytest.fixture
async def empty_house(tmp_path: Path) -> AsyncIterator[House]:
    async with (
        empty_shelves(tmp_path) as shelves,
        served(shelves) as url,
        aiohttp.ClientSession(headers=ANNA) as client,
    ):
        yield House(url, shelves, client)


@pytest.fixture
async def house(empty_house: House) -> House:
    await furnish(empty_house.shelves)
    return empty_house
