"""Text as searching sees it: plain words, without case, accents and marks."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from osmose_addon.formats.names import sort_name

_MARKS_IN_WORDS = "-'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}.·*+/"
_WORD = re.compile(rf"\w+(?:[{re.escape(_MARKS_IN_WORDS)}]+\w+)*")
_PIECE = re.compile(r"[^\W_]+")
_WITHOUT_SPACES = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
"""Kana and ideographs: written without spaces, so each is a word of its own."""

_MOST_WORDS = 10
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """One word that somebody searches for: as one piece, and the pieces that marks cut it into (`spider-man`).

    `meant` holds what it may have been meant to be, where it was mistyped; then only that is looked for.
    """

    whole: str
    pieces: tuple[str, ...]
    meant: tuple[str, ...] = ()

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """The ways to find it: one after the other, all words of one way must be there."""
        if self.meant:
            return tuple((word,) for word in self.meant)
        return ((self.whole,), self.pieces) if len(self.pieces) > 1 else ((self.whole,),)

    def way_in(self, words: Collection[str]) -> tuple[str, ...]:
        """Return the first way by which it is found among words, each of which may go on; empty if it is not."""
        return next((way for way in self.ways if all(_any_begins(words, piece) for piece in way)), ())


def plain(text: str) -> str:
    """Return the words of a text in lower case without accents, with one space between them."""
    return " ".join(_PIECE.findall(_flat(text)))


def searchable(text: str) -> str:
    """Return `plain` text, followed by what compounds are as one word: `spider man spiderman`."""
    flat = _flat(text)
    wholes = ("".join(_PIECE.findall(word)) for word in _WORD.findall(flat))
    pieces = _PIECE.findall(flat)
    known = set(pieces)
    return " ".join((*pieces, *dict.fromkeys(whole for whole in wholes if whole and whole not in known)))


def key_of(name: str) -> str:
    """Return what tells whether somebody asks for exactly this name: `plain`, without an article at its start."""
    return plain(sort_name(name)) or plain(name)


def asked_of(text: str) -> tuple[Asked, ...]:
    """Return the words that somebody searches for; of a long text only the first ones."""
    found: dict[Asked, None] = {}
    for word in _WORD.findall(_flat(text)):
        pieces = tuple(piece[:_LONGEST_WORD] for piece in _PIECE.findall(word))
        if pieces:
            found[Asked("".join(pieces)[:_LONGEST_WORD], pieces)] = None
    return tuple(found)[:_MOST_WORDS]


def around(text: str, asked: tuple[Asked, ...], longest: int = 90) -> str:
    """Return a piece of a text, at most about `longest` characters, in which one of these words stands."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    starts = (match.start() for match in _PIECE.finditer(text) if _begins(match[0], asked))
    at = max(next(starts, 0) - longest // 3, 0)
    begin = text.rfind(" ", 0, at) + 1 if at else 0
    end = text.find(" ", begin + longest - 1)
    piece = text[begin:] if end < 0 else text[begin:end]
    return f"{'… ' if begin else ''}{piece[: longest + 20]}{'' if end < 0 else ' …'}"


def _begins(word: str, asked: tuple[Asked, ...]) -> bool:
    pieces = plain(word).split()
    return any(_any_begins(pieces, piece) for one in asked for way in one.ways for piece in way)


def _any_begins(words: Collection[str], begin: str) -> bool:
    return any(word.startswith(begin) for word in words)


def _flat(text: str) -> str:
    """Return a text in lower case and without accents; its marks stay."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    spread = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return _WITHOUT_SPACES.sub(r" \1 ", spread)
