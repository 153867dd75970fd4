"""Speech becomes a transcript, or subtitles that somebody else made become one."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from streamlens import language
from streamlens.capture.coverage import Heard, coverage, guard, syllables
from streamlens.capture.engine import Engine, Phrase, batch_size, load_engine
from streamlens.capture.holes import Span, places
from streamlens.errors import InputError
from streamlens.schema import Recording, Stretch, Transcript, Utterance, Word
from streamlens.table import decode, read_bytes

if TYPE_CHECKING:
    from streamlens.capture.audio import Window

__all__ = ["Engine", "TranscriptOptions", "load_engine", "read_transcript", "transcribe"]

Progress = Callable[[int, int], None]


class TranscriptOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How speech is recognised."""

    beam_size: int = 5  # hypotheses followed at a time; 1 is a fifth faster and a little worse
    batch_size: int = 4  # windows decoded together by all workers; more costs memory and gains nothing on a CPU
    window_s: float = 29.5  # sound in a window, a little less than the 30 s that Whisper takes in
    pad_ms: int = 400  # sound kept before and after speech
    speech_threshold: float = 0.4  # how sure the voice detector must be; lower finds more speech, and more noise
    comma_ms: int = 200  # a pause this long is written as a comma
    pause_ms: int = 600  # a pause this long ends an utterance
    longest_ms: int = 12_000  # a longer utterance is parted at its longest pause
    hotwords: tuple[str, ...] = ()  # names the recogniser may expect; never the words of claims


def transcribe(
    recording: Recording,
    paths: Sequence[Path],
    engine: Engine,
    *,
    options: TranscriptOptions | None = None,
    progress: Progress | None = None,
) -> Transcript:
    """What is said in a recording. `paths` are the files of its parts; `progress` is told (done_ms, total_ms).

    Silence and music give a transcript without utterances. Raises InputError when a file cannot be read.
    """
    from streamlens.capture.audio import windows  # loads numpy

    options = options or TranscriptOptions()
    total_ms = recording.duration_ms
    damaged: list[Span] = []
    missing: list[Span] = []
    source = windows(
        recording,
        paths,
        window_s=options.window_s,
        pad_ms=options.pad_ms,
        threshold=options.speech_threshold,
        damaged=damaged,
        missing=missing,
    )
    heard: list[Heard] = []
    share = int(total_ms / 1000 / options.window_s / engine.workers)  # a short recording shall keep all workers busy
    for each in _hear(source, engine, options, max(1, min(batch_size(engine, options.batch_size), share))):
        heard.append(each)
        if progress:
            progress(min(each.speech[-1][1], total_ms), total_ms)
    if progress:
        progress(total_ms, total_ms)
    speech = [span for each in heard for span in each.speech]
    utterances = _utterances(heard, options)
    not_heard = [stretch for each in heard for stretch in each.not_heard]
    damaged += [(part.start_ms, part.start_ms + part.duration_ms) for part in recording.parts if not part.has_sound]
    lost = sorted(span for span in {*damaged, *missing} if span[0] < span[1])
    not_heard += [Stretch(start_ms=start, end_ms=end, reason="damaged") for start, end in lost]
    return Transcript(
        recording=recording.id,
        coverage=coverage([word for utterance in utterances for word in utterance.words], speech),
        utterances=utterances,
        speech_ms=sum(end - start for start, end in speech),
        not_heard=tuple(sorted(not_heard, key=lambda stretch: (stretch.start_ms, stretch.end_ms, stretch.reason))),
        model=engine.name,
        notes=(
            *engine.notes,
            *([f"no_sound: nothing can be heard at {places(lost)}"] if lost else ()),
            *(() if speech else ("no_speech: nobody is heard to speak",)),
        ),
    )


def _hear(source: "Iterator[Window]", engine: Engine, options: TranscriptOptions, together: int) -> Iterator[Heard]:
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
            while batch := list(islice(source, together)):
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
    utterances: list[Utterance] = []
    for run in runs:
        words = language.readable(run, comma_ms=options.comma_ms)
        if words:
            utterances.append(
                Utterance(
                    id=f"u{len(utterances) + 1:04}",
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


# ---- transcripts from elsewhere

_SPAN = re.compile(r"\s*((?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3})")
_MARKUP = re.compile(r"<[^>]*>|\{\\[^}]*\}|\\[Nnh]")
_PIECE = re.compile(r"\s*[0-9A-Za-z]+(?:[.'%-][0-9A-Za-z]+)*|\s*[^\s\w]+|\s*\w|\s+")
_NO_COMMAS_MS = 10**9  # subtitles have their own commas, or no pauses to tell them by


class _GivenWord(msgspec.Struct, frozen=True):
    start_ms: int
    end_ms: int
    text: str
    probability: float = 1.0


class _GivenUtterance(msgspec.Struct, frozen=True):
    start_ms: int
    end_ms: int
    text: str
    words: tuple[_GivenWord, ...] = ()
    speaker: str | None = None
    raw: str = ""


class _Given(msgspec.Struct, frozen=True):
    """What is read of a transcript.json, ours or one that follows it; other fields are passed over."""

    utterances: tuple[_GivenUtterance, ...]
    coverage: float = 1.0
    speech_ms: int = 0
    not_heard: tuple[Stretch, ...] = ()
    model: str = ""


def read_transcript(path: Path, recording_id: str) -> Transcript:
    """A transcript that was made elsewhere: SRT, WebVTT, or a transcript.json with or without word times.

    Words without times share their utterance's time evenly. Raises InputError, with the line, for what cannot be read.
    """
    data = read_bytes(path)
    given = _json(path, data) if path.suffix.lower() == ".json" else _Given(utterances=_cues(path, decode(data, path)))
    utterances: list[Utterance] = []
    for each in sorted(given.utterances, key=lambda each: (each.start_ms, each.end_ms)):
        words = tuple(Word(**msgspec.structs.asdict(word)) for word in each.words)
        if "".join(word.text for word in words) != each.text:  # none, or the text was edited since
            words = language.readable(_spread(each), comma_ms=_NO_COMMAS_MS)
        if words:
            utterances.append(
                Utterance(
                    id=f"u{len(utterances) + 1:04}",
                    start_ms=each.start_ms,
                    end_ms=each.end_ms,
                    text="".join(word.text for word in words),
                    words=words,
                    speaker=each.speaker,
                    raw=each.raw or each.text,
                )
            )
    return Transcript(
        recording=recording_id,
        coverage=given.coverage,
        utterances=tuple(utterances),
        speech_ms=given.speech_ms or sum(each.end_ms - each.start_ms for each in given.utterances),
        not_heard=given.not_heard,
        model=given.model,
        source=path.name,
    )


def _spread(given: _GivenUtterance) -> list[Word]:
    """The text in characters, and words of Latin letters, each with its share of the time.

    Their probability is 1: who hands in a transcript vouches for it, and no recogniser has doubted it.
    """
    pieces = _PIECE.findall(given.text)
    ends = list(accumulate(max(syllables(piece), 0) for piece in pieces))
    step = (given.end_ms - given.start_ms) / max(ends[-1] if ends else 0, 1)
    starts = [0, *ends[:-1]]
    return [
        Word(
            start_ms=given.start_ms + round(start * step),
            end_ms=given.start_ms + round(end * step),
            text=piece,
            probability=1.0,
        )
        for piece, start, end in zip(pieces, starts, ends, strict=True)
    ]


def _cues(path: Path, text: str) -> tuple[_GivenUtterance, ...]:
    """The cues of SRT or WebVTT: a line with the time span, then text up to an empty line."""
    cues: list[_GivenUtterance] = []
    lines: list[str] | None = None  # of the cue that is open
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if "-->" in line:
            match = _SPAN.match(line)
            if not match:
                do = "write it as 00:00:01,000 --> 00:00:03,500"
                raise InputError(f"{path}, line {number}", "has no time span that can be read", do)
            start_ms, end_ms = _clock_ms(match[1]), _clock_ms(match[2])
            if end_ms < start_ms:
                raise InputError(f"{path}, line {number}", "ends before it begins", "mend the two times")
            lines = []
        elif line.strip() and lines is not None:
            lines.append(_MARKUP.sub(" ", line).strip())
        elif lines is not None:
            if said := " ".join(lines).strip():
                cues.append(_GivenUtterance(start_ms=start_ms, end_ms=end_ms, text=said))
            lines = None
    if not cues:
        raise InputError(str(path), "has no subtitles in it", "give SRT, WebVTT or transcript.json")
    return tuple(cues)


def _clock_ms(text: str) -> int:
    clock, _, fraction = text.replace(",", ".").partition(".")
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000 + int(fraction.ljust(3, "0"))


def _json(path: Path, data: bytes) -> _Given:
    try:
        given = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Given)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise InputError(f"{path}: {where.rstrip('`') or 'the file'}", what, "see transcript.json in README") from None
    except UnicodeDecodeError as error:
        raise InputError(str(path), f"is not UTF-8 ({error.reason})", "save it as UTF-8") from None
    except msgspec.DecodeError as error:
        place = re.search(r"byte (\d+)", str(error))
        line = data[: int(place[1])].count(b"\n") + 1 if place else data.count(b"\n") + 1
        raise InputError(f"{path}, line {line}", f"is no JSON ({error})", "write the file again") from None
    for index, each in enumerate(given.utterances):
        spans = [(each.start_ms, each.end_ms), *((word.start_ms, word.end_ms) for word in each.words)]
        if not all(0 <= start_ms <= end_ms for start_ms, end_ms in spans):
            raise InputError(f"{path}: utterances[{index}]", "ends before it begins", "mend its times")
    return given
