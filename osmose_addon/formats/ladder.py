"""Which rungs a title is offered in, and the grid they are cut by: pure arithmetic over what a probe found.

A source that suits every player is copied, never encoded. What is encoded beside a copy costs clearly fewer bits than
the copy, or is not there: a player would take it for the better one. Rungs that a player may switch between share their
borders exactly: rungs with other borders froze hls.js for seconds without any error event (measured).
"""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from osmose_addon.formats import borders, ladder_sound
from osmose_addon.formats.ladder_copies import (
    OVERHEAD_BPS,
    holds_halves,
    weighed,
    why_not_copied,
    why_not_everywhere,
)
from osmose_addon.formats.levels import level_for
from osmose_addon.model.config import RenditionConfig
from osmose_addon.model.media import Grid, MediaFacts, Rung, RungGroup, RungKind, RungMethod, VideoTrack

MAXRATE_SHARE = 1.2
BUFFER_SHARE = 1.0

_CELL_FORMAT = 2
_SAME_SIZE_SHARE = 0.05
_PEAK_SHARE = 4
# Fewer pixels need fewer bits, but not in proportion: H.264 spends about the power 0.75 of their number.
_PIXEL_POWER = 0.75
_CLEARLY_LESS_SHARE = 0.8
_LEAST_LEFT_SHARE = 0.5
_LARGEST_CELL_BITS = 32_000_000
_SHORTEST_CELL_S = 1.0
_WIDE = 16 / 9
_SHORTEST_FRAME_RATE = 1.0
_LONGEST_FRAME_RATE = 240.0


@dataclass(frozen=True, slots=True)
class _Size:
    width_px: int
    height_px: int

    @property
    def name_px(self) -> int:
        """Return the height of the 16:9 screen this picture fills, upright or on its side: a 1920x800 film is 1080."""
        return max(min(self.width_px, self.height_px), round(max(self.width_px, self.height_px) / _WIDE))


def plan(facts: MediaFacts, renditions: Sequence[RenditionConfig], *, may_encode: bool = True) -> Grid:
    """Return the grid of a title for the wished renditions.

    No rung is larger than the source. With `may_encode` false there are only copies, perhaps none at all.
    """
    video = _video_rungs(facts, renditions, may_encode=may_encode) if facts.video else ()
    duration_s = _duration_s(facts)
    audio_bps = max((rendition.audio_bps for rendition in renditions), default=128_000)
    sounds = ladder_sound.rungs(facts, ladder_sound.Wish(duration_s, audio_bps, may_encode))
    rungs = (*video, *sounds)
    told = repr((_CELL_FORMAT, facts.size_bytes, rungs)).encode()
    return Grid(hashlib.sha256(told).hexdigest()[:12], duration_s, rungs)


def why_nothing(facts: MediaFacts, grid: Grid) -> str:
    """Return the reason (below `media_reason.`) why a grid offers nothing to watch, or nothing where it does."""
    if facts.video is None:
        return "" if grid.rungs else "needs_encoding"
    if any(rung.kind is RungKind.VIDEO for rung in grid.rungs):
        return ""
    return "hdr_not_copied" if facts.video.is_hdr else "needs_encoding"


def _video_rungs(facts: MediaFacts, wished: Sequence[RenditionConfig], *, may_encode: bool) -> tuple[Rung, ...]:
    video = facts.video
    if video is None:
        return ()
    line = _timeline(facts, video)
    shown = _shown(video)
    base = _base_rung(facts, video)
    never, partly = why_not_copied(facts), why_not_everywhere(facts)
    own_name = _own_name(shown, wished)
    is_own_ladder = not never and not partly and facts.key_frames.is_closed and not video.rotation_deg
    keyed = borders.copied(line) if is_own_ladder and not video.is_hdr else None
    top = weighed(facts, replace(base, id=own_name, reason="fits", borders_ticks=keyed)) if keyed else None
    if top and top.bandwidth_bps > _peak_allowed_bps(shown, wished):
        top = None
    rungs = [top] if top else []
    if may_encode and not video.is_hdr:
        reason = partly or never or _why_not_in_ladder(facts, video, has_borders=keyed is not None)
        chosen = _chosen(shown, wished, top)
        cut = top.borders_ticks if top else borders.encoded(line, _longest_s(chosen))
        ladder = replace(base, method=RungMethod.ENCODED, borders_ticks=cut, reason="smaller" if top else reason)
        ladder = replace(ladder, deinterlaces=holds_halves(video))
        fitting = (_below(top, ladder, shown, rendition) for rendition in chosen)
        rungs += [_encoded(ladder, video, shown, rendition) for rendition in fitting if rendition]
    if not never and not top:
        why = "hdr" if video.is_hdr else "original"
        own = replace(base, id="original", group=RungGroup.ORIGINAL, reason=why)
        rungs.append(weighed(facts, replace(own, borders_ticks=borders.original(line))))
    return tuple(rungs)


def _longest_s(renditions: Sequence[RenditionConfig]) -> float:
    """Return how long a cell may last so that none of the largest rung has more than 4,000,000 bytes."""
    target_bps = max((rendition.video_bps for rendition in renditions), default=0)
    if not target_bps:
        return borders.CELL_S
    longest_s = (_LARGEST_CELL_BITS / target_bps - BUFFER_SHARE) / MAXRATE_SHARE
    return min(max(longest_s, _SHORTEST_CELL_S), borders.CELL_S)


def _why_not_in_ladder(facts: MediaFacts, video: VideoTrack, *, has_borders: bool) -> str:
    if not facts.key_frames.is_closed:
        return "open_gops"
    if video.rotation_deg:
        return "rotated"
    return "peak_too_high" if has_borders else "key_frames_far_apart"


def _timeline(facts: MediaFacts, video: VideoTrack) -> borders.Timeline:
    start, step = facts.video_start_ticks, video.time_base_num
    keys = tuple((pts - start) * step for pts in facts.key_frames.pts_ticks)
    frame_ticks = video.time_base_den / video.frame_rate if video.frame_rate else 0.0
    sums = tuple(itertools.accumulate(facts.key_frames.bytes_from, initial=0))
    return borders.Timeline(keys, (facts.video_end_ticks - start) * step, video.time_base_den, frame_ticks, sums)


def _duration_s(facts: MediaFacts) -> float:
    if facts.video is None:
        return facts.duration_s
    ticks = facts.video_end_ticks - facts.video_start_ticks
    return ticks * facts.video.time_base_num / facts.video.time_base_den


def _base_rung(facts: MediaFacts, video: VideoTrack) -> Rung:
    return Rung(
        id="",
        kind=RungKind.VIDEO,
        group=RungGroup.LADDER,
        method=RungMethod.COPIED,
        reason="",
        track=video.index,
        timescale_hz=video.time_base_den,
        origin_ticks=facts.video_start_ticks * video.time_base_num,
        borders_ticks=(),
        width_px=video.width_px,
        height_px=video.height_px,
        frame_rate=video.frame_rate,
        video_range=video.video_range,
    )


def _shown(video: VideoTrack) -> _Size:
    """Return the size on a screen of square pixels, turned upright."""
    width = round(video.width_px * video.sample_aspect_num / video.sample_aspect_den)
    if video.rotation_deg % 180:
        return _Size(video.height_px, width)
    return _Size(width, video.height_px)


def _is_same_size(name_px: int, rendition: RenditionConfig) -> bool:
    return abs(name_px - rendition.height_px) <= rendition.height_px * _SAME_SIZE_SHARE


def _own_name(shown: _Size, wished: Sequence[RenditionConfig]) -> str:
    named = (rendition.id for rendition in wished if _is_same_size(shown.name_px, rendition))
    return next(named, f"{shown.name_px}p")


def _peak_allowed_bps(shown: _Size, wished: Sequence[RenditionConfig]) -> float:
    """Return the peak up to which a copy may stand in a ladder: four times what a rung of that size would aim at."""
    tallest = max(wished, key=lambda rendition: rendition.height_px, default=None)
    if tallest is None:
        return float("inf")
    return _PEAK_SHARE * tallest.video_bps * max(1.0, (shown.name_px / tallest.height_px) ** 2)


def _chosen(shown: _Size, wished: Sequence[RenditionConfig], top: Rung | None) -> list[RenditionConfig]:
    """Return the renditions to encode, tallest first: none above the source, none that the copied rung already is."""
    fitting = [rendition for rendition in wished if rendition.height_px <= shown.name_px]
    fitting += [r for r in wished if r not in fitting and _is_same_size(shown.name_px, r)]
    if top:
        fitting = [rendition for rendition in fitting if not _is_same_size(shown.name_px, rendition)]
    elif not fitting and wished:
        smallest = min(wished, key=lambda rendition: rendition.height_px)
        share = (shown.name_px / smallest.height_px) ** 1.5
        own_bps = max(150_000, round(smallest.video_bps * share))
        fitting = [replace(smallest, id=f"{shown.name_px}p", height_px=shown.name_px, video_bps=own_bps)]
    return sorted(fitting, key=lambda rendition: -rendition.height_px)


def _below(top: Rung | None, base: Rung, shown: _Size, wished: RenditionConfig) -> RenditionConfig | None:
    """Return the rendition at a rate clearly below the copied rung's, or nothing where it would look too poor then.

    Both figures that a playlist tells have to be lower, the average and the peak.
    """
    if top is None:
        return wished
    average_bps = top.average_bps - OVERHEAD_BPS
    aim_bps = min(wished.video_bps, average_bps * (wished.height_px / shown.name_px) ** (2 * _PIXEL_POWER))
    peak_bps = (top.bandwidth_bps - OVERHEAD_BPS) / _peak_share(base)
    target_bps = int(min(aim_bps, peak_bps))
    is_clear = aim_bps < average_bps * _CLEARLY_LESS_SHARE and target_bps >= aim_bps * _LEAST_LEFT_SHARE
    return replace(wished, video_bps=target_bps) if is_clear and target_bps else None


def _peak_share(base: Rung) -> float:
    """Return how many times its target an encoded rung may reach: the coded picture buffer over the shortest cell."""
    return MAXRATE_SHARE + BUFFER_SHARE / min(base.duration_s(cell) for cell in range(base.cells))


def _encoded(base: Rung, video: VideoTrack, shown: _Size, rendition: RenditionConfig) -> Rung:
    """Return an encoded rung. Its rate bound is that of the coded picture buffer over the shortest cell."""
    share = min(1.0, rendition.height_px / shown.name_px)
    width, height = _even(shown.width_px * share), _even(shown.height_px * share)
    pace = min(max(video.frame_rate, _SHORTEST_FRAME_RATE), _LONGEST_FRAME_RATE)
    level = level_for(width, height, pace, round(rendition.video_bps * MAXRATE_SHARE))
    is_own = share == 1.0 or _is_same_size(shown.name_px, rendition)
    return replace(
        base,
        id=rendition.id,
        reason=base.reason if is_own else "smaller",
        width_px=width,
        height_px=height,
        codecs=f"avc1.6400{level:02x}",
        target_bps=rendition.video_bps,
        preset=rendition.preset,
        bandwidth_bps=round(rendition.video_bps * _peak_share(base)) + OVERHEAD_BPS,
        average_bps=rendition.video_bps + OVERHEAD_BPS,
    )


def _even(length_px: float) -> int:
    return max(2, round(length_px / 2) * 2)
