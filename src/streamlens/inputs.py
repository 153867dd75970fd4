"""What comes from outside the stages: what a run shares, and what lies in a stream folder.

Each is given with the digest of all that matters of it, so that work is redone where something changed, and only there.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from streamlens.capture.audience.pseudonym import Pseudonyms
from streamlens.capture.engagement import AudienceFile, AudienceFiles
from streamlens.capture.ocr import load_reader, reader_version
from streamlens.capture.recording import StreamFiles
from streamlens.capture.stream_file import offsets
from streamlens.capture.transcript import Engine
from streamlens.config import Settings
from streamlens.detect.classifier import Classifier
from streamlens.detect.search import Found, Known
from streamlens.errors import InputError, StreamlensError
from streamlens.judge.hearing import HearingModel
from streamlens.judge.law import LawTable
from streamlens.judge.pages import Reader, read_file
from streamlens.pieces import take_pieces
from streamlens.schema import (
    Record,
    Recording,
    RuleBook,
    ScannedFile,
    ScanTexts,
    Screen,
    Tool,
    Tools,
    TopicBook,
    Transcript,
)
from streamlens.shipped import release
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
    topics: TopicBook
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
    store: Store


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to see: the media files."""

    recording: Recording
    files: StreamFiles
    progress: Progress
    store: Store


class Scans(msgspec.Struct, frozen=True, kw_only=True):
    """The scans of papers, and how one of them is read, or taken from the store where it was read before."""

    files: tuple[Path, ...] = ()
    read: Callable[[Path], ScannedFile] | None = None


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """Where a report is written to and in which language."""

    store: Store
    media: tuple[str, ...]
    lang: str


def sound_of(files: StreamFiles, recording: Recording, setup: Setup, progress: Progress) -> Kept[Sound]:
    """Its digest knows of the recording only what is heard: a new title must not cost an hour of speech."""
    heard = digest(files.transcript.read_bytes()) if files.transcript else setup.speech.digest
    sound = Sound(recording=recording, files=files, speech=setup.speech, progress=progress, store=setup.store)
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
        raise unreadable(error, str(error.filename)) from error


def scans_of(files: StreamFiles, setup: Setup) -> Kept[Scans]:
    """Each scan is kept by its own bytes, so that one that is new or changed is read and nothing else."""
    data = {path: path.read_bytes() for path in files.scans}
    kinds = {path: digest(msgspec.json.encode([path.name, digest(each)])) for path, each in data.items()}

    def read(path: Path) -> ScannedFile:
        key = make_key("scan", SCAN_VERSION, b"", [kinds[path], reader_version()])
        kept = setup.store.load(files.id, "scan", key, ScannedFile)
        if kept is None:
            with noted(setup.store, files.id, "scan", key):
                kept = setup.store.save(files.id, "scan", key, read_file(path.name, data[path], _page_reader))
        return kept.record

    known = [*kinds.values(), reader_version() if kinds else "", str(SCAN_VERSION)]
    return Kept(Scans(files=files.scans, read=read), digest(msgspec.json.encode(known)))


def film_of(files: StreamFiles, recording: Recording, setup: Setup, progress: Progress) -> Kept[Film]:
    seen = digest(msgspec.json.encode([recording.id, recording.parts, reader_version()]))
    return Kept(Film(recording=recording, files=files, progress=progress, store=setup.store), seen)


SEARCHES = ("searches", "shown_searches")  # in what is said, and on screen


def searches_of(files: StreamFiles, setup: Setup, kind: str) -> Kept[Known]:
    """What was found of each rule before. It has no say in what is found, so its digest is empty."""
    return Kept(partial(take_pieces, setup.store, files.id, kind, 1, piece=tuple[Found, ...]), "")


KEY_FILE, KEY_VARIABLE = "pseudonym.key", "STREAMLENS_PSEUDONYM_KEY"
LEAST_KEY = 16  # characters


def audience_of(files: StreamFiles, recording: Recording, setup: Setup) -> Kept[AudienceFiles]:
    """What the audience did, as it lies there, and the key of the pseudonyms, which is made when there is something to
    read. A file that cannot be opened is told of when it is read."""
    added = {name.removesuffix("_offset_s"): ms for name, ms in offsets(files.stream).items()}
    found = [
        *(AudienceFile(path=path, role="comments", part=part) for path, part in files.comments),
        *(AudienceFile(path=path, role="viewers") for path in files.viewers),
        *(AudienceFile(path=path, role="orders") for path in files.orders),
    ]
    if not found:
        return Kept(AudienceFiles(), "")
    found = [msgspec.structs.replace(file, offset_ms=added.get(file.role)) for file in found]
    pseudonyms = Pseudonyms(given_key() or setup.store.secret(KEY_FILE), recording.anchor)
    read = [[file.path.name, file.role, file.part, file.offset_ms, _digest_of(file.path)] for file in found]
    clocks = [[path.name, part, _digest_of(path)] for path, part in files.clocks]
    known = msgspec.json.encode([read, clocks, pseudonyms.digest])
    return Kept(AudienceFiles(files=tuple(found), clocks=files.clocks, pseudonyms=pseudonyms), digest(known))


def given_key() -> bytes:
    """The key that the user gives, if any. Raises InputError for one that is too short."""
    given = os.environ.get(KEY_VARIABLE, "")
    if given and len(given) < LEAST_KEY:
        raise InputError(KEY_VARIABLE, "is too short to keep anybody unknown", f"give {LEAST_KEY} characters or more")
    return given.encode("utf-8", "surrogateescape")


def _digest_of(path: Path) -> str:
    """Of all of a file, a piece at a time."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable {error.errno}"


def looks_of(files: StreamFiles) -> str:
    """What tells media files apart without reading them: name, size, date. Touched files are probed again, no more."""
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files.parts]
    read = [path.read_bytes() if path else b"" for path in (files.stream, files.transcript)]
    return digest(msgspec.json.encode([files.id, stats, read]))


def file_of(path: Path | None) -> Kept[Path | None]:
    return Kept(path, digest(path.read_bytes()) if path else "")


def record_of(record: Record) -> Kept[Any]:
    return Kept(record, digest(msgspec.json.encode(record)))


def unreadable(error: OSError, recording: str) -> InputError:
    return InputError(str(error.filename or recording), f"cannot be read ({error.strerror or error})", "check the file")


@contextmanager
def noted(store: Store, recording: str, stage: str, key: str) -> Iterator[None]:
    """Note in the journal how the attempt inside went. What the file system refuses is no bug: the user can mend it."""
    start = time.monotonic()

    def note(result: str, message: str = "") -> None:
        store.note(recording, stage, result, time.monotonic() - start, key=key, message=message)

    try:
        try:
            yield
        except OSError as error:
            raise unreadable(error, recording) from error
    except StreamlensError as error:
        note(error.code, str(error))
        raise
    except Exception as error:
        note("internal", f"{type(error).__name__}: {error}")
        raise
    note("ok")


def name_tools(
    transcript: Transcript, screen: Screen, rulebook: RuleBook, law: LawTable, hearing: HearingModel,
    classifier: Classifier, sound: Sound,
) -> Tools:  # fmt: skip
    """What had a say in the findings, with versions and digests."""
    named = [
        ("streamlens", release()),
        ("rules", rulebook.version),
        ("law", digest(msgspec.json.encode(law))),
        ("speech", transcript.source if sound.files.transcript else f"{transcript.model} {sound.speech.digest}"),
        ("hearing", digest(msgspec.json.encode(hearing))),
        ("classifier", classifier.digest),
        ("screen", screen.reader),
    ]
    return Tools(tools=tuple(Tool(name=name, version=found.strip()) for name, found in named if found.strip()))
