"""Many recordings: one function over recording ids, in this process or in several.

What goes wrong with one recording ends that recording only. Where the work was stopped, by hand or by force, the next
run takes it up: the store knows what is finished.
"""

import os
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from streamlens import outcome
from streamlens.capture.model import find, model_digest
from streamlens.capture.recording import StreamFiles
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
from streamlens.plan import announce, forget, length_ms, resolved
from streamlens.schema import Record, Rule
from streamlens.shipped import shipped
from streamlens.store import Busy, Store
from streamlens.workers import Died, spread

T = TypeVar("T")

TRACE = "error.txt"
RULES = ".rules.json"
FRONT_EVERY_S = 600.0  # the front page is written anew while a long batch goes on


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, in words that can be sent to another process. `until` is the last stage to do."""

    workspace: Path
    speech: Callable[[], Speech]
    config: Path | None = None
    rules: Path | None = None
    lang: str = "zh"
    until: str = LAST
    screen: bool = True  # False: do not read the screen, whatever the settings say


class CheckedRules(Record, frozen=True, kw_only=True):
    """Rules as they were read and checked, kept in the workspace: checking thousands of patterns takes a while."""

    rules: tuple[tuple[str, Rule], ...] = ()


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

    Besides the stages there are `inputs` (its files are read), `planned` (`total`: about how long it is), `left` (the
    run before ended in the middle of it), `waits` (another run is at work on it), and `died` (its process was killed,
    and it will be tried once more).
    """

    recording: str
    stage: str
    done: int = 0
    total: int = 0


Watch = Callable[[Event], None]


class Task(msgspec.Struct, frozen=True):
    """A recording, whether to wait for it if another run is at work on it, and whether a process died over it."""

    files: StreamFiles
    patient: bool = False
    again: bool = False


def open_setup(order: Order) -> Setup:
    """Everything that all recordings share. Raises StreamlensError where none could be processed."""
    given_key()
    rules = order.rules or shipped("configs") / "rules"
    settings = load_settings(order.config)
    configs = shipped("configs")
    store = Store(order.workspace)
    known = dict((store.read(None, RULES, CheckedRules) or CheckedRules()).rules)
    before = tuple(known)
    rulebook = load_rules(rules, configs / "lexicon", known)
    if store.root.is_dir() and tuple(known) != before:
        kept = [(key, rule) for key, rule in known.items() if rule in rulebook.rules]
        with suppress(StreamlensError):
            store.publish(None, RULES, msgspec.json.encode(CheckedRules(rules=tuple(kept))))
    return Setup(
        store=store,
        settings=settings if order.screen else without_screen(settings),
        rulebook=rulebook,
        topics=load_topics(configs / "questions", configs / "complaints", rulebook.sets, check=False),
        law=load_law(configs / "law.toml"),
        hearing=load_hearing(shipped("models") / "hearing.json"),
        classifier=Classifier(shipped("models") / "implied"),
        speech=order.speech(),
        lang=order.lang,
    )


def run(
    streams: Sequence[StreamFiles],
    order: Order,
    *,
    jobs: int = 1,
    on: Literal["local", "ray"] = "local",
    gpus: float | None = None,
    watch: Watch | None = None,
) -> Iterator[AuditResult]:
    """Audit recordings, the longest first, and yield each result when it is there.

    Before that the papers of all are read, so that bad ones are told of at once, and all are noted as not started;
    the front page of the workspace is written then, now and again, and in the end. `gpus`: of each process on Ray.
    Raises StreamlensError when nothing can be processed at all (rules, settings, model, workspace), or at the end, if
    the front page cannot be written.
    """
    setup = open_setup(order)
    setup.store.open()
    if any(not files.transcript for files in streams):
        _ = setup.speech.digest  # no model: say so now
    watch = watch or (lambda _event: None)
    ended: list[Outcome] = []
    ids = [files.id for files in streams]
    setup.store.note("", "batch", "begun", 0, message=f"{len(ids)} recordings", sync=True)
    start = time.monotonic()

    def close(result: str) -> None:
        told = outcome.tally(ended, ids)
        setup.store.note("", "batch", result, time.monotonic() - start, message=told, sync=True)

    try:
        if order.until == LAST and any([announce(files, setup.store) for files in streams]):
            _finish(setup, order)
        ready: list[tuple[bool, int, StreamFiles]] = []
        for files in streams:
            watch(Event(recording=files.id, stage="inputs"))
            made = _guarded(files, setup, lambda files=files: prepare(files, setup))  # type: ignore[misc]
            if isinstance(made, Outcome):
                ended.append(made)
                yield AuditResult(made, setup.store)
            else:
                ready.append((setup.store.was_left(files.id), length_ms(files, setup.store), files))
        ready.sort(key=lambda row: (row[0], -row[1], row[2].id))  # what a run ended over may end this one too
        for left, about_ms, files in ready:
            watch(Event(recording=files.id, stage="planned", total=about_ms))
            if left:
                watch(Event(recording=files.id, stage="left"))
        queue = deque(Task(files) for _, _, files in ready)  # what is not free now comes last: two runs share the work
        written = time.monotonic()
        with closing(_outcomes(queue, setup, order, watch, jobs, on, gpus)) as outcomes:
            for each in outcomes:
                ended.append(each)
                yield AuditResult(each, setup.store)
                if time.monotonic() - written > FRONT_EVERY_S:
                    _finish(setup, order)
                    written = time.monotonic()
    except (KeyboardInterrupt, GeneratorExit):
        with suppress(StreamlensError):
            for files in streams:
                forget(files, setup.store)
            _finish(setup, order)
        close("stopped")
        raise
    close("ok" if all(each.state == "done" for each in ended) else "failed")
    _finish(setup, order)


def _outcomes(
    queue: deque[Task],
    setup: Setup,
    order: Order,
    watch: Watch,
    jobs: int,
    on: Literal["local", "ray"],
    gpus: float | None,
) -> Generator[Outcome]:
    """Do the queue here, in processes, or on a cluster."""
    start = partial(_service, order)
    if on == "ray" and queue:
        from streamlens import cluster

        workspace = order.workspace.resolve()  # other processes work in other folders
        start = partial(_service, msgspec.structs.replace(order, workspace=workspace))
        there = deque(Task(resolved(task.files)) for task in queue)
        return _apart(there, setup, watch, cluster.spread(there, jobs, start, shared=workspace, gpus=gpus))
    workers = min(jobs, len(queue))
    return _here(queue, setup, order, watch) if workers < 2 else _apart(queue, setup, watch, spread(queue, jobs, start))


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
            setup.store.check_room()
            with setup.store.at_work(files.id):
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
    except MemoryError:
        told = InputError(
            files.id, "there is not enough memory for it", "run again with fewer --jobs, or a smaller model"
        )
        return _failed(files.id, setup, str(told))
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


def _here(queue: deque[Task], setup: Setup, order: Order, watch: Watch) -> Generator[Outcome]:
    """One after the other in this process."""
    while queue:
        task = queue.popleft()
        result = attend(task.files, setup, order, watch, patient=task.patient)
        if result:
            yield result
        else:
            queue.append(Task(task.files, patient=True))


def _apart(queue: deque[Task], setup: Setup, watch: Watch, messages: Generator[tuple[Task, Any]]) -> Generator[Outcome]:
    """Several at a time, each in a process with a model of its own. A recording whose process dies is tried again."""
    with closing(messages):  # the processes end before anything else is done
        for task, message in messages:
            files = task.files
            if isinstance(message, Event):
                watch(message)
            elif isinstance(message, Died):
                error = StoreError(
                    files.id,
                    f"the process at work on it {message.how}",
                    "run again, with fewer --jobs if memory is short",
                )
                setup.store.note(files.id, "audit", "died", 0, message=str(error), sync=True)
                if task.again:
                    yield _failed(files.id, setup, f"{error} (this happened twice)")
                else:  # comes last, when others are done and more memory is free
                    watch(Event(recording=files.id, stage="died"))
                    queue.append(Task(files, patient=True, again=True))
            elif isinstance(message, Outcome):
                yield message
            else:
                queue.append(Task(files, patient=True, again=task.again))


def _service(order: Order, say: Watch) -> Callable[[Task], Outcome | None]:
    """What a worker process does, prepared once."""
    setup = open_setup(order)
    return lambda task: attend(task.files, setup, order, say, patient=task.patient)
