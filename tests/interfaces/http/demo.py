"""A household with films and cameras in real stores, for tests of the panel and for its pictures."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from osmose_addon.config import load_texts
from osmose_addon.formats.texts import Texts
from osmose_addon.interfaces.http.server import HttpServer, make_app
from osmose_addon.model.actions import Done
from osmose_addon.model.config import HttpConfig, Right
from osmose_addon.model.journal import Event
from osmose_addon.model.media import (
    AudioTrack,
    Chapter,
    Grid,
    MediaFacts,
    Rung,
    RungGroup,
    RungKind,
    RungMethod,
    TextTrack,
    Title,
    TitlePhase,
    VideoTrack,
)
from osmose_addon.runtime.clock import Clock, iso
from osmose_addon.runtime.paths import Paths, paths_of
from osmose_addon.stores.actions import Actions
from osmose_addon.stores.catalog.catalog import Catalog
from osmose_addon.stores.catalog.watching import Playback
from osmose_addon.stores.ledger import Ledger
from osmose_addon.stores.live import LiveStore
from osmose_addon.stores.segments.cells import CellStore, CellWriter
from osmose_addon.stores.shelves import Shelves
from osmose_addon.stores.states import States
from tests.interfaces.http.drawn import landscape

TEXTS = Path(__file__).parents[3] / "translations" / "en.yaml"
_CELL_S = 4
_MINUTE_S = 60

FILMS = (
    ("over-the-hills", "Over the Hills", 2026, 10),
    ("copper-hour", "Copper Hour", 2022, 124),
    ("lanterns", "Lanterns over the Old Harbour", 2019, 112),
    ("meridian", "Meridian", 2024, 131),
    ("paper-kites", "Paper Kites", 2020, 89),
    ("quiet-orchard", "The Quiet Orchard", 2018, 101),
    ("salt-road", "The Salt Road", 2021, 137),
    ("small-hours", "Small Hours", 2024, 95),
    ("field-guide", "A Field Guide to Getting Lost at Sea and Other Useful Arts", 2017, 98),
    ("under-the-linden", "Under the Linden", 2016, 93),
)
VIEWER = "5e1f"
"""The id, in Home Assistant, of the one who began some of the films."""
CAMERAS = (("front-door", "Front door"), ("garden", "Garden"), ("street", "Street"), ("garage", "Garage"))


def facts(minutes: float) -> MediaFacts:
    """Return the facts of a film of this length."""
    video = VideoTrack(0, "h264", 100, 40, 1920, 1080, "yuv420p", 8, 1, 90_000, 24.0)
    audio = (
        AudioTrack(1, "aac", 1, 6, 48_000, 1, 48_000, language="eng"),
        AudioTrack(2, "aac", 1, 2, 48_000, 1, 48_000, language="deu"),
    )
    texts = (TextTrack(3, "subrip", "eng"), TextTrack(4, "subrip", "deu"), TextTrack(5, "subrip", "fra"))
    length_s = minutes * _MINUTE_S
    names = ("The meadow", "At the brook", "Three small bullies", "")
    chapters = tuple(
        Chapter(length_s * place / 4, length_s * (place + 1) / 4, name) for place, name in enumerate(names)
    )
    return MediaFacts("matroska", int(minutes * 40e6), length_s, video, audio, texts, chapters)


def grid(minutes: float) -> Grid:
    """Return a grid of three rungs, the top one copied."""
    cells = max(1, int(minutes * _MINUTE_S / _CELL_S))
    borders = tuple(cell * _CELL_S * 90_000 for cell in range(cells + 1))

    def rung(name: str, method: RungMethod, reason: str, height_px: int, average_bps: int) -> Rung:
        return Rung(
            id=name,
            kind=RungKind.VIDEO,
            group=RungGroup.LADDER,
            method=method,
            reason=reason,
            track=0,
            timescale_hz=90_000,
            origin_ticks=0,
            borders_ticks=borders,
            codecs="avc1.640028",
            bandwidth_bps=average_bps * 2,
            average_bps=average_bps,
            width_px=height_px * 16 // 9,
            height_px=height_px,
        )

    return Grid(
        "r1",
        minutes * _MINUTE_S,
        (
            rung("1080p", RungMethod.COPIED, "fits", 1080, 5_900_000),
            rung("720p", RungMethod.ENCODED, "smaller", 720, 2_800_000),
            rung("480p", RungMethod.ENCODED, "smaller", 480, 1_100_000),
        ),
    )


def fill(paths: Paths, title: Title, rung_id: str, cells: range) -> None:
    """Put something into cells of a title."""
    assert title.grid is not None
    with CellWriter(paths.title(title.id, title.grid.revision), rung_id, cells.start) as writer:
        for cell in cells:
            writer.write(cell, b"cell")


async def add_film(shelves: Shelves, film: tuple[str, str, int, float], seed: int = 0) -> Title:
    """Add a film (id, name, year, minutes) that is ready, with a drawn poster."""
    id_, name, year, minutes = film
    title = Title(
        id=id_,
        library_id="films",
        name=name,
        path=os.fsencode(f"/media/films/{name} ({year}).mkv"),
        phase=TitlePhase.READY,
        year=year,
        added_unix_s=shelves.clock.unix_s() - seed * 3600,
        facts=facts(minutes),
        grid=grid(minutes),
    )
    await shelves.catalog.titles.save(title)
    folder = shelves.paths.pictures(id_)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "poster.jpg").write_bytes(landscape(seed, 960, 540))
    (folder / "poster-small.jpg").write_bytes(landscape(seed, 480, 270))
    return title


@asynccontextmanager
async def served(shelves: Shelves) -> AsyncIterator[str]:
    """Serve the shelves as the program does, and yield the address.

    Whoever comes as `X-Remote-User-Name: anna` manages, anybody else watches.
    """
    config = HttpConfig(trusted_ingress=("127.0.0.1",), people=(("anna", Right.MANAGE),))
    server = HttpServer(make_app(shelves, lambda: config, is_addon=False), "127.0.0.1", 0)
    port = await server.open()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.close()


@asynccontextmanager
async def empty_shelves(data: Path) -> AsyncIterator[Shelves]:
    """Open real stores with nothing in them."""
    clock, paths = Clock(), paths_of(data, None)
    async with Catalog.opened(paths, clock) as catalog:
        cells = CellStore(paths)
        yield Shelves(
            states=States(),
            actions=Actions(),
            catalog=catalog,
            cells=cells,
            ledger=Ledger(catalog, cells, clock),
            live=LiveStore(clock),
            texts=Texts(load_texts(TEXTS)),
            paths=paths,
            clock=clock,
        )


async def furnish(shelves: Shelves) -> None:
    """Fill the shelves as they are on a lively evening."""
    now_s = shelves.clock.unix_s()
    shelves.states.set("osmose", "", version="0.2.0", health="good", needs_you=2, mqtt="connected", jobs_paused=False)
    shelves.states.set("library", "films", name="Films", kind="films", phase="ready", titles=len(FILMS), failed=1)
    shelves.states.set("library", "home", name="Home videos", kind="home_videos", phase="ready", titles=0, failed=0)
    for service in ("jobs", "library.films", "mqtt", "reload"):
        shelves.states.set("service", service, phase="running")
    await _films(shelves)
    await _watching(shelves)
    _cameras(shelves, now_s)
    shelves.states.set(
        "job", "prepare-salt-road", title="salt-road", cause="prepare", phase="running", rung="720p, 480p"
    )
    shelves.states.set("job", "prepare-salt-road", progress=38, speed=3.4, left=720)
    await _journal(shelves)


async def _films(shelves: Shelves) -> None:
    for seed, film in enumerate(FILMS):
        title = await add_film(shelves, film, seed)
        if title.id != "salt-road":
            continue
        cells = title.grid.rungs[0].cells if title.grid else 0
        fill(shelves.paths, title, "1080p", range(cells))
        for rung_id in ("720p", "480p"):
            fill(shelves.paths, title, rung_id, range(cells * 5 // 8))
            fill(shelves.paths, title, rung_id, range(cells * 7 // 10, cells * 8 // 10))
    broken = Title(
        "night-fare", "films", "Night Fare", b"/media/films/Night Fare.mkv", TitlePhase.FAILED, reason="damaged"
    )
    await shelves.catalog.titles.save(broken)
    shelves.states.set("title", "night-fare", phase="failed")


async def _watching(shelves: Shelves) -> None:
    """Have somebody begin some of the films, and see one to its end."""
    for number, (title_id, share) in enumerate((("copper-hour", 0.31), ("small-hours", 0.8), ("lanterns", 0.99))):
        length_s = next(minutes for id_, _, _, minutes in FILMS if id_ == title_id) * _MINUTE_S
        played = Playback(f"evening-{number:03}", "title", title_id, share * length_s, 600.0, length_s)
        await shelves.catalog.watching.note(VIEWER, played)


def _cameras(shelves: Shelves, now_s: float) -> None:
    for id_, name in CAMERAS:
        shelves.live.add(id_, 60.0)
        shelves.states.set("camera", id_, name=name, phase="live", live=True, since=iso(now_s - 9 * 86_400))
        shelves.states.set("camera", id_, resolution="1920×1080", codec="h264", bit_rate=3800, frame_rate=25)  # noqa: RUF001
        shelves.states.set("camera", id_, key_frame_gap=2.0, viewers=2, method="copied", sound="camera_sound.copied")
        shelves.states.set("camera", id_, method_reason="camera_method.fits", last_picture=iso(now_s))
    shelves.states.set("camera", "garage", phase="lost", live=False, reason="camera_reason.no_answer")
    shelves.states.set(
        "camera", "garage", since=iso(now_s - 240), last_picture=iso(now_s - 240), next_try=iso(now_s + 8)
    )

    async def snapshot(arguments: Mapping[str, str]) -> Done:
        seed = 20 + [id_ for id_, _ in CAMERAS].index(arguments["camera"])
        return Done({"at_unix_s": now_s}, landscape(seed, 1280, 720))

    async def nothing(_arguments: Mapping[str, str]) -> Done:
        return Done({})

    shelves.actions.carry("snapshot", snapshot)
    for action in ("try_now", "rescan", "prepare", "cancel", "retry", "reload", "pause_jobs", "resume_jobs"):
        shelves.actions.carry(action, nothing)


async def _journal(shelves: Shelves) -> None:
    journal = shelves.catalog.journal
    await journal.write(Event.CONFIG_LOADED, "osmose", "")
    await journal.write(Event.TITLE_ADDED, "title", "meridian", name="Meridian")
    await journal.write(Event.TITLE_FAILED, "title", "night-fare", name="Night Fare", reason="damaged")
    await journal.write(Event.ACTION_DONE, "osmose", "", by="Anna", action="prepare", title="salt-road")
    await journal.write(Event.TITLE_PREPARED, "title", "copper-hour", name="Copper Hour")
    await journal.write(Event.CAMERA_LOST, "camera", "garage", reason="camera_reason.no_answer")
