"""How an utterance was said: its pace, its loudness and its pitch, and how much they move.

Loudness and pitch are taken of frames (10 ms) in which somebody speaks, as the voice detector finds them, so that music
between words does not count; what sounds all the time, as music beneath the voice does, is taken off the loudness.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from streamlens.capture.audio import FRAME, Samples, speech_rates
from streamlens.capture.coverage import syllables, voiced
from streamlens.capture.pitch import RATE, STEP, Flags, Floats, track
from streamlens.language import spoken
from streamlens.schema import Word

STEP_MS = STEP * 1000 // RATE
SPOKEN = 0.5  # the voice detector's rate from which a frame is speech
SILENT = 0.15  # and below which it is what lies behind the voice
PAUSE_MS = 200  # a shorter gap between words is articulation
LEAST_SPEECH_MS = 300  # of less speech nothing is said
LEAST_PITCH_MS = 200  # of less voiced speech nothing is said of pitch
LEAST_PACE_MS, LEAST_SYLLABLES = 500, 3
SMOOTH = 3  # steps over which the level is averaged: a period of the lowest voice fits in
BEHIND_LEAST = 10  # frames without speech that show what lies behind it
FLOOR = 0.05  # at least so much of a frame's power is the voice's
EVEN_ST, LIVELY_ST = 1.0, 4.5  # standard deviation of pitch (semitones) of a flat voice, and of a lively one
EVEN_DB, LIVELY_DB = 2.0, 6.0  # the same of loudness
PITCH_SHARE = 0.75  # of monotony that is of pitch
DEVIATIONS = 2.563  # standard deviations between the 10th and the 90th percentile of a normal distribution


class Prosody(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of one utterance (schema.UtteranceVoice), None where there is too little to measure."""

    loudness_db: float | None = None
    loudness_range_db: float | None = None
    pitch_hz: float | None = None
    pitch_range_st: float | None = None
    monotony: float | None = None


def speech(sound: Samples) -> Flags:
    """Which frames of 10 ms of a sound (16 kHz mono) are speech, and nothing but music or noise: [frames]."""
    return _at_steps(speech_rates(sound), sound.size // STEP) >= SPOKEN


def measure(sound: Samples) -> tuple[Prosody, Flags]:
    """The prosody of a sound that holds an utterance and a little around it, and which of its frames are speech."""
    count = sound.size // STEP
    rates = _at_steps(speech_rates(sound), count)
    flags = rates >= SPOKEN
    if flags.sum() * STEP_MS < LEAST_SPEECH_MS:
        return Prosody(), flags
    power = _power(sound, count)
    hertz = np.where(flags, track(sound), 0)
    behind = np.mean(power[rates < SILENT]) if (rates < SILENT).sum() >= BEHIND_LEAST else np.quantile(power, 0.05)
    own = np.maximum(power - behind, FLOOR * power)
    loudness = _decibel(float(np.mean(own[flags])))
    if loudness is None:
        return Prosody(), flags
    sung = hertz > 0
    if sung.sum() * STEP_MS < LEAST_PITCH_MS:
        return Prosody(loudness_db=loudness), flags
    low, middle, high = np.quantile(hertz[sung], [0.1, 0.5, 0.9])
    soft, loud = np.quantile(own[sung], [0.1, 0.9])
    range_st = 12 * math.log2(high / low)
    range_db = 10 * math.log10(max(loud, 1e-12) / max(soft, 1e-12))
    prosody = Prosody(
        loudness_db=loudness,
        loudness_range_db=round(range_db, 1),
        pitch_hz=round(float(middle), 1),
        pitch_range_st=round(range_st, 2),
        monotony=monotony(range_st, range_db),
    )
    return prosody, flags


def monotony(pitch_range_st: float, loudness_range_db: float) -> float:
    """0 for a voice that moves as much as lively speech does, 1 for one that hardly moves, in proportion between.

    Speech is the livelier to listeners, the wider its pitch is spread, in semitones alike for men and women
    (Traunmüller and Eriksson, "The frequency range of the voice fundamental in the speech of male and female adults",
    1995). The spread (percentiles 10 to 90, as standard deviations) counts from 1 to 4.5 semitones, that of loudness
    from 2 to 6 dB, for a quarter of it. Mandarin's tones alone spread pitch by two or three semitones, so that even
    dull speech seldom reaches 1: compare utterances and speakers of one language.

    >>> monotony(12, 16), monotony(2, 4), monotony(7, 10)
    (0.0, 1.0, 0.51)
    """
    pitch = (pitch_range_st / DEVIATIONS - EVEN_ST) / (LIVELY_ST - EVEN_ST)
    loudness = (loudness_range_db / DEVIATIONS - EVEN_DB) / (LIVELY_DB - EVEN_DB)
    moved = PITCH_SHARE * min(max(pitch, 0), 1) + (1 - PITCH_SHARE) * min(max(loudness, 0), 1)
    return round(1 - moved, 2)


def pace(words: Sequence[Word]) -> float | None:
    """Characters a minute as they are spoken, figures read aloud, pauses left out; None for too few.

    >>> pace([Word(start_ms=0, end_ms=1000, text="24小时", probability=1)])
    300.0
    """
    text = "".join(word.text for word in words)
    count, spent = syllables(spoken(text)[0]), sum(end - start for start, end in talk(words))
    if count < LEAST_SYLLABLES or spent < LEAST_PACE_MS:
        return None
    return round(count * 60_000 / spent, 1)


def talk(words: Sequence[Word]) -> list[tuple[int, int]]:
    """The stretches (ms) that the words fill, gaps shorter than a pause included."""
    spans: list[tuple[int, int]] = []
    for start, end in map(voiced, words):
        if spans and start - spans[-1][1] < PAUSE_MS:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans


def pauses_ms(words: Sequence[Word]) -> int:
    """How long an utterance rests between its words, in all."""
    return sum(after[0] - before[1] for before, after in pairwise(talk(words)))


def _power(sound: Samples, count: int) -> Floats:
    """The mean power [count] around each frame's centre, amplitude 1 being 1."""
    if not count:
        return np.zeros(0, np.float32)
    blocks = np.square(sound[: count * STEP]).reshape(count, STEP).mean(axis=1)
    padded = np.pad(blocks, (SMOOTH // 2, SMOOTH // 2), mode="edge")
    smooth: Floats = np.convolve(padded, np.full(SMOOTH, 1 / SMOOTH, np.float32), "valid")
    return smooth


def _at_steps(rates: Samples, count: int) -> Floats:
    """Rates of the voice detector's frames at the frames of 10 ms."""
    if not rates.size:
        return np.zeros(count, np.float32)
    at: Floats = rates[np.minimum((np.arange(count) * STEP + STEP // 2) // FRAME, rates.size - 1)]
    return at


def _decibel(power: float) -> float | None:
    return round(10 * math.log10(power), 1) if power > 1e-10 else None
