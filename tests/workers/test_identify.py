"""What titles are about, by NFO files beside them and by guessit; hostile files cost nobody a name."""

import time
from pathlib import Path

import pytest

from osmose_addon.model.config import LibraryKind
from osmose_addon.model.media import Person, TitleKind
from osmose_addon.model.orders import IdentifyOrder, Unnamed
from osmose_addon.model.reports import Identified, Report
from osmose_addon.runtime import worker
from osmose_addon.runtime.limits import Limits
from osmose_addon.workers import identify

_MOVIE = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
  <title>Die Stadt &amp; das Meer</title>
  <originaltitle>The City and the Sea</originaltitle>
  <sorttitle>ignored</sorttitle>
  <year>1987</year>
  <premiered>1988-02-03</premiered>
  <plot>First line.
  Second line.</plot>
  <genre>Drama</genre><genre>Sea / Storm</genre>
  <director>D. Irector</director>
  <uniqueid type="imdb" default="true">tt0000001</uniqueid>
  <actor><name>A. Ctor</name><role>Captain</role><thumb>http://example.invalid/a.jpg</thumb></actor>
  <actor><name>B. Ctress</name></actor>
</movie>
"""
_EPISODE = (
    "<episodedetails><title>The Pilot</title><showtitle>Other Name</showtitle><season>2</season>"
    "<episode>3</episode><aired>2011-05-06</aired><plot>It begins.</plot></episodedetails>"
)
_SHOW = "<tvshow><title>The Show</title><premiered>2010-01-01</premiered><genre>Comedy</genre></tvshow>"


class _Hub(list[Report]):
    def send(self, report: Report) -> None:
        self.append(report)


def _identified(root: Path, kind: LibraryKind, *files: Unnamed) -> list[Identified]:
    hub = _Hub()
    identify.main(IdentifyOrder(bytes(root), kind, files), hub)
    return [report for report in hub if isinstance(report, Identified)]


def _film(root: Path, nfo: "str | bytes", name: str = "Quick (1999).mkv") -> Identified:
    path = root / "film.nfo"
    path.write_bytes(nfo if isinstance(nfo, bytes) else nfo.encode())
    (told,) = _identified(root, LibraryKind.FILMS, Unnamed(bytes(root / name), bytes(path)))
    return told


def test_a_film_is_told_by_its_nfo(tmp_path: Path) -> None:
    told = _film(tmp_path, _MOVIE)
    about = told.description
    assert (told.name, told.year) == ("Die Stadt & das Meer", 1987)
    assert about.kind is TitleKind.FILM
    assert about.original_name == "The City and the Sea"
    assert about.plot == "First line. Second line."
    assert about.genres == ("Drama", "Sea", "Storm")
    assert about.people == (Person("D. Irector", "director"), Person("A. Ctor", "Captain"), Person("B. Ctress"))


def test_an_episode_is_told_by_its_nfo_and_that_of_its_show(tmp_path: Path) -> None:
    (tmp_path / "e.nfo").write_text(_EPISODE)
    (tmp_path / "tvshow.nfo").write_text(_SHOW)
    file = Unnamed(bytes(tmp_path / "Show/S01E01.mkv"), bytes(tmp_path / "e.nfo"), bytes(tmp_path / "tvshow.nfo"))
    (told,) = _identified(tmp_path, LibraryKind.SERIES, file)
    about = told.description
    assert (told.name, told.year, about.show, about.season, about.episode) == ("The Pilot", 2010, "The Show", 2, 3)
    assert (about.plot, about.genres) == ("It begins.", ("Comedy",))


def test_a_home_video_may_have_an_nfo(tmp_path: Path) -> None:
    (tmp_path / "v.nfo").write_text("<movie><title>At the lake</title><premiered>2003-07-08</premiered></movie>")
    file = Unnamed(bytes(tmp_path / "IMG_1.mov"), bytes(tmp_path / "v.nfo"))
    (told,) = _identified(tmp_path, LibraryKind.HOME_VIDEOS, file)
    assert (told.name, told.year, told.description.taken_on) == ("At the lake", 2003, "2003-07-08")


@pytest.mark.parametrize(
    "nfo",
    [
        _MOVIE.encode() + b"\nhttps://www.example.invalid/title/tt0000001/\n",
        _MOVIE.encode() + b"<movie><title>second</title></movie>",
        b"\xef\xbb\xbf" + _MOVIE.encode(),
        _MOVIE.replace("UTF-8", "utf-16").encode("utf-16"),
        b"\r\n" + _MOVIE.encode() + b"\0",
    ],
    ids=["address behind", "two roots", "byte order mark", "utf-16", "blank ends"],
)
def test_odd_but_honest_files_are_read(tmp_path: Path, nfo: bytes) -> None:
    assert _film(tmp_path, nfo).name == "Die Stadt & das Meer"


def test_old_windows_text_is_read(tmp_path: Path) -> None:
    assert _film(tmp_path, "<movie><title>Süß</title></movie>".encode("cp1252")).name == "Süß"


def test_a_declared_encoding_is_believed(tmp_path: Path) -> None:
    nfo = '<?xml version="1.0" encoding="windows-1251"?><movie><title>Солярис</title></movie>'
    assert _film(tmp_path, nfo.encode("cp1251")).name == "Солярис"


_BOMB = (
    "<!DOCTYPE lolz [<!ENTITY a 'lol'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]><movie><title>&j;</title></movie>"
)


@pytest.mark.parametrize(
    "nfo",
    [
        b"",
        b"https://www.example.invalid/title/tt0000001/",
        b"\x7fELF" + bytes(range(256)),
        b"<movie><title>cut o",
        b"<movie>",
        _BOMB.encode(),
        b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><movie><title>&x;</title></movie>',
        b'<!DOCTYPE m SYSTEM "http://example.invalid/x.dtd"><movie><title>x</title></movie>',
        b'<?xml version="1.0" encoding="klingon"?><movie><title>x</title></movie>'.replace(b"<title>x</title>", b""),
        b"<movie><year>99999999999999999999</year></movie>",
        b"<movie>" + b"<a>" * 200_000,
        b"<a>" * 100_000 + b"</a>" * 100_000,
        b"<movie>" + b" " * (51 << 20) + b"<title>large</title></movie>",
        "<movie><title>\u202e\u0000</title></movie>".encode(),
    ],
    ids=lambda nfo: repr(nfo[:24]),
)
def test_a_hostile_or_empty_file_leaves_the_quick_name(tmp_path: Path, nfo: bytes) -> None:
    told = _film(tmp_path, nfo)
    assert (told.name, told.year) == ("Quick", 1999)


def test_what_is_no_plain_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "real.nfo").write_text(_MOVIE)
    (tmp_path / "link.nfo").symlink_to(tmp_path / "real.nfo")
    (tmp_path / "folder.nfo").mkdir()
    files = [
        Unnamed(bytes(tmp_path / "Quick (1999).mkv"), bytes(tmp_path / name))
        for name in ("link.nfo", "folder.nfo", "missing.nfo")
    ]
    told = _identified(tmp_path, LibraryKind.FILMS, *files)
    assert [one.name for one in told] == ["Quick"] * 3


def test_long_texts_and_crowds_are_cut(tmp_path: Path) -> None:
    actors = "".join(f"<actor><name>N{number}</name></actor>" for number in range(500))
    told = _film(tmp_path, f"<movie><title>{'t' * 5000}</title><plot>{'p ' * 50_000}</plot>{actors}</movie>")
    assert len(told.name) == 200
    assert len(told.description.plot) <= 4000
    assert len(told.description.people) == 30


@pytest.mark.parametrize(
    ("path", "kind", "name", "year"),
    [
        ("[Grp].Some.Odd.Film.mkv", LibraryKind.FILMS, "Some Odd Film", 0),
        ("some.odd.film.proper.mkv", LibraryKind.FILMS, "some odd film", 0),
    ],
)
def test_guessit_reads_films_the_quick_rules_do_not_match(
    tmp_path: Path, path: str, kind: LibraryKind, name: str, year: int
) -> None:
    (told,) = _identified(tmp_path, kind, Unnamed(bytes(tmp_path / path)))
    assert (told.name, told.year) == (name, year)


def test_guessit_reads_episodes_the_quick_rules_do_not_match(tmp_path: Path) -> None:
    (told,) = _identified(tmp_path, LibraryKind.SERIES, Unnamed(bytes(tmp_path / "Some.Show.102.720p.mkv")))
    about = told.description
    assert (about.kind, about.show, about.season, about.episode) == (TitleKind.EPISODE, "Some Show", 1, 2)


def test_a_year_in_the_name_of_an_episode_makes_no_other_show_of_its_show(tmp_path: Path) -> None:
    names = ("Show/Interview 2015.mkv", "Show (2010)/Look back 2014.mkv")
    told = _identified(tmp_path, LibraryKind.SERIES, *(Unnamed(bytes(tmp_path / name)) for name in names))
    assert [(one.description.show, one.year) for one in told] == [("Show", 0), ("Show", 2010)]


def test_any_name_passes_guessit(tmp_path: Path) -> None:
    names = [b"[x]..." + b"\xff" * 200, "[x] \u202e.%s\n.\"'".encode(), b"[" * 200, b"[x] " + b"a.b-1 " * 40]
    files = [Unnamed(bytes(tmp_path) + b"/" + name + b".mkv") for name in names]
    told = _identified(tmp_path, LibraryKind.FILMS, *files)
    assert len(told) == len(files)
    assert all(one.name for one in told)


@pytest.mark.parametrize(
    "name", ["1" * 255, "(2001) " * 36, "2024" * 60, "S01E02" + "-E03" * 60], ids=lambda name: name[:6]
)
def test_no_name_takes_guessit_long(tmp_path: Path, name: str) -> None:
    path = tmp_path / "/".join([name[:255]] * 6 + ["[x].odd.name." + name[:230] + ".mkv"])
    begun_s = time.process_time()
    _identified(tmp_path, LibraryKind.FILMS, Unnamed(bytes(path)))
    assert time.process_time() - begun_s < 15


async def test_one_worker_reads_many_names(tmp_path: Path) -> None:
    files = tuple(Unnamed(bytes(tmp_path / f"[Grp] Film.Number.{number}.mkv")) for number in range(20))
    order = IdentifyOrder(bytes(tmp_path), LibraryKind.FILMS, files)
    async with worker.start("identify", order, Limits(memory_bytes=1 << 30, silence_s=30)) as hand:
        told = [report async for report in hand]
    assert len(told) == len(files)
