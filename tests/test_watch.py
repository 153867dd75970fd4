"""A folder that recorders write into: what grows is left alone, what rests is taken up, ids stay what they were."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from streamlens.errors import InputError
from streamlens.watch import NAMES, PATIENCE, Watcher

SRT = "1\n00:00:01,000 --> 00:00:02,500\n大家好\n"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Folder:
    """A folder with recorders, and who watches it."""

    def __init__(self, root: Path) -> None:
        self.root, self.workspace, self.clock = root / "live", root / "workspace", Clock()
        self.root.mkdir()
        self.workspace.mkdir()
        self.again()

    def again(self) -> None:
        self.watcher = Watcher([self.root], self.workspace, 60, now=self.clock)

    def write(self, name: str, size: int) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"F" * size)

    def after(self, seconds: float) -> tuple[list[str], dict[str, str]]:
        self.clock.now += seconds
        sight = self.watcher.look()
        self.watcher.took(sight.ready)
        return [files.id for files in sight.ready], dict(sight.waiting)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_what_grows_is_left_alone_until_it_rests(folder: Folder) -> None:
    folder.write("r1/recording-01.flv", 10)
    assert folder.after(0) == ([], {"r1": "is it still being written?"})
    for _ in range(5):
        folder.write("r1/recording-01.flv", 10)
        assert folder.after(50) == ([], {"r1": "still being written: recording-01.flv"})
    assert folder.after(59) == ([], {"r1": "taken up when it rests for 60 s"})
    assert folder.after(1) == (["r1"], {})
    assert folder.after(1000) == ([], {}), "it is not done twice"


def test_a_part_that_comes_later_makes_it_a_recording_to_be_done_again(folder: Folder) -> None:
    folder.write("r1/recording-01.flv", 10)
    folder.after(0)
    folder.write("r1/recording-02.flv", 10)
    assert folder.after(61) == ([], {"r1": "still being written: recording-02.flv"})
    assert folder.after(61) == (["r1"], {})
    folder.write("r1/recording-03.flv", 10)
    assert folder.after(100)[0] == []
    assert folder.after(61) == (["r1"], {})


def test_comments_that_are_still_written_hold_it_up_too(folder: Folder) -> None:
    folder.write("r1/recording.flv", 10)
    folder.write("r1/danmaku.xml", 10)
    folder.after(0)
    folder.write("r1/danmaku.xml", 10)
    assert folder.after(61) == ([], {"r1": "still being written: danmaku.xml"})


def test_dates_do_not_count_only_that_nothing_changes(folder: Folder) -> None:
    """Clocks jump, and a file that was copied has the date of its original."""
    folder.write("r1/recording.flv", 10)
    os.utime(folder.root / "r1/recording.flv", (1, 1))
    assert folder.after(0)[0] == []
    os.utime(folder.root / "r1/recording.flv", (4e9, 4e9))
    assert folder.after(61)[0] == []
    assert folder.after(61)[0] == ["r1"]


def test_what_is_empty_or_has_no_index_is_given_more_time(folder: Folder) -> None:
    (folder.root / "empty.flv").touch()
    (folder.root / "film.mp4").write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0\0\0\x10\0mdat" + bytes(100))
    folder.after(0)
    ready, waiting = folder.after(61)
    assert ready == []
    assert waiting == {
        "empty": "empty.flv is empty yet", "film": "film.mp4 has no index yet, as while it is being recorded",
    }  # fmt: skip
    assert folder.after(60 * PATIENCE) == (["empty", "film"], {})


def test_an_id_stays_though_another_of_its_name_comes(folder: Folder) -> None:
    folder.write("a/live.flv", 10)
    folder.after(0)
    assert folder.after(61)[0] == ["live"]
    folder.write("b/live.flv", 10)
    folder.after(0)
    folder.again()  # a restart
    folder.after(0)
    assert sorted(folder.after(61)[0]) == ["b-live", "live"], "after a restart all are looked at; what is done is kept"
    assert (folder.workspace / NAMES).exists()


def test_a_folder_without_recordings_is_waited_for_and_none_at_all_is_an_error(folder: Folder) -> None:
    assert folder.after(0) == ([], {})
    with pytest.raises(InputError, match="there is no such"):
        Watcher([folder.root / "none"], folder.workspace, 60)


def test_the_command_takes_up_what_is_new_and_ends_cleanly(tmp_path: Path) -> None:
    """Really started and really interrupted, while nothing is to be done."""
    live = tmp_path / "live"
    live.mkdir()
    (live / "one.srt").write_text("")  # loose subtitles are no recordings
    command = [
        sys.executable, "-m", "streamlens", "audit", str(live), "--watch", "--settle", "0.4", "--workspace",
        str(tmp_path / "results"),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    threading.Thread(target=later, args=(live / "d1",), daemon=True).start()
    deadline = time.monotonic() + 120
    while not (tmp_path / "results" / "d1" / "audit.html").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    while not (tmp_path / "results" / "findings.xlsx").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(3)
    process.send_signal(signal.SIGTERM)  # as after Ctrl-C
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "d1: is it still being written?" in errors
    assert "ended: 1 done, 0 failed, 0 not started; the same command goes on from here" in errors
    assert "Traceback" not in out + errors


def later(folder: Path) -> None:
    time.sleep(0.5)
    folder.mkdir()
    (folder / "transcript.srt").write_text(SRT, encoding="utf-8")
