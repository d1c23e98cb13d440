"""Logging, with every known secret taken out in one place."""

import logging
import sys
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_SHORTEST_SECRET = 3
_FORM = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class Redaction:
    """Knows the secrets of this run and blots them out of text, plain and percent-encoded alike."""

    def __init__(self) -> None:
        """Begin without any secret."""
        self._forms: tuple[str, ...] = ()

    def learn(self, secrets: Iterable[str]) -> None:
        """Add secrets; texts under three characters are passed over, they would blot out everything."""
        forms = set(self._forms)
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                forms |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """Return the text with `***` in place of every known secret."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text


class _Formatter(logging.Formatter):
    def __init__(self, redaction: Redaction) -> None:
        super().__init__(_FORM, "%Y-%m-%d %H:%M:%S")
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.clean(super().format(record))


def set_up(level: str, redaction: Redaction) -> None:
    """Log to standard error at `level`, redacted; libraries only from warning on."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(_Formatter(redaction))
    logging.basicConfig(level=logging.WARNING, handlers=[out], force=True)
    logging.getLogger("osmose_addon").setLevel(level.upper())
