"""The small files beside a title's cells: posters, subtitles and the storyboard."""

import os
from pathlib import Path

from osmose_addon.model.errors import StoreError
from osmose_addon.runtime.paths import Paths

STORYBOARD = "storyboard"
"""The name by which a title's storyboard is wanted from those who make extras."""

_TEXT = "text-"


def poster_path(paths: Paths, title_id: str) -> Path:
    """Return where the poster of a title lies, or would."""
    return paths.pictures(title_id) / "poster.jpg"


def small_poster_path(paths: Paths, title_id: str) -> Path:
    """Return where the poster for walls of many lies, or would."""
    return paths.pictures(title_id) / "poster-small.jpg"


def artwork_path(paths: Paths, title_id: str) -> Path:
    """Return where it is noted which picture beside the film the posters were made of; missing if of the film."""
    return paths.pictures(title_id) / "artwork"


def text_path(paths: Paths, title_id: str, track: int) -> Path:
    """Return where a text track lies as WebVTT, or would."""
    return paths.pictures(title_id) / "texts" / f"{track}.vtt"


def text_extra(track: int) -> str:
    """Return the name by which a text track is wanted from those who make extras."""
    return f"{_TEXT}{track}"


def text_of(extra: str) -> int | None:
    """Return the text track an extra is, or nothing when it is something else."""
    return int(extra.removeprefix(_TEXT)) if extra.startswith(_TEXT) else None


def storyboard_path(paths: Paths, title_id: str) -> Path:
    """Return where the list of a storyboard lies, or would. It is written last: with it, all sheets are there."""
    return paths.pictures(title_id) / "storyboard.vtt"


def sheet_path(paths: Paths, title_id: str, number: int) -> Path:
    """Return where a sheet of a title's storyboard lies, or would."""
    return paths.pictures(title_id) / f"storyboard-{number}.jpg"


def forget_texts(paths: Paths, title_id: str, first_track: int) -> None:
    """Remove text tracks from `first_track` on that were made, because their files changed. Call it in a thread."""
    folder = text_path(paths, title_id, 0).parent
    for path in folder.glob("*.vtt"):
        if path.stem.isdecimal() and int(path.stem) >= first_track:
            path.unlink(missing_ok=True)


def write_whole(path: Path, body: bytes) -> None:
    """Replace a file so that a power cut leaves the old or the new one, never a mixture. Call it in a thread.

    Raises: StoreError.
    """
    try:
        _write_whole(path, body)
    except OSError as error:
        cause = error.strerror or "?"
    else:
        return
    raise StoreError(cause=cause)


def _write_whole(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(fd, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
