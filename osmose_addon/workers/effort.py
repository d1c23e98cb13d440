"""How many threads a run of cells is given: for the least work, or for the shortest wait."""

import os
from dataclasses import dataclass, replace

HURRIED_CELLS = 2
"""How many cells somebody waits for: who seeks to the end of one sees nothing before the next one is there, too."""

_LEAST_LIVELY, _MOST_LIVELY = 2, 4


@dataclass(frozen=True, slots=True)
class Effort:
    """How pictures are decoded, scaled and encoded.

    Each further thread of a decoder or an encoder costs some percent of CPU time and a reference picture or more of
    memory, so they pay only where somebody waits. `places` is how many pictures may wait between two threads.
    `hurries` makes the first cells quicker, and sends each before the next one is begun.
    """

    decoder_threads: int
    scaler_threads: int
    encoder_threads: int
    places: int
    hurries: bool = False


def steady() -> Effort:
    """Return what costs the least: each rung has a thread of its own anyway, and all of them keep two cores busy.

    On more cores the decoder or the tallest rung would be what all wait for, so these get more threads there.
    """
    threads = max(1, _cores() // 3)
    return Effort(decoder_threads=threads, scaler_threads=1, encoder_threads=threads, places=4)


def lively() -> Effort:
    """Return what is quickest for one rung that somebody watches, however hard the source is to decode."""
    threads = min(max(_LEAST_LIVELY, _cores()), _MOST_LIVELY)
    return Effort(threads, _LEAST_LIVELY, threads, places=8)


def hurried() -> Effort:
    """Return what is quickest where somebody waits for the first cell."""
    return replace(lively(), hurries=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0))
