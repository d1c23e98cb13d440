"""Subtitle files as people have them, well-formed and not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats.captions import Cue, webvtt
from osmose_addon.formats.subtitles import read

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\nyou\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n"


def test_plain_subrip() -> None:
    """Italics stay, and a number that is said is no number of a cue."""
    assert read(SRT) == [Cue(1.0, 2.5, "Hello <i>there</i>\nyou"), Cue(3.0, 4.0, "42")]


@pytest.mark.parametrize(
    "changed",
    [
        SRT.replace("\n", "\r\n"),
        SRT.replace("\n", "\r"),
        "\ufeff" + SRT,
        SRT.replace("\n\n", "\n"),
        SRT.replace("\n\n", "\n\n\n\n"),
        SRT.replace("1\n0", "7\n0").replace("\n2\n", "\n7\n"),
        SRT.replace("1\n00", "00").replace("\n2\n", "\n"),
        SRT.replace(",", "."),
        SRT.replace("-->", "->").replace(",000", ", 000"),
        SRT.replace("00:00:0", "0:0:"),
        SRT.replace("2,500", "2,500  X1:100 X2:200 Y1:10 Y2:20"),
        SRT.replace("<i>", "< I >").replace("</i>", "{\\i0}").replace("you", '<font color="#fff">you</font>'),
        SRT.replace("you", "{\\fad(1,2)}you"),
    ],
)
def test_subrip_that_is_written_badly_says_the_same(changed: str) -> None:
    """Other line ends, blank lines that are missing or too many, wrong numbers, other commas and tags."""
    assert read(changed) == read(SRT)


def test_times_that_make_no_sense_are_mended() -> None:
    """What ends before it begins is shown for a while; what is over before the film begins is left out."""
    text = (
        "1\n00:00:05,000 --> 00:00:01,000\nbackwards\n\n2\n-00:00:04,000 --> -00:00:02,000\nbefore\n\n"
        "3\n00:00:04,000 --> 00:00:09,000\nover the first\n\n4\n99:99:99,999 --> 99:99:99,999\nlate\n"
    )
    told = webvtt(read(text))
    assert "00:00:05.000 --> 00:00:08.000\nbackwards" in told
    assert "before" not in told
    assert told.index("over the first") < told.index("backwards")


def test_what_looks_like_markup_but_is_none_is_said() -> None:
    """Hearts, sums, braces and entities."""
    text = SRT.replace("you", "I <3 you & {laughs} 5 < 6 &amp; a-->b &lt;x&gt;")
    assert read(text)[0].text.split("\n")[1] == "I &lt;3 you &amp; {laughs} 5 &lt; 6 &amp; a--&gt;b &lt;x&gt;"


def test_a_place_in_subrip_is_kept() -> None:
    assert read(SRT.replace("Hello", "{\\an8}Hello"))[0].settings == "line:0"


VTT = """WEBVTT - a title
X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000

STYLE
::cue { background: url(http://example.com/) }

NOTE
a remark
00:00 is no time

intro
00:01.000 --> 00:02.500 line:0 position:20% align:start region:fred onclick:1
<v Fred>Hello <c.loud>there</c></v>

NOTE between

2
00:00:03.000 --> 01:00:04.000
<00:00:03.500><u>Word</u> by <00:00:03.900>word &nbsp;&amp; on

NOTE at the end
"""


def test_webvtt_keeps_what_is_harmless() -> None:
    """Places and simple tags stay; notes, styles, classes, voices and names go."""
    assert read(VTT) == [
        Cue(1.0, 2.5, "Hello there", "line:0 position:20% align:start"),
        Cue(3.0, 3604.0, "<u>Word</u> by word \u00a0&amp; on"),
    ]


ASS = r"""[Script Info]
ScriptType: v4.00+
; Dialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,a remark

[V4+ Styles]
Format: Name, Fontname, Italic, Alignment
Style: Default,Arial,0,2
Style: Top, Arial, -1, 8
Style: broken

[Fonts]
fontname: a.ttf
!'#$%Dialogue

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not said
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello, {\b1}you{\b0}\Nthere
Dialogue: 1,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello, {\b1}you{\b0}\Nthere
Dialogue: 0,0:00:03.00,0:00:04.00,*Top,Sign,0,0,0,,Inn
Dialogue: 0,nonsense,0:00:04.00,Top,Sign,0,0,0,,lost
Dialogue: 0,0:00:05.00,0:00:06.00,Unknown,,0,0,0,,{\k20}La{\k30}la {a remark}
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0{\p0}
"""


def test_ass_keeps_what_webvtt_can_show() -> None:
    """Styles that stand elsewhere or are italic count; drawings, remarks, layers and bad lines go."""
    assert read(ASS) == [
        Cue(1.0, 2.5, "Hello, <b>you</b>\nthere"),
        Cue(3.0, 4.0, "<i>Inn</i>", "line:0"),
        Cue(5.0, 6.0, "Lala"),
    ]


def test_ssa_counts_its_places_otherwise() -> None:
    """6 is on top in the middle; without a `Format` line the usual fields are taken."""
    text = (
        "[V4 Styles]\nStyle: Up,Arial,20,1,2,3,4,0,0,1,2,2,6,10,10,10,0,0\n"
        "[Events]\nDialogue: Marked=0,0:00:01.00,0:00:02.00,Up,,0,0,0,,Hello\n"
    )
    assert read(text) == [Cue(1.0, 2.0, "Hello", "line:0")]


@pytest.mark.parametrize(
    "text", ["", "Dear diary,\nnothing is timed here.", "WEBVTT\n\n", "<?xml version='1.0'?>", "\0" * 99]
)
def test_what_is_no_subtitle_file_has_no_cues(text: str) -> None:
    assert read(text) == []


@given(st.text(alphabet=st.sampled_from("0123:,. ->\n<i/>{\\an8}NOTE[]Dialogue&;"), max_size=300))
def test_no_text_breaks_the_document(text: str) -> None:
    """Every cue has one line of times, and none is empty."""
    told = webvtt(read("00:00:01,000 --> 00:00:02,000\nx\n" + text))
    header, *cues = told.rstrip("\n").split("\n\n")
    assert header.startswith("WEBVTT\n")
    for cue in cues:
        times, *lines = cue.split("\n")
        assert "-->" in times
        assert lines
        assert all(line and "-->" not in line for line in lines)
