"""The command itself: it prints its address, answers, takes the next port if one is taken, and ends cleanly."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import reviewing
from reviewing import TOKEN, finding
from streamlens.errors import InputError
from streamlens.review.safety import Door
from streamlens.review.serve import bind


@contextmanager
def running(workspace: Path, *options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "streamlens", "review", str(workspace), "--no-browser", "--token", TOKEN, *options]
    source = str(Path(__file__).parents[2] / "src")
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": source}
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("review: http://"), process.stderr and process.stderr.read()
        yield line.split(": ", 1)[1].strip(), process
    finally:
        process.kill()
        process.communicate()


def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "X-Streamlens-Token": TOKEN, "X-Streamlens": "1", "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/json",
    }  # fmt: skip
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    return answer.status, content


def test_it_serves_and_what_was_acknowledged_survives_its_death(tmp_path: Path) -> None:
    workspace = reviewing.write(tmp_path / "results", [finding("a", "能治高血压")])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(workspace, "--port", str(port), "--reviewer", "林") as (url, process):
            used = int(url.split(":")[2].split("/")[0])
            assert used != port and url.endswith(f"/?token={TOKEN}")
            asked = {"stream": "s1", "finding": "a", "action": "accept"}
            assert ask(used, "POST", "/api/decisions", asked)[0] == 200
            process.kill()
    with running(workspace, "--port", "0") as (url, process):
        used = int(url.split(":")[2].split("/")[0])
        status, queue = ask(used, "GET", "/api/queue")
        assert status == 200 and isinstance(queue, dict) and queue["items"][0]["standing"]["by"] == "林"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0 and "Traceback" not in err and TOKEN not in err + out


def test_ports_and_hosts_that_cannot_be_had_are_one_line() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(InputError, match="is taken"):
            bind("127.0.0.1", port, exact=True)
    with pytest.raises(InputError, match="no address of this machine"):
        bind("192.0.2.1", 0)
    with pytest.raises(InputError, match="no address of this machine"):
        bind("not a host", 0)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("0.0.0.0", "127.0.0.1"), ("10.0.0.5", "10.0.0.5")],  # noqa: S104
)
def test_the_address_that_is_printed_can_be_opened(host: str, shown: str) -> None:
    assert Door(token=TOKEN, port=80, host=host).url == f"http://{shown}:80/?token={TOKEN}"


def test_without_results_there_is_nothing_to_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from streamlens.cli import main

    with pytest.raises(SystemExit) as end:
        main(["review", str(tmp_path / "nowhere")])
    assert end.value.code == 2 and "streamlens audit" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
