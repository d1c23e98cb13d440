"""Where things lie in the data folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The data folder: user data beside work data, and the cache that backups leave out."""

    data: Path
    cache: Path

    @property
    def user_db(self) -> Path:
        """Durable user data."""
        return self.data / "osmose.db"

    @property
    def work_db(self) -> Path:
        """Jobs: may be lost."""
        return self.data / "work.db"

    def title(self, title_id: str, revision: str) -> Path:
        """Return the folder of a title's cells of one grid revision."""
        return self.cache / "titles" / title_id / revision

    def pictures(self, title_id: str) -> Path:
        """Return the folder of a title's pictures."""
        return self.cache / "titles" / title_id


def paths_of(data: Path, cache: Path | None) -> Paths:
    """Return the paths below `data`, with the cache where the household wants it."""
    return Paths(data, cache or data / "osmose-cache")
