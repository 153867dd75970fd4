"""The wave form of a recording, for people to see where somebody speaks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from streamlens.capture.audio import RATE, decode
from streamlens.schema import Record, Recording

LONG_MS = 3_600_000
STEP_MS, LONG_STEP_MS = 100, 250


class Peaks(Record, frozen=True, kw_only=True):
    """The loudest moment of each step, 0..100 of what the recording reaches; `step_ms` apart from its start."""

    recording: str
    step_ms: int
    peaks: tuple[int, ...]


def find_peaks(recording: Recording, paths: Sequence[Path]) -> Peaks:
    """Decoded once from front to back and never held; holes are silence. InputError where a part cannot be read."""
    step_ms = STEP_MS if recording.duration_ms <= LONG_MS else LONG_STEP_MS
    step = RATE * step_ms // 1000
    highest = np.zeros(-(-recording.duration_ms // step_ms), np.float32)
    for block in decode(recording, paths):
        first, offset = divmod(block.start, step)
        starts = np.arange(-offset, block.sound.size, step).clip(min=0)
        loudest = np.maximum.reduceat(np.abs(block.sound), starts) if block.sound.size else np.zeros(0, np.float32)
        span = slice(first, min(first + loudest.size, highest.size))
        highest[span] = np.maximum(highest[span], loudest[: max(0, span.stop - span.start)])
    top = float(highest.max(initial=0.0)) or 1.0
    return Peaks(
        recording=recording.id, step_ms=step_ms, peaks=tuple(np.rint(highest * (100 / top)).astype(int).tolist())
    )
