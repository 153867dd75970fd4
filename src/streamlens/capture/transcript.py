"""Speech becomes a transcript, or subtitles that somebody else made become one."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from streamlens import language
from streamlens.capture.coverage import Heard, coverage, guard
from streamlens.capture.engine import Engine, Phrase, load_engine
from streamlens.schema import Recording, Stretch, Transcript, Utterance, Word

if TYPE_CHECKING:
    from streamlens.capture.audio import Window

__all__ = ["Engine", "TranscriptOptions", "load_engine", "read_transcript", "transcribe"]

Progress = Callable[[int, int], None]


class TranscriptOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How speech is recognised."""

    beam_size: int = 5  # hypotheses followed at a time; 1 is a fifth faster and a little worse
    batch_size: int = 4  # windows decoded together; more costs memory and gains nothing on a CPU
    window_s: float = 29.5  # sound in a window, a little less than the 30 s that Whisper takes in
    pad_ms: int = 400  # sound kept before and after speech
    speech_threshold: float = 0.5  # how sure the voice detector must be; lower finds more speech, and more noise
    pause_ms: int = 600  # a pause this long ends an utterance
    longest_ms: int = 12_000  # a longer utterance is parted at its longest pause
    hotwords: tuple[str, ...] = ()  # names the recogniser may expect; never the words of claims


def transcribe(
    recording: Recording,
    paths: Sequence[Path],
    engine: Engine,
    *,
    options: TranscriptOptions = TranscriptOptions(),
    progress: Progress | None = None,
) -> Transcript:
    """What is said in a recording. `paths` are the files of its parts; `progress` is told (done_ms, total_ms).

    Silence and music give a transcript without utterances. Raises InputError when a file cannot be read.
    """
    from streamlens.capture.audio import windows  # loads numpy

    total_ms = recording.duration_ms
    damaged: list[tuple[int, int]] = []
    source = windows(
        recording,
        paths,
        window_s=options.window_s,
        pad_ms=options.pad_ms,
        threshold=options.speech_threshold,
        damaged=damaged,
    )
    heard: list[Heard] = []
    for each in _hear(source, engine, options):
        heard.append(each)
        if progress:
            progress(min(each.speech[-1][1], total_ms), total_ms)
    if progress:
        progress(total_ms, total_ms)
    speech = [span for each in heard for span in each.speech]
    utterances = _utterances(heard, options)
    not_heard = [stretch for each in heard for stretch in each.not_heard]
    not_heard += [Stretch(start_ms=start, end_ms=end, reason="damaged") for start, end in damaged]
    return Transcript(
        recording=recording.id,
        coverage=coverage([word for utterance in utterances for word in utterance.words], speech),
        utterances=utterances,
        speech_ms=sum(end - start for start, end in speech),
        not_heard=tuple(sorted(not_heard, key=lambda stretch: (stretch.start_ms, stretch.end_ms, stretch.reason))),
        model=engine.name,
        notes=engine.notes if speech else (*engine.notes, "no_speech: nobody is heard to speak"),
    )


def _hear(source: "Iterator[Window]", engine: Engine, options: TranscriptOptions) -> Iterator[Heard]:
    """Windows heard by all workers at once and handed on in order; no more than a few are held at a time."""

    def careful(window: "Window") -> Sequence[Phrase]:
        return engine.hear([window.sound], beam_size=options.beam_size, careful=True)[0]

    def work(batch: "list[Window]") -> list[Heard]:
        sounds = [window.sound for window in batch]
        written = engine.hear(sounds, beam_size=options.beam_size, hotwords=options.hotwords)
        return [guard(window, phrases, careful) for window, phrases in zip(batch, written, strict=True)]

    with ThreadPoolExecutor(engine.workers) as pool:
        waiting: deque[Future[list[Heard]]] = deque()
        try:
            while batch := list(islice(source, options.batch_size)):
                waiting.append(pool.submit(work, batch))
                if len(waiting) > engine.workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _utterances(heard: Sequence[Heard], options: TranscriptOptions) -> tuple[Utterance, ...]:
    """The words of all windows as utterances, readable, numbered in order."""
    runs = [run for each in heard for run in _runs(each.words, options)]
    pauses = [after.start_ms - before.end_ms for run in runs for before, after in zip(run, run[1:], strict=False)]
    comma_ms = language.comma_pause_ms(pauses)
    utterances = []
    for number, run in enumerate(runs, 1):
        words = language.readable(run, comma_ms=comma_ms)
        utterances.append(
            Utterance(
                id=f"u{number:04}",
                start_ms=words[0].start_ms,
                end_ms=words[-1].end_ms,
                text="".join(word.text for word in words),
                words=words,
                raw="".join(word.text for word in run).strip(),
            )
        )
    return tuple(utterances)


def _runs(words: Sequence[Word], options: TranscriptOptions) -> list[list[Word]]:
    """A window's words parted at pauses and ends of sentences, and where they go on for too long."""
    runs: list[list[Word]] = []
    for word in words:
        before = runs[-1][-1] if runs else None
        if before is None or word.start_ms - before.end_ms >= options.pause_ms or language.ends_sentence(before.text):
            runs.append([])
        runs[-1].append(word)
    return [part for run in runs for part in _parted(run, options.longest_ms)]


def _parted(run: list[Word], longest_ms: int) -> list[list[Word]]:
    """Utterances no longer than that, parted at the longest pause, of equals at the one nearest to the middle."""
    if len(run) < 2 or run[-1].end_ms - run[0].start_ms <= longest_ms:
        return [run]
    middle = (run[0].start_ms + run[-1].end_ms) / 2
    cut = max(
        range(1, len(run)),
        key=lambda at: (run[at].start_ms - run[at - 1].end_ms, -abs(run[at].start_ms - middle)),
    )
    return [*_parted(run[:cut], longest_ms), *_parted(run[cut:], longest_ms)]


def read_transcript(path: Path, recording_id: str) -> Transcript:
    raise NotImplementedError
