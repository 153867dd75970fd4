"""The sound of a recording: where it lies in time, where somebody speaks, and how it is cut into windows."""

import tracemalloc
import wave
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from capture.material import music, silence, tone, write
from streamlens.capture import audio
from streamlens.capture.audio import RATE, Block, Samples, Window, decode, windows
from streamlens.capture.recording import StreamFiles, probe
from streamlens.errors import InputError
from streamlens.schema import Part, Recording


def probed(*paths: Path) -> Recording:
    return probe(StreamFiles(id="r1", folder=paths[0].parent, parts=paths))


def stretches(*paths: Path, damaged: list[tuple[int, int]] | None = None) -> list[tuple[float, float]]:
    """Where there is sound at all, in seconds."""
    runs: list[list[int]] = []
    for block in decode(probed(*paths), paths, damaged=damaged):
        if runs and runs[-1][1] == block.start:
            runs[-1][1] += block.sound.size
        else:
            runs.append([block.start, block.start + block.sound.size])
    return [(round(start / RATE, 1), round(end / RATE, 1)) for start, end in runs]


@pytest.fixture(scope="session")
def speech(sound: Path) -> Samples:
    """Seven seconds in which somebody speaks."""
    with wave.open(str(sound), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768
    return samples[RATE:]


# ---- decode


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".flv", ".ts", ".mp3", ".wav"])
def test_sound_of_any_container_as_mono_16_khz(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a{suffix}", tone(3, 440))
    sound = np.concatenate([block.sound for block in decode(probed(path), [path])])
    assert sound.dtype == np.float32 and sound.size == pytest.approx(3 * RATE, rel=0.05)
    middle = sound[RATE : 2 * RATE]
    assert np.argmax(np.abs(np.fft.rfft(middle))) == 440 and np.abs(middle).max() == pytest.approx(0.3, abs=0.05)


def test_other_rates_and_channels(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        both = (16_000 * np.sin(2 * np.pi * 300 * np.arange(44_100 * 2) / 44_100)).astype(np.int16)
        file.writeframes(np.stack([both, both], axis=1).tobytes())
    sound = np.concatenate([block.sound for block in decode(probed(tmp_path / "a.wav"), [tmp_path / "a.wav"])])
    assert sound.size == pytest.approx(2 * RATE, abs=64)
    assert np.argmax(np.abs(np.fft.rfft(sound[:RATE]))) == 300


def test_sound_that_starts_late_lies_late(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", tone(3), video_s=6, at_s=lambda second: second + 2)
    assert stretches(path) == [(2.0, pytest.approx(5.0, abs=0.15))]


@pytest.mark.parametrize("suffix", [".mkv", ".flv", ".ts", ".mp4"])
def test_a_hole_in_the_time_stamps_is_a_hole_in_the_sound(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a{suffix}", tone(6), at_s=lambda second: second + (3 if second >= 3 else 0))
    (first, second) = stretches(path)
    assert first == (0.0, pytest.approx(3.0, abs=0.2)) and second == (
        pytest.approx(6.0, abs=0.2),
        pytest.approx(9.0, abs=0.15),
    )


def test_sound_that_drifts_from_its_time_stamps_is_put_right(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", tone(10), at_s=lambda second: second * 1.05)  # a clock that is 5 % fast
    blocks = list(decode(probed(path), [path]))
    assert (blocks[-1].start + blocks[-1].sound.size) / RATE == pytest.approx(10.5, abs=0.15)
    path = write(tmp_path / "b.mkv", tone(10), at_s=lambda second: second * 0.95)
    blocks = list(decode(probed(path), [path]))
    assert (blocks[-1].start + blocks[-1].sound.size) / RATE == pytest.approx(9.5, abs=0.15)
    assert all(after.start >= before.start + before.sound.size for before, after in pairwise(blocks))


def test_a_clock_set_anew_goes_on(tmp_path: Path) -> None:
    once = write(tmp_path / "a.ts", tone(4))
    path = tmp_path / "twice.ts"
    path.write_bytes(once.read_bytes() * 2)
    ((start, end),) = stretches(path)
    assert (start, end) == (0.0, pytest.approx(8.2, abs=0.1))
    assert probed(path).duration_ms == pytest.approx(8200, abs=100)


def test_parts_lie_where_they_belong_and_never_overlap(tmp_path: Path) -> None:
    first = write(tmp_path / "recording-01_20261012-193000.m4a", tone(3))
    second = write(tmp_path / "recording-02_20261012-193005.m4a", tone(3))
    third = write(tmp_path / "recording-03_20261012-193008.m4a", tone(3))
    assert stretches(first, second, third) == [(0.0, 3.0), (5.0, 11.0)]


@pytest.mark.parametrize(("suffix", "options"), [(".mp4", {"movflags": "faststart"}), (".flv", {})])
def test_what_cannot_be_decoded_is_passed_over_and_listed(tmp_path: Path, suffix: str, options: dict[str, str]) -> None:
    noisy = tone(10) + 0.1 * np.random.default_rng(1).standard_normal(10 * RATE).astype(np.float32)
    path = write(tmp_path / f"a{suffix}", noisy, options=options)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) * 6 // 10] = bytes([7]) * (len(data) * 6 // 10 - len(data) // 2)
    path.write_bytes(data)
    damaged: list[tuple[int, int]] = []
    runs = stretches(path, damaged=damaged)
    ((start, end),) = damaged
    assert 4000 < start < 5500 and 500 < end - start < 3500
    assert runs[0][1] == pytest.approx(start / 1000, abs=0.1) and runs[-1][0] == pytest.approx(end / 1000, abs=0.1)
    assert runs[-1][1] > 9.5


def test_a_file_that_went_away(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(1))
    recording = probed(path)
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        list(windows(recording, [path]))


# ---- windows


def cut(sound: Samples, tmp_path: Path, **options: float) -> list[Window]:
    path = write(tmp_path / "a.wav", sound)
    return list(windows(probed(path), [path], **options))  # type: ignore[arg-type]


def test_nobody_speaks_in_silence_noise_and_music(tmp_path: Path) -> None:
    noise = 0.02 * np.random.default_rng(1).standard_normal(20 * RATE).astype(np.float32)
    for sound in (silence(20), noise, music(40)):
        assert cut(sound, tmp_path) == []


def test_silence_is_left_out_and_times_are_kept(tmp_path: Path, speech: Samples) -> None:
    sound = np.concatenate([silence(30), speech, silence(60), speech, silence(10)])
    (window,) = cut(sound, tmp_path)
    assert window.sound.size < 2 * speech.size + RATE  # 100 s of silence are not in it
    first, last = window.speech[0], window.speech[-1]
    assert 29_900 < first[0] < 31_500 and 104_000 < last[1] < 106_500
    for piece in window.pieces:  # every piece is the sound of the place that it says
        assert np.allclose(
            window.sound[piece.offset : piece.offset + piece.length],
            sound[piece.start : piece.start + piece.length],
            atol=1e-3,
        )
    middle = window.pieces[1]
    seam_ms = middle.offset * 1000 / RATE
    assert window.recording_ms(seam_ms) == pytest.approx(middle.start * 1000 / RATE, abs=1)
    before = window.pieces[0]
    assert window.recording_ms(seam_ms, last=True) == pytest.approx((before.start + before.length) * 1000 / RATE, abs=1)


def test_windows_are_full_but_never_too_long_and_in_order(tmp_path: Path, speech: Samples) -> None:
    sound = np.concatenate([speech] * 20)
    found = cut(sound, tmp_path)
    assert all(window.sound.size <= 29.5 * RATE for window in found)
    assert sum(window.sound.size for window in found[:-1]) >= 0.6 * 29.5 * RATE * (len(found) - 1)
    speech_spans = [span for window in found for span in window.speech]
    assert all(before[1] <= after[0] for before, after in pairwise(speech_spans))
    assert sum(end - start for start, end in speech_spans) > 0.5 * sound.size * 1000 / RATE


def test_a_window_is_parted_at_its_best_pause(tmp_path: Path, speech: Samples) -> None:
    said = speech[: 6 * RATE]
    sound = np.concatenate([*[part for _ in range(4) for part in (said, silence(0.2))], silence(2), *[said] * 4])
    first, second, *_ = cut(sound, tmp_path)
    assert 20_000 < first.speech[-1][1] < 25_000 < 26_500 < second.speech[0][0]


def test_speech_without_a_pause_is_cut_all_the_same(tmp_path: Path) -> None:
    found = cut(tone(70), tmp_path, threshold=0.0)  # everything counts as speech
    assert len(found) == 3 and all(window.sound.size <= 29.5 * RATE for window in found)
    spans = [span for window in found for span in window.speech]
    assert spans[0][0] == 0 and spans[-1][1] == pytest.approx(70_000, abs=50)
    assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_blocks_of_any_size_give_the_same_windows(
    tmp_path: Path, speech: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = np.concatenate([speech, silence(8), speech, silence(3), speech])
    whole = cut(sound, tmp_path)
    monkeypatch.setattr(audio, "BLOCK", 777)
    for one, other in zip(whole, cut(sound, tmp_path), strict=True):
        assert (one.pieces, one.speech) == (other.pieces, other.speech) and np.array_equal(one.sound, other.sound)


def test_a_long_hole_parts_what_is_said(tmp_path: Path, speech: Samples) -> None:
    path = write(
        tmp_path / "a.mkv", np.concatenate([speech, speech]), at_s=lambda second: second + (3600 if second >= 8 else 0)
    )
    first, second = windows(probed(path), [path])
    assert first.speech[-1][1] < 9000 and second.speech[0][0] > 3_600_000


def test_part_of_a_window(tmp_path: Path, speech: Samples) -> None:
    sound = np.concatenate([speech, silence(5), speech])
    (window,) = cut(sound, tmp_path)
    for index, (start, end) in enumerate(window.speech):
        part = window.part(index, index)
        assert part.speech == ((start, end),)
        assert part.recording_ms(0) <= start and part.recording_ms(part.sound.size * 1000 / RATE, last=True) >= end
        others = [span for span in window.speech if span != (start, end)]
        for piece in part.pieces:  # nothing of what is said before and after
            span = (piece.start * 1000 // RATE, piece.end * 1000 // RATE)
            assert not any(since < span[1] - 1 and until > span[0] + 1 for since, until in others)


def test_memory_does_not_grow_with_the_length(monkeypatch: pytest.MonkeyPatch, speech: Samples) -> None:
    def talk(minutes: int) -> Iterator[Block]:
        at = 0
        while at < minutes * 60 * RATE:
            yield Block(at, speech)
            at += speech.size + (RATE // 2 if at % 3 else 6 * RATE)

    def peak(minutes: int) -> int:
        monkeypatch.setattr(audio, "decode", lambda *_args, **_options: talk(minutes))
        tracemalloc.start()
        for _ in windows(Recording(id="r1", parts=(), duration_ms=0), []):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(1)  # the detector itself
    assert peak(16) < 1.3 * peak(4)


def test_the_paths_must_be_those_of_the_parts() -> None:
    part = Part(name="a", start_ms=0, duration_ms=1, size=1, digest="", has_video=False, container="wav")
    with pytest.raises(ValueError):
        list(decode(Recording(id="r1", parts=(part,), duration_ms=1), []))
