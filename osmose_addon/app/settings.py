"""What a start is given from outside: the command line, and the files that come with Osmose."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import osmose_addon

_PACKAGE = Path(osmose_addon.__file__).parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says."""

    config_file: Path
    data: Path
    host: str
    port: int


def shipped(name: str) -> Path:
    """Return a file that comes with Osmose: within the package when installed, beside it in the source tree."""
    inside = _PACKAGE / name
    return inside if inside.exists() else _PACKAGE.parent / name


def ensure_config(file: Path) -> bool:
    """Put the sample where the household's file is missing, so that a first start shows something.

    Returns whether it was put there; raises OSError when it cannot be written.
    """
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped("config/osmose.yaml"), file)
    return True
