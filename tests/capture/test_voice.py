"""The voice of each utterance, and who speaks, on a clip of two voices over music."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from make import transcript, utterance, word
from streamlens.capture.recording import StreamFiles, probe
from streamlens.capture.voice import VoiceOptions, find_voices
from streamlens.capture.voiceprint import SIZE, Voiceprints
from streamlens.errors import ModelError
from streamlens.schema import Part, Recording, Transcript, Voice
from streamlens.shipped import shipped

CLIP = Path(__file__).parents[1] / "data" / "voice" / "two_voices.m4a"
GOLD: dict[str, Any] = json.loads(CLIP.with_suffix(".json").read_text(encoding="utf-8"))
MODELS = shipped("models") / "speakers"
WOMAN, MAN = "zf_xiaobei", "zm_yunyang"


def said(*extra: tuple[int, int, str]) -> Transcript:
    """The clip's lines, their words evenly in time, and further ones (start, end in ms, text)."""
    rows = [(row["start_ms"], row["end_ms"], row["text"]) for row in GOLD["lines"]]
    spoken = []
    for start_ms, end_ms, text in [*rows, *extra]:
        step = (end_ms - start_ms) / len(text) / 1000
        words = [
            word(char, start_ms / 1000 + at * step, start_ms / 1000 + (at + 1) * step) for at, char in enumerate(text)
        ]
        spoken.append(utterance(text, start_ms / 1000, end_ms / 1000, words=words))
    return transcript(*spoken)


def heard(given: Transcript, **options: Any) -> Voice:
    recording = probe(StreamFiles(id="r1", folder=CLIP.parent, parts=(CLIP,)))
    return find_voices(given, recording, [CLIP], MODELS, options=VoiceOptions(**options))


@pytest.fixture(scope="module")
def voice() -> Voice:
    return heard(said())


def test_two_voices_are_told_apart_and_named_by_share_of_talk(voice: Voice) -> None:
    expected = ["S1" if row["voice"] == WOMAN else "S2" for row in GOLD["lines"]]
    assert [each.speaker for each in voice.utterances] == expected
    assert all(each.speaker_confidence and each.speaker_confidence > 0.6 for each in voice.utterances)
    first, second = voice.speakers
    assert (first.label, second.label) == ("S1", "S2")
    assert first.speech_ms > second.speech_ms and first.share_rate + second.share_rate == pytest.approx(1, abs=0.001)


def test_how_each_line_was_said(voice: Voice) -> None:
    for row, each in zip(GOLD["lines"], voice.utterances, strict=True):
        assert each.pitch_hz is not None and (each.pitch_hz > 160) == (row["voice"] == WOMAN)
        assert each.loudness_db is not None and -30 < each.loudness_db < -15
        assert each.pace_cpm is not None and 150 < each.pace_cpm < 400
    assert voice.utterances[0].pause_ms is None
    assert voice.utterances[1].pause_ms == GOLD["lines"][1]["start_ms"] - GOLD["lines"][0]["end_ms"]


def test_the_same_sound_gives_the_same_record(voice: Voice) -> None:
    assert heard(said()) == voice


def test_text_over_music_has_no_voice(voice: Voice) -> None:
    start, end = GOLD["music"]
    found = heard(said((start, end, "感谢大家的观看"), (end + 60_000, end + 61_000, "在录像之后")))
    for each in found.utterances[-2:]:
        assert (each.loudness_db, each.pitch_hz, each.monotony, each.speaker) == (None, None, None, None)
    assert [each.speaker for each in found.utterances[:-2]] == [each.speaker for each in voice.utterances]


def test_speakers_can_be_left_out_and_the_encoder_is_not_even_opened(tmp_path: Path) -> None:
    recording = probe(StreamFiles(id="r1", folder=CLIP.parent, parts=(CLIP,)))
    found = find_voices(said(), recording, [CLIP], tmp_path, options=VoiceOptions(speakers=False))
    assert found.speakers == () and {each.speaker for each in found.utterances} == {None}
    assert all(each.pitch_hz for each in found.utterances)


def test_all_of_it_can_be_left_out_and_subtitles_have_none() -> None:
    recording = Recording(id="r1", parts=(), duration_ms=60_000)
    off = find_voices(said(), recording, [CLIP], MODELS, options=VoiceOptions(on=False))
    silent = find_voices(said(), recording, [], MODELS)
    assert off.utterances == silent.utterances == off.speakers == silent.speakers == ()
    assert off.notes[0].startswith("off:") and silent.notes[0].startswith("no_sound:")
    assert heard(transcript()) == Voice(recording="r1")


def test_a_gap_between_parts_is_no_pause() -> None:
    def part(start_ms: int) -> Part:
        return Part(
            name="a.m4a", start_ms=start_ms, duration_ms=5000, size=1, digest="", has_video=False, container="mp4"
        )

    recording = Recording(id="r1", parts=(part(0), part(50_000)), duration_ms=55_000)
    given = transcript(utterance("你好", 1, 2), utterance("再见", 4, 5), utterance("回来了", 51, 52))
    found = find_voices(given, recording, [CLIP, CLIP], MODELS)
    assert [each.pause_ms for each in found.utterances] == [None, 2000, None]


def test_progress_is_told_in_milliseconds() -> None:
    recording = probe(StreamFiles(id="r1", folder=CLIP.parent, parts=(CLIP,)))
    told: list[tuple[int, int]] = []
    find_voices(said(), recording, [CLIP], MODELS, progress=lambda *event: told.append(event))
    assert len(told) == len(GOLD["lines"]) and told == sorted(told)
    assert {total for _, total in told} == {recording.duration_ms}


# ---- the encoder


def test_an_encoder_that_is_missing_or_another_is_told_of(tmp_path: Path) -> None:
    sound = np.full(16_000, 0.1, np.float32)
    with pytest.raises(ModelError, match=r"campplus\.onnx"):
        Voiceprints(tmp_path).of(sound)
    (tmp_path / "campplus.onnx").write_bytes(b"another")
    with pytest.raises(ModelError, match="is not the model"):
        Voiceprints(tmp_path).of(sound)


def test_a_voiceprint_is_a_unit_vector_and_does_not_hear_loudness() -> None:
    rng = np.random.default_rng(1)
    sound = (0.1 * rng.standard_normal(32_000)).astype(np.float32)
    prints = Voiceprints(MODELS)
    one, soft = prints.of(sound), prints.of(sound * np.float32(0.1))
    assert one.shape == (SIZE,) and np.linalg.norm(one) == pytest.approx(1, abs=1e-4)
    assert float(one @ soft) > 0.999


def test_options_are_checked() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"speaker": True}, VoiceOptions)
