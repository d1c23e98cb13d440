"""The music of the sample film: slow chords and plucked notes, made of sines."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RATE_HZ = 48_000

_LASTS_S = 40.0
_BEAT_S = 0.4166
_CHORD_BEATS = 12
_NOTE_S = 2.6
_ECHOES = ((0.31, 0.34), (0.53, 0.22), (0.83, 0.12))
# D major: D, Bm, G, A, D, F#m, G, D; as MIDI numbers, the bass first.
_CHORDS = (
    (38, 57, 62, 66),
    (35, 59, 62, 66),
    (43, 55, 59, 62),
    (45, 57, 61, 64),
    (38, 57, 62, 66),
    (42, 57, 61, 66),
    (43, 59, 62, 67),
    (38, 57, 62, 69),
)
_PATTERN = (1, 2, 3, 2, 1, 3, 2, 3, 1, 2, 3, 2)


def music(harmonics: tuple[float, ...], fall_per_s: float, octave: int) -> Samples:
    """Return 40 s of stereo, shape (2, n), peak below 0.6.

    `harmonics` are the strengths of a plucked note's overtones, `fall_per_s` how fast it fades, `octave` its place.
    """
    total = round(_LASTS_S * RATE_HZ)
    sound = np.zeros((2, total + 4 * RATE_HZ), dtype=np.float32)
    for number, chord in enumerate(_CHORDS):
        start_s = number * _CHORD_BEATS * _BEAT_S
        _add_pad(sound, start_s, chord)
        for beat, place in enumerate(_PATTERN):
            note = _pluck(chord[place] + 12 * octave, harmonics, fall_per_s)
            aside = 0.5 + 0.28 * np.sin(beat * 1.7 + number)
            _add(sound, start_s + beat * _BEAT_S, note, aside)
    for late_s, share in _ECHOES:
        late = round(late_s * RATE_HZ)
        sound[:, late:] += share * sound[::-1, :-late].copy()
    sound = sound[:, :total]
    fade = np.minimum(1.0, np.minimum(np.arange(total) / RATE_HZ, (total - np.arange(total)) / (2.5 * RATE_HZ)))
    return np.asarray(sound / np.abs(sound).max() * 0.58 * fade, dtype=np.float32)


def _hz(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _pluck(note: int, harmonics: tuple[float, ...], fall_per_s: float) -> Samples:
    at = np.arange(round(_NOTE_S * RATE_HZ), dtype=np.float32) / RATE_HZ
    wave = np.zeros_like(at)
    for number, strength in enumerate(harmonics, start=1):
        wave += strength * np.sin(2 * np.pi * _hz(note) * number * at) * np.exp(-fall_per_s * (0.6 + 0.4 * number) * at)
    return np.asarray(wave * np.minimum(at * 180, 1.0) * 0.3, dtype=np.float32)


def _add_pad(sound: Samples, start_s: float, chord: tuple[int, ...]) -> None:
    lasts_s = _CHORD_BEATS * _BEAT_S + 1.2
    at = np.arange(round(lasts_s * RATE_HZ), dtype=np.float32) / RATE_HZ
    swell = np.sin(np.pi * np.clip(at / lasts_s, 0, 1)) ** 0.7
    for place, note in enumerate(chord):
        hz = _hz(note)
        wave = np.sin(2 * np.pi * hz * at) + 0.6 * np.sin(2 * np.pi * hz * 1.003 * at)
        _add(sound, start_s, np.asarray(wave * swell * (0.10 if place else 0.16), np.float32), 0.35 + 0.1 * place)


def _add(sound: Samples, start_s: float, wave: Samples, aside: float) -> None:
    """Add a sound at a time, `aside` 0 is left, 1 is right."""
    start = round(start_s * RATE_HZ)
    room = sound[:, start : start + wave.shape[0]]
    room[0] += wave[: room.shape[1]] * (1 - aside)
    room[1] += wave[: room.shape[1]] * aside
