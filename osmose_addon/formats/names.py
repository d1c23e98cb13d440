"""What a file's name says of the film in it: quick rules, no look-ups."""

import os
import re
import unicodedata

_YEAR = re.compile(r"[\[(](18[89]\d|19\d\d|20\d\d)[\])]")
_BARE_YEAR = re.compile(r"(?<=[ ._-])(19\d\d|20\d\d)(?=[ ._-]|$)")
_BRACKETS = re.compile(r"[\[{(][^\])}]*[\])}]")
_MARKS = re.compile(
    r"(?i)(?<=[ ._-])(?:2160p|1080[pi]|720p|576p|480p|4k|uhd|blu-?ray|b[dr]rip|dvd(?:rip)?|web(?:-?dl|rip)?|hdtv|remux|"
    r"x26[45]|h\.?26[45]|hevc|xvid|divx|aac|ac3|dts|10bit|hdr10?|multi|german|english|extended|remastered|unrated)"
    r"(?=[ ._-]|$).*"
)
_ARTICLES = ("the ", "a ", "an ", "der ", "die ", "das ", "ein ", "eine ", "le ", "la ", "les ", "l'", "el ", "los ")
_LETTERS = 200


def name_and_year(path: bytes) -> tuple[str, int]:
    """Return the name and year (0: unknown) that a file's name tells, or its folder's where the file's says less.

    `Heat (1995)/movie.mkv` and `Heat.1995.1080p.BluRay.mkv` both give `("Heat", 1995)`.
    """
    folder, file = os.path.split(os.fsdecode(path))
    own, above = _read(os.path.splitext(file)[0]), _read(os.path.basename(folder))  # noqa: PTH119, PTH122 - bytes
    if above[1] and not own[1]:
        return above
    return own if own[0] else (above if above[0] else ("?", 0))


def sort_name(name: str) -> str:
    """Return what a name is sorted by: lower case, without accents and without an article at its start."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()
    article = next((article for article in _ARTICLES if plain.startswith(article)), "")
    return plain[len(article) :].strip() or plain


def _read(stem: str) -> tuple[str, int]:
    """Return the name and year of one part of a path, without its ending."""
    stem = stem.encode("utf-8", "replace").decode()
    if match := _YEAR.search(stem):
        name, year = stem[: match.start()], int(match[1])
    elif matches := list(_BARE_YEAR.finditer(stem)):
        name, year = stem[: matches[-1].start()], int(matches[-1][1])
    else:
        name, year = stem, 0
    name = _MARKS.sub("", _BRACKETS.sub(" ", name))
    if " " not in name.strip():
        name = name.replace(".", " ").replace("_", " ")
    name = "".join(letter if letter.isprintable() else " " for letter in name.replace("_", " "))
    return " ".join(name.split()).strip(" -._")[:_LETTERS], year
