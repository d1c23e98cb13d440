"""Every change of the configuration is noticed, whatever the editor does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from osmose_addon.config import watch_config
from tests.config.written import written

NEVER_MS = 60_000
SOON_S = 10


@asynccontextmanager
async def _watching(path: Path, poll_ms: int = NEVER_MS) -> AsyncGenerator[AsyncGenerator[None, None], None]:
    """Watch the file; on the way out, end the watch."""
    changes = watch_config(path, poll_ms=poll_ms, quiet_ms=20)
    try:
        yield changes
    finally:
        await changes.aclose()


async def _told(changes: AsyncGenerator[None, None]) -> None:
    async with asyncio.timeout(SOON_S):
        await anext(changes)


async def _after(changes: AsyncGenerator[None, None], path: Path, text: str) -> None:
    _write(path, text)
    await _told(changes)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ["osmose", "secrets", "cameras"])
async def test_a_change_of_any_of_its_files_is_told(tmp_path: Path, name: str) -> None:
    osmose = "cameras: !include cameras.yaml\nmqtt: {password: !secret a}\n"
    path = written(tmp_path, osmose=osmose, cameras="[]\n", secrets="a: b\n")
    async with _watching(path) as changes:
        await _after(changes, tmp_path / f"{name}.yaml", "a: c")


async def test_an_atomic_replacement_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, osmose="{}")
    async with _watching(path) as changes:
        await _after(changes, path, "mqtt: {}")
        _write(tmp_path / "new", "http: {}")
        (tmp_path / "new").replace(path)
        await _told(changes)


async def test_a_deleted_file_and_its_return_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, osmose="{}")
    async with _watching(path) as changes:
        await _after(changes, path, "mqtt: {}")
        path.unlink()
        await _told(changes)
        await _after(changes, path, "mqtt: {}")


async def test_a_file_that_is_included_later_is_watched_too(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    path = written(tmp_path, osmose="{}")
    async with _watching(path) as changes:
        await _after(changes, path, "cameras: !include sub/cameras.yaml")
        await _after(changes, tmp_path / "sub" / "cameras.yaml", "[]")


async def test_a_folder_that_comes_later_is_found_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "later" / "osmose.yaml"
    async with _watching(path, poll_ms=20) as changes:
        path.parent.mkdir()
        await _after(changes, path, "{}")


async def test_a_change_before_the_first_wait_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, osmose="{}")
    async with _watching(path) as changes:
        _write(path, "mqtt: {}")
        await _told(changes)


async def test_another_file_in_the_folder_is_no_change(tmp_path: Path) -> None:
    path = written(tmp_path, osmose="{}")
    async with _watching(path, poll_ms=50) as changes:
        await _after(changes, path, "mqtt: {}")
        _write(tmp_path / "other.txt", "x")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(changes), 0.5)
