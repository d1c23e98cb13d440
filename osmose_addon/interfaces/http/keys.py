"""What handlers find on the application."""

import asyncio

from aiohttp import web

from osmose_addon.runtime.openfiles import OpenFiles
from osmose_addon.stores.shelves import Shelves

SHELVES = web.AppKey("shelves", Shelves)
CLOSING = web.AppKey("closing", asyncio.Event)
"""Set when the server stops: streams that never end by themselves watch it."""
FILES = web.AppKey("files", OpenFiles)
"""Files of our own that were read just now."""
