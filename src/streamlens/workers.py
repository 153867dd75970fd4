"""Processes that do one task after another. If one dies it is known of which task, and another takes its place."""

import atexit
import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
Say = Callable[[Any], None]
Start = Callable[[Say], Callable[[T], Any]]
"""Called once in each process with a way to say things meanwhile; what it returns is called with each task."""

OUT_OF_MEMORY = "was killed by the system because memory ran out"
PATIENCE_S = 5.0  # for a process to end by itself

log = logging.getLogger(__name__)


class Done(msgspec.Struct, frozen=True):
    """What a task came to."""

    result: Any


class Died(msgspec.Struct, frozen=True):
    """The process ended in the middle of a task: killed, out of memory, or crashed in a library."""

    how: str


class _Worker:
    def __init__(self, start: Start[Any]) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would share the locks and threads of the model
        self.connection, theirs = context.Pipe()
        line, self.line = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(theirs, line, start), daemon=True)
        self.process.start()
        theirs.close()
        line.close()
        self.task: Any = None
        self.kills = 0  # of the system for want of memory, when the task was given

    def give(self, task: Any) -> None:
        self.task = task
        self.kills = _kills_for_memory()
        with suppress(OSError):  # it died: receiving from it will tell
            self.connection.send(task)

    def died(self) -> Died:
        self.process.join()
        code = self.process.exitcode or 0
        if code == -signal.SIGKILL and _kills_for_memory() > self.kills:
            return Died(OUT_OF_MEMORY)
        return Died(f"was killed (signal {-code})" if code < 0 else f"ended (exit code {code})")

    def stop(self) -> None:
        self.line.close()
        self.process.join(PATIENCE_S)
        self.process.kill()
        self.process.join()


def spread(queue: deque[T], jobs: int, start: Start[T]) -> Generator[tuple[T, Any]]:
    """Do what is in `queue`, `jobs` tasks at a time; more may be put into it meanwhile.

    Yields each task with what was said during it, then with its result or a Died. Stops the processes however it ends.
    """
    workers = [_Worker(start) for _ in range(min(jobs, len(queue)))]
    try:
        while True:
            for worker in workers:
                if worker.task is None and queue:
                    worker.give(queue.popleft())
            busy = {worker.connection: worker for worker in workers if worker.task is not None}
            if not busy:
                return
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]
                task = worker.task
                try:
                    message = worker.connection.recv()
                except (EOFError, OSError):
                    workers[workers.index(worker)] = _Worker(start)
                    yield task, worker.died()
                    continue
                if isinstance(message, Done):
                    worker.task = None
                    yield task, message.result
                elif isinstance(message, logging.LogRecord):
                    log.handle(message)
                else:
                    yield task, message
    finally:
        for worker in workers:
            worker.stop()


def _serve(connection: Connection, line: Connection, start: Start[Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, args=(line,), daemon=True).start()
    say = _in_turn(connection.send)  # stages at work side by side report from threads of their own
    logging.getLogger("streamlens").addHandler(Forward(say))
    do = start(say)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        say(Done(do(task)))


def _in_turn(send: Say) -> Say:
    lock = threading.Lock()

    def say(message: Any) -> None:
        with lock:
            send(message)

    return say


def _kills_for_memory() -> int:
    """How many processes the system has killed for want of memory since it started; 0 where it does not say."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0


def _end_with_parent(line: Connection) -> None:
    """The line is cut when the parent stops us, and when it is killed: nobody waits for the work any more.

    A thread does this, as the main one may be inside a library for minutes. Nothing is lost: files are written whole.
    """
    wait([line])
    atexit._run_exitfuncs()  # releases what else the system would be told is leaked
    os._exit(1)


class Forward(logging.Handler):
    """Warnings of a worker are the parent's to show."""

    def __init__(self, say: Say) -> None:
        super().__init__(logging.WARNING)
        self.say = say

    def emit(self, record: logging.LogRecord) -> None:
        record.msg, record.args, record.exc_info = record.getMessage(), (), None
        self.say(record)
