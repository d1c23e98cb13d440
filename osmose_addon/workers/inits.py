"""Init segments: what a player must know of a rung before its first cell."""

from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from osmose_addon.formats import aac, h264
from osmose_addon.formats.mp4 import AudioSetup, Colour, VideoSetup, init_segment
from osmose_addon.model.errors import MediaError
from osmose_addon.model.media import Rung, RungKind, RungMethod
from osmose_addon.model.reports import InitMade
from osmose_addon.workers import x264
from osmose_addon.workers.copies import boxed_as
from osmose_addon.workers.opened import audio_stream, video_stream
from osmose_addon.workers.reading import sound_from
from osmose_addon.workers.scaling import clockwise_deg

_UNKNOWN = 2
_FULL_RANGE = 2


def init_of(container: InputContainer, rung: Rung) -> InitMade:
    """Return the init segment of a rung. Raises: MediaError when the file is not what it was."""
    if rung.kind is RungKind.AUDIO:
        return _sound_init(container, rung)
    video = video_stream(container, rung.track)
    if rung.method is RungMethod.COPIED:
        return _copied_init(container, video, rung)
    made = x264.encoder(rung, video)
    sets = _sets(made.extradata or b"")
    setup = VideoSetup(1, rung.timescale_hz, rung.width_px, rung.height_px, h264.avcc(sets), colour=_colour(made))
    return InitMade(rung.id, sets.codecs, init_segment([setup]))


def _copied_init(container: InputContainer, video: VideoStream, rung: Rung) -> InitMade:
    context, boxed = video.codec_context, boxed_as(video)
    aspect = video.sample_aspect_ratio or context.sample_aspect_ratio
    frame = next(container.decode(video), None)
    setup = VideoSetup(
        1,
        rung.timescale_hz,
        context.width,
        context.height,
        boxed.config,
        sample_aspect_num=(aspect.numerator or 1) if aspect else 1,
        sample_aspect_den=aspect.denominator if aspect else 1,
        rotation_deg=clockwise_deg(frame) if frame else 0,
        colour=_colour(context),
        entry=boxed.entry,
        config_box=boxed.box,
    )
    return InitMade(rung.id, boxed.codecs, init_segment([setup]))


def _sets(extradata: bytes) -> h264.ParameterSets:
    sets = h264.sets_of_extradata(extradata)
    if sets is None:
        raise MediaError(reason="changed")
    return sets


def _colour(context: VideoCodecContext) -> Colour | None:
    codes = (context.color_primaries, context.color_trc, context.colorspace)
    if all(code == _UNKNOWN for code in codes):
        return None
    return Colour(*codes, is_full_range=context.color_range == _FULL_RANGE)


def _sound_init(container: InputContainer, rung: Rung) -> InitMade:
    config = aac.build_config(aac.AacConfig(aac.LOW_COMPLEXITY, rung.timescale_hz, rung.channels))
    if rung.method is RungMethod.COPIED:
        config = _copied_config(container, rung)
    setup = AudioSetup(1, rung.timescale_hz, rung.channels, rung.timescale_hz, config, rung.language)
    return InitMade(rung.id, aac.parse_config(config).codecs, init_segment([setup]))


def _copied_config(container: InputContainer, rung: Rung) -> bytes:
    """Return the source's AudioSpecificConfig; MPEG-TS tells it in the header of each frame instead."""
    sound = audio_stream(container, rung.track)
    extradata = sound.codec_context.extradata or b""
    if extradata:
        return extradata
    packet = next(sound_from(container, sound, 0.0), None)
    if packet is None or not aac.is_adts(bytes(packet)):
        raise MediaError(reason="changed")
    return aac.build_config(aac.adts_config(bytes(packet)))
