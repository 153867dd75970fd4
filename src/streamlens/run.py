"""Many recordings: one function over recording ids, in this process or in several.

What goes wrong with one recording ends that recording only. Where the work was stopped, by hand or by force, the next
run takes it up: the store knows what is finished.
"""

import logging
import multiprocessing
import os
import signal
import threading
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TypeVar

import msgspec

from streamlens import outcome
from streamlens.capture.model import find, model_digest
from streamlens.capture.recording import StreamFiles, discover
from streamlens.capture.transcript import Engine, load_engine
from streamlens.config import load_settings
from streamlens.detect.rules import load_rules
from streamlens.errors import InputError, StoreError, StreamlensError
from streamlens.judge.law import load_law
from streamlens.outcome import AuditResult, Outcome
from streamlens.pipeline import LAST, Made, Setup, Speech, prepare, work
from streamlens.shipped import shipped
from streamlens.store import Busy, Store

T = TypeVar("T")
log = logging.getLogger(__name__)

TRACE = "error.txt"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, in words that can be sent to another process. `until` is the last stage to do."""

    workspace: Path
    speech: Callable[[], Speech]
    config: Path | None = None
    rules: Path | None = None
    lang: str = "zh"
    until: str = LAST


class Whisper:
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
        return load_engine(self.path, workers=max(1, (os.cpu_count() or 1) // self.jobs))

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


def find_streams(paths: Sequence[Path], workspace: Path) -> tuple[list[StreamFiles], list[Outcome]]:
    """The recordings below `paths`, and a failed outcome for each path or doubled id that cannot be processed.

    What lies in the workspace is left out: its transcripts are results, not recordings.
    """
    streams: dict[str, StreamFiles] = {}
    failed: list[Outcome] = []
    for path in paths:
        try:
            found = discover([path])
        except StreamlensError as error:
            failed.append(Outcome(recording=str(path), state="failed", reason=str(error)))
            continue
        for files in found:
            if workspace.resolve() in files.folder.resolve().parents:
                continue
            # ids that a file system may hold for the same folder name
            first = streams.setdefault(unicodedata.normalize("NFC", files.id).casefold(), files)
            if first != files:
                taken = InputError(
                    str(files.folder), f"has the id {files.id!r}, as {first.folder} has", "give it another id in stream.yaml"
                )
                failed.append(Outcome(recording=str(files.folder), state="failed", reason=str(taken)))
    return list(streams.values()), failed


def open_setup(order: Order) -> Setup:
    """Everything that all recordings share. Raises StreamlensError where none could be processed."""
    rules = order.rules or shipped("configs") / "rules"
    return Setup(
        store=Store(order.workspace),
        settings=load_settings(order.config),
        rulebook=load_rules(rules, shipped("configs") / "lexicon"),
        law=load_law(shipped("configs") / "law.toml"),
        speech=order.speech(),
        lang=order.lang,
    )


def run(
    streams: Sequence[StreamFiles], order: Order, *, jobs: int = 1, watch: Watch | None = None
) -> Iterator[AuditResult]:
    """Audit recordings, the longest first, and yield each result when it is there.

    First everything cheap is read for all of them, so that bad papers are told of at once. Ends with the front page of
    the workspace. Raises StreamlensError when nothing could be processed at all: rules, settings, model, workspace.
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
                ready.append((made["recording"].record.duration_ms, files))
        queue = [files for _, files in sorted(ready, key=lambda row: (-row[0], row[1].id))]
        workers = min(jobs, len(queue))
        outcomes = _here(queue, setup, order, watch) if workers < 2 else _apart(queue, setup, order, workers, watch)
        for each in outcomes:
            yield AuditResult(each, setup.store)
    finally:
        if order.until == LAST:
            outcome.write_front(setup.store, order.lang)


def attend(files: StreamFiles, setup: Setup, order: Order, watch: Watch, *, patient: bool) -> Outcome | None:
    """Audit one recording, whatever happens. None: another run is at work on it, and we are not to wait for it."""

    def waits() -> None:
        watch(Event(recording=files.id, stage="waits"))

    def audit() -> Outcome:
        with setup.store.hold(files.id, on_wait=waits if patient else None):
            setup.store.sweep(files.id)
            made = work(
                files, setup, until=order.until,
                progress=lambda stage, done, total: watch(Event(recording=files.id, stage=stage, done=done, total=total)),
            )  # fmt: skip
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


def _here(queue: Sequence[StreamFiles], setup: Setup, order: Order, watch: Watch) -> Iterator[Outcome]:
    """One after the other. What another run is at work on comes last, so that two runs share the work."""
    later = []
    for files in queue:
        result = attend(files, setup, order, watch, patient=False)
        if result:
            yield result
        else:
            later.append(files)
    for files in later:
        result = attend(files, setup, order, watch, patient=True)
        if result:
            yield result


# ---- in several processes


class _Worker:
    """A process that audits one recording after another; if it dies, we know which one it died of."""

    def __init__(self, order: Order) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would share the locks and threads of the model
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, order), daemon=True)
        self.process.start()
        theirs.close()
        self.files: StreamFiles | None = None

    def give(self, files: StreamFiles, *, patient: bool) -> None:
        self.files = files
        with suppress(BrokenPipeError):  # it died: receiving from it will tell
            self.connection.send((files, patient))

    def stop(self) -> None:
        self.process.terminate()
        self.process.join()


def _apart(
    queue: Sequence[StreamFiles], setup: Setup, order: Order, jobs: int, watch: Watch
) -> Iterator[Outcome]:
    """Like `_here`, in `jobs` processes, each with its own model."""
    todo = [(files, False) for files in reversed(queue)]
    workers = {worker.connection: worker for worker in (_Worker(order) for _ in range(jobs))}
    try:
        idle = list(workers.values())
        while True:
            while idle and todo:
                files, patient = todo.pop()
                idle.pop().give(files, patient=patient)
            if len(idle) == len(workers):
                return
            for connection in wait([worker.connection for worker in workers.values() if worker.files]):
                worker = workers[connection]  # type: ignore[index]
                files = worker.files
                assert files
                try:
                    message = worker.connection.recv()
                except (EOFError, ConnectionError):
                    del workers[worker.connection]
                    worker.process.join()
                    fresh = _Worker(order)
                    workers[fresh.connection] = fresh
                    idle.append(fresh)
                    yield _died(files.id, setup, worker.process.exitcode)
                    continue
                if isinstance(message, Event):
                    watch(message)
                elif isinstance(message, str):
                    log.warning("%s", message)
                else:
                    worker.files = None
                    idle.append(worker)
                    if message:
                        yield message
                    else:
                        todo.insert(0, (files, True))
    finally:
        for worker in workers.values():
            worker.stop()


def _died(recording: str, setup: Setup, code: int | None) -> Outcome:
    how = f"signal {-code}" if code and code < 0 else f"exit code {code}"
    error = StoreError(recording, f"the process at work on it ended ({how})", "run again, with fewer --jobs if memory is short")
    setup.store.note(recording, "audit", "died", 0, message=str(error))
    return _failed(recording, setup, str(error))


def _serve(connection: Connection, order: Order) -> None:
    """A worker's life: recordings come in, events and outcomes go out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.getLogger("streamlens").addHandler(_Forward(connection))
    setup: Setup | None = None
    while True:
        try:
            files, patient = connection.recv()
        except EOFError:
            return
        setup = setup or open_setup(order)
        connection.send(attend(files, setup, order, connection.send, patient=patient))


def _end_with_parent() -> None:
    """A killed parent cannot stop us, and an hour of speech that nobody waits for would hold the recording's lock."""
    parent = multiprocessing.parent_process()
    if parent:
        wait([parent.sentinel])
    os._exit(1)


class _Forward(logging.Handler):
    """Warnings of a worker are shown by the parent, above its progress bars."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(logging.WARNING)
        self.connection = connection

    def emit(self, record: logging.LogRecord) -> None:
        self.connection.send(record.getMessage())
