"""Which sources a camera may have."""

import pytest

from osmose_addon.config.source import Refusal, checked_source, host_is_forbidden, passwords_in


@pytest.mark.parametrize(
    "source",
    [
        "test",
        "rtsp://192.168.1.20/stream",
        "rtsps://me:p%40ss@cam.local:322/s?channel=1&x=%20",
        "rtsp://[2001:db8::1]:554/x",
        "rtsp://localhost:8554/x",
        "rtsp://front_door/x",
    ],
)
def test_a_camera_source_is_accepted_as_it_is(source: str) -> None:
    assert checked_source(source) == source


def test_an_at_sign_in_a_password_is_to_be_written_in_code() -> None:
    """Players do not agree which of two is the last one before the host."""
    refusal = checked_source("rtsp://me:p@ss@10.0.0.1:554/a@b")
    assert isinstance(refusal, Refusal)
    assert "more than one @" in refusal.problem
    assert "write @ as %40" in refusal.hint
    assert checked_source("rtsp://me:p%40ss@10.0.0.1:554/a@b") == "rtsp://me:p%40ss@10.0.0.1:554/a@b"


@pytest.mark.parametrize("scheme", ["rtmp", "rtmps", "http", "https", "HTTP", "whep+http", "whep+https"])
def test_a_source_of_a_later_version_is_told_as_such(scheme: str) -> None:
    refusal = checked_source(f"{scheme}://me:hunter2@host/x")
    assert isinstance(refusal, Refusal)
    assert refusal.problem == f"sources that begin with {scheme.lower()}:// are not in this version yet"
    assert "rtsp://" in refusal.hint


@pytest.mark.parametrize(
    "source",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "concat:a|b",
        "concat:rtsp://a|file:b",
        "rtsp:/host",
        "rtsp:host",
        "tls://a",
        "",
        "Test",
        "subfile,,start,0,end,9,,:/etc/passwd",
        "rtsp:///path",
        "rtsp://me:pa/ss@host/x",
        "rtsp://host:0/",
        "rtsp://host:99999/",
        "rtsp://[::1/",
        "rtsp://ho st/",
        "rtsp://host/\x00",
        "rtsp://\uff53upervisor/",
        "rtsp://%73upervisor/",
    ],
)
def test_what_is_no_camera_source_is_refused_without_being_quoted(source: str) -> None:
    refusal = checked_source(source)
    assert isinstance(refusal, Refusal)
    assert not source or source not in refusal.problem + refusal.hint


@pytest.mark.parametrize(
    "host",
    [
        "supervisor",
        "SUPERVISOR.",
        "supervisor.local.hass.io",
        "172.30.32.2",
        "0xac1e2002",
        "2887655426",
        "172.30.8194",
        "0254.036.040.2",
        "169.254.169.254",
        "169.254.43518",
        "0xA9FEA9FE",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
        "metadata.google.internal",
    ],
)
def test_the_supervisor_and_link_local_addresses_are_never_a_camera(host: str) -> None:
    assert host_is_forbidden(host)
    url_host = f"[{host}]" if ":" in host else host
    assert isinstance(checked_source(f"rtsp://u:p@{url_host}/x"), Refusal)


@pytest.mark.parametrize("host", ["172.30.32.1", "192.168.1.2", "cam", "2001:db8::1", "169.253.1.1", "my-supervisor"])
def test_any_other_host_is_the_administrators_word(host: str) -> None:
    assert not host_is_forbidden(host)


def test_the_test_picture_holds_no_password() -> None:
    assert passwords_in("test") == ()
