"""The table of stages: what each needs of the others, what it reads from outside, and so in which order they go.

Nothing else knows the order. The digest of all that a stage needs and reads goes into the key of what it makes. It is
taken of bytes, not of keys, so work stops spreading where a change stops mattering: an edited rule never reaches the
speech, nor does a new title of the stream.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import msgspec

from streamlens.capture.listening import weigh_alone, weigh_passages
from streamlens.capture.ocr import load_reader, reader_version
from streamlens.capture.recording import StreamFiles, probe
from streamlens.capture.screen import ScreenOptions, read_screen
from streamlens.capture.transcript import Engine, TranscriptOptions, read_transcript, transcribe
from streamlens.config import Settings
from streamlens.detect.catalogue import read_catalogue
from streamlens.detect.claims import find_claims
from streamlens.detect.classifier import Classifier
from streamlens.detect.implied import find_implied
from streamlens.detect.mentions import find_mentions
from streamlens.detect.names import mend_names
from streamlens.detect.segments import find_segments
from streamlens.detect.shown import find_shown
from streamlens.errors import InputError, StreamlensError
from streamlens.judge.evidence import read_evidence
from streamlens.judge.findings import judge
from streamlens.judge.hearing import HearingModel, Passage, Weight, listen
from streamlens.judge.law import LawTable
from streamlens.judge.pages import Reader, read_file
from streamlens.judge.scans import join_scans
from streamlens.report.bundle import Bundle
from streamlens.report.files import write_report
from streamlens.schema import (
    Catalogue,
    Claims,
    Evidence,
    Findings,
    Mentions,
    Record,
    Recording,
    RuleBook,
    ScannedFile,
    ScanTexts,
    Screen,
    Segments,
    Transcript,
)
from streamlens.store import Kept, Store, digest, make_key

Made = dict[str, Kept[Any]]
"""What lies ready for a recording, by name: artefacts of stages and what was read from outside."""

Progress = Callable[[str, int, int], None]
"""Called with the stage at work and, where it can say so, milliseconds done and in all."""


class Speech(Protocol):
    """The recogniser to be used: which one it is, cheaply, and itself, when it is really needed."""

    @property
    def digest(self) -> str: ...

    def load(self) -> Engine: ...


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What all recordings of a run share."""

    store: Store
    settings: Settings
    rulebook: RuleBook
    law: LawTable
    hearing: HearingModel
    classifier: Classifier
    speech: Speech
    lang: str


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to hear: the media files and a recogniser, or a transcript given in their place."""

    recording: Recording
    files: StreamFiles
    speech: Speech
    progress: Progress


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to see: the media files."""

    recording: Recording
    files: StreamFiles
    progress: Progress


class Scans(msgspec.Struct, frozen=True, kw_only=True):
    """The scans of papers, and how one of them is read, or taken from the store where it was read before."""

    files: tuple[Path, ...] = ()
    read: Callable[[Path], ScannedFile] | None = None


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """Where a report is written to and in which language."""

    store: Store
    media: tuple[str, ...]
    lang: str


class Published(Record, frozen=True, kw_only=True):
    """The stable files of a recording as they were written: names and digests."""

    files: tuple[tuple[str, str], ...]


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """`function(**needs, **reads, options=...) -> record`. Raise `version` when the same input gives another output.

    `needs` and `reads` are parameters of the function, filled from what has the same name, or with `parameter=name`.
    """

    name: str
    function: Callable[..., Any]
    record: type[Record]
    needs: tuple[str, ...] = ()  # earlier stages
    reads: tuple[str, ...] = ()  # what comes from outside
    options: str = ""  # the section of the settings that declares its Options
    version: int = 1

    @property
    def takes(self) -> tuple[tuple[str, str], ...]:
        """(parameter, what fills it)."""
        pairs = (entry.partition("=") for entry in (*self.needs, *self.reads))
        return tuple((parameter, name or parameter) for parameter, _, name in pairs)


def hear(sound: Sound, options: TranscriptOptions) -> Transcript:
    files, recording = sound.files, sound.recording
    if files.transcript:
        return read_transcript(files.transcript, recording.id)
    return transcribe(
        recording,
        files.parts,
        sound.speech.load(),
        options=options,
        progress=lambda done, total: sound.progress("transcript", done, total),
    )


def look(film: Film, options: ScreenOptions) -> Screen:
    """The models are loaded only where there is a picture to read."""
    return read_screen(
        film.recording,
        film.files.parts,
        lambda side: load_reader(side=side),
        options=options,
        progress=lambda done, total: film.progress("screen", done, total),
    )


def weigh(claims: Claims, transcript: Transcript, catalogue: Catalogue, hearing: HearingModel, sound: Sound) -> Claims:
    """Claims that only sound like one, put to the recogniser again. Nothing is loaded where there are none."""

    def weights(passages: Sequence[Passage]) -> list[Weight]:
        asked = [((passage.start_ms, passage.end_ms), (passage.heard, passage.said)) for passage in passages]
        engine = sound.speech.load()
        found = weigh_passages(sound.recording, sound.files.parts, engine, asked)
        alone = weigh_alone(engine, [text for passage in passages for text in (passage.heard, passage.said)])
        pairs = zip(alone[::2], alone[1::2], strict=True)
        return [
            Weight(heard=heard, said=said, heard_alone=heard_alone, said_alone=said_alone)
            for (heard, said), (heard_alone, said_alone) in zip(found, pairs, strict=True)
        ]

    return listen(claims, transcript, catalogue, weights, hearing)


def publish(
    recording: Recording,
    transcript: Transcript,
    segments: Segments,
    mentions: Mentions,
    findings: Findings,
    catalogue: Catalogue,
    evidence: Evidence,
    pages: Pages,
) -> Published:
    """Write the stable files of DESIGN's table into the recording's folder."""
    written: list[tuple[str, str]] = []

    def keep(name: str, data: bytes) -> None:
        pages.store.publish(recording.id, name, data)
        written.append((name, digest(data)))

    bundle = Bundle(
        recording=recording, transcript=transcript, segments=segments, mentions=mentions, findings=findings,
        catalogue=catalogue, evidence=evidence, media=pages.media,
    )  # fmt: skip
    write_report(bundle, lang=pages.lang, publish=keep)
    return Published(files=tuple(written))


def catalogue_of(catalogue_file: Path | None) -> Catalogue:
    return read_catalogue(catalogue_file) if catalogue_file else Catalogue()


def evidence_of(evidence_file: Path | None, catalogue: Catalogue) -> Evidence:
    return read_evidence(evidence_file, catalogue) if evidence_file else Evidence()


def texts_of(scan_files: Scans) -> ScanTexts:
    read = scan_files.read
    return ScanTexts(files=tuple(read(path) for path in scan_files.files)) if read else ScanTexts()


STAGES: tuple[Stage, ...] = (
    Stage(name="catalogue", function=catalogue_of, record=Catalogue, reads=("catalogue_file",)),
    Stage(
        name="written", function=evidence_of, record=Evidence, needs=("catalogue",),
        reads=("evidence_file",), version=2,
    ),
    Stage(name="recording", function=probe, record=Recording, reads=("files",)),
    Stage(name="scans", function=texts_of, record=ScanTexts, reads=("scan_files",)),
    Stage(
        name="evidence", function=join_scans, record=Evidence, needs=("written", "texts=scans", "catalogue"),
        options="scans",
    ),
    Stage(name="transcript", function=hear, record=Transcript, reads=("sound",), options="transcript", version=2),
    Stage(name="mentions", function=find_mentions, record=Mentions, needs=("catalogue", "transcript"), version=2),
    Stage(
        name="segments", function=find_segments, record=Segments,
        needs=("recording", "catalogue", "transcript", "mentions"), options="segments",
    ),
    Stage(
        name="mended", function=mend_names, record=Transcript, needs=("transcript", "mentions", "segments"),
        options="mended",
    ),
    Stage(
        name="claims", function=find_claims, record=Claims, needs=("transcript=mended", "mentions", "segments"),
        reads=("rulebook",), options="claims", version=2,
    ),
    Stage(
        name="weighed", function=weigh, record=Claims, needs=("claims", "transcript=mended", "catalogue"),
        reads=("hearing", "sound"), version=2,
    ),
    Stage(
        name="implied", function=find_implied, record=Claims,
        needs=("claims=weighed", "transcript=mended", "mentions", "segments"), reads=("rulebook", "classifier"),
        options="implied",
    ),
    Stage(name="screen", function=look, record=Screen, reads=("film",), options="screen"),
    Stage(
        name="shown", function=find_shown, record=Claims,
        needs=("claims=implied", "screen", "catalogue", "segments"), reads=("rulebook",), options="shown",
    ),
    Stage(
        name="findings", function=judge, record=Findings,
        needs=("recording", "catalogue", "evidence", "segments", "claims=shown"),
        reads=("rulebook", "law"), options="findings", version=2,
    ),
    Stage(
        name="report", function=publish, record=Published,
        needs=("recording", "catalogue", "evidence", "transcript=mended", "mentions", "segments", "findings"),
        reads=("pages",), version=2,
    ),
)  # fmt: skip
CHEAP = 2  # so many of them are done for all recordings before the first is opened
LAST = STAGES[-1].name


def prepare(files: StreamFiles, setup: Setup) -> Made:
    """What is given beside the recording, read by the cheap stages: a bad papers file fails here, in a second."""
    try:
        made: Made = {
            "files": Kept(files, _looks(files)),
            "catalogue_file": _file(files.catalogue),
            "evidence_file": _file(files.evidence),
            "rulebook": _record(setup.rulebook),
            "law": _record(setup.law),
            "hearing": _record(setup.hearing),
            "classifier": Kept(setup.classifier, setup.classifier.digest),
        }
    except OSError as error:
        raise _unreadable(error, files.id) from error
    for stage in STAGES[:CHEAP]:
        made[stage.name] = step(stage, made, setup, files.id)
    return made


def work(files: StreamFiles, setup: Setup, *, until: str = LAST, progress: Progress | None = None) -> Made:
    """Take one recording through the stages as far as `until`, making only what is not in the store already."""
    progress = progress or (lambda _stage, _done, _total: None)
    made = prepare(files, setup)
    media = tuple(os.path.relpath(part.resolve(), setup.store.folder(files.id).resolve()) for part in files.parts)
    made["pages"] = Kept(
        Pages(store=setup.store, media=media, lang=setup.lang), digest(msgspec.json.encode([media, setup.lang]))
    )
    for stage in STAGES[CHEAP : [stage.name for stage in STAGES].index(until) + 1]:
        progress(stage.name, 0, 0)
        if stage.name == "scans":
            made["scan_files"] = _scans(files, setup)
        if stage.name == "transcript":
            made["sound"] = _sound(files, made["recording"].record, setup, progress)
        if stage.name == "screen":
            made["film"] = _film(files, made["recording"].record, progress)
        made[stage.name] = step(stage, made, setup, files.id)
    return made


def step(stage: Stage, made: Made, setup: Setup, recording: str) -> Kept[Any]:
    """The artefact of a stage: from the store if it is there, else made and kept."""
    options = msgspec.json.encode(getattr(setup.settings, stage.options)) if stage.options else b""
    digests = [f"{name} {made[name].digest}" for _, name in stage.takes]
    key = make_key(stage.name, stage.version, options, digests)
    kept = setup.store.load(recording, stage.name, key, stage.record)
    if kept is not None and _in_place(kept.record, setup.store, recording):
        return kept
    with _noted(setup.store, recording, stage.name, key):
        return setup.store.save(recording, stage.name, key, call(stage, made, setup.settings))


def call(stage: Stage, made: Made, settings: Settings) -> Any:
    """What the stage's function makes of what is ready."""
    arguments = {parameter: made[name].record for parameter, name in stage.takes}
    if stage.options:
        arguments["options"] = getattr(settings, stage.options)
    return stage.function(**arguments)


def _sound(files: StreamFiles, recording: Recording, setup: Setup, progress: Progress) -> Kept[Sound]:
    """Its digest knows of the recording only what is heard: a new title must not cost an hour of speech."""
    heard = digest(files.transcript.read_bytes()) if files.transcript else setup.speech.digest
    sound = Sound(recording=recording, files=files, speech=setup.speech, progress=progress)
    return Kept(sound, digest(msgspec.json.encode([recording.id, recording.parts, heard])))


SCAN_SIDE = 1600  # pixels: pages have smaller print than screens
SCAN_VERSION = 1  # raise it when the same picture gives other lines


@cache
def _page_reader() -> Reader:
    """Loaded when the first picture is to be read, once in a process."""
    return load_reader(side=SCAN_SIDE)


def scan_texts(paths: Sequence[Path]) -> ScanTexts:
    """The text of scans that belong to no audit, so that nothing is kept. InputError for one that cannot be opened."""
    try:
        return ScanTexts(files=tuple(read_file(path.name, path.read_bytes(), _page_reader) for path in paths))
    except OSError as error:
        raise _unreadable(error, str(error.filename)) from error


def _scans(files: StreamFiles, setup: Setup) -> Kept[Scans]:
    """Each scan is kept by its own bytes, so that one that is new or changed is read and nothing else."""
    data = {path: path.read_bytes() for path in files.scans}
    kinds = {path: digest(msgspec.json.encode([path.name, digest(each)])) for path, each in data.items()}

    def read(path: Path) -> ScannedFile:
        key = make_key("scan", SCAN_VERSION, b"", [kinds[path], reader_version()])
        kept = setup.store.load(files.id, "scan", key, ScannedFile)
        if kept is None:
            with _noted(setup.store, files.id, "scan", key):
                kept = setup.store.save(files.id, "scan", key, read_file(path.name, data[path], _page_reader))
        return kept.record

    known = [*kinds.values(), reader_version() if kinds else "", str(SCAN_VERSION)]
    return Kept(Scans(files=files.scans, read=read), digest(msgspec.json.encode(known)))


def _film(files: StreamFiles, recording: Recording, progress: Progress) -> Kept[Film]:
    seen = digest(msgspec.json.encode([recording.id, recording.parts, reader_version()]))
    return Kept(Film(recording=recording, files=files, progress=progress), seen)


def _looks(files: StreamFiles) -> str:
    """What tells media files apart without reading them: name, size, date. Touched files are probed again, no more."""
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files.parts]
    read = [path.read_bytes() if path else b"" for path in (files.stream, files.transcript)]
    return digest(msgspec.json.encode([files.id, stats, read]))


def _file(path: Path | None) -> Kept[Path | None]:
    return Kept(path, digest(path.read_bytes()) if path else "")


def _record(record: Record) -> Kept[Any]:
    return Kept(record, digest(msgspec.json.encode(record)))


def _unreadable(error: OSError, recording: str) -> InputError:
    return InputError(str(error.filename or recording), f"cannot be read ({error.strerror or error})", "check the file")


def _in_place(record: Any, store: Store, recording: str) -> bool:
    """False for a report of which a file was changed or deleted since."""
    return not isinstance(record, Published) or all(
        store.published(recording, name) == written for name, written in record.files
    )


@contextmanager
def _noted(store: Store, recording: str, stage: str, key: str) -> Iterator[None]:
    """Note in the journal how the attempt inside went. What the file system refuses is no bug: the user can mend it."""
    start = time.monotonic()

    def note(result: str, message: str = "") -> None:
        store.note(recording, stage, result, time.monotonic() - start, key=key, message=message)

    try:
        try:
            yield
        except OSError as error:
            raise _unreadable(error, recording) from error
    except StreamlensError as error:
        note(error.code, str(error))
        raise
    except Exception as error:
        note("internal", f"{type(error).__name__}: {error}")
        raise
    note("ok")
