"""Pace, loudness, pitch and monotony of utterances, on speech, silence, music and words with times."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from capture.material import music, silence
from make import word
from streamlens.capture.audio import RATE, Samples, decode
from streamlens.capture.prosody import Prosody, measure, monotony, pace, pauses_ms, talk
from streamlens.capture.recording import StreamFiles, probe

CLIP = Path(__file__).parents[1] / "data" / "voice" / "two_voices.m4a"
GOLD: dict[str, Any] = json.loads(CLIP.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def clip() -> Samples:
    recording = probe(StreamFiles(id="r1", folder=CLIP.parent, parts=(CLIP,)))
    return np.concatenate([block.sound for block in decode(recording, [CLIP])])


def line(clip: Samples, number: int) -> Samples:
    """The sound of a line with a fifth of a second around it."""
    row = GOLD["lines"][number]
    return clip[(row["start_ms"] - 200) * 16 : (row["end_ms"] + 200) * 16]


# ---- the sound


@pytest.mark.parametrize("number", range(len(GOLD["lines"])))
def test_pitch_is_that_of_a_woman_or_a_man(clip: Samples, number: int) -> None:
    found, speech = measure(line(clip, number))
    low, high = (170, 300) if GOLD["lines"][number]["voice"].startswith("zf") else (80, 150)
    assert found.pitch_hz is not None and low < found.pitch_hz < high
    assert found.pitch_range_st is not None and 3 < found.pitch_range_st < 16
    assert found.monotony is not None and 0 <= found.monotony < 0.8
    assert 0.6 < speech.mean() < 1


def test_loudness_follows_the_level_and_nothing_else_does(clip: Samples) -> None:
    loud, _ = measure(line(clip, 0))
    soft, _ = measure(line(clip, 0) * np.float32(0.1))
    assert loud.loudness_db is not None and soft.loudness_db is not None
    assert loud.loudness_db == pytest.approx(-20.9, abs=2)  # the clip was made so
    assert loud.loudness_db - soft.loudness_db == pytest.approx(20, abs=0.3)
    assert soft.pitch_hz == pytest.approx(loud.pitch_hz, rel=0.02)
    assert soft.loudness_range_db == pytest.approx(loud.loudness_range_db, abs=1)


def test_music_beneath_the_voice_hardly_changes_what_is_measured(clip: Samples) -> None:
    alone = line(clip, 3)
    behind = music(len(alone) / RATE + 2)[: len(alone)]
    level = float(np.sqrt(np.mean(alone**2)) / np.sqrt(np.mean(behind**2)))
    before, _ = measure(alone)
    after, _ = measure(alone + behind * np.float32(level * 10 ** (-10 / 20)))
    assert before.loudness_db is not None and after.loudness_db is not None and before.pitch_hz is not None
    assert after.loudness_db == pytest.approx(before.loudness_db, abs=1)
    assert after.pitch_hz == pytest.approx(before.pitch_hz, rel=0.05)


def test_music_silence_and_what_is_too_short_have_no_prosody(clip: Samples) -> None:
    start, end = GOLD["music"]
    for sound in (clip[start * 16 : end * 16], music(6), silence(3), silence(0), line(clip, 0)[4000:6400]):
        found, speech = measure(sound)
        assert found == Prosody() and speech.mean() < 0.2 if speech.size > 100 else found == Prosody()


def test_one_that_speaks_on_one_note_is_monotonous(clip: Samples) -> None:
    assert monotony(0.5, 3) == 1.0 and monotony(20, 40) == 0.0
    steps = [monotony(range_st, 12) for range_st in range(0, 15)]
    assert steps == sorted(steps, reverse=True)
    assert monotony(6, 14) < monotony(6, 8)


# ---- the words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([("大家看一下", 0, 1.0)], 300),
        ([("大家", 0, 0.4), ("看一下，", 0.4, 1.0)], 300),  # marks are not said
        ([("48小时", 0, 1.0)], 300),  # 四十八小时
        ([("19.9元", 0, 1.0)], 300),  # 十九点九元
        ([("2026年", 0, 1.0)], 300),  # 二零二六年
        ([("100%", 0, 0.8)], 300),  # 百分之百
        ([("大家看", 0, 0.6), ("这个", 1.6, 2.0)], 300),  # a second's pause is none of it
        ([("大家看", 0, 0.6), ("这个", 0.7, 1.0)], 300),  # so short a gap is
        ([("大家看这", 0, 0.8), ("个", 0.8, 3.0)], 200),  # the rest of a syllable drawn out so long is a pause
        ([("VIP会员", 0, 0.8)], 300),
        ([("好", 0, 0.2)], None),
        ([("好的好的", 0, 0.3)], None),
        ([("。", 0, 3.0)], None),
        ([], None),
    ],
)
def test_pace_counts_what_is_spoken_and_leaves_pauses_out(
    words: list[tuple[str, float, float]], expected: float | None
) -> None:
    found = pace([word(*each) for each in words])
    assert found == (expected if expected is None else pytest.approx(expected, abs=0.5))


def test_pauses_between_words() -> None:
    words = [word("大家", 0, 0.4), word("看", 0.5, 0.7), word("这个", 1.2, 1.6), word("好", 2.0, 2.1)]
    assert talk(words) == [(0, 700), (1200, 1600), (2000, 2100)]
    assert pauses_ms(words) == 900
    assert pauses_ms([]) == 0 and talk([]) == []
