"""Batches: failures that stay where they are, resuming, two runs at once, several processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import worlds
from streamlens.errors import ModelError, RuleError, StoreError
from streamlens.outcome import FILE, Outcome, exit_code, results
from streamlens.plan import failed_before, find_streams
from streamlens.run import TRACE, AuditResult, Event, Order, Recogniser, run
from streamlens.store import AT_WORK, Store

# What a killed or a second process runs: streams, workspace, rules, log, seconds, jobs, the recording that kills it
RUNNER = """
import sys
from pathlib import Path
import worlds
from streamlens.plan import find_streams
from streamlens.run import run
from streamlens.store import AT_WORK
if __name__ == "__main__":
    streams, workspace, rules, log = map(Path, sys.argv[1:5])
    order = worlds.order(workspace, rules=rules, log=log, seconds=float(sys.argv[5]), kills=workspace / sys.argv[7] / AT_WORK)
    for result in run(find_streams([streams], workspace)[0], order, jobs=int(sys.argv[6])):
        print(result.id, result.state, result.reason, flush=True)
"""


class Batch:
    """A folder of streams, a workspace beside it, rules, and a count of what was heard."""

    def __init__(self, root: Path, sound: Path, *ids: str) -> None:
        self.root = root
        self.sound = sound
        self.streams = root / "streams"
        self.streams.mkdir()
        self.workspace = root / "workspace"
        self.rules = worlds.rules(root / "rules")
        self.log = root / "heard.log"
        for number, name in enumerate(ids):
            self.add(name, unlike=len(ids) - number)

    def add(self, name: str, **files: Any) -> Path:
        return worlds.stream(self.streams / name, self.sound, **files)

    def order(self, **changes: Any) -> Order:
        return worlds.order(self.workspace, **{"rules": self.rules, "log": self.log, **changes})

    def run(self, *, jobs: int = 1, watch: Any = None, **changes: Any) -> list[AuditResult]:
        streams, failed = find_streams([self.streams], self.workspace)
        done = list(run(streams, self.order(**changes), jobs=jobs, watch=watch))
        return [AuditResult(outcome, Store(self.workspace)) for outcome in failed] + done

    def heard(self) -> int:
        return worlds.heard(self.log)

    def start(self, *, seconds: float = 0, jobs: int = 1, kills: str = "none") -> "subprocess.Popen[str]":
        script = self.root / "runner.py"
        script.write_text(RUNNER)
        arguments = [self.streams, self.workspace, self.rules, self.log, seconds, jobs, kills]
        path = os.pathsep.join([str(Path(worlds.__file__).parent), *filter(None, sys.path)])
        return subprocess.Popen(
            [sys.executable, str(script), *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip

    def contents(self) -> dict[str, bytes]:
        """All results, without locks and the journal."""
        files = (path for path in self.workspace.rglob("*") if path.is_file() and not path.name.startswith("."))
        return {str(path.relative_to(self.workspace)): path.read_bytes() for path in files if path.suffix != ".jsonl"}


@pytest.fixture
def batch(tmp_path: Path, sound: Path) -> Batch:
    return Batch(tmp_path, sound, "a", "b", "c")


def states(done: list[AuditResult]) -> dict[str, str]:
    return {result.id: result.state for result in done}


# ---- a whole batch


def test_every_recording_gets_its_files_and_the_batch_its_front_page(batch: Batch) -> None:
    done = batch.run()
    assert states(done) == {"a": "done", "b": "done", "c": "done"}
    names = {
        "audit.html",
        "facts.json",
        "questions.json",
        "findings.json",
        "findings.xlsx",
        "segments.json",
        "subtitles.srt",
        "subtitles.vtt",
    }
    for result in done:
        assert names | {"transcript.json", FILE} <= {path.name for path in result.folder.iterdir()}
        assert result.coverage == 1.0
        assert [(f.kind, f.verdict) for f in result.findings] == [
            ("freshness.harvest", "supported"),
            ("health.disease", "prohibited"),
        ]
        assert [segment.product for segment in result.segments] == ["QC-5"]
        assert result.transcript.utterances[0].text.startswith("今天第一个")
        assert result.recording.title == "果园直播"
        assert result.catalogue.products[0].sku == "QC-5"
    page = (batch.workspace / "index.html").read_text(encoding="utf-8")
    assert all(f"{name}/audit.html" in page for name in "abc")
    assert (batch.workspace / "findings.xlsx").exists()


def test_the_longest_comes_first(batch: Batch) -> None:
    batch.add("z", unlike=16_000)  # a second longer
    started = []
    batch.run(watch=lambda event: event.stage == "transcript" and event.total == 0 and started.append(event.recording))
    assert started[0] == "z"


def test_a_second_run_does_nothing_and_says_the_same(batch: Batch) -> None:
    first = batch.run()
    before, attempts = batch.contents(), Store(batch.workspace).attempts()
    again = batch.run()
    assert [result.outcome for result in again] == [result.outcome for result in first]
    assert batch.contents() == before
    since = Store(batch.workspace).attempts()[len(attempts) :]
    assert [(each.stage, each.result) for each in since] == [("batch", "begun"), ("batch", "ok")]
    assert batch.heard() == 3


def test_processes_give_the_same_bytes(batch: Batch) -> None:
    batch.run()
    one = batch.contents()
    batch.workspace = batch.root / "elsewhere"
    events: list[Event] = []
    done = batch.run(jobs=3, watch=events.append)
    assert states(done) == {"a": "done", "b": "done", "c": "done"}
    assert batch.contents() == one
    assert {event.recording for event in events if event.stage == "transcript" and event.total} == {"a", "b", "c"}


def test_the_front_page_knows_earlier_runs_too(batch: Batch) -> None:
    order = batch.order()
    for name in "abc":
        streams, _ = find_streams([batch.streams / name], batch.workspace)
        list(run(streams, order))
    assert [result.id for result in results(Store(batch.workspace))] == ["a", "b", "c"]
    page = (batch.workspace / "index.html").read_text(encoding="utf-8")
    assert all(f"{name}/audit.html" in page for name in "abc")


# ---- what goes wrong stays where it is


def test_one_bad_recording_never_stops_the_others(batch: Batch) -> None:
    (batch.add("empty") / "recording.wav").write_bytes(b"")
    (batch.add("noise") / "recording.wav").write_bytes(bytes(range(256)) * 40)
    batch.add("papers", evidence_yaml="documents:\n- {id: E1, type: nonsense, covers: [QC-5]}\n")
    batch.add("catalogue", catalog_csv=worlds.CATALOGUE + "2,QC-5,另一个,,水果,1,1斤,500,,fresh\n")
    done = batch.run()
    failed = {result.id: result.reason for result in done if result.state == "failed"}
    assert set(failed) == {"empty", "noise", "papers", "catalogue"}
    assert {result.id for result in done if result.state == "done"} == {"a", "b", "c"}
    for name, reason in failed.items():
        assert "\n" not in reason
        assert str(batch.streams / name) in reason
    assert "nonsense" in failed["papers"]
    assert "QC-5" in failed["catalogue"]
    assert batch.heard() == 3
    page = (batch.workspace / "index.html").read_text(encoding="utf-8")
    assert all(name in page for name in failed)
    assert exit_code([result.outcome for result in done], strict=False) == 2


def test_a_bug_ends_its_recording_and_leaves_a_trace(batch: Batch) -> None:
    done = batch.run(fails="impossible\nvalue")
    assert set(states(done).values()) == {"failed"}
    for result in done:
        assert result.reason.startswith("internal error: ValueError: impossible value")
        assert str(result.folder / TRACE) in result.reason
        assert "Traceback" in (result.folder / TRACE).read_text()
        assert not (result.folder / "audit.html").exists()

    done = batch.run()
    assert set(states(done).values()) == {"done"}
    assert not any((result.folder / TRACE).exists() for result in done)


def test_findings_of_what_failed_are_an_error_not_nothing(batch: Batch) -> None:
    (batch.streams / "a" / "recording.wav").write_bytes(b"")
    result = next(result for result in batch.run() if result.id == "a")
    with pytest.raises(Exception, match="empty"):
        _ = result.findings


def test_a_failure_after_a_success_is_what_counts(batch: Batch) -> None:
    batch.run()
    (batch.streams / "a" / "evidence.yaml").write_text("documents: 3")
    batch.run()
    now = {result.id: result.state for result in results(Store(batch.workspace))}
    assert now == {"a": "failed", "b": "done", "c": "done"}


def test_a_full_disk_is_one_line_for_each_it_concerns(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def full(handle: int) -> None:
        if "/b/" in os.readlink(f"/proc/self/fd/{handle}"):
            raise OSError(28, "No space left on device")
        sync(handle)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        done = batch.run()
    assert states(done) == {"a": "done", "b": "failed", "c": "done"}
    reason = next(result.reason for result in done if result.id == "b")
    assert "disk is full" in reason
    assert [path.name for path in (batch.workspace / "b").iterdir() if path.suffix != ".lock"] in ([], [".lock"])
    assert set(states(batch.run()).values()) == {"done"}


def test_recordings_of_one_name_do_not_share_a_folder(batch: Batch) -> None:
    worlds.stream(batch.root / "more" / "a", batch.sound, unlike=99)
    streams, failed = find_streams([batch.streams, batch.root / "more"], batch.workspace)
    assert failed == []
    assert len(streams) == 4 == len({files.id for files in streams})
    done = list(run(streams, batch.order()))
    assert {result.state for result in done} == {"done"}
    assert len({result.folder for result in done}) == 4


def test_a_path_given_twice_is_done_once(batch: Batch) -> None:
    streams, failed = find_streams([batch.streams, batch.streams / "a"], batch.workspace)
    assert [files.id for files in streams] == ["a", "b", "c"]
    assert failed == []


def test_a_path_that_holds_nothing_fails_alone(batch: Batch) -> None:
    streams, failed = find_streams([batch.root / "none", batch.streams / "a"], batch.workspace)
    assert [files.id for files in streams] == ["a"]
    assert [outcome.state for outcome in failed] == ["failed"]
    assert str(batch.root / "none") in failed[0].reason


def test_a_workspace_inside_the_streams_is_no_stream(batch: Batch) -> None:
    batch.workspace = batch.streams / "results"
    batch.run()
    streams, failed = find_streams([batch.streams], batch.workspace)
    assert [files.id for files in streams] == ["a", "b", "c"]
    assert failed == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"rules": Path("nowhere")}, RuleError), ({"speech": lambda: Recogniser("no-such-model")}, ModelError)],
)
def test_what_concerns_all_is_told_once(batch: Batch, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        list(run(find_streams([batch.streams], batch.workspace)[0], Order(**{
            "workspace": batch.workspace, "rules": batch.rules, "speech": batch.order().speech, **changes,
        })))  # fmt: skip


def test_a_workspace_that_cannot_be_made_is_told_once(batch: Batch) -> None:
    batch.workspace = batch.rules / "health" / "disease.toml" / "workspace"
    with pytest.raises(StoreError, match="--workspace"):
        batch.run()


@pytest.mark.parametrize(
    ("outcomes", "strict", "code"),
    [
        ([("done", 0)], True, 0),
        ([("done", 2)], False, 0),
        ([("done", 2)], True, 1),
        ([("done", 2), ("failed", 0)], True, 2),
        ([("failed", 0)], False, 2),
        ([], False, 2),
    ],
)
def test_exit_codes(outcomes: list[tuple[Any, int]], strict: bool, code: int) -> None:
    made = [
        Outcome(recording="a", state=state, counts=(("supported", 5), ("unclear", 1), ("unsupported", count)))
        for state, count in outcomes
    ]
    assert exit_code(made, strict=strict) == code


# ---- stopped, and taken up again


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_in_the_middle_then_only_the_missing_is_done(batch: Batch, jobs: int) -> None:
    for name in "de":
        batch.add(name)
    process = batch.start(seconds=0.3, jobs=jobs)
    assert process.stdout
    process.stdout.readline()
    process.stdout.readline()
    time.sleep(0.15)  # in the middle of a third
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    time.sleep(0.5 if jobs > 1 else 0)  # the workers end with their parent
    transcripts = len(list(batch.workspace.glob("*/transcript-*.json")))
    assert 2 <= transcripts < 5
    before = batch.heard()
    done = batch.run()
    assert set(states(done).values()) == {"done"}
    assert batch.heard() - before == 5 - transcripts
    assert not list(batch.workspace.rglob("*.tmp"))
    assert not list(batch.workspace.rglob("*.bad-*"))
    killed = batch.contents()
    batch.workspace = batch.root / "undisturbed"
    batch.run()
    assert batch.contents() == killed


def test_two_runs_at_once_share_the_work(batch: Batch) -> None:
    for name in "def":
        batch.add(name)
    processes = [batch.start(seconds=0.3) for _ in range(2)]
    for process in processes:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert sorted(line.split()[:2] for line in out.splitlines()) == [[name, "done"] for name in "abcdef"]
    assert batch.heard() == 6
    assert not list(batch.workspace.rglob("*.bad-*"))
    assert not list(batch.workspace.rglob("*.tmp"))


def test_ctrl_c_keeps_what_is_done(batch: Batch) -> None:
    streams, _ = find_streams([batch.streams], batch.workspace)
    done = []

    def watch(event: Event) -> None:
        if done and event.stage == "transcript":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        for result in run(streams, batch.order(), watch=watch):
            done.append(result.id)
    assert len(done) == 1
    assert (batch.workspace / "index.html").exists()
    before = batch.heard()
    assert set(states(batch.run()).values()) == {"done"}
    assert batch.heard() - before == 3 - before


def test_a_process_that_is_killed_is_replaced_and_its_recording_tried_again(batch: Batch) -> None:
    """Out of memory, or a crash inside a codec: it is said which one it was."""
    events: list[Event] = []
    done = batch.run(jobs=2, dies=batch.root / "died", watch=events.append)
    assert set(states(done).values()) == {"done"}
    (dead,) = [event.recording for event in events if event.stage == "died"]
    (attempt,) = [each for each in Store(batch.workspace).attempts() if each.result == "died"]
    assert attempt.recording == dead
    assert "killed (signal 9)" in attempt.message or "memory ran out" in attempt.message
    assert "--jobs" in attempt.message


def test_a_recording_that_kills_every_process_fails_with_a_reason(batch: Batch) -> None:
    done = batch.run(jobs=2, kills=batch.workspace / "b" / AT_WORK)
    assert states(done) == {"a": "done", "b": "failed", "c": "done"}
    dead = next(result for result in done if result.state == "failed")
    assert "this happened twice" in dead.reason
    streams, _ = find_streams([batch.streams], batch.workspace)
    assert [files.id for files in failed_before(streams, batch.workspace)] == ["b"]
    assert set(states(batch.run()).values()) == {"done"}
    assert failed_before(streams, batch.workspace) == ()


def test_memory_that_runs_out_inside_is_said_as_such(batch: Batch) -> None:
    done = batch.run(fails="memory")
    assert {result.reason for result in done} == {
        f"{name}: there is not enough memory for it; run again with fewer --jobs, or a smaller model" for name in "abc"
    }


# ---- done, failed, or not started


def kinds(batch: Batch) -> dict[str, str]:
    return {result.id: result.state for result in results(Store(batch.workspace))}


def batches(batch: Batch) -> list[tuple[str, str]]:
    return [(each.result, each.message) for each in Store(batch.workspace).attempts() if each.stage == "batch"]


def test_what_was_not_reached_is_told_in_the_workspace(batch: Batch) -> None:
    streams, _ = find_streams([batch.streams], batch.workspace)
    (batch.streams / "a" / "evidence.yaml").write_text("documents: 3")
    going = run(streams, batch.order())
    assert {next(going).state, next(going).state} == {"done", "failed"}
    going.close()  # type: ignore[attr-defined]
    assert sorted(kinds(batch).values()) == ["done", "failed", "not_started"]
    page = (batch.workspace / "index.html").read_text(encoding="utf-8")
    assert "1 场还没开始" in page
    assert page.index("没能处理：") < page.index("还没开始，或者")
    assert batches(batch) == [("begun", "3 recordings"), ("stopped", "1 done, 1 failed, 1 not started")]
    batch.run()
    assert batches(batch)[2:] == [("begun", "3 recordings"), ("failed", "2 done, 1 failed, 0 not started")]
    assert "还没开始" not in (batch.workspace / "index.html").read_text(encoding="utf-8")


def test_what_ended_a_run_before_comes_last_and_is_told(batch: Batch) -> None:
    """A recording that kills the only process must not keep the others from being done."""
    process = batch.start(kills="a")  # the first in order
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert kinds(batch) == {"a": "not_started", "b": "not_started", "c": "not_started"}
    process = batch.start(kills="a")
    out, _ = process.communicate(timeout=60)
    assert [line.split()[:2] for line in out.splitlines()] == [["b", "done"], ["c", "done"]]
    assert kinds(batch) == {"a": "not_started", "b": "done", "c": "done"}
    events: list[Event] = []
    batch.run(watch=events.append)
    assert [event.recording for event in events if event.stage == "left"] == ["a"]
    assert set(kinds(batch).values()) == {"done"}
    assert not list(batch.workspace.rglob(".at-work"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_to_be_stopped_by_hand_says_nothing_against_a_recording(batch: Batch, jobs: int) -> None:
    streams, _ = find_streams([batch.streams], batch.workspace)

    def watch(event: Event) -> None:
        if event.stage == "transcript" and event.total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run(streams, batch.order(), jobs=jobs, watch=watch))
    assert not list(batch.workspace.rglob(".at-work"))


def test_a_second_run_never_takes_back_a_result(batch: Batch) -> None:
    """Runs may begin at once: what one has done the other must not note as not started."""
    batch.run()
    streams, _ = find_streams([batch.streams], batch.workspace)
    going = run(streams, batch.order())
    next(going)
    assert set(kinds(batch).values()) == {"done"}
    list(going)


def test_no_hours_of_work_are_begun_on_a_disk_that_is_nearly_full(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("streamlens.store.LEAST_FREE", 1 << 62)
        done = batch.run()
    assert {result.state for result in done} == {"failed"}
    assert all("the disk is full" in result.reason for result in done)
    assert batch.heard() == 0
