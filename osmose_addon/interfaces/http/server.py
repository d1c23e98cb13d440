"""The HTTP server of the panel, the API and playing."""

import asyncio
import errno
import logging
from collections.abc import Callable

from aiohttp import web

from osmose_addon.interfaces.http import (
    api,
    auth,
    events,
    health,
    play_cameras,
    play_cells,
    play_files,
    play_stills,
    play_titles,
    problems,
    search,
    watching,
)
from osmose_addon.interfaces.http.keys import CLOSING, FILES, SHELVES
from osmose_addon.interfaces.http.panel import pages
from osmose_addon.interfaces.http.play_cells import CHECKED, CheckedPlaces
from osmose_addon.interfaces.http.play_files import FILMS
from osmose_addon.interfaces.http.playlists import PLAYLISTS, Playlists
from osmose_addon.model.config import HttpConfig
from osmose_addon.model.errors import OsmoseError
from osmose_addon.runtime.openfiles import OpenFiles
from osmose_addon.stores.films import FilmStore
from osmose_addon.stores.shelves import Shelves

_LOG = logging.getLogger(__name__)
_KEEPALIVE_S = 20.0
"""Also how long a half-sent request is held (safety: 3630 s by default)."""
_CLOSE_S = 1.0
_LARGEST_BODY_BYTES = 1 << 20
_HEADERS = {
    "Server": "Osmose",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
}


class PortTakenError(OsmoseError):
    """Another program listens there."""

    key = "port_taken"


async def _dress(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers[name] = value


async def _close_files(app: web.Application) -> None:
    app[FILES].close()


def make_app(shelves: Shelves, config: Callable[[], HttpConfig], *, is_addon: bool) -> web.Application:
    """Return the application; `config` gives the configuration of the moment, so that a reload needs no restart."""
    app = web.Application(
        middlewares=[problems.middleware(shelves.texts), auth.middleware(config, is_addon=is_addon)],
        client_max_size=_LARGEST_BODY_BYTES,
    )
    app[SHELVES] = shelves
    app[CLOSING] = asyncio.Event()
    app[FILES], app[PLAYLISTS], app[CHECKED] = OpenFiles(), Playlists(), CheckedPlaces()
    app[FILMS] = FilmStore(shelves.catalog, shelves.cells)
    app.on_response_prepare.append(_dress)
    app.on_cleanup.append(_close_files)
    rooms = (
        play_cells,
        play_stills,
        play_titles,
        play_files,
        play_cameras,
        health,
        api,
        search,
        watching,
        events,
        pages,
    )
    for room in rooms:
        app.add_routes(room.routes)
    pages.set_up(app)
    return app


class HttpServer:
    """Serves an application on one address until it is closed."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        """Prepare; nothing listens yet. Port 0 takes any free one."""
        self._app = app
        self._host = host
        self._port = port
        # A viewer who leaves must stop being a want at once, so handlers are cancelled when their client is gone.
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=_KEEPALIVE_S,
            shutdown_timeout=_CLOSE_S,
            handler_cancellation=True,
        )

    async def open(self) -> int:
        """Listen, and return the port.

        Raises: PortTakenError.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            is_taken = True
        else:
            is_taken = False
        if is_taken:
            await self._runner.cleanup()
            raise PortTakenError(host=self._host, port=self._port)
        address = self._runner.addresses[0]
        return int(address[1])

    async def close(self) -> None:
        """Stop listening and let go of all clients."""
        self._app[CLOSING].set()
        await self._runner.cleanup()
