"""`streamlens review` as a process of its own, as people run it."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOKEN = "a-token-of-the-tests"  # noqa: S105  it guards a folder of made-up findings


@contextmanager
def serving(workspace: Path, *options: str) -> Iterator[str]:
    """The address, with its token, of a server over a workspace; stopped at the end."""
    command = [sys.executable, "-m", "streamlens", "review", str(workspace), "--no-browser", "--token", TOKEN]
    command += ["--port", str(_free_port()), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "http://" in line:
                    yield line[line.index("http://") :].split()[0]
                    return
            raise AssertionError(f"{' '.join(command)} ended with {process.wait()}")
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
