"""The scripts, styles, fonts and icons of the panel: a fixed table, so that no path from outside is ever opened."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent / "static"
_STAMP_LETTERS = 12


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files by their name below `static/`. `stamp` changes with any of them, so they may be cached for good."""

    stamp: str
    files: MappingProxyType[str, Path]


def read_static_files() -> StaticFiles:
    """Return what there is. Reads all files once."""
    digest = hashlib.sha256()
    files = {}
    for path in sorted(_FOLDER.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            digest.update(path.read_bytes())
            files[path.relative_to(_FOLDER).as_posix()] = path
    return StaticFiles(digest.hexdigest()[:_STAMP_LETTERS], MappingProxyType(files))
