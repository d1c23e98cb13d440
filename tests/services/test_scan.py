"""What a look through a folder makes of sizes and times, whatever clock they come from."""

from osmose_addon.services.libraries.scan import KEPT_S, RESTED_S, Found, Moment, Seen, compare, pause_s
from osmose_addon.stores.catalog.files import KnownFile

_NOW = Moment(1_800_000_000.0, 500.0)
_FILM = b"/media/film.mkv"


def _seen(size_bytes: int, age_s: float, path: bytes = _FILM) -> Seen:
    return Seen(path, size_bytes, round((_NOW.unix_s - age_s) * 1e9))


def _found(*files: Seen) -> Found:
    return Found({seen.path: seen for seen in files})


def _later(seconds: float) -> Moment:
    return Moment(_NOW.unix_s + seconds, _NOW.monotonic_s + seconds)


def test_an_old_file_counts_at_once() -> None:
    assert compare(_found(_seen(1, 3600)), {}, {}, _NOW).fresh == [_seen(1, 3600)]


def test_a_young_file_counts_once_it_looked_the_same_for_some_seconds() -> None:
    found = _found(_seen(1, 2))
    first = compare(found, {}, {}, _NOW)
    assert first.fresh == []
    assert pause_s(first.restless, _NOW, 600) <= RESTED_S + 1
    second = compare(found, {}, first.restless, _later(5))
    assert second.fresh == []
    assert pause_s(second.restless, _later(5), 600) <= RESTED_S / 2 + 1
    assert compare(found, {}, second.restless, _later(11)).fresh == [_seen(1, 2)]


def test_a_time_in_the_future_holds_a_file_up_for_some_seconds_only() -> None:
    found = _found(_seen(1, -7200))
    first = compare(found, {}, {}, _NOW)
    assert first.fresh == []
    assert compare(found, {}, first.restless, _later(11)).fresh == [_seen(1, -7200)]


def test_a_file_that_grows_is_left_alone_even_where_its_clock_is_an_hour_slow() -> None:
    known = {_FILM: KnownFile(1, _seen(1, 3700).changed_ns, "film-1")}
    first = compare(_found(_seen(2, 3600)), known, {}, _NOW)
    second = compare(_found(_seen(3, 3589)), known, first.restless, _later(11))
    third = compare(_found(_seen(3, 3589)), known, second.restless, _later(22))
    assert (first.fresh, second.fresh, third.fresh) == ([], [], [_seen(3, 3589)])


def test_a_missing_file_waits_for_a_restless_one_of_its_size_which_may_be_it() -> None:
    known = {b"/media/old.mkv": KnownFile(7, 1, "a"), b"/media/other.mkv": KnownFile(8, 1, "b")}
    changes = compare(_found(_seen(7, 1, b"/media/new.mkv")), known, {}, _NOW)
    assert changes.gone == [b"/media/other.mkv"]


def test_a_missing_file_is_forgotten_after_a_day_and_not_while_its_folder_cannot_be_read() -> None:
    known = {_FILM: KnownFile(7, 1, "a", gone_unix_s=_NOW.unix_s)}
    assert compare(_found(), known, {}, _later(KEPT_S - 1)).old == []
    assert compare(_found(), known, {}, _later(KEPT_S + 1)).old == [_FILM]
    assert compare(Found(unread=[b"/media"]), known, {}, _later(KEPT_S + 1)).old == []


def test_a_file_that_is_there_again_as_it_was_is_back() -> None:
    seen = _seen(7, 5)
    known = {_FILM: KnownFile(7, seen.changed_ns, "a", gone_unix_s=1.0)}
    changes = compare(_found(seen), known, {}, _NOW)
    assert (changes.back, changes.fresh, changes.restless) == ([_FILM], [], {})


def test_many_restless_files_are_compared_quickly() -> None:
    many = [_seen(number, 1, b"/media/%d.mkv" % number) for number in range(20_000)]
    first = compare(_found(*many), {}, {}, _NOW)
    assert len(compare(_found(*many), {}, first.restless, _later(11)).fresh) == len(many)
