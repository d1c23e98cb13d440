"""Folders that lie in one another: every film belongs to one library, and what Osmose makes belongs to none."""

from collections.abc import Iterator
from pathlib import Path

from osmose_addon.config.agreement import Disagreement
from osmose_addon.config.values import Words
from osmose_addon.model.config import Config
from osmose_addon.runtime.paths import paths_of

_BESIDE = "choose folders that lie beside one another"


def overlaps(config: Config, data_dir: Path) -> tuple[Disagreement, ...]:
    """Return which folders lie in one another as they are written; no disk is looked at, for one may hang."""
    return (*_libraries(config), *_cache(config, paths_of(data_dir, config.storage.cache).cache))


def _libraries(config: Config) -> Iterator[Disagreement]:
    for index, library in enumerate(config.libraries):
        for first, other in enumerate(config.libraries[:index]):
            if library.path == other.path:
                problem = f"this is the folder of libraries[{first}] too"
            elif library.path.is_relative_to(other.path):
                problem = f"this folder lies in that of libraries[{first}]"
            elif other.path.is_relative_to(library.path):
                problem = f"the folder of libraries[{first}] lies in this one"
            else:
                continue
            yield ("libraries", index, "path"), Words(problem, f"a film belongs to one library: {_BESIDE}")
            break


def _cache(config: Config, cache: Path) -> Iterator[Disagreement]:
    for index, library in enumerate(config.libraries):
        if library.path.is_relative_to(cache):
            problem = "this folder lies in Osmose's cache, which may be emptied at any time"
            yield ("libraries", index, "path"), Words(problem, _BESIDE)
        elif cache.is_relative_to(library.path) and config.storage.cache is not None:
            problem = f"the cache lies in the folder of libraries[{index}]"
            yield ("storage", "cache"), Words(problem, _BESIDE)
        elif cache.is_relative_to(library.path):
            yield ("libraries", index, "path"), Words("Osmose's own data lies in this folder", _BESIDE)
