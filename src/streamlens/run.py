"""Many recordings: one function over recording ids, in this process or in several.

What goes wrong with one recording ends that recording only. Where the work was stopped, by hand or by force, the next
run takes it up: the store knows what is finished.
"""

import os
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

import msgspec

from streamlens import outcome
from streamlens.capture.model import find, model_digest
from streamlens.capture.recording import StreamFiles, discover
from streamlens.capture.transcript import Engine, load_engine
from streamlens.config import load_settings, without_screen
from streamlens.detect.classifier import Classifier
from streamlens.detect.rules import load_rules
from streamlens.detect.topics import load_topics
from streamlens.errors import InputError, StoreError, StreamlensError
from streamlens.inputs import Setup, Speech, given_key
from streamlens.judge.hearing import load_hearing
from streamlens.judge.law import load_law
from streamlens.outcome import AuditResult, Outcome
from streamlens.pipeline import LAST, prepare, work
from streamlens.shipped import shipped
from streamlens.store import Busy, Store
from streamlens.workers import Died, spread

T = TypeVar("T")

TRACE = "error.txt"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, in words that can be sent to another process. `until` is the last stage to do."""

    workspace: Path
    speech: Callable[[], Speech]
    config: Path | None = None
    rules: Path | None = None
    lang: str = "zh"
    until: str = LAST
    screen: bool = True  # False: do not read the screen, whatever the settings say


class Recogniser:
    """The model of that name, looked for and loaded when it is needed, once a process."""

    def __init__(self, model: str, jobs: int = 1) -> None:
        self.model = model
        self.jobs = jobs

    @cached_property
    def path(self) -> Path:
        return find(self.model)

    @cached_property
    def digest(self) -> str:
        return model_digest(self.path)

    @cached_property
    def _engine(self) -> Engine:
        return load_engine(self.path, workers=None if self.jobs == 1 else max(1, (os.cpu_count() or 1) // self.jobs))

    def load(self) -> Engine:
        return self._engine


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A recording is at a stage, for long ones with milliseconds done and in all.

    Besides the stages there are `inputs` (its files are read) and `waits` (another run is at work on it).
    """

    recording: str
    stage: str
    done: int = 0
    total: int = 0


Watch = Callable[[Event], None]
Task = tuple[StreamFiles, bool]
"""A recording, and whether to wait for it if another run is at work on it."""


def find_streams(paths: Sequence[Path], workspace: Path) -> tuple[tuple[StreamFiles, ...], list[Outcome]]:
    """The recordings below `paths`, each with an id of its own, and a failed outcome for each path that has none.

    What lies in the workspace is left out: its transcripts are results, not recordings.
    """
    good: list[Path] = []
    failed: list[Outcome] = []
    for path in paths:
        try:
            discover([path])
            good.append(path)
        except StreamlensError as error:
            failed.append(Outcome(recording=str(path), state="failed", reason=str(error)))
        except OSError as error:
            told = InputError(str(error.filename or path), f"cannot be read: {error.strerror}", "check its rights")
            failed.append(Outcome(recording=str(path), state="failed", reason=str(told)))
    ours = workspace.resolve()
    found = discover(good)  # together: recordings of one name are told apart
    return tuple(files for files in found if ours not in files.folder.resolve().parents), failed


def open_setup(order: Order) -> Setup:
    """Everything that all recordings share. Raises StreamlensError where none could be processed."""
    given_key()
    rules = order.rules or shipped("configs") / "rules"
    settings = load_settings(order.config)
    configs = shipped("configs")
    rulebook = load_rules(rules, configs / "lexicon")
    return Setup(
        store=Store(order.workspace),
        settings=settings if order.screen else without_screen(settings),
        rulebook=rulebook,
        topics=load_topics(configs / "questions", configs / "complaints", rulebook.sets),
        law=load_law(configs / "law.toml"),
        hearing=load_hearing(shipped("models") / "hearing.json"),
        classifier=Classifier(shipped("models") / "implied"),
        speech=order.speech(),
        lang=order.lang,
    )


def run(
    streams: Sequence[StreamFiles], order: Order, *, jobs: int = 1, watch: Watch | None = None
) -> Iterator[AuditResult]:
    """Audit recordings, the largest first, and yield each result when it is there.

    Before that the papers of all are read, so that bad ones are told of at once; after it the front page of the
    workspace is written. Raises StreamlensError when nothing can be processed at all (rules, settings, model,
    workspace), or at the end, if the front page cannot be written.
    """
    setup = open_setup(order)
    setup.store.open()
    if any(not files.transcript for files in streams):
        _ = setup.speech.digest  # no model: say so now
    watch = watch or (lambda _event: None)
    try:
        ready: list[tuple[int, StreamFiles]] = []
        for files in streams:
            watch(Event(recording=files.id, stage="inputs"))
            made = _guarded(files, setup, lambda files=files: prepare(files, setup))  # type: ignore[misc]
            if isinstance(made, Outcome):
                yield AuditResult(made, setup.store)
            else:
                ready.append((_size(files), files))
        ready.sort(key=lambda row: (-row[0], row[1].id))
        queue = deque((files, False) for _, files in ready)  # what is not free now comes last: two runs share the work
        workers = min(jobs, len(queue))
        outcomes = _here(queue, setup, order, watch) if workers < 2 else _apart(queue, setup, order, workers, watch)
        for each in outcomes:
            yield AuditResult(each, setup.store)
    except (KeyboardInterrupt, GeneratorExit):
        with suppress(StreamlensError):
            _finish(setup, order)
        raise
    _finish(setup, order)


def _size(files: StreamFiles) -> int:
    """Bytes, for how long it will take: the true length is known only when a file has been read through."""
    with suppress(OSError):
        return sum(part.stat().st_size for part in files.parts)
    return 0


def _finish(setup: Setup, order: Order) -> None:
    if order.until == LAST:
        with setup.store.hold(None, on_wait=lambda: None):  # of two runs the one that ends last has the last word
            setup.store.sweep()
            outcome.write_front(setup.store, order.lang)


def attend(files: StreamFiles, setup: Setup, order: Order, watch: Watch, *, patient: bool) -> Outcome | None:
    """Audit one recording, whatever happens. None: another run is at work on it, and we are not to wait for it."""

    def waits() -> None:
        watch(Event(recording=files.id, stage="waits"))

    def progress(stage: str, done: int, total: int) -> None:
        watch(Event(recording=files.id, stage=stage, done=done, total=total))

    def audit() -> Outcome:
        with setup.store.hold(files.id, on_wait=waits if patient else None):
            setup.store.sweep(files.id)
            made = work(files, setup, until=order.until, progress=progress)
            result = outcome.done(files.id, made)
            if order.until == LAST:
                setup.store.remove(files.id, TRACE)
                setup.store.publish(files.id, outcome.FILE, msgspec.json.encode(result))
            return result

    try:
        return _guarded(files, setup, audit)
    except Busy:
        return None


def _guarded(files: StreamFiles, setup: Setup, call: Callable[[], T]) -> T | Outcome:
    """What `call` returns, or the outcome that says why it failed, which is noted in the recording's folder as well."""
    try:
        return call()
    except StreamlensError as error:
        return _failed(files.id, setup, str(error))
    except Busy:
        raise
    except Exception as error:
        with suppress(StreamlensError):
            setup.store.publish(files.id, TRACE, traceback.format_exc().encode())
        said = " ".join(f"internal error: {type(error).__name__}: {error}".split())
        return _failed(files.id, setup, f"{said}; please report it with {setup.store.root / files.id / TRACE}")


def _failed(recording: str, setup: Setup, reason: str) -> Outcome:
    result = Outcome(recording=recording, state="failed", reason=reason)
    with suppress(StreamlensError):  # the disk may be what failed
        setup.store.publish(recording, outcome.FILE, msgspec.json.encode(result))
    return result


def _here(queue: deque[Task], setup: Setup, order: Order, watch: Watch) -> Iterator[Outcome]:
    """One after the other in this process."""
    while queue:
        files, patient = queue.popleft()
        result = attend(files, setup, order, watch, patient=patient)
        if result:
            yield result
        else:
            queue.append((files, True))


def _apart(queue: deque[Task], setup: Setup, order: Order, jobs: int, watch: Watch) -> Iterator[Outcome]:
    """`jobs` at a time, each in a process with a model of its own."""
    for (files, _), message in spread(queue, jobs, partial(_service, order)):
        if isinstance(message, Event):
            watch(message)
        elif isinstance(message, Died):
            error = StoreError(
                files.id, f"the process at work on it {message.how}", "run again, with fewer --jobs if memory is short"
            )
            setup.store.note(files.id, "audit", "died", 0, message=str(error))
            yield _failed(files.id, setup, str(error))
        elif isinstance(message, Outcome):
            yield message
        else:
            queue.append((files, True))


def _service(order: Order, say: Watch) -> Callable[[Task], Outcome | None]:
    """What a worker process does, prepared once."""
    setup = open_setup(order)
    return lambda task: attend(task[0], setup, order, say, patient=task[1])
