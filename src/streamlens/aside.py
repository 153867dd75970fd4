"""Work done aside: long stages in threads of their own, so that decoding, speech and screen share the cores.

The libraries in which they spend their time let other threads run. The order of results does not depend on which ends
first: whoever needs one waits for it, and an error comes up there, as if the work had been done in that place.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Any

Tell = Callable[[str, int, int], None]
"""Called with the work's name, and how much is done and in all."""


class Stopped(BaseException):
    """Raised inside work aside that nobody waits for any more: no failure, so nothing that handles errors takes it."""


class Aside:
    """`most` works at a time, in threads that end with the `with` block: what is not done then is stopped."""

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(max(most, 1), thread_name_prefix="aside")
        self._works: dict[str, Future[Any]] = {}
        self._stop = Event()

    def __enter__(self) -> "Aside":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Work that tells of its progress is stopped when it next does so."""
        if not all(work.done() for work in self._works.values()):
            self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def start(self, name: str, work: Callable[[], Any]) -> None:
        """Begin; a work may wait for those begun before it, never for later ones."""
        self._works[name] = self._pool.submit(work)

    def get(self, name: str) -> "Future[Any] | None":
        return self._works.get(name)

    def results(self) -> dict[str, Any]:
        """All of them, when all are done. Raises what the first that failed raised."""
        return {name: work.result() for name, work in self._works.items()}

    def first(self, tell: Tell) -> Tell:
        """Passes on what is told of the first work that is not done, so that one story is told at a time."""

        def told(name: str, done: int, total: int) -> None:
            if self._stop.is_set():
                raise Stopped
            if next((each for each, work in self._works.items() if not work.done()), name) == name:
                tell(name, done, total)

        return told
