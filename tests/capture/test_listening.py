"""Going back to the sound: the right stretch is cut, once, however many passages there are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from streamlens.capture import listening
from streamlens.capture.audio import RATE, Block, Samples
from streamlens.capture.listening import PAD_MS, SILENCE_MS, TOGETHER, weigh_alone, weigh_passages
from streamlens.schema import Recording


class Scripted:
    """Weighs a text by the mean of the sound, so that a test sees which sound it was given."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def weigh(self, sound: Samples, texts: Sequence[str]) -> tuple[float, ...]:
        self.sizes.append(sound.size)
        return tuple(float(sound.mean()) for _ in texts)


@pytest.fixture
def ten_seconds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A recording whose sound in second n is n, in blocks of 0.7 s; counts how often it is decoded."""
    decoded: list[int] = []

    def decode(_recording: Recording, _paths: Sequence[Path]):
        decoded.append(1)
        sound = np.repeat(np.arange(10, dtype=np.float32), RATE)
        step = int(0.7 * RATE)
        for at in range(0, sound.size, step):
            yield Block(at, sound[at : at + step])

    monkeypatch.setattr(listening, "decode", decode)
    return decoded


RECORDING = Recording(id="r1", parts=(), duration_ms=10_000)


def weigh(stretches: Sequence[tuple[int, int]]) -> tuple[list[float], Scripted]:
    engine = Scripted()
    found = weigh_passages(RECORDING, [], engine, [(stretch, ("a", "b")) for stretch in stretches])
    return [each[0] for each in found], engine


def test_each_passage_gets_its_own_sound_in_the_order_asked(ten_seconds: list[int]) -> None:
    values, engine = weigh([(7200, 7800), (2200, 2800), (2300, 2700), (5200, 6800)])
    assert values == pytest.approx([7.0, 2.0, 2.0, 5.5], abs=0.02)
    assert len(ten_seconds) == 1
    assert sorted(engine.sizes)[0] == (400 + 2 * PAD_MS) * RATE // 1000


def test_a_passage_past_the_end_is_silence(ten_seconds: list[int]) -> None:
    values, _ = weigh([(20_000, 21_000)])
    assert values == [0.0]


def test_nothing_asked_nothing_decoded(ten_seconds: list[int]) -> None:
    assert weigh([])[0] == []
    assert ten_seconds == []


def test_words_by_themselves_are_weighed_on_silence_some_at_a_time() -> None:
    engine = Scripted()
    assert weigh_alone(engine, ["a"] * (TOGETHER + 1)) == (0.0,) * (TOGETHER + 1)
    assert engine.sizes == [SILENCE_MS * RATE // 1000] * 2
    assert weigh_alone(engine, []) == ()
