"""What a start is given from outside: the command line, and the files that come with Osmose."""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import osmose_addon
from osmose_addon.model.errors import OsmoseError

_LOG = logging.getLogger(__name__)

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


class DataInUseError(OsmoseError):
    """Another Osmose works in the same data folder; two would undo one another's work."""

    key = "data_in_use"


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Have the data folder for ourselves while the block lasts; the lock goes with the process, however it ends.

    A folder that cannot be written holds no lock: nothing in it can be spoilt. Raises: DataInUseError.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = os.open(data / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        _LOG.warning("%s cannot be locked: %s", data, error.strerror)
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        is_ours = False
    else:
        is_ours = True
    if not is_ours:
        raise DataInUseError(data=str(data))
    try:
        yield
    finally:
        os.close(lock)


def ensure_config(file: Path) -> bool:
    """Put the sample where the household's file is missing, so that a first start shows something.

    Returns whether it was put there; raises OSError when it cannot be written.
    """
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped("config/osmose.yaml"), file)
    return True
