"""The worker that turns a subtitle track into WebVTT."""

from collections.abc import Iterator

from av.container import InputContainer
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import AssSubtitle

from osmose_addon.formats.captions import Cue, placed, webvtt
from osmose_addon.formats.scripts import Script
from osmose_addon.model.orders import TextOrder
from osmose_addon.model.reports import Progress, TextMade
from osmose_addon.workers.hub import Hub
from osmose_addon.workers.opened import opened, packets, text_stream, time_base

_ASS_FIELDS = 8
_STYLE_FIELD = 2
_TOLD_EVERY = 500
_GUESSED_LENGTH_S = 4.0


def main(order: TextOrder, hub: Hub) -> None:
    """Answer with the track as one document, its times counted from `origin_s` of the file; `Progress` meanwhile.

    Raises: MediaError (`changed` when the file has no such track, `unknown_codec` when it is no text).
    """
    with opened(order.path) as container:
        stream = text_stream(container, order.track)
        hub.send(TextMade(webvtt(_cues(container, stream, order.origin_s, hub))))


def _cues(container: InputContainer, stream: SubtitleStream, origin_s: float, hub: Hub) -> Iterator[Cue]:
    tick_s = float(time_base(stream))
    script = Script((stream.codec_context.extradata or b"").decode("utf-8", "replace"))
    for number, packet in enumerate(packets(container, stream)):
        if number % _TOLD_EVERY == _TOLD_EVERY - 1:
            hub.send(Progress(0.0))
        if not packet.size or packet.pts is None:
            continue
        start_s = packet.pts * tick_s - origin_s
        lasts_s = (packet.duration or 0) * tick_s or _GUESSED_LENGTH_S
        for event in packet.decode():
            if isinstance(event, AssSubtitle):
                yield Cue(start_s, start_s + lasts_s, *_spoken(event.ass, script))


def _spoken(event: bytes, script: Script) -> tuple[str, str]:
    """Return what an ASS event says, and where: eight fields come before the text, the third is its style."""
    *fields, text = event.decode("utf-8", "replace").split(",", _ASS_FIELDS)
    style = script.style(fields[_STYLE_FIELD] if len(fields) > _STYLE_FIELD else "")
    return placed(text, style)
