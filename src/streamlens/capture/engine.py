"""The recogniser as the rest of capture sees it, and faster-whisper behind it.

It is never primed with what was claimed: an auditor must not put words into mouths.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from streamlens.errors import ModelError
from streamlens.schema import Word

if TYPE_CHECKING:
    from streamlens.capture.audio import Samples

RATE = 16_000
SLOT_S = 30  # what Whisper takes in at a time
GPU_BATCH = 16  # sounds at a time on a graphics card, until it turns out to have less room
NO_ROOM = ("out of memory", "ALLOC_FAILED")  # as CUDA and cuBLAS say it, and CTranslate2 after them


class Phrase(msgspec.Struct, frozen=True, kw_only=True):
    """What the recogniser wrote for a stretch of sound, word times from the start of the sound, and its doubts."""

    words: tuple[Word, ...]
    likelihood: float  # mean log probability of the text
    silence: float  # probability that nobody speaks


class Engine(Protocol):
    """A recogniser. `hear` may be called from `workers` threads at once."""

    name: str
    workers: int
    notes: tuple[str, ...]

    def hear(
        self, sounds: "Sequence[Samples]", *, beam_size: int, hotwords: Sequence[str] = (), careful: bool = False
    ) -> tuple[tuple[Phrase, ...], ...]:
        """The phrases in each sound (16 kHz mono, below 30 s). `careful` takes longer and misses less."""
        ...

    def weigh(self, sound: "Samples", texts: Sequence[str]) -> tuple[float, ...]:
        """The log probability (nats) of each of some given texts on a sound; on silence, of the words by themselves."""
        ...


def load_engine(folder: Path, *, device: str = "auto", workers: int | None = None) -> Engine:
    """The Whisper model in a folder, on the graphics card if there is one that works.

    On a CPU, `workers` threads (as many as there are cores) share the work. Raises ModelError when the model cannot be
    loaded.
    """
    import ctranslate2

    if device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count()):
        try:
            engine = Whisper(folder, device="cuda")
            engine.hear([_second()], beam_size=1)  # missing CUDA libraries show only at work
            return engine
        except (ModelError, RuntimeError) as error:
            note = f"no_gpu: the graphics card was not used ({error})"
            return Whisper(folder, device="cpu", workers=workers, notes=(" ".join(note.split()),))
    return Whisper(folder, device="cpu", workers=workers)


def batch_size(engine: Engine, wanted: int) -> int:
    """Windows to hand to an engine at once: on a graphics card all that it takes, else a worker's share of `wanted`.

    Each worker holds the hypotheses of its own windows in memory, so that two with four each need half as much again
    as two with two, and are hardly faster.
    """
    if isinstance(engine, Whisper) and engine.device == "cuda":
        return engine.most
    return max(1, wanted // engine.workers)


class Whisper:
    """faster-whisper. On a CPU int8, and one thread a worker: two such workers beat one with two threads by a third."""

    device = "cpu"
    most = GPU_BATCH  # sounds at a time, on a graphics card

    def __init__(
        self, folder: Path, *, device: str = "cpu", workers: int | None = None, notes: tuple[str, ...] = ()
    ) -> None:
        self._folder = folder
        self._cores = workers
        self._load(device)
        self.name = folder.name
        self.notes = notes

    def _load(self, device: str) -> None:
        from faster_whisper import WhisperModel

        folder = self._folder
        cores = self._cores or (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )
        self.device = device
        self.workers = 1 if device == "cuda" else min(cores, MOST_WORKERS)
        try:
            self._model = WhisperModel(
                str(folder),
                device=device,
                compute_type="float16" if device == "cuda" else "int8",
                cpu_threads=cores // self.workers,
                num_workers=self.workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                str(folder), f"cannot be loaded ({error})", "fetch it with: streamlens models fetch"
            ) from None

    def weigh(self, sound: "Samples", texts: Sequence[str]) -> tuple[float, ...]:
        try:
            return self._weigh(sound, texts)
        except RuntimeError as error:
            self._make_room(error, 1)
            return self.weigh(sound, texts)

    def _weigh(self, sound: "Samples", texts: Sequence[str]) -> tuple[float, ...]:
        import ctranslate2
        import numpy as np
        from faster_whisper.tokenizer import Tokenizer

        whisper = self._model.model
        tokenizer = Tokenizer(self._model.hf_tokenizer, whisper.is_multilingual, task="transcribe", language="zh")
        # not padded to half a minute: what the encoder costs goes by the length it is given
        features = np.ascontiguousarray(self._model.feature_extractor(sound)[None], np.float32)
        encoded = np.asarray(whisper.encode(ctranslate2.StorageView.from_array(features), to_cpu=True))
        copies = ctranslate2.StorageView.from_array(np.ascontiguousarray(np.repeat(encoded, len(texts), axis=0)))
        tokens = [tokenizer.encode(text) for text in texts]
        results = whisper.align(copies, tokenizer.sot_sequence, tokens, [features.shape[-1]] * len(texts))
        return tuple(float(np.sum(np.log(np.maximum(result.text_token_probs, 1e-10)))) for result in results)

    def hear(
        self, sounds: "Sequence[Samples]", *, beam_size: int, hotwords: Sequence[str] = (), careful: bool = False
    ) -> tuple[tuple[Phrase, ...], ...]:
        found: list[tuple[Phrase, ...]] = []
        while rest := sounds[len(found) :]:
            some = rest[: 1 if careful else self.most]
            try:
                if careful:
                    found.append(self._alone(some[0], beam_size))
                else:
                    found += self._together(some, beam_size, " ".join(hotwords) or None)
            except RuntimeError as error:
                self._make_room(error, len(some))
        return tuple(found)

    def _make_room(self, error: RuntimeError, count: int) -> None:
        """After an error with so many sounds at a time: half of them from now on, and where one is too many, the CPU.

        Raises the error again if it is no lack of memory on a graphics card.
        """
        if self.device != "cuda" or not any(words in str(error) for words in NO_ROOM):
            raise error
        self.notes = tuple(note for note in self.notes if not note.startswith("gpu_memory"))
        if count > 1:
            self.most = count // 2
            self.notes += (f"gpu_memory: the graphics card has room for {self.most} windows of sound at a time",)
        else:
            del self._model  # its memory is free before the next model is loaded
            self._load("cpu")
            self.notes += ("gpu_memory: the graphics card has too little memory, so the processor did the work",)

    def _together(
        self, sounds: "Sequence[Samples]", beam_size: int, hotwords: str | None
    ) -> tuple[tuple[Phrase, ...], ...]:
        """One pass over all. Fast, and now and then it stops early or leaves out a sentence."""
        import numpy as np
        from faster_whisper import BatchedInferencePipeline

        joined = np.zeros(len(sounds) * SLOT_S * RATE, np.float32)  # a slot each tells whose a segment is
        for index, sound in enumerate(sounds):
            joined[index * SLOT_S * RATE :][: sound.size] = sound
        segments, _ = BatchedInferencePipeline(self._model).transcribe(
            joined,
            language="zh",
            clip_timestamps=[
                {"start": index * SLOT_S, "end": index * SLOT_S + sound.size / RATE}
                for index, sound in enumerate(sounds)
            ],
            batch_size=len(sounds),
            beam_size=beam_size,
            word_timestamps=True,
            hotwords=hotwords,
        )
        heard: list[list[Phrase]] = [[] for _ in sounds]
        for segment in segments:
            index = round(segment.seek / 100 / SLOT_S)
            heard[index].append(_phrase(segment, index * SLOT_S * 1000))
        return tuple(tuple(phrases) for phrases in heard)

    def _alone(self, sound: "Samples", beam_size: int) -> tuple[Phrase, ...]:
        """Phrase by phrase. Temperature 0 only: sampling would make two runs of one recording differ."""
        segments, _ = self._model.transcribe(
            sound,
            language="zh",
            beam_size=beam_size,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return tuple(_phrase(segment, 0) for segment in segments)


MOST_WORKERS = 4  # each holds a batch of its own in memory


def _second() -> "Samples":
    import numpy as np

    return np.zeros(RATE, np.float32)


def _phrase(segment: Any, start_ms: int) -> Phrase:
    words = tuple(
        Word(
            start_ms=max(round(word.start * 1000) - start_ms, 0),
            end_ms=max(round(word.end * 1000) - start_ms, 0),
            text=word.word,
            probability=round(float(word.probability), 3),
        )
        for word in segment.words or ()
    )
    return Phrase(words=words, likelihood=float(segment.avg_logprob), silence=float(segment.no_speech_prob))
