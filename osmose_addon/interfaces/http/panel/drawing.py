"""Where pages are drawn: jinja2, with everything escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from osmose_addon.interfaces.http.panel.phrases import Phrases
from osmose_addon.interfaces.http.panel.shell import Shell

_TEMPLATES = Path(__file__).parent / "templates"


class Drawing:
    """Draws pages in one language."""

    def __init__(self, phrases: Phrases) -> None:
        """Speak with these phrases."""
        self.phrases = phrases
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(say=phrases.say, phrases=phrases)

    def draw(self, name: str, shell: Shell, **views: object) -> str:
        """Return a page as HTML; `name` is its template without `.html`."""
        return self._environment.get_template(f"{name}.html").render(shell=shell, **views)
