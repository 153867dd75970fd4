"""Speech becomes a transcript; subtitles become one."""

import threading
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from capture.material import music, silence, write
from make import word
from streamlens.capture import audio, model
from streamlens.capture.audio import RATE, Piece, Samples, Window
from streamlens.capture.engine import Phrase, Whisper, load_engine
from streamlens.capture.recording import StreamFiles, probe
from streamlens.capture.transcript import Engine, TranscriptOptions, read_transcript, transcribe
from streamlens.errors import InputError, ModelError, StreamlensError
from streamlens.schema import Recording, Stretch, Transcript, Word

RECORDING = Recording(id="r1", parts=(), duration_ms=1_200_000)


class Scripted:
    """A recogniser whose script says what stands in the window whose sound is filled with a number.

    `careful` is another script, for second hearings.
    """

    name, notes = "scripted", ("no_gpu: a note",)

    def __init__(
        self, script: dict[int, Sequence[Phrase]], careful: dict[int, Sequence[Phrase]] | None = None, workers: int = 1
    ) -> None:
        self.script, self.careful, self.workers = script, careful or {}, workers
        self.calls: list[dict[str, Any]] = []
        self.most = self.now = 0
        self.lock = threading.Lock()

    def hear(self, sounds: Sequence[Samples], **options: Any) -> tuple[tuple[Phrase, ...], ...]:
        with self.lock:
            self.calls.append({"windows": [int(sound[0]) for sound in sounds], **options})
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        with self.lock:
            self.now -= 1
        script = self.careful if options.get("careful") else self.script
        return tuple(tuple(script.get(int(sound[0]), ())) for sound in sounds)

    def weigh(self, sound: Samples, texts: Sequence[str]) -> tuple[float, ...]:
        raise NotImplementedError


def phrase(*words: Word) -> Phrase:
    return Phrase(words=words, likelihood=-0.3, silence=0.1)


def said(text: str, start_s: float, end_s: float) -> list[Word]:
    step = (end_s - start_s) / len(text)
    return [word(char, start_s + i * step, start_s + (i + 1) * step) for i, char in enumerate(text)]


@pytest.fixture
def spread_out(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[Sequence[tuple[float, float]]]], None]:
    """Makes a recording of windows with speech at these seconds; window n starts at 20 * n and its sound is n."""

    def make(speech: Sequence[Sequence[tuple[float, float]]]) -> None:
        def windows(*_args: Any, damaged: list[tuple[int, int]], **_options: Any) -> Iterator[Window]:
            for number, spans in enumerate(speech):
                yield Window(
                    np.full(20 * RATE, number, np.float32),
                    (Piece(0, number * 20 * RATE, 20 * RATE),),
                    tuple((round(start * 1000), round(end * 1000)) for start, end in spans),
                )
            damaged.append((1_199_000, 1_199_500))

        monkeypatch.setattr(audio, "windows", windows)

    return make


def heard(engine: Engine, **options: Any) -> Transcript:
    return transcribe(RECORDING, [], engine, options=TranscriptOptions(**options))


# ---- transcribe


def test_words_become_utterances(spread_out: Any) -> None:
    spread_out([[(1, 3), (3.3, 4), (5, 6)], [(21, 22)]])
    engine = Scripted(
        {
            0: [phrase(*said("今天上一號鏈接", 1, 3), *said("脐橙", 3.3, 4), *said("二十四小时发货吗", 5, 6))],
            1: [phrase(*said("好", 1, 2))],
        }
    )
    found = heard(engine)
    assert [(u.id, u.start_ms, u.end_ms, u.text, u.raw) for u in found.utterances] == [
        ("u0001", 1000, 4000, "今天上一号链接，脐橙。", "今天上一號鏈接脐橙"),
        ("u0002", 5000, 6000, "24小时发货吗？", "二十四小时发货吗"),
        ("u0003", 21_000, 22_000, "好。", "好"),
    ]
    for utterance in found.utterances:
        assert "".join(word.text for word in utterance.words) == utterance.text
        assert (utterance.words[0].start_ms, utterance.words[-1].end_ms) == (utterance.start_ms, utterance.end_ms)
    assert found.utterances[1].words[0].text == "24"  # one word for the figure
    assert (found.recording, found.model, found.coverage, found.speech_ms) == ("r1", "scripted", 1.0, 4700)
    assert found.notes == ("no_gpu: a note",)


def test_utterances_end_at_pauses_marks_and_windows_and_are_not_too_long(spread_out: Any) -> None:
    spread_out([[(0, 20)], [(20, 40)]])
    first = [*said("一起来看。", 0, 2), *said("好", 2, 2.4), *said("再看", 3.1, 4), *said("大家" * 30, 5, 20)]
    first[3] = word("看。", first[3].start_ms / 1000, 2)
    del first[4]
    found = heard(Scripted({0: [phrase(*first)], 1: [phrase(*said("就这样" * 4, 0, 4))]}), longest_ms=8000)
    assert [utterance.raw for utterance in found.utterances][:3] == ["一起来看。", "好", "再看"]
    assert all(utterance.end_ms - utterance.start_ms <= 8000 for utterance in found.utterances)
    assert found.utterances[-1].raw == "就这样" * 4  # speech goes on, but not over the end of a window


def test_lost_speech_is_heard_again_or_listed(spread_out: Any) -> None:
    spread_out([[(0, 3), (5, 8), (10, 13)]])
    complete = [*said("第一句在这里呢", 0, 3), *said("第三句也在这里", 10, 13)]
    lost = said("中间这句丢了哦", 2.1, 5)  # the cut begins where the sentence before ended
    engine = Scripted({0: [phrase(*complete)]}, careful={0: [phrase(*lost)]})
    found = heard(engine)
    assert [u.raw for u in found.utterances] == ["第一句在这里呢", "中间这句丢了哦", "第三句也在这里"]
    assert 5000 <= found.utterances[1].start_ms < found.utterances[1].end_ms <= 8000
    assert found.coverage > 0.98 and [s.reason for s in found.not_heard] == ["damaged"]
    assert [call.get("careful", False) for call in engine.calls] == [False, True]
    found = heard(Scripted({0: [phrase(*complete)]}))
    assert found.coverage == pytest.approx(2 / 3, abs=0.01)
    assert found.not_heard[0] == Stretch(start_ms=5000, end_ms=8000, reason="no_text")


def test_what_is_damaged_is_listed(spread_out: Any) -> None:
    spread_out([])
    found = heard(Scripted({}))
    assert found.not_heard == (Stretch(start_ms=1_199_000, end_ms=1_199_500, reason="damaged"),)


def test_batches_are_heard_at_once_and_come_in_order(spread_out: Any) -> None:
    spread_out([[(n * 20, n * 20 + 1)] for n in range(11)])
    engine = Scripted({n: [phrase(*said(f"{n}号来了", 0, 1))] for n in range(11)}, workers=3)
    steps: list[tuple[int, int]] = []
    found = transcribe(
        RECORDING, [], engine, options=TranscriptOptions(batch_size=6), progress=lambda *step: steps.append(step)
    )
    assert [u.raw for u in found.utterances] == [f"{n}号来了" for n in range(11)]
    assert sorted(call["windows"] for call in engine.calls) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10]]
    assert engine.most == 3
    assert steps == sorted(steps) and steps[-1] == (1_200_000, 1_200_000) and len(steps) == 12


def test_a_short_recording_keeps_all_workers_busy(spread_out: Any) -> None:
    spread_out([[(n * 20, n * 20 + 1)] for n in range(4)])
    engine = Scripted({}, workers=2)
    transcribe(msgspec.structs.replace(RECORDING, duration_ms=120_000), [], engine)
    assert sorted(call["windows"] for call in engine.calls if not call.get("careful")) == [[0, 1], [2, 3]]


def test_only_a_few_windows_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    def windows(*_args: Any, **_options: Any) -> Iterator[Window]:
        nonlocal made
        for number in range(40):
            made += 1
            yield Window(
                np.full(RATE, number, np.float32),
                (Piece(0, number * RATE, RATE),),
                ((number * 1000, number * 1000 + 900),),
            )

    monkeypatch.setattr(audio, "windows", windows)
    ahead: list[int] = []

    class Slow(Scripted):
        def hear(self, sounds: Sequence[Samples], **options: Any) -> tuple[tuple[Phrase, ...], ...]:
            time.sleep(0.02)
            ahead.append(made - int(sounds[-1][0]))
            return super().hear(sounds, **options)

    heard(Slow({n: [phrase(*said("好了", 0, 0.9))] for n in range(40)}, workers=2), batch_size=2)
    assert max(ahead) <= 2 * 4


def test_a_recogniser_that_fails_ends_it_at_once(spread_out: Any) -> None:
    spread_out([[(n * 20, n * 20 + 1)] for n in range(40)])

    class Broken(Scripted):
        def hear(self, sounds: Sequence[Samples], **options: Any) -> tuple[tuple[Phrase, ...], ...]:
            self.calls.append({})
            raise RuntimeError("out of memory")

    engine = Broken({})
    with pytest.raises(RuntimeError, match="out of memory"):
        heard(engine)
    assert len(engine.calls) <= 3


def test_names_are_handed_to_the_recogniser_but_not_when_it_listens_again(spread_out: Any) -> None:
    spread_out([[(0, 3)]])
    engine = Scripted({})
    heard(engine, hotwords=("赣南脐橙",))
    assert engine.calls[0]["hotwords"] == ("赣南脐橙",)
    assert all(not call.get("hotwords") for call in engine.calls[1:])
    assert TranscriptOptions().hotwords == ()


@pytest.mark.parametrize("sound", [silence(8), music(12)], ids=["silence", "music"])
def test_without_speech_there_is_no_text_and_a_note(tmp_path: Path, sound: Samples) -> None:
    path = write(tmp_path / "a.wav", sound)
    engine = Scripted({})
    found = transcribe(probe(StreamFiles(id="r1", folder=tmp_path, parts=(path,))), [path], engine)
    assert (found.utterances, found.coverage, found.speech_ms, engine.calls) == ((), 1.0, 0, [])
    assert any(note.startswith("no_speech:") for note in found.notes)


def test_the_same_sound_gives_the_same_bytes(sound: Path) -> None:
    recording = probe(StreamFiles(id="r1", folder=sound.parent, parts=(sound,)))
    script = {0: [phrase(*said("老铁们好我是老周", 0.4, 4))]}
    first, second = (msgspec.json.encode(transcribe(recording, [sound], Scripted(script, workers=n))) for n in (1, 2))
    assert first == second and msgspec.json.decode(first, type=Transcript).utterances


def test_a_model_that_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(ModelError, match="streamlens models fetch"):
        load_engine(tmp_path, device="cpu")


# ---- read_transcript


def given(tmp_path: Path, name: str, text: str | bytes) -> Transcript:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_transcript(path, "r1")


SRT = """1
00:00:01,000 --> 00:00:03,000
大家好,<i>歡迎</i>
来到直播间

2
00:00:04,5 --> 00:00:06,000 X1:40
{\\an8}apple 二十四小时发货

3
00:00:06,500 --> 00:00:07,000

"""
VTT = """WEBVTT - 直播

NOTE 备注

STYLE
::cue { color: red }

chapter one
01:01.000 --> 01:03.500 align:start
<v 老周>大家好</v>

1:00:04.000 --> 1:00:06.000
再见
"""


def test_srt(tmp_path: Path) -> None:
    found = given(tmp_path, "t.srt", SRT)
    assert [(u.id, u.start_ms, u.end_ms, u.text) for u in found.utterances] == [
        ("u0001", 1000, 3000, "大家好，欢迎，来到直播间。"),
        ("u0002", 4500, 6000, "apple24小时发货。"),
    ]
    assert (found.source, found.coverage, found.speech_ms, found.model) == ("t.srt", 1.0, 3500, "")


def test_vtt(tmp_path: Path) -> None:
    found = given(tmp_path, "t.vtt", VTT)
    assert [(u.start_ms, u.text) for u in found.utterances] == [(61_000, "大家好。"), (3_604_000, "再见。")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_subtitles_as_editors_save_them(tmp_path: Path, encoding: str) -> None:
    found = given(tmp_path, "t.srt", SRT.replace("\n", "\r\n").encode(encoding))
    assert found.utterances[0].text == "大家好，欢迎，来到直播间。"


def test_words_share_the_time_of_their_cue(tmp_path: Path) -> None:
    (utterance,) = given(tmp_path, "t.srt", "1\n00:00:01,000 --> 00:00:03,000\n三度 apple 很甜\n").utterances
    assert "".join(word.text for word in utterance.words) == utterance.text
    assert [(word.text, word.start_ms, word.end_ms) for word in utterance.words] == [
        ("三", 1000, 1286), ("度", 1286, 1571), ("apple", 1571, 2429), ("很", 2429, 2714), ("甜。", 2714, 3000),
    ]  # fmt: skip
    assert {word.probability for word in utterance.words} == {1.0}


def test_our_own_transcript_json_comes_back_as_it_was(tmp_path: Path, spread_out: Any) -> None:
    spread_out([[(1, 3), (5, 6)]])
    first = heard(Scripted({0: [phrase(*said("二十四小时发货", 1, 3))]}))
    found = given(tmp_path, "transcript.json", msgspec.json.encode(first))
    assert found.utterances == first.utterances
    assert (found.coverage, found.not_heard, found.speech_ms, found.model) == (
        first.coverage,
        first.not_heard,
        first.speech_ms,
        "scripted",
    )
    assert found.source == "transcript.json"


def test_an_edited_text_gets_words_anew(tmp_path: Path) -> None:
    text = '{"utterances": [{"start_ms": 0, "end_ms": 900, "text": "改过了", "words": [{"start_ms": 0, "end_ms": 900, "text": "没改"}]}]}'
    (utterance,) = given(tmp_path, "t.json", text).utterances
    assert utterance.text == "改过了。" and [word.text for word in utterance.words] == ["改", "过", "了。"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("t.srt", "", "empty"),
        ("t.srt", "hello\nworld\n", "no subtitles"),
        ("t.srt", "1\n00:00:05,000 --> soon\n好\n", "line 2: has no time span"),
        ("t.srt", "1\n00:00:05,000 --> 00:00:04,000\n好\n", "line 2: ends before it begins"),
        ("t.vtt", "WEBVTT\n\n\n00:05 --> 00:06\n好\n", "line 4"),
        ("t.json", '{"utterances": [\n\n{]}', "line 3: is no JSON"),
        ("t.json", '{"utterances": [{"start_ms": 0, "end_ms": "x", "text": ""}]}', r"utterances\[0\]\.end_ms"),
        ("t.json", '{"words": []}', "utterances"),
        ("t.json", '{"utterances": [{"start_ms": 9, "end_ms": 3, "text": "a"}]}', r"utterances\[0\]: ends before"),
        ("t.json", "[1, 2]", "object"),
    ],
)
def test_a_broken_transcript_is_told_in_one_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        given(tmp_path, name, text)
    assert "\n" not in str(error.value) and str(tmp_path / name) in str(error.value)


def test_a_transcript_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_transcript(tmp_path / "t.srt", "r1")


# ---- with Whisper itself

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "demo" / "d2-hens" / "recording.mp4"


@pytest.fixture(scope="module")
def whisper() -> Engine:
    try:
        return load_engine(model.find("base"), device="cpu")
    except StreamlensError as error:
        pytest.skip(f"{error}")


@pytest.mark.model
def test_whisper_hears_the_demo_and_loses_no_sentence(whisper: Engine) -> None:
    recording = probe(StreamFiles(id="d2", folder=DEMO.parent, parts=(DEMO,)))
    found = transcribe(recording, [DEMO], whisper)
    text = "".join(utterance.text for utterance in found.utterances)
    assert found.coverage > 0.97 and found.model == "base"
    for part in ("大家聊", "鸡蛋", "检测报告", "防癌", "一号", "想要的抓紧", "明天下午"):
        assert part in text
    begins = [utterance.start_ms / 1000 for utterance in found.utterances]
    for second in (1.9, 8.2, 27.4, 41.7, 53.9, 97.3, 103.1):  # when the sentences begin to sound
        assert min(abs(each - second) for each in begins) < 0.3
    assert all(0.2 < u.end_ms / 1000 - u.start_ms / 1000 < 12 for u in found.utterances)
    assert msgspec.json.encode(transcribe(recording, [DEMO], whisper)) == msgspec.json.encode(found)


@pytest.mark.model
def test_the_guard_gets_the_sentence_that_a_hearing_lost(whisper: Engine) -> None:
    class Deaf(Whisper):
        """As Whisper, but it leaves out all that is said between two seconds, as batched decoding does now and then."""

        def __init__(self, engine: Engine) -> None:
            self._engine = engine
            self.name, self.workers, self.notes = engine.name, 1, ()

        def hear(self, sounds: Sequence[Samples], **options: Any) -> tuple[tuple[Phrase, ...], ...]:
            found = self._engine.hear(sounds, **options)
            if options.get("careful"):
                return found
            return tuple(tuple(phrase(*p.words[: len(p.words) // 2]) for p in phrases) for phrases in found)

    recording = probe(StreamFiles(id="d2", folder=DEMO.parent, parts=(DEMO,)))
    found = transcribe(recording, [DEMO], Deaf(whisper))
    assert found.coverage > 0.9
    (utterance,) = [u for u in found.utterances if 96_500 < u.start_ms < 98_500]
    assert "最后" in utterance.text and "一号" in utterance.text


@pytest.mark.model
def test_whisper_makes_nothing_up_over_music(tmp_path: Path, whisper: Engine) -> None:
    path = write(tmp_path / "a.wav", music(40))
    recording = probe(StreamFiles(id="r1", folder=tmp_path, parts=(path,)))
    assert transcribe(recording, [path], whisper).utterances == ()
    forced = transcribe(recording, [path], whisper, options=TranscriptOptions(speech_threshold=0.0))  # all is speech
    assert (forced.utterances, forced.coverage) == ((), 0.0)
    assert {stretch.reason for stretch in forced.not_heard} == {"no_text"}


@pytest.mark.model
def test_a_second_of_speech_is_heard(tmp_path: Path, whisper: Engine, sound: Path) -> None:
    with wave.open(str(sound), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768
    path = write(tmp_path / "a.wav", samples[int(1.8 * RATE) : int(3.0 * RATE)])
    found = transcribe(probe(StreamFiles(id="r1", folder=tmp_path, parts=(path,))), [path], whisper)
    (utterance,) = found.utterances
    assert "们好" in utterance.text and len(utterance.text) <= 12 and utterance.end_ms <= 1200
