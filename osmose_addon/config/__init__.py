"""The public door of configuration: one YAML file in, frozen values or findings out. Nothing else loads YAML.

loaded = load_config(path, data_dir)     # raises ConfigFindingsError with every mistake at once
async for _ in watch_config(path): ...   # once after each change of the file, its secrets and its includes
texts = load_texts(path)                 # a translations file as dotted keys
"""

from dataclasses import dataclass
from pathlib import Path

from osmose_addon.config.agreement import disagreements
from osmose_addon.config.build import built
from osmose_addon.config.explain import explained
from osmose_addon.config.findings import ConfigFindingsError
from osmose_addon.config.load import load_texts
from osmose_addon.config.overlaps import overlaps
from osmose_addon.config.schema import Mistake, validated
from osmose_addon.config.source import passwords_in
from osmose_addon.config.tree import read_tree
from osmose_addon.config.watch import watch_config
from osmose_addon.model.config import Config

__all__ = ["ConfigFindingsError", "Loaded", "load_config", "load_texts", "watch_config"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration, and the plain texts that a log must not show: used secrets, source URLs, passwords in them."""

    config: Config
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        """Show the configuration only."""
        return f"Loaded({self.config!r})"


def load_config(path: Path, data_dir: Path) -> Loaded:
    """Return what the file says, with defaults; `!data films` means the folder `films` in `data_dir`.

    Reads the file, its includes and `secrets.yaml` at once (milliseconds; it blocks). Raises: ConfigFindingsError.
    """
    tree = read_tree(path)
    sections = tree.value
    if isinstance(sections, dict):  # a section whose entries are all commented out is an absent one
        sections = {key: value for key, value in sections.items() if value is not None}
    checked, mistakes = validated(sections)
    together = tuple(Mistake(path, words) for path, words in disagreements(sections))
    findings = explained(tree, (*mistakes, *together))
    if findings:
        raise ConfigFindingsError(*findings)
    config = built(checked, path.parent, data_dir)
    apart = explained(tree, tuple(Mistake(path, words) for path, words in overlaps(config, data_dir.absolute())))
    if apart:
        raise ConfigFindingsError(*apart)
    return Loaded(config, _secrets(config, tree.secrets))


def _secrets(config: Config, used: list[str]) -> tuple[str, ...]:
    inline = [text for camera in config.cameras for text in passwords_in(camera.source.reveal())]
    if config.mqtt.password:
        inline.append(config.mqtt.password.reveal())
    return tuple(sorted({*used, *inline} - {"test"}))
