"""The workspace: keys, whole files, torn files, leftovers, locks, the journal, a full disk."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from streamlens.errors import InputError, StoreError
from streamlens.schema import Mention, Mentions
from streamlens.store import Busy, Store, make_key

RECORD = Mentions(
    recording="a",
    mentions=(
        Mention(product="QC-5", start_ms=0, end_ms=900, by="name", quote="脐橙", heard="其橙", confidence=0.5),
    ),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "workspace")


def files(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder("a").iterdir() if path.name != ".lock")


def python(code: str, *args: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)], stdout=subprocess.PIPE, text=True, env=os.environ
    )


# ---- keys


def test_key_changes_with_each_thing_the_artefact_is_made_from() -> None:
    keys = {
        make_key("claims", 1, b"{}", ["aa", "bb"]),
        make_key("findings", 1, b"{}", ["aa", "bb"]),
        make_key("claims", 2, b"{}", ["aa", "bb"]),
        make_key("claims", 1, b'{"x":1}', ["aa", "bb"]),
        make_key("claims", 1, b"{}", ["bb", "aa"]),
        make_key("claims", 1, b"{}", ["aabb"]),
        make_key("claims", 1, b"{}", []),
    }
    assert len(keys) == 7
    assert all(len(key) == 16 for key in keys)


@pytest.mark.parametrize("bad", ["", "..", ".hidden", "a/b", "a\\b", "../up", "line\nbreak"])
def test_an_id_that_is_no_folder_of_its_own_is_refused(store: Store, bad: str) -> None:
    with pytest.raises(InputError, match=r"stream\.yaml"):
        store.folder(bad)


# ---- artefacts


def test_what_is_saved_is_loaded_with_the_same_digest(store: Store) -> None:
    assert store.load("a", "mentions", "k", Mentions) is None
    kept = store.save("a", "mentions", "k", RECORD)
    again = store.load("a", "mentions", "k", Mentions)
    assert again == kept
    assert kept.record == RECORD
    assert files(store) == ["mentions-k.json"]


def test_what_is_saved_is_what_a_later_run_will_read(store: Store) -> None:
    """To the byte: results written from it must not tell whether the run was stopped in between."""
    whole = msgspec.structs.replace(RECORD.mentions[0], confidence=1)
    kept = store.save("a", "mentions", "k", Mentions(recording="a", mentions=(whole,)))
    again = store.load("a", "mentions", "k", Mentions)
    assert again is not None
    assert msgspec.json.encode(kept.record) == msgspec.json.encode(again.record)
    assert isinstance(kept.record.mentions[0].confidence, float)


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"\0" * len(data), lambda data: b"\xff\xfe{",
     lambda data: b'{"recording":"a","surprise":1}'],
)  # fmt: skip
def test_a_damaged_artefact_is_set_aside_with_a_warning(
    store: Store, caplog: pytest.LogCaptureFixture, damage: "type"
) -> None:
    store.save("a", "mentions", "k", RECORD)
    path = store.folder("a") / "mentions-k.json"
    path.write_bytes(damage(path.read_bytes()))
    assert store.load("a", "mentions", "k", Mentions) is None
    assert files(store) == ["mentions-k.json.bad-1"]
    assert "mentions-k.json.bad-1" in caplog.text

    store.save("a", "mentions", "k", RECORD)
    path.write_bytes(b"[")
    assert store.load("a", "mentions", "k", Mentions) is None
    assert files(store) == ["mentions-k.json.bad-1", "mentions-k.json.bad-2"]


def test_publish_replaces_whole_and_leaves_an_unchanged_file_alone(store: Store) -> None:
    path = store.publish("a", "findings.json", b"one")
    os.utime(path, (1, 1))
    store.publish("a", "findings.json", b"one")
    assert path.stat().st_mtime == 1
    store.publish("a", "findings.json", b"two")
    assert path.read_bytes() == b"two"
    assert store.publish(None, "index.html", b"x") == store.root / "index.html"


# ---- leftovers


def test_sweep_removes_the_temp_files_of_the_dead_only(store: Store) -> None:
    store.save("a", "mentions", "k", RECORD)
    living = python("import sys; print('up', flush=True); sys.stdin.read()")
    assert living.stdout
    living.stdout.readline()
    dead = python("pass")
    dead.wait()
    for pid in (living.pid, dead.pid, os.getpid()):
        (store.folder("a") / f".claims-k.json.{pid}-0.tmp").write_bytes(b"{")
    (store.folder("a") / ".notes.tmp").write_bytes(b"the user's")
    store.sweep("a")
    living.kill()
    living.wait()
    assert files(store) == [f".claims-k.json.{living.pid}-0.tmp", ".notes.tmp", "mentions-k.json"]


def test_a_process_killed_while_writing_leaves_no_half_artefact(store: Store) -> None:
    """Kill -9 a process that writes without pause, many times over: every artefact left is whole."""
    code = """
import sys
from pathlib import Path
from streamlens.schema import Mention, Mentions
from streamlens.store import Store
mention = Mention(product="x" * 200, start_ms=0, end_ms=1, by="name", quote="q", heard="h", confidence=1.0)
store, n = Store(Path(sys.argv[1])), int(sys.argv[2])
print("go", flush=True)
while True:
    store.save("a", "mentions", str(n), Mentions(recording="a", mentions=(mention,) * 2000)); n += 1
"""
    for round_ in range(3):
        process = python(code, store.root, round_ * 10_000)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.15)
        process.send_signal(signal.SIGKILL)
        process.wait()
    store.sweep("a")
    names = files(store)
    assert len(names) > 3
    for name in names:
        kept = store.load("a", "mentions", name.removesuffix(".json").removeprefix("mentions-"), Mentions)
        assert kept is not None
        assert len(kept.record.mentions) == 2000


# ---- the disk says no


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "disk is full"), (errno.EACCES, "--workspace"),
     (errno.EROFS, "--workspace"), (errno.EIO, "Input/output")],
)  # fmt: skip
def test_refusal_while_writing_is_one_line_and_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    store.save("a", "mentions", "old", RECORD)

    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(StoreError, match=words) as caught:
            store.save("a", "mentions", "new", RECORD)
    assert "\n" not in str(caught.value)
    assert str(store.root) in str(caught.value)
    assert files(store) == ["mentions-old.json"]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a tiny disk needs root on Linux")
def test_a_really_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mount is not allowed here")
    try:
        store = Store(disk / "workspace")
        store.save("a", "mentions", "small", RECORD)
        big = Mentions(recording="a", mentions=RECORD.mentions * 2000)
        with pytest.raises(StoreError, match="disk is full"):
            store.save("a", "mentions", "big", big)
        assert files(store) == ["mentions-small.json"]
        assert store.load("a", "mentions", "small", Mentions)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="--workspace"):
        Store(tmp_path / "workspace").save("a", "mentions", "k", RECORD)


def test_a_workspace_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = Store(tmp_path / "file")
    with pytest.raises(StoreError, match="file"):
        store.save("a", "mentions", "k", RECORD)
    with pytest.raises(StoreError, match="file"), store.hold("a"):
        pass


# ---- the journal


def test_journal_keeps_the_order_and_survives_a_torn_line(store: Store) -> None:
    store.note("a", "transcript", "ok", 1.23456, key="k")
    with (store.root / "journal.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-09-20T1')
    store.note("b", "findings", "input", 0.1, message="papers.yaml: bad")
    attempts = store.attempts()
    assert [(x.recording, x.stage, x.result, x.seconds, x.key, x.message) for x in attempts] == [
        ("a", "transcript", "ok", 1.235, "k", ""),
        ("b", "findings", "input", 0.1, "", "papers.yaml: bad"),
    ]


def test_journal_of_an_empty_workspace_is_empty(store: Store) -> None:
    assert store.attempts() == ()


def test_journal_lines_of_many_writers_do_not_mix(store: Store) -> None:
    threads = [
        threading.Thread(target=lambda name=name: [store.note(name, "s", "ok", 0) for _ in range(25)])
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.attempts()) == 100


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_journal_that_cannot_be_written_is_a_warning(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.root.mkdir()
    (store.root / "journal.jsonl").symlink_to("/dev/full")
    store.note("a", "s", "ok", 0)
    assert "disk is full" in caplog.text


# ---- two runs at once


def test_a_second_holder_is_told_or_waits(store: Store) -> None:
    code = """
import sys
from pathlib import Path
from streamlens.store import Store
with Store(Path(sys.argv[1])).hold("a"):
    print("held", flush=True)
    sys.stdin.readline()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(store.root)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    with pytest.raises(Busy), store.hold("a"):
        pass
    with store.hold("b"):  # another recording is free
        pass

    waited = []

    def let_go() -> None:
        waited.append(True)
        other.kill()  # the kernel frees the lock of the dead

    with store.hold("a", on_wait=let_go):
        assert waited
    other.wait()
    with store.hold("a"):
        pass
