"""Going back to the sound: how likely are these texts on that stretch of a recording?

The recogniser aligns a given text with the sound (CTranslate2's Whisper `align`) and says how probable it finds each of
its tokens. The sound is cut short, not padded to half a minute, so that a passage costs about a tenth of a second.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from streamlens.capture.audio import RATE, Samples, decode
from streamlens.schema import Recording

PAD_MS = 200  # sound kept around the words: word times are a little off
LONGEST_MS = 25_000
SILENCE_MS = 3000
TOGETHER = 2  # a passage's two: in a larger batch the last digits would depend on what else is asked

Stretch = tuple[int, int]  # milliseconds of the recording


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
    for index, sound in cut_sounds(
        recording, paths, [(max(0, a - PAD_MS), min(b + PAD_MS, a + LONGEST_MS)) for (a, b), _ in passages]
    ):
        out[index] = engine.weigh(sound, passages[index][1])
    return tuple(out)


def weigh_alone(engine: Weigher, texts: Sequence[str]) -> tuple[float, ...]:
    """The texts' log probabilities (nats) where nothing is heard: how usual the recogniser finds their words."""
    silence = np.zeros(SILENCE_MS * RATE // 1000, np.float32)
    batches = (texts[at : at + TOGETHER] for at in range(0, len(texts), TOGETHER))
    return tuple(value for batch in batches for value in engine.weigh(silence, batch))


def cut_sounds(
    recording: Recording, paths: Sequence[Path], stretches: Sequence[Stretch]
) -> Iterator[tuple[int, Samples]]:
    """(index, sound) of each stretch, in order of their ends; silence where the recording has none.

    The recording is decoded once, from front to back, as far as the last stretch; only their own sound is held.
    """
    order = sorted(range(len(stretches)), key=lambda index: stretches[index])
    waiting = deque((index, *(ms * RATE // 1000 for ms in stretches[index])) for index in order)
    open_: list[tuple[int, int, int, Samples]] = []  # index, first and last sample, sound so far

    def opened() -> tuple[int, int, int, Samples]:
        index, first, last = waiting.popleft()
        return index, first, last, np.zeros(last - first, np.float32)

    for block in decode(recording, paths) if waiting else ():
        begin, finish = block.start, block.start + block.sound.size
        while waiting and waiting[0][1] < finish:
            open_.append(opened())
        for _, first, last, sound in open_:
            a, b = max(first, begin), min(last, finish)
            if a < b:
                sound[a - first : b - first] = block.sound[a - begin : b - begin]
        done = [each for each in open_ if each[2] <= finish]
        open_ = [each for each in open_ if each[2] > finish]
        yield from ((index, sound) for index, _, _, sound in done)
        if not waiting and not open_:
            return
    yield from ((index, sound) for index, _, _, sound in open_)
    while waiting:
        index, _, _, sound = opened()
        yield index, sound
