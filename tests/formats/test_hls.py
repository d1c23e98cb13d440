"""Playlists say the truth, in the words players know."""

from dataclasses import replace

from osmose_addon.formats import hls
from osmose_addon.model.media import Grid, Rung, RungGroup, RungKind, RungMethod, TextTrack

TOP = Rung(
    id="1080p",
    kind=RungKind.VIDEO,
    group=RungGroup.LADDER,
    method=RungMethod.COPIED,
    reason="fits",
    track=0,
    timescale_hz=12288,
    origin_ticks=0,
    borders_ticks=(0, 24576, 73728, 92672),
    codecs="avc1.640028",
    bandwidth_bps=6_000_000,
    average_bps=5_000_000,
    width_px=1920,
    height_px=1080,
    frame_rate=24.0,
)
SMALL = replace(TOP, id="480p", method=RungMethod.ENCODED, codecs="avc1.64001e", width_px=854, height_px=480)
ENGLISH = replace(
    TOP,
    id="sound-1",
    kind=RungKind.AUDIO,
    group=RungGroup.SOUND,
    track=1,
    codecs="mp4a.40.2",
    bandwidth_bps=160_000,
    average_bps=128_000,
    channels=2,
    language="eng",
    is_default=True,
)
GERMAN = replace(ENGLISH, id="sound-2", track=2, language="ger", name='Der "Hügel"\n', is_default=False)
TEXT = TextTrack(4, "subrip", "eng", "English")
GRID = Grid("r", 7.542, (TOP, SMALL, ENGLISH, GERMAN))


MASTER = """\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="English",LANGUAGE="en",DEFAULT=YES,\
AUTOSELECT=YES,CHANNELS="2",URI="sound-1/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Der 'Hügel' ",LANGUAGE="de",DEFAULT=NO,\
AUTOSELECT=YES,CHANNELS="2",URI="sound-2/index.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="texts",NAME="English",LANGUAGE="en",DEFAULT=NO,\
AUTOSELECT=YES,FORCED=NO,URI="subtitles/4.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=6160000,AVERAGE-BANDWIDTH=5128000,CODECS="avc1.640028,mp4a.40.2",\
RESOLUTION=1920x1080,FRAME-RATE=24.000,AUDIO="sound",SUBTITLES="texts"
1080p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=6160000,AVERAGE-BANDWIDTH=5128000,CODECS="avc1.64001e,mp4a.40.2",\
RESOLUTION=854x480,FRAME-RATE=24.000,AUDIO="sound",SUBTITLES="texts"
480p/index.m3u8
"""


def test_the_master_names_every_rung_sound_and_text() -> None:
    """Bit rates and codecs of a variant include its sound."""
    assert hls.master(GRID, [TEXT]) == MASTER


def test_a_rung_lists_all_its_cells_from_the_start() -> None:
    """Made or not, the whole film is there, to the microsecond."""
    assert hls.media(TOP).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init.mp4"',
        "#EXTINF:2.000000,",
        "0.m4s",
        "#EXTINF:4.000000,",
        "1.m4s",
        "#EXTINF:1.541667,",
        "2.m4s",
        "#EXT-X-ENDLIST",
    ]


def test_the_original_stands_alone() -> None:
    """Its master holds the untouched source; a copied top rung is the same thing."""
    own = replace(TOP, id="original", group=RungGroup.ORIGINAL)
    only = hls.original_master(Grid("r", 1, (own, SMALL)))
    assert [line for line in only.splitlines() if not line.startswith("#")] == ["original/index.m3u8"]
    copied = hls.original_master(GRID)
    assert [line for line in copied.splitlines() if not line.startswith("#")] == ["1080p/index.m3u8"]
    assert hls.master(Grid("r", 1, (own,))).endswith("original/index.m3u8\n")


def test_tracks_of_one_language_are_told_apart() -> None:
    """Two names may not be alike within a group."""
    lines = hls.master(Grid("r", 1, (TOP, ENGLISH, replace(ENGLISH, id="sound-2", track=2))))
    assert 'NAME="English",' in lines
    assert 'NAME="English (2)",' in lines


def test_surround_and_stereo_of_one_track_are_told_apart() -> None:
    """Stereo plays by itself; what a name says of channels already is not said twice."""
    surround = replace(ENGLISH, channels=6, is_default=False, name="English (5.1)")
    stereo = replace(surround, id="sound-1-stereo", channels=2, is_default=True)
    other = replace(ENGLISH, id="sound-2", track=2, name="Commentary", is_default=False)
    assert hls.sound_names([surround, stereo, other]) == ["English 5.1", "English Stereo", "Commentary"]
    lines = hls.master(Grid("r", 1, (TOP, surround, stereo, other))).splitlines()
    told = [line for line in lines if "TYPE=AUDIO" in line]
    assert ["DEFAULT=YES" in line for line in told] == [False, True, False]
    assert ['CHANNELS="6"' in line for line in told] == [True, False, False]


def test_sound_alone_is_one_variant_with_all_its_tracks() -> None:
    """Several variants would be taken for qualities of one track."""
    lines = hls.master(Grid("r", 1, (ENGLISH, GERMAN))).splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["sound-1/index.m3u8"]
    assert sum("TYPE=AUDIO" in line for line in lines) == 2
    assert '#EXT-X-STREAM-INF:BANDWIDTH=160000,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2",AUDIO="sound"' in lines


def test_hdr_is_told_where_it_is() -> None:
    """Players choose by it, and a plain film need not say anything."""
    own = replace(TOP, id="original", group=RungGroup.ORIGINAL, video_range="PQ", codecs="hvc1.2.4.L120.B0")
    assert ",VIDEO-RANGE=PQ" in hls.master(Grid("r", 1, (own, ENGLISH)))
    assert "VIDEO-RANGE" not in MASTER


def test_a_text_track_is_one_piece() -> None:
    """The whole document is one segment."""
    assert hls.subtitles(4, 30.016).splitlines()[-3:] == ["#EXTINF:30.016000,", "4.vtt", "#EXT-X-ENDLIST"]


def test_tracks_for_those_who_see_or_hear_little_say_so() -> None:
    """Phones choose them by themselves for who asked for it once."""
    told = replace(ENGLISH, id="sound-2", track=2, name="Audio Description")
    lines = hls.master(Grid("r", 1, (TOP, ENGLISH, told)), [TEXT, replace(TEXT, index=5, name="English (SDH)")])
    marked = [line for line in lines.splitlines() if "CHARACTERISTICS" in line]
    assert ["describes-video" in line for line in marked] == [True, False]
    assert ["transcribes-spoken-dialog" in line for line in marked] == [False, True]
