"""Paths as people and programs write them, and what they tell of the title in them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osmose_addon.formats.names import sort_name, tell
from osmose_addon.formats.names_read import Told
from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import TitleKind

_ROOT = b"/media/lib"


def _told(path: "str | bytes", kind: LibraryKind) -> Told:
    raw = path if isinstance(path, bytes) else path.encode()
    return tell(_ROOT + b"/" + raw, _ROOT, kind)


@pytest.mark.parametrize(
    ("path", "name", "year"),
    [
        ("Heat (1995).mkv", "Heat", 1995),
        ("Heat (1995)/movie.mkv", "Heat", 1995),
        ("Heat (1995)/Heat.mkv", "Heat", 1995),
        ("Heat (1995)/Heat (1995) - 1080p.mkv", "Heat", 1995),
        ("Heat (1995)/Heat (1995) [imdbid-tt0113277].mkv", "Heat", 1995),
        ("Heat (1995) {tmdb-949}/Heat (1995) {tmdb-949}.mkv", "Heat", 1995),
        ("Heat.1995.1080p.BluRay.x264-GRP.mkv", "Heat", 1995),
        ("Heat.1995.1080p.BluRay.x264-GRP/grp-heat-1080p.mkv", "Heat", 1995),
        ("Heat 1995.mkv", "Heat", 1995),
        ("Heat [1995].avi", "Heat", 1995),
        ("heat_1995_dvdrip.avi", "heat", 1995),
        ("Action/Heat (1995)/Heat.mkv", "Heat", 1995),
        ("1995 - Heat.mkv", "Heat", 1995),
        ("(1995) Heat.mkv", "Heat", 1995),
        ("[1995] Heat 1080p.mkv", "Heat", 1995),
        ("Over the Hills (2026).mkv", "Over the Hills", 2026),
        ("2001 - A Space Odyssey (1968).mp4", "2001 - A Space Odyssey", 1968),
        ("2001.A.Space.Odyssey.1968.REMASTERED.2160p.mkv", "2001 A Space Odyssey · Remastered", 1968),
        ("Blade.Runner.2049.2017.2160p.mkv", "Blade Runner 2049", 2017),
        ("Blade Runner 2049.mkv", "Blade Runner 2049", 0),
        ("1917.2019.1080p.WEB-DL.mkv", "1917", 2019),
        ("1917.mkv", "1917", 0),
        ("2012 (2009).mkv", "2012", 2009),
        ("Wonder.Woman.1984.2020.HDR.2160p.WEB.h265-X.mkv", "Wonder Woman 1984", 2020),
        ("300 (2006).mkv", "300", 2006),
        ("Die fabelhafte Welt der Amélie [2001].mkv", "Die fabelhafte Welt der Amélie", 2001),
        ("holiday_video.mp4", "holiday video", 0),
        ("WALL-E.mkv", "WALL-E", 0),
        ("WALL·E (2008).mkv", "WALL·E", 2008),
        ("[REC] (2007).mkv", "REC", 2007),
        ("[REC] 2 (2009).mkv", "REC 2", 2009),
        ("E.T. the Extra-Terrestrial (1982).mkv", "E.T. the Extra-Terrestrial", 1982),
        ("A.I.Artificial.Intelligence.2001.720p.mkv", "A.I. Artificial Intelligence", 2001),
        ("Mr. & Mrs. Smith (2005).mkv", "Mr. & Mrs. Smith", 2005),
        ("Dr. No (1962).mkv", "Dr. No", 1962),
        ("The English Patient (1996).mkv", "The English Patient", 1996),
        ("The.English.Patient.1996.German.DL.1080p.BluRay.mkv", "The English Patient", 1996),
        ("Charlotte's Web (2006).mkv", "Charlotte's Web", 2006),
        ("Matrix, The (1999).mkv", "The Matrix", 1999),
        ("Birdman or (The Unexpected Virtue of Ignorance) (2014).mkv",
         "Birdman or (The Unexpected Virtue of Ignorance)", 2014),
        ("Some Film 1080p.mkv", "Some Film", 0),
        ("Some Film (1080p).mkv", "Some Film", 0),
        ("Some.Film.German.DL.1080p.mkv", "Some Film", 0),
        ("Alien (1979)/Alien (1979) {edition-Director's Cut}.mkv", "Alien · Director's Cut", 1979),
        ("Alien (1979)/Alien (1979) - Theatrical Cut.mkv", "Alien · Theatrical Cut", 1979),
        ("Alien (1979) [Directors Cut].mkv", "Alien · Directors Cut", 1979),
        ("Movie.2010.Extended.1080p.BluRay.mkv", "Movie · Extended", 2010),
        ("Redux (2010).mkv", "Redux", 2010),
        ("Heat (1995)/Heat (1995) cd1.avi", "Heat · Part 1", 1995),
        ("Heat (1995)/Heat (1995) - part2.avi", "Heat · Part 2", 1995),
        ("Heat (1995)/Heat CD2.avi", "Heat · Part 2", 1995),
        ("Heat (1995)/CD2/heat.avi", "Heat · Part 2", 1995),
        ("Dune Part Two (2024).mkv", "Dune Part Two", 2024),
        ("Kill Bill Part 1 (2003).mkv", "Kill Bill Part 1", 2003),
        ("Heat (1995)/Heat (1995)-trailer.mkv", "Heat · Trailer", 1995),
        ("Heat (1995)/trailer.mp4", "Heat · Trailer", 1995),
        ("Heat (1995)/Extras/Making of.mkv", "Heat · Making of", 1995),
        ("Heat (1995)/VIDEO_TS/VTS_01_1.VOB", "Heat · VTS 01 1", 1995),
        ("Heat (1995)/BDMV/STREAM/00800.m2ts", "Heat · 00800", 1995),
        ("Filme 2019/Anderer Titel.mkv", "Anderer Titel", 0),
        ("Heat 1995/heat.mkv", "Heat", 1995),
        ("Wanda, mein su\u0308\u00dfer Schatz (1985).mkv", "Wanda, mein sü\u00dfer Schatz", 1985),
        ("千と千尋の神隠し (2001).mkv", "千と千尋の神隠し", 2001),
        ("שם\u200f הסרט (2010).mkv", "שם הסרט", 2010),
        ("a\nb\t%s \"quoted\" 'x' (1999).mkv", "a b %s \"quoted\" 'x'", 1999),
        ("100% Wolf (2020).mkv", "100% Wolf", 2020),
        (b"bad\xff name (1999).avi", "bad\xff name", 1999),
        (b"caf\xe9.mp4", "caf\xe9", 0),
        (b"\x81\x8d.mp4", "\ufffd\ufffd", 0),
        (b"x" * 251 + b".mkv", "x" * 200, 0),
        (" .mkv", "?", 0),
        ("(2001).mkv", "?", 2001),
        ("\u202egnp.exe (2001).mkv", "gnp.exe", 2001),
    ],
)  # fmt: skip
def test_a_film_is_named_by_file_and_folder(path: "str | bytes", name: str, year: int) -> None:
    told = _told(path, LibraryKind.FILMS)
    assert (told.name, told.year) == (name, year)
    assert told.description.kind is TitleKind.FILM


_SHOW = "Some Show (2005)/Season 01/"


@pytest.mark.parametrize(
    ("path", "show", "year", "numbers", "name"),
    [
        (_SHOW + "Some Show - S01E02 - The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "Some.Show.S01E02.The.Name.1080p.WEB-DL.x264-GRP.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "S01E02.mkv", "Some Show", 2005, (1, 2, -1), "Episode 2"),
        (_SHOW + "s01e02e03 Two.mkv", "Some Show", 2005, (1, 2, 3), "Two"),
        (_SHOW + "S01E02-E03 - Two.mkv", "Some Show", 2005, (1, 2, 3), "Two"),
        (_SHOW + "S01E02-03.mkv", "Some Show", 2005, (1, 2, 3), "Episode 2\u20133"),
        (_SHOW + "S01E02 E03 E04.mkv", "Some Show", 2005, (1, 2, 4), "Episode 2\u20134"),
        (_SHOW + "S01E02 - 1080p.mkv", "Some Show", 2005, (1, 2, -1), "Episode 2"),
        (_SHOW + "S01E02-720p.mkv", "Some Show", 2005, (1, 2, -1), "Episode 2"),
        (_SHOW + "S01.E02.The.Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "S1 Ep2 The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "1x02 - The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "Some Show 1x02x03.mkv", "Some Show", 2005, (1, 2, 3), "Episode 2\u20133"),
        (_SHOW + "1x02-1x03 Two.mkv", "Some Show", 2005, (1, 2, 3), "Two"),
        (_SHOW + "02 - The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "02. The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "02 The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "02.mkv", "Some Show", 2005, (1, 2, -1), "Episode 2"),
        (_SHOW + "102 - The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "Episode 2.mkv", "Some Show", 2005, (1, 2, -1), "Episode 2"),
        (_SHOW + "Episode 2 - The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "E02 The Name.mkv", "Some Show", 2005, (1, 2, -1), "The Name"),
        (_SHOW + "some.show.s01e02-grp.mkv", "Some Show", 2005, (1, 2, -1), "Episode 2"),
        ("Some Show (2005)/Staffel 2/Folge 3 - Der Name.mkv", "Some Show", 2005, (2, 3, -1), "Der Name"),
        ("Some Show (2005)/2. Staffel/03 Der Name.mkv", "Some Show", 2005, (2, 3, -1), "Der Name"),
        ("Some Show/Saison 2/03 - Le nom.mkv", "Some Show", 0, (2, 3, -1), "Le nom"),
        ("Some Show/S02/03 - Name.mkv", "Some Show", 0, (2, 3, -1), "Name"),
        ("Some Show/2/03 - Name.mkv", "Some Show", 0, (2, 3, -1), "Name"),
        ("Some Show/Series 2/03 - Name.mkv", "Some Show", 0, (2, 3, -1), "Name"),
        ("Some Show/Some Show Season 2/03 - Name.mkv", "Some Show", 0, (2, 3, -1), "Name"),
        ("Some Show/Specials/01 - Name.mkv", "Some Show", 0, (0, 1, -1), "Name"),
        ("Some Show/Season 00/Some Show S00E04 Name.mkv", "Some Show", 0, (0, 4, -1), "Name"),
        ("Some Show/Season 2/S00E04 Name.mkv", "Some Show", 0, (0, 4, -1), "Name"),
        ("Some Show/Some Show - 1x02 - Name.mkv", "Some Show", 0, (1, 2, -1), "Name"),
        ("Some Show/12 - Name.mkv", "Some Show", 0, (-1, 12, -1), "Name"),
        ("Some Show/Some Show - 012.mkv", "Some Show", 0, (-1, 12, -1), "Episode 12"),
        ("Some Show/Some Show 112.mkv", "Some Show", 0, (-1, 112, -1), "Episode 112"),
        ("Some Show/[Group] Some Show - 12v2 (1080p) [ABCD1234].mkv", "Some Show", 0, (-1, 12, -1), "Episode 12"),
        ("[Group] Some Show - 1012 [1080p].mkv", "Some Show", 0, (-1, 1012, -1), "Episode 1012"),
        ("Some Show/Some Show - Folge 12 - Name.mkv", "Some Show", 0, (-1, 12, -1), "Name"),
        ("Some Show/Part 2.mkv", "Some Show", 0, (-1, 2, -1), "Episode 2"),
        ("Some Show/Some Show 2of6 Name.mkv", "Some Show", 0, (-1, 2, -1), "Name"),
        ("Some.Show.S01E02.720p.HDTV.x264-GRP.mkv", "Some Show", 0, (1, 2, -1), "Episode 2"),
        ("Some.Show.2005.S01E02.720p.mkv", "Some Show", 2005, (1, 2, -1), "Episode 2"),
        ("Some Show (2005) - S01E02 - Name.mkv", "Some Show", 2005, (1, 2, -1), "Name"),
        ("Some.Show.S01.1080p.WEB-GRP/Some.Show.S01E02.1080p.WEB-GRP.mkv", "Some Show", 0, (1, 2, -1), "Episode 2"),
        ("Some.Show.S01E02.1080p.WEB-GRP/grp.somes.mkv", "Some Show", 0, (1, 2, -1), "Episode 2"),
        ("Drama/Some Show/Season 1/S01E02 Name.mkv", "Some Show", 0, (1, 2, -1), "Name"),
        ("Some Show/Season 1/Disc 1/S01E02 Name.mkv", "Some Show", 0, (1, 2, -1), "Name"),
        ("Some Show/Season 1 (2005)/02 - Name.mkv", "Some Show", 0, (1, 2, -1), "Name"),
        ("24/Season 1/24 - 1x02 - 1.00 A.M.mkv", "24", 0, (1, 2, -1), "1.00 A.M"),
        ("1923/Season 1/1923.S01E02.mkv", "1923", 0, (1, 2, -1), "Episode 2"),
        ("The 100/S01E02.mkv", "The 100", 0, (1, 2, -1), "Episode 2"),
        ("S.W.A.T.S01E02.Name.mkv", "S.W.A.T", 0, (1, 2, -1), "Name"),
        ("9-1-1/Season 1/9-1-1 - S01E02 - Let Go.mkv", "9-1-1", 0, (1, 2, -1), "Let Go"),
        ("Some Show/Some.Show.DD5.1.x264.S01E02.mkv", "Some Show", 0, (1, 2, -1), "Episode 2"),
        ("Some Show/Some Show 2024-05-01 A Guest.mkv", "Some Show", 0, (2024, -1, -1), "2024-05-01 · A Guest"),
        ("Some.Show.2024.05.01.A.Guest.720p.WEB.mkv", "Some Show", 0, (2024, -1, -1), "2024-05-01 · A Guest"),
        ("Some Show/Season 2024/S2024E05 Name.mkv", "Some Show", 0, (2024, 5, -1), "Name"),
        ('Some Show/Season 1/S01E02 - 50% "off"\nnow.mkv', "Some Show", 0, (1, 2, -1), '50% "off" now'),
        ("سرور/Season 1/S01E02 - می\u200cبرم.mkv", "سرور", 0, (1, 2, -1), "می\u200cبرم"),
        (b"Caf\xe9/Season 1/S01E02 - \xe9t\xe9.mkv", "Caf\xe9", 0, (1, 2, -1), "\xe9t\xe9"),
    ],
)  # fmt: skip
def test_an_episode_is_named_by_its_numbers_and_its_show(
    path: "str | bytes", show: str, year: int, numbers: tuple[int, int, int], name: str
) -> None:
    told = _told(path, LibraryKind.SERIES)
    about = told.description
    assert about.kind is TitleKind.EPISODE
    assert (about.show, told.year, (about.season, about.episode, about.last_episode)) == (show, year, numbers)
    assert told.name == name
    assert told.is_sure


@pytest.mark.parametrize(
    ("path", "day", "name"),
    [
        ("VID_20240501_143000.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("VID20240501143000.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("PXL_20240501_143000123.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("PXL_20240501_143000123.TS.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("20240501_143000.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("20240501_143000(1).mp4", "2024-05-01", "2024-05-01 14:30"),
        ("IMG_20240501_143000.mov", "2024-05-01", "2024-05-01 14:30"),
        ("VID-20240501-WA0003.mp4", "2024-05-01", "2024-05-01"),
        ("WhatsApp Video 2024-05-01 at 14.30.00.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("signal-2024-05-01-143000.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("2024-05-01 14.30.00.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("2024-05-01 Grandma's birthday.mp4", "2024-05-01", "Grandma's birthday"),
        ("2024-05-01_birthday_party.mp4", "2024-05-01", "birthday party"),
        ("Birthday 01.05.2024.mp4", "2024-05-01", "Birthday"),
        ("20240501 Zoo 3.mp4", "2024-05-01", "Zoo 3"),
        ("DJI_20240501143000_0001_D.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("Screen_Recording_20240501_143000.mp4", "2024-05-01", "2024-05-01 14:30"),
        ("2024-05-01 Wedding/VID_20240501_143000.mp4", "2024-05-01", "Wedding · 2024-05-01 14:30"),
        ("2024-05-01 Wedding/MVI_1234.MOV", "2024-05-01", "Wedding · MVI 1234"),
        ("2024-05 Holidays/MVI_1234.MOV", "", "Holidays · MVI 1234"),
        ("Wedding/First dance.mp4", "", "First dance"),
        ("DCIM/100CANON/MVI_1234.MOV", "", "MVI 1234"),
        ("2024/05/GH010123.MP4", "", "GH010123"),
        ("IMG_1234.MOV", "", "IMG 1234"),
        ("00012.MTS", "", "00012"),
        ("Camera/C0001.MP4", "", "C0001"),
        ("20241350_999999.mp4", "", "20241350 999999"),
        ("2023-02-29 no such day.mp4", "", "2023-02-29 no such day"),
        ("Urlaub auf Rügen.mp4", "", "Urlaub auf Rügen"),
        ("Laura 3.mp4", "", "Laura 3"),
        (b"caf\xe9 2024-05-01.mp4", "2024-05-01", "caf\xe9"),
    ],
)
def test_a_home_video_is_named_by_its_day_or_by_what_people_wrote(path: "str | bytes", day: str, name: str) -> None:
    told = _told(path, LibraryKind.HOME_VIDEOS)
    assert told.description.kind is TitleKind.HOME_VIDEO
    assert (told.description.taken_on, told.name) == (day, name)
    assert told.is_sure


def test_the_year_of_a_home_video_is_that_of_its_day_or_folder() -> None:
    assert _told("2024-05-01 x.mp4", LibraryKind.HOME_VIDEOS).year == 2024
    assert _told("2023/05/IMG_1.MOV", LibraryKind.HOME_VIDEOS).year == 2023


@pytest.mark.parametrize(
    ("path", "kind", "is_sure"),
    [
        ("Heat (1995).mkv", LibraryKind.FILMS, True),
        ("Some Film.mkv", LibraryKind.FILMS, True),
        ("holiday_video.mp4", LibraryKind.FILMS, True),
        ("Some.Odd.Film.GRP.mkv", LibraryKind.FILMS, False),
        ("[Grp] Some Film.mkv", LibraryKind.FILMS, False),
        ("Show/Season 1/what is this.mkv", LibraryKind.SERIES, False),
        ("stray film (1999).mkv", LibraryKind.SERIES, False),
    ],
)
def test_names_the_quick_rules_do_not_match_are_told_as_such(path: str, kind: LibraryKind, *, is_sure: bool) -> None:
    assert _told(path, kind).is_sure is is_sure


def test_a_file_of_a_show_without_a_number_belongs_to_it_all_the_same() -> None:
    told = _told("Some Show (2005)/Season 2/what is this.mkv", LibraryKind.SERIES)
    assert (told.description.show, told.description.season, told.description.episode) == ("Some Show", 2, -1)
    assert told.name == "what is this"


_LONG = (
    "(" * 255,
    "[" * 255,
    "." * 250,
    "-" * 250,
    " - " * 80,
    "S01E02" + "-E03" * 60,
    "S01E02" + "-" * 240,
    "1x02" * 60,
    "e1" * 120,
    "2024-05-01" * 25,
    "2024" * 60,
    "a." * 125,
    "A.B.C" * 50,
    "1080p " * 40,
    "web dl german " * 18,
    "1" * 255,
    "s" * 255,
    "Season " * 36,
    "(2001) " * 36,
    "[x] " * 60,
    "ÿ" * 127,
)


@pytest.mark.parametrize("kind", list(LibraryKind))
@pytest.mark.parametrize("name", _LONG, ids=lambda name: name[:6])
def test_no_name_takes_long(name: str, kind: LibraryKind) -> None:
    path = "/".join([name] * 8)
    begun_s = time.process_time()
    _told(path, kind)
    assert time.process_time() - begun_s < 1.0


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=255), st.sampled_from(list(LibraryKind)))
def test_any_bytes_are_a_name(path: bytes, kind: LibraryKind) -> None:
    told = _told(path, kind)
    told.name.encode()
    told.description.show.encode()
    assert told.name
    assert told.name.isprintable() or "\u200c" in told.name or "\u200d" in told.name


def test_articles_and_accents_do_not_matter_for_sorting() -> None:
    names = ["The Zoo", "Éclair", "Der Himmel", "A", "apple"]
    assert sorted(names, key=sort_name) == ["A", "apple", "Éclair", "Der Himmel", "The Zoo"]
