"""Whatever moment a batch is ended at, by force or by a full disk, nothing is torn and the next run ends as it should."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worlds
from streamlens.errors import StoreError
from streamlens.outcome import results
from streamlens.plan import find_streams
from streamlens.run import run
from streamlens.store import Store

SRT = "1\n00:00:01,000 --> 00:00:04,500\n今天第一个上一号链接赣南脐橙，每天吃一个能治高血压。\n"

# Does a batch as often as there are numbers behind the workspaces' folder, each time in a child of its own that is
# killed at that call, counted over all that changes what lies on the disk: write, fsync, replace, mkdir, unlink.
KILLER = """
import builtins, os, signal, sys
from pathlib import Path
import worlds
from streamlens.plan import find_streams
from streamlens.run import open_setup, run
if __name__ == "__main__":
    streams, rules, root = map(Path, sys.argv[1:4])
    open_setup(worlds.order(root / "warm", rules=rules))
    for last in map(int, sys.argv[4:]):
        child = os.fork()
        if not child:
            calls = 0
            def counted(call):
                def do(*given, **named):
                    global calls
                    calls += 1
                    if calls == last:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return call(*given, **named)
                return do
            for name in ("fsync", "replace", "mkdir", "unlink", "rename"):
                setattr(os, name, counted(getattr(os, name)))
            order = worlds.order(root / str(last), rules=rules)
            list(run(find_streams([streams], order.workspace)[0], order))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(last, os.WIFSIGNALED(status), flush=True)
"""


def contents(workspace: Path) -> dict[str, bytes]:
    files = (path for path in workspace.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(workspace)): path.read_bytes() for path in files if path.suffix != ".jsonl"}


@pytest.fixture
def streams(tmp_path: Path, sound: Path) -> Path:
    for name in "ab":
        folder = worlds.stream(tmp_path / "streams" / name, sound, transcript_srt=SRT)
        (folder / "recording.wav").unlink()
    worlds.rules(tmp_path / "rules")
    return tmp_path / "streams"


def audit(streams: Path, workspace: Path) -> dict[str, str]:
    order = worlds.order(workspace, rules=streams.parent / "rules")
    return {result.id: result.state for result in run(find_streams([streams], workspace)[0], order)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_call_to_the_disk_nothing_is_torn_and_the_next_run_ends_as_an_undisturbed_one(
    tmp_path: Path, streams: Path
) -> None:
    assert audit(streams, tmp_path / "calm") == {"a": "done", "b": "done"}
    calm = contents(tmp_path / "calm")
    script = tmp_path / "killer.py"
    script.write_text(KILLER)
    moments = [1, 3, 8, 19, 50, 99_999]
    path = os.pathsep.join([str(Path(worlds.__file__).parent), *filter(None, sys.path)])
    said = subprocess.run(
        [sys.executable, str(script), streams, tmp_path / "rules", tmp_path / "killed", *map(str, moments)],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert said.stdout.split("\n")[-2] == "99999 False", "the last is not killed"
    assert said.stdout.count("True") >= 4, said.stdout
    for moment in moments:
        workspace = tmp_path / "killed" / str(moment)
        for name, data in contents(workspace).items():  # whole, where it is there at all
            if name in calm and name.endswith(".json") and not name.endswith("result.json"):
                assert data == calm[name], (moment, name)
        assert {result.state for result in results(Store(workspace))} <= {"done", "not_started"}
        assert audit(streams, workspace) == {"a": "done", "b": "done"}
        assert contents(workspace) == calm, moment
        assert not list(workspace.rglob("*.tmp")) and not list(workspace.rglob("*.bad-*"))


def test_what_a_power_cut_can_leave_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has its name only when its bytes are on the disk, and the name is on the disk before work goes on."""
    done: list[tuple[str, str]] = []

    def named(handle: int) -> str:
        return os.readlink(f"/proc/self/fd/{handle}")

    sync, replace = os.fsync, Path.replace

    def seen_sync(handle: int) -> None:
        done.append(("sync", named(handle)))
        sync(handle)

    def seen_replace(self: Path, target: Any) -> Path:
        done.append(("rename", str(target)))
        assert done[-2] == ("sync", str(self)), "its bytes first"
        return replace(self, target)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    monkeypatch.setattr(os, "fsync", seen_sync)
    monkeypatch.setattr(Path, "replace", seen_replace)
    store = Store(tmp_path / "new" / "workspace")
    store.publish("a", "findings.json", b"{}")
    folder = tmp_path / "new" / "workspace" / "a"
    assert [what for what in done if what[0] == "rename"] == [("rename", str(folder / "findings.json"))]
    assert done[-1] == ("sync", str(folder)), "then its name"
    for above in (tmp_path, tmp_path / "new", tmp_path / "new" / "workspace"):
        assert ("sync", str(above)) in done, "and the names of folders that are new"
    store.note("", "batch", "ok", 0, sync=True)
    assert done[-1] == ("sync", str(store.root / "journal.jsonl"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("mount is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_fails_with_a_line_each_and_goes_on_when_there_is_room(
    small_disk: Path, streams: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamlens.store.LEAST_FREE", 0)  # so that it is filled in the middle of the work
    audit(streams, tmp_path / "calm")
    workspace = small_disk / "workspace"
    workspace.mkdir()
    filler = small_disk / "filler"
    size = sum(len(data) for data in contents(tmp_path / "calm").values())
    filler.write_bytes(bytes((16 << 20) - size // 2))  # room for about the first
    order = worlds.order(workspace, rules=tmp_path / "rules")
    done = []
    try:
        for result in run(find_streams([streams], workspace)[0], order):
            done.append(result)
    except StoreError as error:  # the front page may not be written either
        assert "the disk is full" in str(error)
    assert "failed" in {result.state for result in done}
    for result in done:
        if result.state == "failed":
            assert "the disk is full" in result.reason and "\n" not in result.reason
    calm = contents(tmp_path / "calm")
    for name, data in contents(workspace).items():
        if name in calm and not name.endswith("result.json") and "/" in name:
            assert data == calm[name], name
    filler.unlink()
    assert audit(streams, workspace) == {"a": "done", "b": "done"}
    assert contents(workspace) == calm
    assert not list(workspace.rglob("*.tmp"))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_batches_killed_at_random_end_as_an_undisturbed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small form of scripts/crash_test.py, which does it with 60 recordings and film."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("crash_test", Path(__file__).parents[1] / "scripts" / "crash_test.py")
    assert spec and spec.loader
    crash = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(crash)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    crash.make_streams(tmp_path / "streams", 2, 0, seed=1)
    given = {"jobs": 1, "model": "auto", "log": tmp_path / "log"}
    assert crash.audit(tmp_path / "streams", tmp_path / "calm", **given).wait() == 0, (tmp_path / "log").read_text()
    expected = crash.files_of(tmp_path / "calm")
    struck = crash.crash(tmp_path / "streams", tmp_path / "killed", kills=2, expected=expected, seed=3, **given)
    assert struck["run"] == 2
    assert crash.audit(tmp_path / "streams", tmp_path / "killed", **given).wait() == 0
    assert crash.contents(tmp_path / "killed") == crash.contents(tmp_path / "calm")


def test_a_run_that_is_killed_is_told_of_by_the_next(tmp_path: Path, streams: Path) -> None:
    store = Store(tmp_path / "workspace")
    with pytest.raises(SystemExit), store.hold("a"), store.at_work("a"):
        raise SystemExit  # ends in good order
    assert not store.was_left("a")
    child = os.fork()
    if not child:
        with store.hold("a"), store.at_work("a"):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert store.was_left("a")
    events: list[tuple[str, str]] = []
    order = worlds.order(store.root, rules=tmp_path / "rules")
    list(run(find_streams([streams], store.root)[0], order, watch=lambda e: events.append((e.recording, e.stage))))
    assert ("a", "left") in events
    started = [name for name, stage in events if stage == "recording"]
    assert started == ["b", "a"]
