"""Files that are no plain films reach a real browser: sound alone, surround, and pictures it cannot decode."""

from dataclasses import replace

from tests import clips, sounds
from tests.sounds import SoundClip
from tests.whole.browser import browsing, counted
from tests.whole.running import Running, running

_YAML = """
libraries:
  - name: Films
    kind: films
    path: films
    renditions: [360p, 240p]
    transcode: {mode}
"""

# Plays through hls.js; changes to the last sound track on the way, and tells what was heard and when it ended.
_LISTEN = """
async ({ master, change }) => {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playbackRate: 2 });
  document.body.prepend(video);
  const fatal = [];
  const hls = new Hls({ enableWorker: false });
  hls.on(Hls.Events.ERROR, (_event, told) => { if (told.fatal) fatal.push(told.details); });
  hls.loadSource(master);
  hls.attachMedia(video);
  await new Promise((ok) => hls.once(Hls.Events.MANIFEST_PARSED, ok));
  const first = await new Promise((ok) => {
    const look = () => (hls.audioTrack >= 0 ? ok(hls.audioTracks[hls.audioTrack]) : setTimeout(look, 20));
    look();
  });
  await video.play();
  await new Promise((ok) => { const look = () => (video.currentTime > 2 ? ok() : setTimeout(look, 20)); look(); });
  if (change) hls.audioTrack = hls.audioTracks.length - 1;
  await new Promise((ok) => video.addEventListener("ended", ok, { once: true }));
  const tracks = hls.audioTracks.map(({ name, channels }) => [name, channels]);
  const last = hls.audioTracks[hls.audioTrack].name;
  const [at, decoded] = [video.currentTime, video.webkitAudioDecodedByteCount];
  const told = { fatal, tracks, first: first.name, last, at, decoded };
  hls.destroy();
  video.remove();
  return told;
}
"""

# Waits until the panel's player is a second in.
_PLAYS = """
() => new Promise((ok) => {
  const video = document.getElementById("video");
  const look = () => (video.currentTime > 1 ? ok() : setTimeout(look, 20));
  look();
})
"""


async def _heard(osmose: Running, page, title, *, change: bool):
    await page.goto(f"{osmose.url}/health/details")
    style = await page.get_attribute("link[href$='panel.css']", "href")
    where = await page.evaluate("(href) => new URL(href, document.baseURI).href", style)
    await page.add_script_tag(url=where.rsplit("/", 1)[0] + "/vendor/hls.min.js")
    return await page.evaluate(_LISTEN, {"master": f"{osmose.url}/{title['links']['hls']}", "change": change})


async def test_sound_alone_is_played_to_its_end_and_its_tracks_can_be_changed(tmp_path):
    """Two languages and a cover; the panel's player shows the cover and goes on to the end."""
    (tmp_path / "films").mkdir()
    sounds.make(tmp_path / "films", SoundClip("Radio (2026).mp4", seconds=9, languages=("eng", "deu"), cover=True))
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        assert title["video"] is None
        assert {rung["kind"] for rung in title["rungs"]} == {"audio"}
        told = await _heard(osmose, page, title, change=True)
        assert told["fatal"] == []
        assert [name for name, _ in told["tracks"]] == ["English", "Deutsch"]
        assert (told["first"], told["last"]) == ("English", "Deutsch")
        assert abs(told["at"] - 9) < 0.2
        assert told["decoded"] > 10_000
        await page.goto(f"{osmose.url}/titles/{title['id']}/play")
        await page.evaluate(_PLAYS)
        assert await page.locator("#trouble").is_hidden()
        assert await page.evaluate("fetch(document.getElementById('video').poster).then(({ status }) => status)") == 200


async def test_surround_plays_as_stereo_and_on_wish_as_it_is(tmp_path):
    """Chromium begins with the stereo track, and the surround one is a choice."""
    (tmp_path / "films").mkdir()
    clips.make(tmp_path / "films", clips.Clip("Surround (2026).mkv", 8.0, channels=6))
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        told = await _heard(osmose, page, title, change=False)
        assert told["fatal"] == []
        assert told["tracks"] == [["English 5.1", "6"], ["English Stereo", "2"]]
        assert told["first"] == "English Stereo"
        assert abs(told["at"] - 8) < 0.2


async def test_hdr_says_what_it_needs_and_a_browser_without_it_says_so(tmp_path):
    """There is only the file itself: its page tells what plays it, and the player why this browser does not."""
    (tmp_path / "films").mkdir()
    options = (("x265-params", "keyint=50:log-level=none"), ("preset", "ultrafast"))
    clip = clips.Clip("Fine (2026).mp4", 4.0, codec="libx265", options=options)
    clips.make(tmp_path / "films", replace(clip, pixel_format="yuv420p10le", transfer=16))
    async with running(tmp_path, _YAML.format(mode="on_demand")) as osmose, browsing() as page:
        title = await osmose.title()
        (own,) = (rung for rung in title["rungs"] if rung["kind"] == "video")
        assert (own["id"], own["codecs"].rpartition(".L")[0]) == ("original", "hvc1.2.4")
        await page.goto(f"{osmose.url}/titles/{title['id']}")
        await page.get_by_text("it needs a screen and a browser that can show HDR").wait_for()
        await page.get_by_text("Plays just as the file is").wait_for()
        await page.goto(f"{osmose.url}/titles/{title['id']}/play")
        if not await page.evaluate(
            "(type) => MediaSource.isTypeSupported(type)", f'video/mp4; codecs="{own["codecs"]}"'
        ):
            await page.locator("#trouble").wait_for(state="visible")
            assert "cannot play" in await page.locator("#trouble-what").inner_text()
            assert "does not decode" in await page.locator("#trouble-why").inner_text()


async def test_av1_plays_untouched_where_nothing_may_be_encoded(tmp_path):
    """Every picture of the original is shown."""
    (tmp_path / "films").mkdir()
    options = (("preset", "12"),)
    clips.make(tmp_path / "films", clips.Clip("Free (2026).mkv", 6.0, codec="libsvtav1", options=options, bframes=0))
    async with running(tmp_path, _YAML.format(mode="never")) as osmose, browsing() as page:
        title = await osmose.title()
        assert next(rung["codecs"] for rung in title["rungs"]).startswith("av01.")
        told = await counted(page, osmose.url, title["links"]["hls"])
    assert told["fatal"] == []
    assert told["seen"] == list(range(150))
