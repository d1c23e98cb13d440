"""Which film a file beside it belongs to, and what the names of subtitle files tell."""

import pytest

from osmose_addon.formats.sidecars import owner, text_track
from osmose_addon.model.media import FIRST_SIDECAR


@pytest.mark.parametrize(
    ("stem", "films", "found"),
    [
        (b"FILM.De", {b"film"}, (b"film", "De")),
        (b"Film", {b"film"}, (b"film", "")),
        (b"Film.de", {b"film"}, (b"film", "de")),
        (b"Film.eng.forced", {b"film"}, (b"film", "eng.forced")),
        (b"Alien 3.en", {b"alien", b"alien 3"}, (b"alien 3", "en")),
        (b"Alien 3", {b"alien"}, None),
        (b"Film-de", {b"film"}, (b"film", "de")),
        (b"Film-something", {b"film"}, None),
        (b"Film.Director comments", {b"film"}, (b"film", "Director comments")),
        (b"Film (1999).en", {b"film (1999)"}, (b"film (1999)", "en")),
        (b"Filmen", {b"film"}, None),
        (b"caf\xe9.de", {b"caf\xe9"}, (b"caf\xe9", "de")),
    ],
)
def test_a_file_belongs_to_the_film_its_name_begins_with(
    stem: bytes, films: set[bytes], found: tuple[bytes, str] | None
) -> None:
    assert owner(stem, films) == found


@pytest.mark.parametrize(
    ("added", "language", "name", "is_forced"),
    [
        ("", "", "", False),
        ("de", "de", "", False),
        ("ger", "de", "", False),
        ("deu", "de", "", False),
        ("German", "de", "", False),
        ("eng.forced", "en", "", True),
        ("pt-BR.sdh", "pt-BR", "SDH", False),
        ("zh-hans", "zh-Hans", "", False),
        ("es-419", "es-419", "", False),
        ("en-forced", "en", "", True),
        ("en.hi", "en", "SDH", False),
        ("hi", "hi", "", False),
        ("2_English", "en", "", False),
        ("en.Commentary", "en", "Commentary", False),
        ("default.fr", "fr", "", False),
        ("klingon", "", "klingon", False),
        ("en.cc", "en", "SDH", False),
        ("Director's cut.en", "en", "Director's cut", False),
    ],
)
def test_the_name_of_a_subtitle_file_tells_language_and_flags(
    added: str, language: str, name: str, *, is_forced: bool
) -> None:
    track = text_track(2, b"/x.srt", b".srt", added)
    assert (track.language, track.name, track.is_forced) == (language, name, is_forced)
    assert (track.index, track.codec, track.file) == (FIRST_SIDECAR + 2, "subrip", b"/x.srt")
