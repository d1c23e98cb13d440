"""A camera that sends us elsewhere: the password stays here, and every other answer is FFmpeg's to name."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from osmose_addon.model.errors import SourceError, SourceLostError, SourceRefusedError, SourceUnusableError
from osmose_addon.runtime.clock import Clock
from osmose_addon.workers.redirect import is_redirected
from osmose_addon.workers.source import open_rtsp
from tests import cameras

_FINE = "200 OK"
_AWAY = "302 Found"
_PASSWORD = "s3cr3t"


@dataclass
class Speaker:
    """Answers RTSP questions with a status a method, and keeps what it was asked."""

    statuses: dict[str, str]
    location: str = ""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def url(self) -> str:
        """Return its address, with credentials."""
        return f"rtsp://admin:{_PASSWORD}@127.0.0.1:{self.port}/live?channel=1"

    def serve(self, listener: socket.socket) -> None:
        """Take callers until the listener is shut."""
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._speak, args=(caller,), daemon=True).start()

    def _speak(self, caller: socket.socket) -> None:
        with caller:
            for question in _questions(caller):
                self.asked.append(question)
                status = self.statuses.get(question.split()[0], "")
                if not status:
                    continue
                number = question.partition("CSeq: ")[2].split()[0]
                extra = f"Location: {self.location}\r\n" if status == _AWAY else ""
                extra += 'WWW-Authenticate: Basic realm="x"\r\n' if status.startswith("401") else ""
                caller.sendall(f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{extra}\r\n".encode())


def _questions(caller: socket.socket) -> Iterator[str]:
    heard = b""
    while True:
        try:
            more = caller.recv(4096)
        except OSError:
            return
        if not more:
            return
        heard += more
        while b"\r\n\r\n" in heard:
            question, heard = heard.split(b"\r\n\r\n", 1)
            yield question.decode()


@contextmanager
def _speaking(options: str, describe: str, location: str = "") -> Iterator[Speaker]:
    speaker = Speaker({"OPTIONS": options, "DESCRIBE": describe}, location)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        speaker.port = int(listener.getsockname()[1])
        threading.Thread(target=speaker.serve, args=(listener,), daemon=True).start()
        yield speaker
        listener.shutdown(socket.SHUT_RDWR)


def _problem(url: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        open_rtsp(url, Clock())
    return caught.value


@pytest.mark.parametrize(("options", "describe"), [(_FINE, _AWAY), (_AWAY, _FINE), ("400 Bad Request", _AWAY)])
def test_a_camera_that_sends_us_elsewhere_does_not_get_the_password_carried_there(options: str, describe: str) -> None:
    with _speaking(_FINE, "401 Unauthorized") as elsewhere:
        target = f"rtsp://127.0.0.1:{elsewhere.port}/stolen"
        with _speaking(options, describe, target) as camera:
            problem = _problem(camera.url())
    assert isinstance(problem, SourceUnusableError)
    assert problem.fields == {"reason": "redirected"}
    assert elsewhere.asked == []
    assert not any("Authorization" in question or _PASSWORD in question for question in camera.asked)
    assert f"rtsp://127.0.0.1:{camera.port}/live?channel=1" in camera.asked[0]


@pytest.mark.parametrize("options", [_FINE, "401 Unauthorized"])
def test_a_camera_that_wants_a_password_is_asked_on(options: str) -> None:
    with _speaking(options, "401 Unauthorized") as camera:
        assert isinstance(_problem(camera.url()), SourceRefusedError)


@pytest.mark.parametrize("options", ["501 Not Implemented", "nonsense", "200"])
def test_a_camera_that_answers_oddly_is_left_to_ffmpeg(options: str) -> None:
    with _speaking(options, "200 OK") as camera:
        assert not is_redirected(camera.url(), Clock())


def test_an_unknown_path_is_still_named() -> None:
    with _speaking(_FINE, "404 Not Found") as camera:
        assert _problem(camera.url()).fields == {"reason": "not_found"}


def test_nobody_who_listens_is_still_named() -> None:
    problem = _problem(f"rtsp://admin:{_PASSWORD}@127.0.0.1:{cameras.free_port()}/live")
    assert isinstance(problem, SourceLostError)
    assert problem.fields == {"reason": "nobody_listens"}


@pytest.mark.parametrize("host", ["front-door.invalid", "front..door"])
def test_a_name_that_nobody_knows_is_told_from_a_camera_that_went_away(host: str) -> None:
    problem = _problem(f"rtsp://admin:{_PASSWORD}@{host}/live")
    assert isinstance(problem, SourceLostError)
    assert problem.fields == {"reason": "unknown_host"}


def test_a_camera_that_never_answers_is_not_waited_for_for_ever() -> None:
    with _speaking("", "") as camera:
        assert not is_redirected(camera.url(), Clock())


def test_a_camera_that_never_stops_answering_is_cut_off() -> None:
    with _speaking("200 " + "x" * 200_000, _AWAY) as camera:
        assert not is_redirected(camera.url(), Clock())


@pytest.mark.parametrize(
    "url",
    ["rtsp://", "rtsp://[::1", "rtsp://127.0.0.1:99999/", "rtsp://127.0.0.1:1/a b", "rtsp://127.0.0.1:1/\r\nX: y"],
)
def test_an_address_that_makes_no_sense_is_nobody_to_ask(url: str) -> None:
    assert not is_redirected(url, Clock())


async def test_a_real_camera_with_a_digest_password_is_no_redirect_and_answers_quickly(tmp_path: Path) -> None:
    async with cameras.RtspCamera(cameras.reel(tmp_path)) as camera:
        took_s = []
        for _ in range(5):
            began_s = time.monotonic()
            assert not is_redirected(camera.url(), Clock())
            took_s.append(time.monotonic() - began_s)
    assert min(took_s) < 0.05
