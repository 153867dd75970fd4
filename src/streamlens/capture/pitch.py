"""Pitch: the fundamental frequency of a voice, frame by frame.

The autocorrelation method of Boersma ("Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", Proceedings of the Institute of Phonetic Sciences 17, 1993), with the
standard settings of Praat: the autocorrelation of a frame divided by that of its window, whose peaks are candidates,
and the cheapest path through them (Viterbi), in which jumps by octaves and changes of voicing cost. A second path keeps
to the range in which the first one lies for the most part (after De Looze and Hirst, Speech Prosody 2008), which
mends whole words taken an octave too low or too high. All frames of a sound are reckoned at once.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

RATE = 16_000
STEP = 160  # samples from frame to frame: 10 ms
FLOOR, CEILING = 70.0, 600.0  # Hz
HALF = RATE // 2  # the rate that autocorrelation works at: harmonics above 4 kHz only add noise
WINDOW = round(3 * HALF / FLOOR / 2) * 2  # three periods of the lowest voice
SIZE = 512  # of the transform: window and longest lag
FINER = 2  # lags are resolved so many times finer than samples, by a longer inverse transform
CANDIDATES = 5
SILENT = 0.03  # of the loudest: softer frames are rather unvoiced
VOICED = 0.5  # strength from which a frame is rather voiced
OCTAVE_COST, JUMP_COST, CHANGE_COST = 0.03, 0.5, 0.14  # of an octave lower, of a jump by one, of a change of voicing
BRIEF = 3  # frames: what is voiced for less is an accident
LOW, HIGH = 0.66, 2.0  # second path: from so much of the first quartile to so much of the third
ENOUGH = 12  # voiced frames that make a range

_TAPS = np.sinc(np.arange(-15, 16) / 2) * np.hamming(31)
_HALF_BAND = (_TAPS / _TAPS.sum()).astype(np.float32)
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)).astype(np.float32)


def track(sound: Floats) -> Floats:
    """Hz of each frame of a mono sound at 16 kHz, 0 where it has no pitch; frame i is centred at i * 10 ms.

    >>> second = np.sin(2 * np.pi * 220 * np.arange(16000) / 16000, dtype=np.float32)
    >>> hertz = track(second)
    >>> len(hertz), round(float(np.median(hertz)))
    (100, 220)
    """
    frames = _frames(sound)
    if not len(frames):
        return np.zeros(0, np.float32)
    peak = np.abs(frames).max(axis=1)
    loudest = float(peak.max())
    if loudest < 1e-5:
        return np.zeros(len(frames), np.float32)
    hertz, strength = _candidates(frames)
    silence = SILENT / (1 + VOICED)
    unvoiced = VOICED + np.maximum(0, 2 - peak / loudest / silence).astype(np.float32)
    path = _path(hertz, strength, unvoiced)
    voiced = path[path > 0]
    if voiced.size >= ENOUGH:
        first, third = np.quantile(voiced, [0.25, 0.75])
        outside = (hertz < first * LOW) | (hertz > third * HIGH)
        path = _path(hertz, np.where(outside, -np.inf, strength).astype(np.float32), unvoiced)
    return _without_blips(path)


def _frames(sound: Floats) -> Floats:
    """[frames, WINDOW] at half the rate, each around its centre."""
    count = sound.size // STEP
    if not count:
        return np.zeros((0, WINDOW), np.float32)
    half = np.convolve(sound, _HALF_BAND, "same")[::2].astype(np.float32)
    padded = np.pad(half, (WINDOW // 2, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[:: STEP // 2][:count]
    centred: Floats = frames - frames.mean(axis=1, keepdims=True)
    return centred


def _candidates(frames: Floats) -> tuple[Floats, Floats]:
    """Hz and strength [frames, CANDIDATES]; strength is -inf where there are fewer."""
    lags = SIZE * FINER // 2
    power = np.abs(np.fft.rfft(frames * _HANN, SIZE)) ** 2
    own = np.fft.irfft(power, SIZE * FINER)[:, :lags]
    window = np.fft.irfft(np.abs(np.fft.rfft(_HANN, SIZE)) ** 2, SIZE * FINER)[:lags]
    rate = HALF * FINER
    first, last = int(rate / CEILING), int(rate / FLOOR) + 2
    with np.errstate(divide="ignore", invalid="ignore"):
        likeness = own[:, first - 1 : last + 1] / own[:, :1] / (window[first - 1 : last + 1] / window[0])
    likeness = np.nan_to_num(likeness, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    here, before, after = likeness[:, 1:-1], likeness[:, :-2], likeness[:, 2:]
    peak = (here > before) & (here >= after) & (here > VOICED / 2)
    cost = OCTAVE_COST * np.log2(FLOOR / rate * np.arange(first, last, dtype=np.float32))
    worth = np.where(peak, here - cost, -np.inf).astype(np.float32)
    best = np.argpartition(-worth, CANDIDATES, axis=1)[:, :CANDIDATES]

    def of(values: Floats) -> Floats:
        return np.take_along_axis(values, best, axis=1)

    left, middle, right = of(before), of(here), of(after)
    bend = left - 2 * middle + right
    shift = np.where(bend < 0, (left - right) / np.where(bend < 0, 2 * bend, 1), 0).clip(-0.5, 0.5)
    height = np.minimum(middle - (left - right) * shift / 4, 1.0)
    hertz = rate / np.clip(first + best + shift, rate / CEILING, rate / FLOOR)
    strength = np.where(np.isfinite(of(worth)), height - OCTAVE_COST * np.log2(FLOOR / hertz), -np.inf)
    return hertz.astype(np.float32), strength.astype(np.float32)


def _path(hertz: Floats, strength: Floats, unvoiced: Floats) -> Floats:
    """The dearest path through the candidates; the last of each frame is to be unvoiced, 0 Hz."""
    count, width = len(hertz), CANDIDATES + 1
    octaves = np.log2(hertz)
    jumps = JUMP_COST * np.abs(octaves[1:, None, :] - octaves[:-1, :, None])  # [frame, from, to]
    costs = np.full((count - 1, width, width), CHANGE_COST, np.float32)
    costs[:, :-1, :-1] = jumps
    costs[:, -1, -1] = 0
    worth = np.concatenate([strength, unvoiced[:, None]], axis=1)
    back = np.zeros((count, width), np.int64)
    best: Any = worth[0]
    to = np.arange(width)
    for at in range(1, count):
        ways = best[:, None] - costs[at - 1]
        come = ways.argmax(axis=0)
        back[at] = come
        best = ways[come, to] + worth[at]
    state = int(best.argmax())
    path = np.zeros(count, np.float32)
    for at in range(count - 1, -1, -1):
        path[at] = hertz[at, state] if state < CANDIDATES else 0
        state = int(back[at, state])
    return path


def _without_blips(path: Floats) -> Floats:
    """Voiced runs of fewer than BRIEF frames are taken out."""
    voiced = np.concatenate([[False], path > 0, [False]])
    starts, ends = np.flatnonzero(~voiced[:-1] & voiced[1:]), np.flatnonzero(voiced[:-1] & ~voiced[1:])
    for start, end in zip(starts, ends, strict=True):
        if end - start < BRIEF:
            path[start:end] = 0
    return path
