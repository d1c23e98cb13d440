"""The posters of titles: a picture beside the film wins, then the cover in its file, then a frame of it."""

import logging
from collections.abc import Iterator
from pathlib import Path

from osmose_addon.model.errors import MediaError, StoreError, WorkerError
from osmose_addon.model.media import Title
from osmose_addon.model.orders import ArtworkOrder, PosterOrder
from osmose_addon.model.reports import PictureMade
from osmose_addon.runtime.paths import Paths
from osmose_addon.runtime.threads import in_thread
from osmose_addon.services.libraries.beside import Beside
from osmose_addon.services.libraries.hands import ask
from osmose_addon.stores.titlefiles import artwork_path, poster_path, small_poster_path, write_whole

_LOG = logging.getLogger(__name__)
_POSTER_PX = 960
_SMALL_POSTER_PX = 400
_POSTER_AT_SHARE = 0.2


async def make_posters(paths: Paths, title: Title, beside: Beside) -> None:
    """Make the posters of a title, unless they are there and of what they should be. Some films have none."""
    if title.facts is None or not await in_thread(are_due, paths, title.id, beside.artwork_stamp):
        return
    try:
        for path, width_px in (
            (poster_path(paths, title.id), _POSTER_PX),
            (small_poster_path(paths, title.id), _SMALL_POSTER_PX),
        ):
            body = await _picture(title, beside.artwork, width_px)
            if body:
                await in_thread(write_whole, path, body)
        await in_thread(_note, artwork_path(paths, title.id), beside.artwork_stamp)
    except StoreError as error:
        _LOG.info("title %s gets no poster: %s", title.id, error)


def are_due(paths: Paths, title_id: str, artwork_stamp: str) -> bool:
    """Whether a title's posters are missing, or of something else than they should be. Call it in a thread."""
    are_there = poster_path(paths, title_id).exists() and small_poster_path(paths, title_id).exists()
    return not are_there or _noted(artwork_path(paths, title_id)) != artwork_stamp


async def _picture(title: Title, artwork: bytes, width_px: int) -> bytes:
    """Return the best picture there is, or nothing."""
    problem: MediaError | WorkerError | None = None
    for name, order in _sources(title, artwork, width_px):
        try:
            made = await ask(name, order)
        except (MediaError, WorkerError) as error:
            problem = error
            continue
        for report in made:
            if isinstance(report, PictureMade):
                return report.body
    _LOG.info("title %s gets no poster: %s", title.id, problem)
    return b""


def _sources(title: Title, artwork: bytes, width_px: int) -> Iterator[tuple[str, ArtworkOrder | PosterOrder]]:
    if artwork:
        yield "artwork", ArtworkOrder(artwork, width_px)
    if title.facts is not None and title.facts.has_cover:
        yield "artwork", ArtworkOrder(title.path, width_px)
    if title.facts is not None and title.facts.video is not None:
        yield "stills", PosterOrder(title.path, title.facts.duration_s * _POSTER_AT_SHARE, width_px)


def _noted(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


def _note(path: Path, artwork_stamp: str) -> None:
    """Remember which picture the posters were made of. Raises: StoreError."""
    if artwork_stamp:
        write_whole(path, artwork_stamp.encode())
    else:
        path.unlink(missing_ok=True)
