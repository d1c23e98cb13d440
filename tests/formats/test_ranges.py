"""Byte ranges, for whatever a client may write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats.ranges import ByteRange, UnsatisfiableError, asked_range

_SIZES = st.integers(1, 2**40)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 1000)),
        ("Bytes=10-19", (10, 10)),
        ("bytes=990-5000", (990, 10)),
        ("bytes=-1", (999, 1)),
        ("bytes=-5000", (0, 1000)),
        ("bytes= 5-6 ", (5, 2)),
        ("bytes=,5-6,", (5, 2)),
    ],
)
def test_a_range_is_what_rfc_9110_says(header: str, expected: tuple[int, int]) -> None:
    assert asked_range(header, 1000) == ByteRange(*expected)


@pytest.mark.parametrize("header", ["bytes=-0", "bytes=1000-", "bytes=1000-2000", "bytes=9999999999999999999999-"])
def test_what_holds_nothing_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        asked_range(header, 1000)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "items=0-5",
        "bytes=0-1,5-6",
        "bytes=+1-2",
        "bytes=²-",
    ],
)
def test_what_is_no_single_range_gets_the_whole(header: str) -> None:
    assert asked_range(header, 1000) is None


@given(_SIZES, st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_range_with_both_ends_is_cut_at_the_end(size: int, first: int, more: int) -> None:
    header = f"bytes={first}-{first + more}"
    if first >= size:
        with pytest.raises(UnsatisfiableError):
            asked_range(header, size)
    else:
        assert asked_range(header, size) == (first, min(first + more, size - 1) - first + 1)


@given(_SIZES, st.integers(1, 2**41))
def test_a_suffix_is_the_end_of_the_whole(size: int, length: int) -> None:
    found = asked_range(f"bytes=-{length}", size)
    assert found is not None
    assert found.first_byte + found.size_bytes == size
    assert found.size_bytes == min(length, size)


@given(st.one_of(st.text(), st.text(alphabet="0123456789-, \t").map("bytes={}".format)), st.integers(0, 10_000))
def test_no_header_gives_bytes_that_are_not_there(header: str, size: int) -> None:
    try:
        found = asked_range(header, size)
    except UnsatisfiableError:
        return
    assert found is None or (0 <= found.first_byte < found.first_byte + found.size_bytes <= size)
