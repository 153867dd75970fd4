"""Which device the recogniser runs on, and how its answers are told apart. No model is loaded."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import ctranslate2
import faster_whisper
import numpy as np
import pytest

from streamlens.capture import engine
from streamlens.capture.engine import RATE, Whisper, load_engine
from streamlens.errors import ModelError


class Model:
    """Stands for faster_whisper.WhisperModel: notes how it was made; `broken` says on which device it fails, and when."""

    made: ClassVar[list[dict[str, Any]]]
    broken = ""

    def __init__(self, folder: str, **options: Any) -> None:
        type(self).made.append({"folder": folder, **options})
        if self.broken == f"{options['device']} load":
            raise RuntimeError("CUDA driver version is\ninsufficient")
        self.device = options["device"]

    def transcribe(self, sound: Any, **options: Any) -> tuple[list[Any], None]:
        return [segment(0, [(0.1, 0.5, "慢")])], None


class Batched:
    """Stands for faster_whisper.BatchedInferencePipeline: writes for each clip its number, at its own time."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def transcribe(
        self, sound: Any, *, clip_timestamps: list[dict[str, float]], **options: Any
    ) -> tuple[list[Any], None]:
        if self.model.broken == f"{self.model.device} work":
            raise RuntimeError("Library libcublas.so.12 is not found")
        clips = enumerate(clip_timestamps)
        return [segment(clip["start"], [(0.5, clip["end"] - clip["start"], str(n))]) for n, clip in clips], None


def segment(start_s: float, words: list[tuple[float, float, str]]) -> Any:
    timed = [
        SimpleNamespace(start=start_s + a, end=start_s + b, word=text, probability=np.float32(0.25))
        for a, b, text in words
    ]
    return SimpleNamespace(seek=int(start_s * 100), words=timed, avg_logprob=-0.5, no_speech_prob=0.1)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> type[Model]:
    class Fresh(Model):
        made: ClassVar[list[dict[str, Any]]] = []

    monkeypatch.setattr(faster_whisper, "WhisperModel", Fresh)
    monkeypatch.setattr(faster_whisper, "BatchedInferencePipeline", Batched)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    monkeypatch.setattr(engine.os, "sched_getaffinity", lambda _pid: set(range(6)), raising=False)
    return Fresh


def test_on_a_cpu_whole_numbers_and_a_thread_a_worker(machine: type[Model]) -> None:
    loaded = load_engine(Path("models/base"), workers=2)
    (made,) = machine.made
    assert (made["device"], made["compute_type"], made["num_workers"], made["cpu_threads"]) == ("cpu", "int8", 2, 1)
    assert made["local_files_only"]  # never looked for on the net
    assert (loaded.name, loaded.workers, loaded.notes) == ("base", 2, ())


def test_many_cores_are_shared_among_a_few_workers(machine: type[Model]) -> None:
    assert load_engine(Path("base"), workers=9).workers == 4
    assert (machine.made[0]["num_workers"], machine.made[0]["cpu_threads"]) == (4, 2)
    assert load_engine(Path("base")).workers == 4  # six cores


def test_a_graphics_card_that_works_is_used(machine: type[Model], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    loaded = load_engine(Path("base"), workers=4)
    (made,) = machine.made
    assert (made["device"], made["compute_type"], loaded.workers, loaded.notes) == ("cuda", "float16", 1, ())


@pytest.mark.parametrize("broken", ["cuda load", "cuda work"])
def test_one_that_does_not_work_is_told_of(machine: type[Model], monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    machine.broken = broken
    loaded = load_engine(Path("base"), workers=2)
    assert [made["device"] for made in machine.made] == ["cuda", "cpu"] and loaded.workers == 2
    (note,) = loaded.notes
    assert note.startswith("no_gpu: ") and "\n" not in note


def test_a_model_that_does_not_load(machine: type[Model]) -> None:
    machine.broken = "cpu load"
    with pytest.raises(ModelError, match=r"models/base: cannot be loaded .*streamlens models fetch"):
        load_engine(Path("models/base"))


def test_each_sound_gets_its_own_words_in_its_own_time() -> None:
    sounds = [np.zeros(seconds * RATE, np.float32) for seconds in (29, 3, 12)]
    found = Whisper(Path("base"), workers=1).hear(sounds, beam_size=5)
    assert [[(w.text, w.start_ms, w.end_ms, w.probability) for p in phrases for w in p.words] for phrases in found] == [
        [("0", 500, 29_000, 0.25)],
        [("1", 500, 3000, 0.25)],
        [("2", 500, 12_000, 0.25)],
    ]
    assert (found[0][0].likelihood, found[0][0].silence) == (-0.5, 0.1)


def test_with_care_sounds_are_heard_alone() -> None:
    sounds = [np.zeros(RATE, np.float32)] * 2
    found = Whisper(Path("base"), workers=1).hear(sounds, beam_size=5, careful=True)
    assert [[w.text for p in phrases for w in p.words] for phrases in found] == [["慢"], ["慢"]]


class Full:
    """A recogniser on a graphics card with room for so many sounds; it says so as CTranslate2 does."""

    room = 0
    asked: ClassVar[list[tuple[str, int]]]

    def __init__(self, model: Model) -> None:
        self.model = model

    def transcribe(
        self, sound: Any, *, clip_timestamps: list[dict[str, float]], **options: Any
    ) -> tuple[list[Any], None]:
        self.asked.append((self.model.device, len(clip_timestamps)))
        if self.model.device == "cuda" and len(clip_timestamps) > self.room:
            raise RuntimeError("CUDA failed with error out of memory")
        return Batched(self.model).transcribe(sound, clip_timestamps=clip_timestamps, **options)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> type[Full]:
    class Fresh(Full):
        asked: ClassVar[list[tuple[str, int]]] = []

    monkeypatch.setattr(faster_whisper, "BatchedInferencePipeline", Fresh)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    return Fresh


def _lengths(heard: Any) -> list[int]:
    """Each sound in these tests has a length of its own, at which its only word ends."""
    return [phrases[0].words[0].end_ms for phrases in heard]


def test_what_does_not_fit_on_the_card_is_heard_in_halves(full: type[Full], machine: type[Model]) -> None:
    full.room = 3
    loaded = load_engine(Path("base"))
    assert engine.batch_size(loaded, 4) == engine.GPU_BATCH
    sounds = [np.zeros(RATE * seconds, np.float32) for seconds in range(1, 9)]
    assert _lengths(loaded.hear(sounds, beam_size=1)) == [1000 * n for n in range(1, 9)]
    assert full.asked == [("cuda", 1), ("cuda", 8), ("cuda", 4), *[("cuda", 2)] * 4]  # the first: does it work?
    assert loaded.notes == ("gpu_memory: the graphics card has room for 2 windows of sound at a time",)
    assert engine.batch_size(loaded, 4) == 2
    assert [made["device"] for made in machine.made] == ["cuda"]


def test_a_card_without_room_for_one_leaves_the_work_to_the_processor(full: type[Full], machine: type[Model]) -> None:
    full.room = 1
    loaded = load_engine(Path("base"))
    full.room = 0  # another program took the rest
    sounds = [np.zeros(RATE * seconds, np.float32) for seconds in (1, 2)]
    assert _lengths(loaded.hear(sounds, beam_size=1)) == [1000, 2000]
    assert [(made["device"], made["compute_type"]) for made in machine.made] == [("cuda", "float16"), ("cpu", "int8")]
    assert loaded.notes == ("gpu_memory: the graphics card has too little memory, so the processor did the work",)


def test_other_errors_at_work_are_not_taken_for_a_lack_of_memory(full: type[Full], machine: type[Model]) -> None:
    full.room = 9
    loaded = load_engine(Path("base"))
    machine.broken = "cuda work"
    with pytest.raises(RuntimeError, match="libcublas"):
        loaded.hear([np.zeros(RATE, np.float32)], beam_size=1)


def test_workers_on_a_processor_share_the_batch() -> None:
    assert engine.batch_size(load_engine(Path("base"), workers=2), 4) == 2
    assert engine.batch_size(load_engine(Path("base"), workers=1), 4) == 4
    assert engine.batch_size(load_engine(Path("base"), workers=9), 2) == 1
