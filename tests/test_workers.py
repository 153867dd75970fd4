"""Processes that do tasks: results, what is said meanwhile, and what happens when one dies."""

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamlens.workers import Died, spread


def service(say: Callable[[Any], None]) -> Callable[[str], Any]:
    """What the processes of these tests do."""
    served = []

    def do(task: str) -> Any:
        served.append(task)
        if task == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if task == "exit":
            os._exit(3)
        if task == "warn":
            logging.getLogger("streamlens.test").warning("beware of %s", task)
        say(f"at {task}")
        return task.upper(), len(served), os.getpid()

    return do


def test_each_task_gives_what_was_said_and_its_result() -> None:
    seen = [(task, message) for task, message in spread(deque("abcd"), 2, service)]
    assert {task: message for task, message in seen if isinstance(message, str)} == {c: f"at {c}" for c in "abcd"}
    results = {task: message for task, message in seen if isinstance(message, tuple)}
    assert {task: result[0] for task, result in results.items()} == {"a": "A", "b": "B", "c": "C", "d": "D"}
    pids = {result[2] for result in results.values()}
    assert len(pids) == 2, "two processes, each prepared once"
    assert max(result[1] for result in results.values()) > 1
    assert os.getpid() not in pids


def test_a_dead_process_costs_its_own_task_only() -> None:
    seen = list(spread(deque(["a", "die", "b", "exit", "c"]), 2, service))
    died = {task: message.how for task, message in seen if isinstance(message, Died)}
    assert died == {"die": "was killed (signal 9)", "exit": "ended (exit code 3)"}
    assert {task for task, message in seen if isinstance(message, tuple)} == {"a", "b", "c"}


def test_tasks_may_be_added_meanwhile() -> None:
    queue = deque(["a"])
    results = []
    for task, message in spread(queue, 3, service):
        if isinstance(message, tuple):
            results.append(task)
            if task == "a":
                queue.append("b")
    assert results == ["a", "b"]


def test_warnings_of_a_process_are_the_parents(caplog: pytest.LogCaptureFixture) -> None:
    list(spread(deque(["warn"]), 1, service))
    assert "beware of warn" in caplog.text


def test_leaving_early_stops_the_processes() -> None:
    work = spread(deque("abcdef"), 2, service)
    pids = set()
    for _, message in work:
        if isinstance(message, tuple):
            pids.add(message[2])
            break
    work.close()  # type: ignore[attr-defined]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_the_processes_end_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
        import os, time
        from collections import deque
        from streamlens.workers import spread
        def service(say):
            def do(task):
                print(os.getpid(), flush=True)
                time.sleep(60)
            return do
        if __name__ == "__main__":
            list(spread(deque("a"), 1, service))
        """)
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(worker)


def alive(pid: int) -> bool:
    """Dead but not yet buried by init counts as dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_kill_for_want_of_memory_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system counts them; between the begin of the task and its end there was one."""
    counts = iter(range(100))
    monkeypatch.setattr("streamlens.workers._kills_for_memory", lambda: next(counts))
    (died,) = [message for _, message in spread(deque(["die"]), 1, service) if isinstance(message, Died)]
    assert died.how == "was killed by the system because memory ran out"
