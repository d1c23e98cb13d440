"""Names of files that lie beside a film and belong to it: which film, and what the name tells of subtitles.

`Film.de.srt`, `Film.eng.forced.srt`, `Film.pt-BR.sdh.vtt` belong to `Film.mkv`; so does any subtitle file of a folder
with no other film in it.
"""

import re
from collections.abc import Container, Iterator

from osmose_addon.formats.names_read import text_of
from osmose_addon.model.media import FIRST_SIDECAR, TextTrack

SUBTITLES = {b".srt": "subrip", b".ass": "ass", b".ssa": "ssa", b".vtt": "webvtt"}
"""Endings of subtitle files, and the codec each stands for."""

_LANGUAGES = """
ar ara arabic
bg bul bulgarian
bs bos bosnian
ca cat catalan
cs ces cze czech
da dan danish dansk
de deu ger german deutsch
el ell gre greek
en eng english
es spa spanish espanol español castellano
et est estonian
fa fas per farsi persian
fi fin finnish suomi
fr fra fre french francais français
he heb hebrew
hi hin hindi
hr hrv croatian hrvatski
hu hun hungarian magyar
id ind indonesian
is isl ice icelandic
it ita italian italiano
ja jpn japanese
ko kor korean
lt lit lithuanian
lv lav latvian
ms msa may malay
nb nob
nl nld dut dutch nederlands
no nor norwegian norsk
pl pol polish polski
pt por portuguese portugues português
ro ron rum romanian
ru rus russian
sk slk slo slovak
sl slv slovenian
sr srp serbian
sv swe swedish svenska
th tha thai
tr tur turkish
uk ukr ukrainian
vi vie vietnamese
zh zho chi chinese chs cht
"""
_CODES = {word: words[0] for words in map(str.split, _LANGUAGES.strip().splitlines()) for word in words}
_REGION = re.compile(r"(?i)^([a-z]{2})[-_]([a-z]{2}|hans|hant|419)$")
_IMPAIRED = frozenset(("sdh", "cc", "hi"))
_FORCED = frozenset(("forced", "foreign"))
_SILENT = frozenset(("default", "sub", "subs", "subtitle", "subtitles", "utf8", "utf-8"))
_WORD = re.compile(r"[^ ._()\[\],+]+")
_COUNT = re.compile(r"^\d{1,3}$")
_SEPARATORS = re.compile(rb"[ ._\-(\[]")


def owner(stem: bytes, films: Container[bytes]) -> tuple[bytes, str] | None:
    """Return the film a file beside it belongs to, both without their endings, and what its name adds.

    Names of `films` are in lower case. The longest wins: `Alien 3.en` belongs to `alien 3`, not to `alien`.
    """
    lower = stem.lower()
    if lower in films:
        return lower, ""
    for cut in reversed([found.start() for found in _SEPARATORS.finditer(stem)]):
        if lower[:cut] in films:
            added = text_of(stem[cut + 1 :])
            is_told = stem[cut : cut + 1] == b"." or any(_is_known(word) for word in _words(added))
            return (lower[:cut], added) if is_told else None
    return None


def text_track(number: int, path: bytes, ending: bytes, added: str) -> TextTrack:
    """Return subtitle file `number` (from 0) of a film. `added` is what its name tells of it."""
    language, is_forced, names = "", False, list[str]()
    for word in _words(added):
        folded = word.casefold()
        code = _code(folded)
        if folded in _FORCED:
            is_forced = True
        elif code and not language:
            language = code
        elif folded in _IMPAIRED:
            names.append("SDH")
        elif folded not in _SILENT and not _COUNT.match(word):
            names.append(word)
    name = " ".join(dict.fromkeys(names))[:80]
    return TextTrack(FIRST_SIDECAR + number, SUBTITLES[ending], language, name, is_forced=is_forced, file=path)


def _words(added: str) -> Iterator[str]:
    """Yield the words of a name; `pt-BR` is one, `en-forced` is two."""
    for found in _WORD.finditer(added):
        word = found[0].strip("-")
        if not word:
            continue
        yield from (word,) if _code(word.casefold()) else (part for part in word.split("-") if part)


def _is_known(word: str) -> bool:
    folded = word.casefold()
    return bool(_code(folded)) or folded in _FORCED or folded in _IMPAIRED or folded in _SILENT


def _code(word: str) -> str:
    """Return the language tag (RFC 5646) a word stands for, or nothing."""
    region = _REGION.match(word)
    if region and region[1] in _CODES:
        part = region[2].title() if len(region[2]) == len("hans") else region[2].upper()
        return f"{_CODES[region[1]]}-{part}"
    return _CODES.get(word, "")
