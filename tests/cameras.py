"""Cameras for the tests: a real RTSP server as a child process, and a wire to it that can freeze and break."""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

import av

from osmose_addon.formats import h264
from osmose_addon.formats.aac import AacConfig
from tests import clips

PASSWORD = "p@ss:w/rd%&é"
USER = "porch"
_SCRIPT = Path(__file__).with_name("rtsp_camera.py")
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000)


@dataclass(frozen=True)
class Reel:
    """What a camera plays: its pictures (H.264 units with start codes) and frames of sound, also as files."""

    pictures_file: Path
    sounds_file: Path
    pictures: tuple[bytes, ...] = field(repr=False)
    sounds: tuple[bytes, ...] = field(repr=False)
    sample_rate_hz: int = 16000


def reel(
    folder: Path,
    *,
    gop: int = 25,
    seconds: float = 4.0,
    width_px: int = 320,
    height_px: int = 180,
    quantiser: int = 0,
) -> Reel:
    """Make a clip and take it apart. A `quantiser` of 1 to 51 fixes the quality, and so the bit rate."""
    clip = clips.Clip(
        "reel.mp4",
        seconds,
        gop=gop,
        bframes=0,
        width_px=width_px,
        height_px=height_px,
        sample_rate_hz=16000,
        options=(("qp", str(quantiser)),) if quantiser else (),
    )
    path = clips.make(folder, clip)
    with av.open(str(path)) as film:
        sets = h264.sets_of_extradata(film.streams.video[0].codec_context.extradata or b"")
        assert sets is not None
        pictures = [
            _annex_b(bytes(packet), sets, is_key=packet.is_keyframe) for packet in film.demux(video=0) if packet.size
        ]
    with av.open(str(path)) as film:
        sounds = [bytes(packet) for packet in film.demux(audio=0) if packet.size]
    adts = [_adts(frame, AacConfig(2, 16000, 2)) for frame in sounds]
    return Reel(_units(folder / "reel.h264", pictures), _units(folder / "reel.adts", adts), (*pictures,), (*sounds,))


def _annex_b(packet: bytes, sets: h264.ParameterSets, *, is_key: bool) -> bytes:
    head = (*sets.sps, *sets.pps) if is_key else ()
    return h264.join_annex_b((b"\x09\xf0", *head, *h264.split_lengths(packet)))


def _adts(frame: bytes, config: AacConfig) -> bytes:
    """Return a frame behind its ADTS header. Source: ISO/IEC 14496-3, section 1.A.2."""
    size, rate = len(frame) + 7, _RATES.index(config.sample_rate_hz)
    bits = 0xFFF1 << 40 | (config.object_type - 1) << 38 | rate << 34 | config.channels << 30 | size << 13 | 0x7FF << 2
    return bits.to_bytes(7, "big") + frame


def _units(path: Path, units: list[bytes]) -> Path:
    path.write_bytes(b"".join(struct.pack(">I", len(unit)) + unit for unit in units))
    return path


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RtspCamera:
    """A camera on a port of its own, which it keeps when it is unplugged and plugged in again."""

    def __init__(self, film: Reel, *, user: str = USER, password: str = PASSWORD, sound: str = "aac") -> None:
        """Prepare a camera; `sound` is `aac`, `g711`, `silent` or `none`."""
        self.port = free_port()
        self._film, self._user, self._password, self._sound = film, user, password, sound
        self._process: asyncio.subprocess.Process | None = None

    def url(self, *, port: int = 0, password: str | None = None, path: str = "live") -> str:
        """Return its URL, with credentials; `port` is that of a wire, if there is one."""
        given = self._password if password is None else password
        who = f"{quote(self._user, safe='')}:{quote(given, safe='')}@" if self._user else ""
        return f"rtsp://{who}127.0.0.1:{port or self.port}/{path}"

    async def plug_in(self) -> None:
        """Start it, and wait until it listens."""
        film, sounds = self._film, "-" if self._sound == "none" else str(self._film.sounds_file)
        self._process = await asyncio.create_subprocess_exec(
            *("/usr/bin/python3", str(_SCRIPT), str(self.port), str(film.pictures_file), "25", sounds),
            *(str(film.sample_rate_hz), self._user, self._password, self._sound),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"ready\n"

    async def unplug(self) -> None:
        """Kill it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()  # to the end of what it said, so that its pipe is closed

    async def __aenter__(self) -> Self:
        """Plug it in."""
        await self.plug_in()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Unplug it."""
        await self.unplug()


class Wire:
    """A TCP relay to a camera: it can stop carrying bytes, cut or reset what is connected, and refuse newcomers."""

    def __init__(self, port: int) -> None:
        """Lead to `port`."""
        self._to = port
        self.port = 0
        self.connections = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Lay the wire."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Take the wire away."""
        assert self._server is not None
        self._flows.set()
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    def freeze(self) -> None:
        """Carry nothing any more, but keep all connections."""
        self._flows.clear()

    def thaw(self) -> None:
        """Carry bytes again."""
        self._flows.set()

    def cut(self) -> None:
        """End all connections in good order."""
        for writer in tuple(self._writers):
            writer.close()

    def reset(self) -> None:
        """Break all connections."""
        for writer in tuple(self._writers):
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, back}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._carry(reader, back))
            group.create_task(self._carry(there, writer))
        self._writers -= {writer, back}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while body := await reader.read(65536):
                await self._flows.wait()
                writer.write(body)
                await writer.drain()
        writer.close()
