"""What the household wrote, as frozen values: comparing two of them with `!=` tells what changed.

Field names are the YAML keys of DOCS.md with the unit added where there is one.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Secret:
    """A password, or a URL that may hold one. Printing it in any way shows `***`; only `reveal()` gives the text."""

    __slots__ = ("_plain",)

    def __init__(self, plain: str) -> None:
        """Lock the text away."""
        self._plain = plain

    def reveal(self) -> str:
        """Return the plain text: call it only at the edge that needs it, and never keep the result."""
        return self._plain

    def __repr__(self) -> str:
        """Show that something is there, not what."""
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """Show `***` in f-strings too."""
        return "***"

    def __eq__(self, other: object) -> bool:
        """Compare by text, so that a changed password counts as a change."""
        return isinstance(other, Secret) and other._plain == self._plain

    def __hash__(self) -> int:
        """Hash by text."""
        return hash(self._plain)


class LibraryKind(StrEnum):
    """What a library holds."""

    FILMS = "films"
    SERIES = "series"
    HOME_VIDEOS = "home_videos"


class TranscodeMode(StrEnum):
    """When the rungs of a library's titles are made."""

    AHEAD = "ahead"
    ON_DEMAND = "on_demand"
    NEVER = "never"


class CameraMode(StrEnum):
    """When a camera is connected. `battery` and `on_demand` come later."""

    ALWAYS = "always"


class Right(StrEnum):
    """What a person may do: look, or also change things."""

    WATCH = "watch"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class LibraryConfig:
    """One library: a folder of one kind of titles."""

    id: str
    name: str
    kind: LibraryKind
    path: Path
    transcode: TranscodeMode = TranscodeMode.ON_DEMAND
    renditions: tuple[str, ...] = ("1080p", "720p", "480p")


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """One camera. `source` is an `rtsp(s)://` URL with its credentials, or the word `test`."""

    id: str
    name: str
    source: Secret
    mode: CameraMode = CameraMode.ALWAYS
    window_s: float = 60.0

    @property
    def is_test_picture(self) -> bool:
        """Whether this is the built-in moving test picture."""
        return self.source.reveal() == "test"


@dataclass(frozen=True, slots=True)
class RenditionConfig:
    """One rung of the ladder: `id` such as `720p`."""

    id: str
    height_px: int
    video_bps: int
    audio_bps: int = 128_000
    preset: str = "veryfast"


DEFAULT_RENDITIONS: tuple[RenditionConfig, ...] = (
    RenditionConfig("1080p", 1080, 5_000_000),
    RenditionConfig("720p", 720, 2_800_000),
    RenditionConfig("480p", 480, 1_400_000),
    RenditionConfig("360p", 360, 800_000),
    RenditionConfig("240p", 240, 400_000),
)


@dataclass(frozen=True, slots=True)
class StorageConfig:
    """Where cells and pictures are kept; `None` means the folder `osmose-cache` in the data folder."""

    cache: Path | None = None
    quota_bytes: int = 100_000_000_000
    reserve_bytes: int = 5_000_000_000


@dataclass(frozen=True, slots=True)
class WorkersConfig:
    """How much of the machine encoding may take: processes at once, and their niceness (0-19)."""

    transcodes: int = 1
    nice: int = 10


@dataclass(frozen=True, slots=True)
class MqttConfig:
    """The broker. Without a host, the Supervisor's broker is used if there is one."""

    host: str | None = None
    port: int = 1883
    username: str | None = None
    password: Secret | None = None
    tls: bool = False
    discovery_prefix: str = "homeassistant"
    base_topic: str = "osmose"


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """Who may use the panel. `people` maps a Home Assistant user name or id to a right."""

    trusted_ingress: tuple[str, ...] = ("172.30.32.2",)
    people: tuple[tuple[str, Right], ...] = ()


@dataclass(frozen=True, slots=True)
class LoggingConfig:
    """How much is logged: `debug`, `info`, `warning` or `error`."""

    level: str = "info"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the household wrote, defaults filled in."""

    libraries: tuple[LibraryConfig, ...] = ()
    cameras: tuple[CameraConfig, ...] = ()
    renditions: tuple[RenditionConfig, ...] = DEFAULT_RENDITIONS
    storage: StorageConfig = field(default_factory=StorageConfig)
    workers: WorkersConfig = field(default_factory=WorkersConfig)
    mqtt: MqttConfig = field(default_factory=MqttConfig)
    http: HttpConfig = field(default_factory=HttpConfig)
    logging: LoggingConfig = field(default_factory=LoggingConfig)


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in the YAML: where (1-based line and column), at which key path, what is wrong and what helps."""

    file: str
    line: int
    column: int
    path: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        """Return `file:line:column: key.path: what is wrong; what helps`, the form `osmose check` prints."""
        where = f"{self.file}:{self.line}:{self.column}: "
        named = f"{self.path}: " if self.path else ""
        return f"{where}{named}{self.problem}" + (f"; {self.hint}" if self.hint else "")
