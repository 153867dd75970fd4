"""Going back to the sound: how likely are these texts on that stretch of a recording?

The recogniser aligns a given text with the sound (CTranslate2's Whisper `align`) and says how probable it finds each of
its tokens. The sound is cut short, not padded to half a minute, so that a passage costs about a tenth of a second.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from streamlens.capture.audio import RATE, Samples
from streamlens.capture.stretches import Stretch, cut
from streamlens.schema import Recording

PAD_MS = 200  # sound kept around the words: word times are a little off
LONGEST_MS = 25_000
SILENCE_MS = 3000
TOGETHER = 16


class Weigher(Protocol):
    """A recogniser that can weigh given texts."""

    def weigh(self, sound: Samples, texts: Sequence[str]) -> tuple[float, ...]:
        """The log probability (nats) of each text on a sound (16 kHz mono, below 30 s)."""
        ...


def weigh_passages(
    recording: Recording, paths: Sequence[Path], engine: Weigher, passages: Sequence[tuple[Stretch, Sequence[str]]]
) -> tuple[tuple[float, ...], ...]:
    """For each passage (stretch, texts) the texts' log probabilities (nats) on its sound, in the same order.

    The recording is decoded once, from front to back, whatever the passages' number; only their own sound is kept.
    """
    out: list[tuple[float, ...]] = [()] * len(passages)
    stretches = [stretch for stretch, _ in passages]
    for index, sound in cut(recording, paths, stretches, pad_ms=PAD_MS, longest_ms=LONGEST_MS):
        out[index] = engine.weigh(sound, passages[index][1])
    return tuple(out)


def weigh_alone(engine: Weigher, texts: Sequence[str]) -> tuple[float, ...]:
    """The texts' log probabilities (nats) where nothing is heard: how usual the recogniser finds their words."""
    silence = np.zeros(SILENCE_MS * RATE // 1000, np.float32)
    batches = (texts[at : at + TOGETHER] for at in range(0, len(texts), TOGETHER))
    return tuple(value for batch in batches for value in engine.weigh(silence, batch))
