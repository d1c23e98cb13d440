"""Whole sentences by key, with blanks and plural forms, from `translations/`."""

from collections.abc import Mapping

Blank = str | int | float


class Texts:
    """The words of one language. A key that is missing shows itself, so that nobody sees an empty page."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Take flat words: `error.source_lost.text` -> sentence with `{blanks}`."""
        self._words = words

    def has(self, key: str) -> bool:
        """Whether there is a sentence for this key."""
        return key in self._words or f"{key}.other" in self._words

    def say(self, key: str, **blanks: Blank) -> str:
        """Return the sentence with its blanks filled; `n` chooses between `<key>.one` and `<key>.other`."""
        sentence = self._words.get(key)
        if sentence is None:
            form = "one" if blanks.get("n") == 1 else "other"
            sentence = self._words.get(f"{key}.{form}", key)
        try:
            return sentence.format_map(blanks)
        except (KeyError, ValueError, IndexError):
            return sentence
