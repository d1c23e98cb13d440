"""The programs that tests drive. A missing one is an error with the way out, never a skip."""

import functools
import os
import shutil
import subprocess
from pathlib import Path

_SYSTEM_PYTHON = Path("/usr/bin/python3")
_GST_IMPORT = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


class ToolMissingError(Exception):
    """A program that the tests need is not on this machine."""

    def __init__(self, what: str) -> None:
        """Name the program and how to get it."""
        super().__init__(f"the tests need {what}: run script/setup --tests, which installs it")


@functools.cache
def chromium() -> Path:
    """Return the browser: $CHROMIUM, or the one that is installed. Raises: ToolMissingError."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return _existing(Path(chosen), "the browser that $CHROMIUM names")
    return _found("Chromium", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@functools.cache
def mosquitto() -> Path:
    """Return the MQTT broker. Raises: ToolMissingError."""
    return _found("the broker mosquitto", "mosquitto", "/usr/sbin/mosquitto")


@functools.cache
def ffmpeg() -> Path:
    """Return ffmpeg, which plays the part of a camera or a player. Raises: ToolMissingError."""
    return _found("ffmpeg", "ffmpeg")


@functools.cache
def system_python_with_gst() -> Path:
    """Return the system's Python that can import GStreamer's RTSP server. Raises: ToolMissingError."""
    python = _existing(_SYSTEM_PYTHON, "the system's own Python")
    tried = subprocess.run([python, "-c", _GST_IMPORT], capture_output=True, check=False, timeout=30)
    if tried.returncode != 0:
        raise ToolMissingError("GStreamer's RTSP server for the system's Python")
    return python


@functools.cache
def without_override() -> tuple[str, ...]:
    """Return the command before a command that takes root's right to read everything, nothing for who is not root.

    Raises: ToolMissingError.
    """
    if os.geteuid() != 0:
        return ()
    return (str(_found("setpriv", "setpriv")), "--bounding-set", "-dac_override,-dac_read_search")


@functools.cache
def shaka_player() -> Path:
    """Return the DASH player that pages of tests load. Raises: ToolMissingError."""
    root = Path(__file__).parent.parent
    return _existing(root / "node_modules/shaka-player/dist/shaka-player.compiled.js", "shaka-player")


@functools.cache
def namespace_tools() -> tuple[Path, Path]:
    """Return `unshare` and `nsenter`, once a disk of one's own can be made with them. Raises: ToolMissingError."""
    unshare, nsenter = _found("unshare", "unshare"), _found("nsenter", "nsenter")
    tried = subprocess.run(
        [unshare, "--map-root-user", "--mount", "true"], capture_output=True, check=False, timeout=30
    )
    if tried.returncode != 0:
        raise ToolMissingError("a kernel that lets a user have mounts of his own (unshare --map-root-user --mount)")
    return unshare, nsenter


def _found(what: str, *names: str) -> Path:
    for name in names:
        path = shutil.which(name)
        if path:
            return Path(path)
    raise ToolMissingError(what)


def _existing(path: Path, what: str) -> Path:
    if not path.exists():
        raise ToolMissingError(what)
    return path
