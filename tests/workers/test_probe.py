"""What a file holds is told truly, and what is no film gives a reason."""

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.video.stream import VideoStream

from osmose_addon.model.errors import MediaError
from osmose_addon.model.orders import ProbeOrder
from osmose_addon.model.reports import Progress
from osmose_addon.workers import probe
from osmose_addon.workers.opened import refuse_large
from tests import clips
from tests.clips import Clip, film
from tests.workers.grids import Listener, facts_of, grid_of


@pytest.mark.parametrize("clip", [clips.STEADY, clips.MATROSKA, clips.TRANSPORT], ids=lambda clip: clip.name)
def test_key_frames_are_told_at_their_presentation_times(clip: Clip) -> None:
    """By index or by reading, with reordered pictures: a key frame every two seconds, and the exact end."""
    facts = facts_of(film(clip))
    video = facts.video
    assert video is not None
    assert (video.codec, video.width_px, video.height_px, video.bit_depth) == ("h264", 640, 360, 8)
    tick_s = video.time_base_num / video.time_base_den
    keys = [(pts - facts.video_start_ticks) * tick_s for pts in facts.key_frames.pts_ticks]
    assert keys == pytest.approx([2.0 * number for number in range(len(keys))])
    assert len(keys) == clip.seconds / 2
    assert facts.duration_s == pytest.approx(clip.seconds, abs=0.011)
    assert facts.key_frames.is_closed
    assert sum(facts.key_frames.bytes_from) < facts.size_bytes
    assert [track.language for track in facts.audio] == list(clip.sounds)


def test_an_index_and_the_packets_tell_the_same() -> None:
    """The same packets in MP4 (by index) and Matroska (by reading) have equal sizes from key frame to key frame."""
    by_index = facts_of(film(clips.STEADY)).key_frames
    by_reading = facts_of(film(Clip("twin.mkv"))).key_frames
    assert by_index.bytes_from == by_reading.bytes_from


def test_a_film_with_an_index_is_not_read_through(tmp_path: Path) -> None:
    """Key frames and their sizes come from the index: what lies between the places looked at may be anything."""
    clip = Clip("indexed.mp4", seconds=20, container_options=(("movflags", "faststart"),))
    body = bytearray(film(clip).read_bytes())
    for share in (0.15, 0.3, 0.65, 0.8):
        place = int(len(body) * share)
        body[place : place + len(body) // 20] = bytes(len(body) // 20)
    path = tmp_path / "film.mp4"
    path.write_bytes(body)
    hub = Listener()
    probe.main(ProbeOrder(bytes(path)), hub)
    assert len(hub.reports) == 1
    assert facts_of(path).key_frames == facts_of(film(clip)).key_frames
    assert len(facts_of(path).key_frames.pts_ticks) == 10


def test_megabytes_where_a_few_bytes_belong_never_reach_the_hub(tmp_path: Path) -> None:
    """A file may call anything the configuration of its decoder: the hub would keep it for each title."""
    path = tmp_path / "fat.mkv"
    with av.open(str(film(Clip("lean.mkv", 1.0, sounds=())))) as lean, av.open(str(path), "w") as out:
        source = lean.streams.video[0]
        video = out.add_stream_from_template(source)
        video.codec_context.extradata = (source.codec_context.extradata or b"") + bytes(3_000_000)
        for packet in lean.demux(source):
            if packet.size:
                packet.stream = video
                out.mux(packet)
    assert path.stat().st_size > 3_000_000
    track = facts_of(path).video
    assert track is not None
    assert len(track.extradata) <= 65_536
    assert "original" not in {rung.id for rung in grid_of(path).rungs}


def test_a_time_lapse_of_one_picture_a_second_gets_a_grid(tmp_path: Path) -> None:
    """AVI counts in pictures then, so in whole seconds: looking for borders once never ended, and ate all memory."""
    path = tmp_path / "seconds.avi"
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=1)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt, video.codec_context.gop_size = 64, 48, "yuv420p", 3
        for number in range(20):
            frame = clips.picture(number, 64, 48)
            frame.pts, frame.time_base = number, Fraction(1)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    assert facts_of(path).key_frames.pts_ticks == (0, 3, 6, 9, 12, 15, 18)
    rung = grid_of(path).rungs[0]
    assert rung.borders_ticks[-1] == 20
    assert max(rung.duration_s(cell) for cell in range(rung.cells)) <= 4.0


def test_a_long_file_tells_how_far_it_is_read(tmp_path: Path) -> None:
    """A transport stream has no index: it is read, and the hub hears of it, so that it need not think it hangs."""
    path = clips.make(tmp_path, Clip("long.ts", seconds=90, width_px=160, height_px=96, sounds=(), steps=(24,)))
    hub = Listener()
    probe.main(ProbeOrder(bytes(path)), hub)
    told = [report.done for report in hub.reports if isinstance(report, Progress)]
    assert told == sorted(told)
    assert told
    assert all(0 < done <= 1 for done in told)


def test_a_recording_in_fragments_is_read_to_its_end() -> None:
    """A fragmented MP4 has its index in pieces; the first piece is not the film."""
    clip = Clip("fragments.mp4", container_options=(("movflags", "frag_keyframe+empty_moov"),))
    facts = facts_of(film(clip))
    assert len(facts.key_frames.pts_ticks) == 5
    assert facts.duration_s == pytest.approx(10.0, abs=0.05)


def test_open_groups_are_noticed() -> None:
    """Pictures shown before the key frame they follow in the file: a player cannot start there cleanly."""
    in_mp4 = Clip("open-gops.mp4", options=clips.OPEN_GOPS.options)
    assert not facts_of(film(clips.OPEN_GOPS)).key_frames.is_closed
    assert not facts_of(film(in_mp4)).key_frames.is_closed or len(facts_of(film(in_mp4)).key_frames.pts_ticks) == 1


def test_depth_aspect_and_channels_are_told() -> None:
    """What decides between copying and encoding."""
    ten = facts_of(film(clips.TEN_BIT))
    wide = facts_of(film(clips.ANAMORPHIC))
    assert ten.video is not None
    assert wide.video is not None
    assert (ten.video.bit_depth, ten.video.pixel_format) == (10, "yuv420p10le")
    assert (ten.audio[0].channels, ten.audio[0].codec, ten.audio[0].profile) == (6, "aac", 1)
    assert (wide.video.sample_aspect_num, wide.video.sample_aspect_den) == (4, 3)


def test_a_film_without_sound_is_a_film() -> None:
    """Nothing but pictures is fine."""
    assert facts_of(film(clips.SILENT)).audio == ()


@pytest.mark.parametrize(
    "clip",
    [
        Clip("half.mkv", sounds=()),
        Clip("half.mp4", sounds=(), container_options=(("movflags", "faststart"),)),
        Clip("half-sound.mp4", bframes=0, container_options=(("movflags", "faststart"),)),
    ],
    ids=lambda clip: clip.name,
)
def test_a_film_that_was_cut_off_tells_what_it_claims(tmp_path: Path, clip: Clip) -> None:
    """What is there can be played, and a person can be told that the rest is missing."""
    whole = film(clip)
    body = whole.read_bytes()
    (tmp_path / clip.name).write_bytes(body[: len(body) * 45 // 100])
    cut = facts_of(tmp_path / clip.name)
    assert 2.0 <= cut.duration_s <= 6.0
    assert cut.claimed_duration_s == pytest.approx(10.0, abs=0.05)
    assert facts_of(whole).claimed_duration_s == 0.0


@pytest.mark.parametrize("name", ["long-sound.mkv", "long-sound.mp4", "long-sound.ts"])
def test_a_film_whose_sound_goes_on_is_whole(name: str) -> None:
    """The picture is what its own track claims."""
    assert facts_of(film(Clip(name, seconds=4, sound_seconds=12))).claimed_duration_s == 0.0


def _cut(path: Path) -> None:
    whole = film(clips.STEADY).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _only_sound(path: Path) -> None:
    cut = film(replace(clips.SILENT, name="music.mp4")).read_bytes()
    path.write_bytes(cut.replace(b"avc1", b"zzzz"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (os.mkfifo, "not_a_file"),
        (lambda path: path.symlink_to(film(clips.STEADY)), "not_a_file"),
        (lambda path: path.mkdir(), "not_a_file"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(200)), "is_archive"),
        (
            lambda path: path.write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile:///etc/passwd\n"),
            "unknown_format",
        ),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), "unknown_format"),
        (_cut, "damaged"),
        (_only_sound, "no_picture"),
        (lambda _path: None, "gone"),
    ],
)
def test_what_is_no_film_has_a_reason(tmp_path: Path, make: object, reason: str) -> None:
    """Pipes, links, folders, archives, playlists, noise and halves: each a word, none a crash or a wait."""
    path = tmp_path / "film.mp4"
    assert callable(make)
    make(path)
    with pytest.raises(MediaError) as caught:
        probe.main(ProbeOrder(bytes(path)), Listener())
    assert caught.value.fields == {"reason": reason}


def _outcome(path: Path) -> str:
    """Return the reason of a failure, or `read`."""
    try:
        probe.main(ProbeOrder(bytes(path)), Listener())
    except MediaError as error:
        return str(error.fields["reason"])
    return "read"


def test_damage_in_the_middle_never_raises_anything_else(tmp_path: Path) -> None:
    """Bytes turned over at any place give facts or a reason."""
    whole = bytearray(film(Clip("short.mp4", seconds=2)).read_bytes())
    path = tmp_path / "broken.mp4"
    outcomes = set()
    for place in range(40, len(whole), len(whole) // 40):
        broken = whole.copy()
        broken[place : place + 24] = bytes(255 - byte for byte in broken[place : place + 24])
        path.write_bytes(broken)
        outcomes.add(_outcome(path))
    assert "read" in outcomes
    assert outcomes <= {"read", "damaged", "no_picture", "unknown_codec", "too_large"}


def test_a_picture_too_long_for_the_boxes_of_an_mp4_is_refused_in_words() -> None:
    """65,535 is the longest side they have room for, however few pixels that are in all."""
    refuse_large(65_535, 4)
    with pytest.raises(MediaError) as caught:
        refuse_large(65_536, 4)
    assert caught.value.fields == {"reason": "too_large"}
