"""Logs never tell a secret."""

import io
import logging

import pytest

from osmose_addon.runtime import log

PASSWORD = "p@ss:w/rd %41"


@pytest.mark.parametrize(
    "text",
    [
        f"cannot open rtsp://admin:{PASSWORD}@10.0.0.4/main",
        "cannot open rtsp://admin:p%40ss%3Aw%2Frd%20%2541@10.0.0.4/main",
        "cannot open rtsp://admin:p%40ss%3Aw%2Frd+%2541@10.0.0.4/main",
    ],
)
def test_a_known_secret_is_blotted_out_in_every_spelling(text):
    """Plain and percent-encoded, whole."""
    redaction = log.Redaction()
    redaction.learn([PASSWORD])
    assert redaction.clean(text) == "cannot open rtsp://admin:***@10.0.0.4/main"


def test_a_short_secret_does_not_blot_out_the_log():
    """Two letters would be everywhere."""
    redaction = log.Redaction()
    redaction.learn(["ab", ""])
    assert redaction.clean("about a cab") == "about a cab"


def test_a_traceback_is_redacted_too():
    """Also what an exception tells."""
    redaction = log.Redaction()
    redaction.learn([PASSWORD])
    root = logging.getLogger()
    ours = logging.getLogger("osmose_addon")
    before = (root.handlers[:], root.level, ours.level)
    try:
        log.set_up("info", redaction)
        out = io.StringIO()
        handler = root.handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(out)
        try:
            int(PASSWORD)
        except ValueError:
            logging.getLogger("osmose_addon.x").exception("it failed with %s", PASSWORD)
    finally:
        root.handlers[:], root.level, ours.level = before
    assert PASSWORD not in out.getvalue()
    assert "it failed with ***" in out.getvalue()
