"""Sounds in which nobody says a word, for measuring what a recogniser makes up: music, noise, applause, a sung melody.

All at speech.RATE, at levels like those of a broadcast.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from speech import RATE, SPEECH_LEVEL, Sound, coloured_noise, level, music


def wordless_sounds(rng: np.random.Generator) -> Iterator[tuple[str, Sound]]:
    """Ten minutes in all, with their names."""
    yield "music", _music_medley(180, rng)
    yield "noise", _noise_medley(150, rng)
    yield "applause", _applause(120, rng)
    yield "song", _song(150, rng)


def _music_medley(seconds: int, rng: np.random.Generator) -> Sound:
    """Slow, lively and loud, with silences between."""
    size, gap = RATE * seconds // 4, np.zeros(RATE * 3, np.float32)
    kinds: tuple[tuple[float, bool, float], ...] = (
        (0.8, False, 0.03),
        (0.45, True, 0.09),
        (0.3, True, 0.15),
        (0.6, False, 0.06),
    )
    parts = [
        np.concatenate([loud * music(size - len(gap), rng, beat_s=beat, drums=drums), gap])
        for beat, drums, loud in kinds
    ]
    return np.concatenate(parts)


def _noise_medley(seconds: int, rng: np.random.Generator) -> Sound:
    """White, pink and brown noise, a hum of the mains, near and true silence."""
    size = RATE * seconds // 6
    hum = np.sin(2 * np.pi * 50 * np.arange(size) / RATE) + 0.4 * np.sin(2 * np.pi * 150 * np.arange(size) / RATE)
    return np.concatenate(
        [
            0.02 * coloured_noise(size, rng, slope=0),
            0.06 * coloured_noise(size, rng, slope=1),
            0.09 * coloured_noise(size, rng, slope=2),
            (0.03 * hum).astype(np.float32),
            0.0005 * coloured_noise(size, rng),
            np.zeros(size, np.float32),
        ]
    ).astype(np.float32)


def _applause(seconds: int, rng: np.random.Generator) -> Sound:
    """Bursts of many hands clapping, with knocks and a bell between."""
    out = 0.002 * coloured_noise(RATE * seconds, rng)
    for burst in range(0, seconds, 10):
        hands = rng.integers(20, 120)
        for clap in np.concatenate([rng.uniform(burst, burst + 6) + 0.28 * np.arange(12) for _ in range(hands // 12)]):
            size = round(RATE * rng.uniform(0.008, 0.02))
            _put(out, clap, rng.uniform(0.02, 0.08) * rng.standard_normal(size) * np.exp(-np.arange(size) / (size / 4)))
        time_s = np.arange(RATE) / RATE
        _put(out, burst + 7.5, 0.1 * np.sin(2 * np.pi * rng.uniform(500, 1500) * time_s) * np.exp(-5 * time_s))
        for knock in range(3):
            _put(out, burst + 8.5 + 0.3 * knock, 0.2 * np.sin(2 * np.pi * 120 * time_s) * np.exp(-40 * time_s))
    return out


def _put(out: Sound, at_s: float, piece: Any) -> None:
    start = round(at_s * RATE)
    piece = piece[: max(0, len(out) - start)]
    out[start : start + len(piece)] += piece


_FORMANTS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)  # a i u e o, in Hz


def _song(seconds: int, rng: np.random.Generator) -> Sound:
    """A voice that sings vowels: a buzz on a melody, shaped by formants, half of the time over music."""
    out = np.zeros(RATE * seconds, np.float32)
    at = 1.0
    while at < seconds - 3:
        length = float(rng.choice((0.3, 0.6, 0.9, 1.8)))
        time_s = np.arange(round(length * RATE)) / RATE
        pitch = 196.0 * 2 ** (rng.choice((0, 2, 4, 7, 9, 12)) / 12) * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * time_s))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        formants = _FORMANTS[rng.integers(len(_FORMANTS))]
        voice = np.zeros(len(time_s))
        for harmonic in range(1, 20):
            frequency = harmonic * float(pitch.mean())
            gain = sum(
                1 / (1 + ((frequency - formant) / 90) ** 2) / (1 + number) for number, formant in enumerate(formants)
            )
            voice += (gain + 0.02 / harmonic) * np.sin(harmonic * phase)
        fade = np.minimum(1, np.minimum(time_s, time_s[::-1]) / 0.05)
        _put(out, at, voice * fade)
        at += length + (0.8 if rng.random() < 0.15 else 0.02)
    out = level(out, SPEECH_LEVEL)
    half = len(out) // 2
    out[half:] += 0.03 * music(len(out) - half, rng, drums=True)
    return out
