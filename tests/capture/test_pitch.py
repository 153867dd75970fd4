"""Pitch on sounds whose pitch is known."""

import numpy as np
import pytest

from capture.material import music
from streamlens.capture.audio import RATE, Samples
from streamlens.capture.pitch import Floats, track

VOWELS = {"a": (850, 1200, 2800), "i": (300, 2300, 3000), "u": (350, 700, 2500)}


def voice(hertz: Floats, vowel: str = "a", *, slope: float = 1.0) -> Samples:
    """A sung vowel: harmonics of a given pitch (Hz, for each sample) under three formants, at about -20 dB."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    sound = np.zeros(len(hertz))
    for number in range(1, 40):
        at = hertz * number
        gain = 0.02 + sum(1 / (1 + ((at - formant) / 100) ** 2) for formant in VOWELS[vowel])
        sound += np.where(at < 7500, number**-slope * gain, 0) * np.sin(number * phase)
    return (0.1 * sound / np.sqrt(np.mean(sound**2))).astype(np.float32)


def noise(count: int, level: float, *, pink: bool = False, seed: int = 1) -> Samples:
    white = np.random.default_rng(seed).standard_normal(count)
    if pink:
        spectrum = np.fft.rfft(white)
        white = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), count)
    return (level * white / np.sqrt(np.mean(white**2))).astype(np.float32)


SECOND = np.arange(RATE) / RATE
CURVES = {
    "low": np.full(RATE, 85.0),
    "man": np.full(RATE, 120.0),
    "woman": np.full(RATE, 220.0),
    "high": np.full(RATE, 480.0),
    "rising": 110 * 2**SECOND,
    "falling": 340 * 2**-SECOND,
    "tones": 200 * 2 ** (np.sin(2 * np.pi * 3 * SECOND) / 3),
}


@pytest.mark.parametrize("vowel", VOWELS)
@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
@pytest.mark.parametrize("behind", [None, "white", "pink"])
def test_tones_and_glides_are_followed_through_noise(curve: Floats, vowel: str, behind: str | None) -> None:
    sound = voice(curve, vowel)
    if behind:
        sound = sound + noise(RATE, 0.1 * 10 ** (-10 / 20), pink=behind == "pink")  # 10 dB below the voice
    found, wanted = track(sound)[5:-5], curve[::160][5:-5]
    off = 12 * np.abs(np.log2(np.where(found > 0, found, 1) / wanted))
    assert np.mean(found == 0) < 0.05
    assert np.mean(off[found > 0] > 3) == 0, "no gross error, above all of an octave"
    assert np.median(off[found > 0]) < 0.1


@pytest.mark.parametrize("slope", [0.3, 1.0, 2.0])
def test_a_weak_or_missing_fundamental_is_no_octave_error(slope: float) -> None:
    sound = voice(np.full(2 * RATE, 150.0), slope=slope)
    spectrum = np.fft.rfft(sound)
    spectrum[: 2 * 225] = 0  # as on the telephone: nothing below 225 Hz
    found = track(np.fft.irfft(spectrum).astype(np.float32))[5:-5]
    assert np.abs(found / 150 - 1).max() < 0.02


def test_noise_and_silence_have_no_pitch() -> None:
    for sound in (np.zeros(RATE, np.float32), noise(3 * RATE, 0.1), noise(3 * RATE, 0.1, pink=True)):
        assert np.mean(track(sound) > 0) < 0.1
    assert track(np.zeros(0, np.float32)).size == track(np.zeros(100, np.float32)).size == 0


def test_voiced_and_unvoiced_are_told_apart_within_a_frame_or_two() -> None:
    gap = noise(RATE // 2, 0.02)
    sound = np.concatenate([gap, voice(np.full(RATE, 200.0)), gap, voice(np.full(RATE, 120.0), "i"), gap])
    found = track(sound) > 0
    runs = np.flatnonzero(np.diff(found.astype(int))) + 1
    assert runs.tolist() == pytest.approx([50, 150, 200, 300], abs=3)


def test_a_word_an_octave_off_is_put_right() -> None:
    """Every second period of a creaky stretch is weaker, which the autocorrelation takes for half the pitch."""
    pitch = 200.0
    sound = voice(np.full(3 * RATE, pitch))
    periods = np.arange(3 * RATE) * pitch / RATE
    creaky = (periods >= 240) & (periods < 300) & (periods.astype(int) % 2 == 1)
    sound[creaky] *= 0.55
    found = track(sound)
    assert np.mean(np.abs(found[found > 0] / pitch - 1) > 0.2) < 0.02


def test_loudness_does_not_matter() -> None:
    sound = voice(CURVES["tones"])
    assert np.allclose(track(sound * np.float32(0.01)), track(sound), rtol=0.01)


def test_a_voice_over_music_keeps_its_median() -> None:
    sound = voice(np.concatenate([CURVES["tones"]] * 3))
    behind = music(3)
    sound = sound + behind * np.float32(0.1 * 10 ** (-15 / 20) / max(float(np.sqrt(np.mean(behind**2))), 1e-9))
    found = track(sound)
    assert np.median(found[found > 0]) == pytest.approx(200, rel=0.06)
