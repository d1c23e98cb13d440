"""Subtitles and names, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats.captions import Cue, cue_text, placed, webvtt
from osmose_addon.formats.scripts import Style
from osmose_addon.formats.subtitles import read


@pytest.mark.parametrize(
    ("ass", "text"),
    [
        (r"One\NTwo", "One\nTwo"),
        (r"{\i1}Leise{\i0} laut", "<i>Leise</i> laut"),
        (r"{\an8\b1}Top", "<b>Top</b>"),
        (r"{\i1\b1}both{\i0} bold", "<i><b>both</b></i><b> bold</b>"),
        (r"5 < 6 & 7 --> 8", "5 &lt; 6 &amp; 7 --&gt; 8"),
        (r"{\p1}m 0 0 l 10 0{\p0}", ""),
        (r"{\i1}  {\i0}\N ", ""),
        (r"{\pos(1,2)\c&HFFFFFF&}Sign\h!", "Sign !"),
    ],
)
def test_styles_that_webvtt_knows_stay(ass: str, text: str) -> None:
    """All others go, and nothing can be mistaken for markup."""
    assert cue_text(ass) == text


def test_a_document_is_in_the_order_of_its_times() -> None:
    """Cues before the film and without text are left out; one that straddles its start begins there."""
    cues = [Cue(3725.5, 3727.0, "late"), Cue(-1, 1, "early"), Cue(-3, -2, "before"), Cue(2, 3, ""), Cue(5, 5, "flash")]
    assert webvtt(cues) == (
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n"
        "00:00:00.000 --> 00:00:01.000\nearly\n\n00:00:05.000 --> 00:00:05.001\nflash\n\n"
        "01:02:05.500 --> 01:02:07.000\nlate\n"
    )


@given(st.text(alphabet=st.sampled_from(r"{}\ibu01Nr<>& ax"), max_size=40))
def test_no_text_breaks_out_of_its_cue(ass: str) -> None:
    """Tags are closed, no line is empty, no arrow is left."""
    text = cue_text(ass)
    assert "\n\n" not in text
    assert "-->" not in text
    for style in "ibu":
        assert text.count(f"<{style}>") == text.count(f"</{style}>")


@pytest.mark.parametrize(
    ("ass", "style", "told"),
    [
        ("plain", Style(), ("plain", "")),
        (r"{\an8}on top", Style(), ("on top", "line:0")),
        (r"{\an4}left", Style(place=8), ("left", "line:50% position:5% align:start")),
        (r"{\a6}as SSA says it", Style(), ("as SSA says it", "line:0")),
        (r"{\an0}{\a4}nowhere", Style(place=3), ("nowhere", "position:95% align:end")),
        ("by its style", Style(is_italic=True, place=9), ("<i>by its style</i>", "line:0 position:95% align:end")),
        (r"{\i0}not{\i1} this", Style(is_italic=True), ("not<i> this</i>", "")),
        (r"{\alpha&HFF&\k20}ka{\k30}ra", Style(), ("kara", "")),
    ],
)
def test_what_stands_elsewhere_stays_there(ass: str, style: Style, told: tuple[str, str]) -> None:
    """Nine places are known; below in the middle needs no word."""
    assert placed(ass, style) == told


def test_a_cue_says_where_it_stands() -> None:
    """After its times."""
    assert "00:00:01.000 --> 00:00:02.000 line:0\nup\n" in webvtt([Cue(1, 2, "up", "line:0")])


def test_a_sign_that_is_cut_out_along_a_long_path_says_its_words_only() -> None:
    """Typesetters give paths of thousands of letters; where those were cut off, they stood on the screen."""
    tags = "{\\an8\\clip(m " + "0 0 " * 2_000 + ")}"
    assert placed(tags + "Sign") == ("Sign", "line:0")
    (cue,) = read(f"[Events]\nDialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{tags}Sign")
    assert (cue.text, cue.settings) == ("Sign", "line:0")


def test_endless_braces_cost_no_more_than_their_letters() -> None:
    """Each brace that is never closed was once looked for to the end of the line: seconds for 60 kB, hours for 3 MB."""
    assert len(cue_text("{" * 3_000_000)) == 2_000
    assert len(cue_text("{\\" * 1_500_000, has_comments=False)) == 2_000
