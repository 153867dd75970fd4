"""Processes on a Ray cluster that do one task after another: `workers.spread` over many machines.

An actor is a worker process: it loads the model once and is given one recording at a time. What it says meanwhile and
its result are streamed back. If it dies another takes its place, and it is known of which task it died.
"""

import logging
import queue
import secrets
import socket
import threading
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from streamlens.errors import InputError, StoreError
from streamlens.workers import OUT_OF_MEMORY, Died, Done, Forward, Start

T = TypeVar("T")

log = logging.getLogger(__name__)


class _Actor:
    """What runs on the cluster: prepared with the first task, so that what goes wrong then is told of a task."""

    def __init__(self, start: Start[Any], shared: Path, proof: str) -> None:
        self._start, self._shared, self._proof = start, shared, proof
        self._messages: queue.Queue[Any] = queue.Queue()
        self._do: Any = None

    def do(self, task: Any) -> Iterator[Any]:
        """What is said during the task, and last a Done or the error that ended it."""
        thread = threading.Thread(target=self._work, args=(task,), daemon=True)
        thread.start()
        while True:
            message = self._messages.get()
            yield message
            if isinstance(message, Done | Exception):
                return

    def _work(self, task: Any) -> None:
        try:
            if self._do is None:
                if not (self._shared / self._proof).exists():
                    raise StoreError(
                        str(self._shared), f"{socket.gethostname()} does not see this folder",
                        "give a --workspace on storage that all machines of the cluster share, at one path",
                    )  # fmt: skip
                logging.getLogger("streamlens").addHandler(Forward(self._messages.put))
                self._do = self._start(self._messages.put)
            self._messages.put(Done(self._do(task)))
        except Exception as error:
            self._messages.put(error)


def spread(
    tasks: deque[T], jobs: int, start: Start[T], *, shared: Path, gpus: float | None = None
) -> Generator[tuple[T, Any]]:
    """Do what is in `tasks`, `jobs` at a time; more may be put into it meanwhile.

    Yields each task with what was said during it, then with its result or a Died. `shared` must be a folder that all
    machines see; `gpus` of each actor, by default 1 where the cluster has any. Joins the cluster that RAY_ADDRESS
    names, or one on this machine. Raises InputError where Ray is not installed, StoreError for an unshared folder.
    """
    try:
        import ray
    except ImportError:
        raise InputError("--on ray", "Ray is not installed", "pip install 'streamlens-audit[ray]'") from None
    from ray.exceptions import ActorDiedError, ActorUnavailableError, OutOfMemoryError, RayError

    ours = not ray.is_initialized()
    if ours:
        ray.init(log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
    if gpus is None:
        gpus = 1.0 if ray.cluster_resources().get("GPU") else 0.0  # type: ignore[no-untyped-call]
    proof = f".shared-{secrets.token_hex(8)}"
    kind = ray.remote(num_cpus=1, num_gpus=gpus, max_restarts=0)(_Actor)
    made: list[Any] = []

    def new() -> Any:
        actor = kind.remote(start, shared, proof)
        made.append(actor)
        return actor

    busy: dict[Any, tuple[Any, T]] = {}  # the stream of a task's messages: its actor and itself
    try:
        (shared / proof).touch()
        idle = [new() for _ in range(min(jobs, len(tasks)))]
        while True:
            while idle and tasks:
                actor, task = idle.pop(), tasks.popleft()
                busy[actor.do.options(num_returns="streaming").remote(task)] = (actor, task)
            if not busy:
                return
            ready, _ = ray.wait(list(busy), num_returns=1, fetch_local=False)
            for stream in cast(list[Any], ready):
                actor, task = busy[stream]
                try:
                    message: Any = ray.get(next(stream))
                except (ActorDiedError, ActorUnavailableError, OutOfMemoryError, StopIteration) as error:
                    del busy[stream]
                    idle.append(new())
                    yield task, Died(_how(error))
                    continue
                except RayError as error:
                    del busy[stream]
                    idle.append(new())
                    yield task, Died(f"ended ({' '.join(str(error).split())[:300]})")
                    continue
                if isinstance(message, Done):
                    del busy[stream]
                    idle.append(actor)
                    yield task, message.result
                elif isinstance(message, Exception):
                    raise message
                elif isinstance(message, logging.LogRecord):
                    log.handle(message)
                else:
                    yield task, message
    finally:
        for actor in made:
            with suppress(Exception):
                ray.kill(actor)
        (shared / proof).unlink(missing_ok=True)
        if ours:
            ray.shutdown()


def _how(error: BaseException) -> str:
    said = str(error)
    if type(error).__name__ == "OutOfMemoryError" or "OOM" in said or "out of memory" in said.lower():
        return OUT_OF_MEMORY
    return "was killed, or its machine was lost"
