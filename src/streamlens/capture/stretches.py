"""The sound of given stretches of a recording, from one pass over it, of which nothing else is held."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from streamlens.capture.audio import RATE, Samples, decode
from streamlens.schema import Recording

Stretch = tuple[int, int]  # milliseconds of the recording, half-open


def cut(
    recording: Recording, paths: Sequence[Path], stretches: Sequence[Stretch], *, pad_ms: int = 0, longest_ms: int
) -> Iterator[tuple[int, Samples]]:
    """(index, sound) of each stretch with `pad_ms` around it, 16 kHz mono, in order of their ends.

    The recording is decoded once, from front to back, whatever the stretches' number, and no further than the last of
    them. What is longer than `longest_ms` is cut off; where the recording has no sound there is silence.
    """
    waiting: list[tuple[int, int, int]] = []  # first and last sample, index
    for index, (start, end) in enumerate(stretches):
        first = max(0, start - pad_ms) * RATE // 1000
        last = min(end + pad_ms, start + longest_ms) * RATE // 1000
        waiting.append((first, max(first, last), index))
    waiting.sort(reverse=True)
    open_: list[tuple[int, int, int, Samples]] = []  # the same and the sound so far
    for block in decode(recording, paths) if waiting else ():
        begin, finish = block.start, block.start + block.sound.size
        while waiting and waiting[-1][0] < finish:
            open_.append(_opened(waiting.pop()))
        for first, last, _, sound in open_:
            a, b = max(first, begin), min(last, finish)
            if a < b:
                sound[a - first : b - first] = block.sound[a - begin : b - begin]
        done = [each for each in open_ if each[1] <= finish]
        open_ = [each for each in open_ if each[1] > finish]
        yield from ((index, sound) for _, _, index, sound in done)
        if not waiting and not open_:
            return
    yield from ((index, sound) for _, _, index, sound in open_)
    yield from (_opened(each)[2:] for each in reversed(waiting))


def _opened(each: tuple[int, int, int]) -> tuple[int, int, int, Samples]:
    first, last, index = each
    return first, last, index, np.zeros(last - first, np.float32)
