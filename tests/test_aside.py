"""Work aside: its order of results, its errors, and how it ends."""

import threading
import time
from collections.abc import Callable

import pytest

from streamlens.aside import Aside, Stopped


def test_works_go_on_at_once_and_may_wait_for_those_before() -> None:
    both = threading.Barrier(2, timeout=10)  # is passed only if two are at it
    with Aside(3) as aside:
        aside.start("speech", lambda: both.wait() * 0 + 1)
        aside.start("screen", lambda: both.wait() * 0 + 2)
        speech = aside.get("speech")
        assert speech
        aside.start("voice", lambda: speech.result() + 10)
        assert aside.results() == {"speech": 1, "screen": 2, "voice": 11}
    assert aside.get("other") is None


def test_the_first_error_in_order_is_the_one_that_is_told_of() -> None:
    later = threading.Event()

    def slow() -> None:
        later.wait(10)
        raise ValueError("first in order")

    def quick() -> None:
        later.set()
        raise KeyError("first in time")

    with pytest.raises(ValueError, match="first in order"), Aside(2) as aside:
        aside.start("speech", slow)
        aside.start("screen", quick)
        aside.results()


def _endless(tell: Callable[[str, int, int], None], ended: list[type[BaseException]]) -> None:
    try:
        for count in range(10_000):
            tell("screen", count, 10_000)
            time.sleep(0.001)
    except BaseException as error:
        ended.append(type(error))
        raise


def test_what_nobody_waits_for_any_more_is_stopped() -> None:
    ended: list[type[BaseException]] = []
    with pytest.raises(KeyboardInterrupt), Aside(1) as aside:
        tell = aside.first(lambda *_: None)
        aside.start("screen", lambda: _endless(tell, ended))
        raise KeyboardInterrupt
    assert ended == [Stopped]


def test_of_several_one_tells_its_progress_at_a_time() -> None:
    told: list[str] = []
    go = threading.Event()
    with Aside(2) as aside:
        tell = aside.first(lambda name, _done, _total: told.append(name))
        aside.start("speech", lambda: go.wait(10))
        aside.start("screen", lambda: tell("screen", 1, 2))
        screen = aside.get("screen")
        assert screen
        screen.result()
        assert told == []
        go.set()
        aside.results()
        tell("voice", 1, 2)
    assert told == ["voice"]
