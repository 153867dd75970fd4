"""Whose voice it is, on prints that are made up."""

import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from streamlens.capture.speakers import Label, Print, assign
from streamlens.capture.voiceprint import SIZE

OPTIONS: dict[str, Any] = {"join": 0.68, "same": 0.8, "least_s": 4.0, "least_rate": 0.005, "least_confidence": 0.5}


class Crowd:
    """Voices as directions that are a little alike, as real ones are (cosine about 0.4), with spread around each."""

    def __init__(self, voices: int, *, spread: float = 0.45, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        common = self.rng.standard_normal(SIZE)
        own = self.rng.standard_normal((voices, SIZE))
        self.voices = self._unit(own * np.sqrt(0.6) + common * np.sqrt(0.4))
        self.spread = spread

    def _unit(self, rows: Any) -> Any:
        return rows / np.linalg.norm(rows, axis=-1, keepdims=True)

    def print(self, utterance: int, voice: int, seconds: float = 3.0) -> Print:
        """Shorter ones are farther off."""
        off = self._unit(self.rng.standard_normal(SIZE)) * self.spread * np.sqrt(3.0 / seconds)
        return Print(utterance, self._unit(self.voices[voice] + off).astype(np.float32), seconds)

    def say(
        self, turns: Sequence[tuple[int, float]], *, gap_ms: int = 500
    ) -> tuple[list[Print], list[tuple[int, int]]]:
        """Prints and places of turns (voice, seconds), one after another."""
        places, at = [], 0
        for _, seconds in turns:
            places.append((at, at + round(seconds * 1000)))
            at = places[-1][1] + gap_ms
        return [self.print(number, *turn) for number, turn in enumerate(turns)], places


def voices(labels: Sequence[Label]) -> list[int | None]:
    return [label[0] if label else None for label in labels]


def test_the_number_of_voices_is_found() -> None:
    for count in range(1, 7):
        crowd = Crowd(count, seed=count)
        said = [int(each) for each in crowd.rng.integers(0, count, 60)] + list(range(count)) * 2
        labels = assign(*crowd.say([(voice, 3.0) for voice in said]), **OPTIONS)
        pairs = set(zip(said, voices(labels), strict=True))
        assert len(pairs) == count and len({label for _, label in pairs}) == count and (0, None) not in pairs


def test_nothing_said_has_no_speaker() -> None:
    assert assign([], [], **OPTIONS) == []
    assert assign([], [(0, 1000), (2000, 2500)], **OPTIONS) == [None, None]


def test_more_prints_than_one_chunk_and_memory_that_does_not_grow_with_their_square() -> None:
    crowd = Crowd(3)
    said = [0] * 2000 + [1] * 1500 + [0, 1, 2] * 500  # two come one after the other, then all are there
    prints, places = crowd.say([(voice, 3.0) for voice in said])
    tracemalloc.start()
    labels = assign(prints, places, **OPTIONS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    pairs = set(zip(said, voices(labels), strict=True))
    assert len(pairs) == 3 and len({label for _, label in pairs}) == 3
    assert peak < 30e6  # all pairs of 5,000 would be 100 MB


def test_a_voice_that_hardly_speaks_is_nobodys_unless_there_is_no_other() -> None:
    crowd = Crowd(2)
    prints, places = crowd.say([(0, 3.0)] * 10 + [(1, 3.0)] + [(0, 3.0)] * 10)
    labels = assign(prints, places, **OPTIONS)
    assert voices(labels)[10] is None and set(voices(labels)[:10]) == {0}
    prints, places = crowd.say([(0, 3.0)])
    assert voices(assign(prints, places, **OPTIONS)) == [0]
    prints, places = crowd.say([(0, 3.0)] * 400 + [(1, 3.0)] * 3)  # nine seconds, but of twenty minutes
    assert set(voices(assign(prints, places, **{**OPTIONS, "least_rate": 0.01}))) == {0, None}
    assert set(voices(assign(prints, places, **OPTIONS))) == {0, 1}


@pytest.mark.parametrize(("gap_ms", "expected"), [(500, 0), (8000, None)])
def test_a_short_utterance_takes_a_near_neighbours_label_when_it_sounds_like_it(
    gap_ms: int, expected: int | None
) -> None:
    crowd = Crowd(2)
    prints, places = crowd.say([(0, 3.0)] * 5 + [(0, 0.7)] + [(1, 3.0)] * 4, gap_ms=gap_ms)
    labels = assign(prints, places, **OPTIONS)
    assert voices(labels)[5] == expected
    assert labels[5] is None or labels[5][1] <= OPTIONS["least_confidence"]


def test_a_short_utterance_that_sounds_like_neither_neighbour_stays_without() -> None:
    crowd = Crowd(3)
    prints, places = crowd.say([(2, 3.0)] * 5 + [(0, 3.0)] * 5 + [(2, 0.9)] + [(0, 3.0)] * 5)
    labels = assign(prints, places, **OPTIONS)
    assert voices(labels)[10] is None and len({*voices(labels)} - {None}) == 2


def test_short_utterances_make_no_voice() -> None:
    crowd = Crowd(2)
    prints, places = crowd.say([(0, 3.0)] * 5 + [(1, 0.8)] * 10)
    assert {*voices(assign(prints, places, **OPTIONS))} <= {0, None}


def test_an_utterance_of_two_voices_is_less_sure() -> None:
    crowd = Crowd(2)
    prints, places = crowd.say([(0, 3.0)] * 6 + [(1, 3.0)] * 6 + [(0, 6.0)])
    alone = assign(prints, places, **OPTIONS)[12]
    prints = [*prints[:-1], crowd.print(12, 0), crowd.print(12, 1)]
    both = assign(prints, places, **OPTIONS)[12]
    assert alone is not None and alone[1] > 0.8
    assert both is None or both[1] <= 0.5


def test_confidence_grows_with_the_distance_to_the_next_voice() -> None:
    crowd = Crowd(2)
    prints, places = crowd.say([(0, 3.0)] * 6 + [(1, 3.0)] * 6 + [(0, 3.0)])
    sure = []
    for share in (0.0, 0.3, 0.5):  # of the other voice
        mixed = crowd.voices[0] * (1 - share) + crowd.voices[1] * share
        vector = (mixed / np.linalg.norm(mixed)).astype(np.float32)
        label = assign([*prints[:-1], Print(12, vector, 3.0)], places, **{**OPTIONS, "least_confidence": 0.0})[12]
        sure.append(label[1] if label else 0.0)
    assert sure == sorted(sure, reverse=True) and sure[0] > 0.9 and sure[2] < 0.3
