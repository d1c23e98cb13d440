"""The one error that configuration raises, and how foreign text may be shown in it."""

import re

from osmose_addon.config.nodes import Place
from osmose_addon.model.config import Finding
from osmose_addon.model.errors import ConfigError

KeyPath = tuple[str | int, ...]

_SAFE_NAME = re.compile(r"[\w .<>/-]{1,40}")
_LONGEST_SHOWN = 40


class ConfigFindingsError(ConfigError):
    """The YAML cannot be used; `findings` holds every mistake in it, in the order of the file, and never a secret."""

    key = "config_findings"

    def __init__(self, *findings: Finding) -> None:
        """Keep the findings; the text of the error only counts them."""
        super().__init__(count=len(findings))
        self.findings: tuple[Finding, ...] = findings


def finding_at(place: Place, path: KeyPath, problem: str, hint: str = "") -> Finding:
    """Return the finding for a place and a key path."""
    return Finding(place.file, place.line, place.column, dotted(path), problem, hint)


def dotted(path: KeyPath) -> str:
    """Return `cameras[0].source` for `("cameras", 0, "source")`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step if _SAFE_NAME.fullmatch(step) else '…'}"
    return text.removeprefix(".")


def shown(text: str, otherwise: str = "this text") -> str:
    """Return the text in quotes, or other words where showing it could give away a URL with a password."""
    is_plain = len(text) <= _LONGEST_SHOWN and text.isprintable() and "@" not in text and "://" not in text
    return f"'{text}'" if is_plain and text else otherwise


def shown_name(text: str) -> str:
    """Return a key or the name of a secret in quotes, or `this name` where it looks like anything but a name."""
    return f"'{text}'" if _SAFE_NAME.fullmatch(text) else "this name"
