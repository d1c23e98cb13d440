"""A running Osmose: the real command in a process of its own, with a data folder of its own."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

_READY = re.compile(r"ready at (http://\S+?)/?\s")


class Running:
    """One run. Its address ends without a slash."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, client: aiohttp.ClientSession) -> None:
        """Wrap a process that listens."""
        self.process = process
        self.url = url
        self.client = client

    async def get(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of a GET."""
        async with self.client.get(f"{self.url}/{path}", headers=headers) as answer:
            return answer.status, answer.headers, await answer.read()

    async def text(self, path: str) -> str:
        """Return the body of a GET that must succeed, as text."""
        status, _, body = await self.get(path)
        assert status == 200, f"{path}: {status} {body[:300]!r}"
        return body.decode()

    async def json(self, path: str) -> Any:
        """Return what an API path answers."""
        return json.loads(await self.text(path))

    async def act(self, action: str, **arguments: str) -> tuple[int, Any]:
        """Ask for an action; return status and answer."""
        async with self.client.post(f"{self.url}/api/actions/{action}", json=arguments) as answer:
            return answer.status, await answer.json(content_type=None)

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what `api/events` tells, one decoded `data:` at a time."""
        async with self.client.get(f"{self.url}/api/events", timeout=aiohttp.ClientTimeout()) as answer:
            async for line in answer.content:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    async def until(self, state: str, *values: Any) -> Any:
        """Wait until a state has one of these values (any value if none is named), and return it."""
        async for told in self.changes():
            if state in told and (told[state] in values or (not values and told[state] is not None)):
                return told[state]
        raise AssertionError(f"the events ended before {state}")

    async def title(self) -> dict[str, Any]:
        """Return the first ready title, waiting for it."""
        async for told in self.changes():
            ready = [key for key, value in told.items() if key.startswith("title.") and value == "ready"]
            if ready:
                title_id = ready[0].removeprefix("title.").partition("/")[0]
                found: dict[str, Any] = await self.json(f"api/titles/{title_id}")
                return found
        raise AssertionError("the events ended before a title was ready")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to end and return its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


@asynccontextmanager
async def running(
    folder: Path, yaml: str | None, *arguments: str, through: tuple[str, ...] = (), **environment: str
) -> AsyncIterator[Running]:
    """Run `osmose run` with this YAML (`None`: no file) and data in `folder` until the block is left.

    `through` is a command that runs it with other rights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "osmose.yaml"
    if yaml is not None:
        config.write_text(yaml)
    log = (folder / "log.txt").open("ab")
    command = ("-m", "osmose_addon", "run", "--config", str(config), "--data", str(folder / "data"), "--port", "0")
    with log:
        process = await asyncio.create_subprocess_exec(
            *through,
            sys.executable,
            *command,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, **environment},
        )
    url = await _address(process, folder / "log.txt")
    async with aiohttp.ClientSession() as client:
        try:
            yield Running(process, url, client)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()  # to the end of what it said, so that its pipe is closed


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if found := _READY.search(line.decode()):
            return found[1]
    raise AssertionError(f"osmose ended before it listened: {log.read_text()}")
