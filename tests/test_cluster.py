"""A batch on Ray: a real cluster on this machine. The same bytes as in one process, and what happens when one dies."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import worlds
from streamlens.errors import StoreError
from streamlens.outcome import FILE
from streamlens.plan import find_streams
from streamlens.run import Event, run
from streamlens.store import AT_WORK, Store

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'streamlens-audit[ray]'")
SRT = "1\n00:00:01,000 --> 00:00:04,500\n今天第一个上一号链接赣南脐橙，每天吃一个能治高血压。\n"


@pytest.fixture(scope="module")
def two_cpus() -> Iterator[None]:
    here = Path(worlds.__file__).parent
    paths = os.pathsep.join([str(here), str(here.parent / "src")])
    ray.init(
        num_cpus=2, num_gpus=0, include_dashboard=False, log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": paths}},
    )  # fmt: skip
    yield
    ray.shutdown()


def contents(workspace: Path) -> dict[str, bytes]:
    files = (path for path in workspace.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(workspace)): path.read_bytes() for path in files if path.suffix != ".jsonl"}


@pytest.mark.usefixtures("two_cpus")
def test_a_cluster_gives_the_same_bytes_and_replaces_what_dies(tmp_path: Path, sound: Path) -> None:
    for name in "ab":
        worlds.stream(tmp_path / "streams" / name, sound, unlike=ord(name))
    for name in "cd":
        folder = worlds.stream(tmp_path / "streams" / name, sound, transcript_srt=SRT)
        (folder / "recording.wav").unlink()
    rules = worlds.rules(tmp_path / "rules")
    streams, _ = find_streams([tmp_path / "streams"], tmp_path / "one")
    list(run(streams, worlds.order(tmp_path / "one", rules=rules)))

    events: list[Event] = []
    order = worlds.order(tmp_path / "ray", rules=rules, dies=tmp_path / "died")
    done = list(run(streams, order, jobs=2, on="ray", watch=events.append))
    assert {result.id: result.state for result in done} == dict.fromkeys("abcd", "done")
    assert [event.stage for event in events].count("died") == 1
    assert {event.recording for event in events if event.stage == "transcript" and event.total} == {"a", "b"}
    assert contents(tmp_path / "ray") == contents(tmp_path / "one")
    assert [each.result for each in Store(tmp_path / "ray").attempts() if each.stage == "audit"] == ["died"]
    assert not list((tmp_path / "ray").glob(".shared-*"))

    (tmp_path / "ray" / "a" / FILE).unlink()
    kills = tmp_path / "ray" / "a" / AT_WORK
    for path in (tmp_path / "ray" / "a").glob("transcript-*.json"):
        path.unlink()
    order = worlds.order(tmp_path / "ray", rules=rules, kills=kills)
    done = list(run(streams[:1], order, on="ray"))
    assert [(result.state, "this happened twice" in result.reason) for result in done] == [("failed", True)]


@pytest.mark.usefixtures("two_cpus")
def test_a_workspace_that_the_cluster_does_not_see_is_told(
    tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds.stream(tmp_path / "streams" / "a", sound)
    rules = worlds.rules(tmp_path / "rules")
    streams, _ = find_streams([tmp_path / "streams"], tmp_path / "one")
    monkeypatch.setattr(Path, "touch", lambda *_: None)  # as if the file came to lie on another disk
    with pytest.raises(StoreError, match="does not see this folder"):
        list(run(streams, worlds.order(tmp_path / "one", rules=rules), on="ray"))
