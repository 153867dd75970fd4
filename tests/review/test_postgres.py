"""Decisions of a team in a real PostgreSQL, started for these tests and gone with them."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import reviewing
from reviewing import Client, finding, open_desk
from streamlens.cli import main
from streamlens.errors import StoreError
from streamlens.review.decisions import DecisionLog, address

PASSWORD = "hunter2/with@signs"  # noqa: S105
QUOTED = "hunter2%2Fwith%40signs"


def programs() -> Path | None:
    """Where initdb and pg_ctl are: on the path, or where Debian has them."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[4].zfill(4))
    return Path(found).parent if found else debian[-1].parent if debian else None


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of its own, `postgresql://...`; it runs as another user where the tests run as root."""
    bin_ = programs()
    if bin_ is None:
        pytest.skip("no PostgreSQL on this machine (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="no driver for PostgreSQL (extra `team`)")
    prefix: list[str] = []
    root = Path(tempfile.mkdtemp(prefix="streamlens-pg-"))
    if os.geteuid() == 0:  # initdb refuses to run as root
        if not shutil.which("runuser") or subprocess.run(["id", "postgres"], capture_output=True).returncode:
            pytest.skip("running as root, and there is no user postgres to run the server as")
        prefix = ["runuser", "-u", "postgres", "--"]
        shutil.chown(root, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = root / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)

    def run(program: str, *arguments: str) -> None:
        command = [*prefix, str(bin_ / program), *arguments]
        done = subprocess.run(
            command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr

    data = str(root / "data")
    run("initdb", "-D", data, "-U", "team", "-A", "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8", "-N")
    options = f"-p {port} -k {root} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-D", data, "-o", options, "-l", str(root / "log"), "-w", "start")
    try:
        yield f"postgresql://team:{QUOTED}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def url(server: str) -> str:
    """The server, without decisions of the test before."""
    with create_engine(address(Path(), server)).begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS decisions"))
    return server


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return reviewing.write(tmp_path / "results", [finding("a", "能治高血压 <img>", 5), finding("b", "全网最低价", 20)])


def test_a_team_decides_in_one_database(workspace: Path, url: str) -> None:
    lin, wu = (Client(open_desk(workspace, url=url), reviewer=name) for name in ("林", "Wu"))
    first = lin.decide("a", "correct", quote="能降高血压 🍋 '; --").json["item"]
    assert wu.get("/api/changes?after=0").json["items"][0]["quote"] == "能降高血压 🍋 '; --"
    assert wu.decide("a", "dismiss", reason="allowed", seen=first["newest"]).json["disputed"]
    assert lin.decide("a", "undo").json["item"]["standing"]["by"] == "Wu"
    assert wu.decide("a", "accept", seen=0).status == 200, "only its own decision stands against it"
    assert not (workspace / "review.sqlite").exists()
    again = Client(open_desk(workspace, url=url)).get("/api/findings/s1/a").json
    assert [each["action"] for each in again["history"]] == ["correct", "dismiss", "undo", "accept"]


def test_of_many_at_once_exactly_one_comes_first(workspace: Path, url: str) -> None:
    clients = [Client(open_desk(workspace, url=url)) for _ in range(6)]
    verdicts = ["prohibited", "contradicted", "unclear", "unsupported", "supported", "none"]
    answers: list[int] = []

    def decide(number: int) -> None:
        answers.append(clients[number].decide("a", "verdict", by=f"R{number}", verdict=verdicts[number]).status)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 5


def test_readers_miss_nothing_while_many_write(workspace: Path, url: str) -> None:
    """Ids become visible in their order, so that reading on from the last one is enough."""
    writers = [open_desk(workspace, url=url) for _ in range(4)]
    reader = DecisionLog(address(workspace, url))
    threads = [
        threading.Thread(
            target=lambda desk=desk, n=n: [Client(desk).decide("a", "accept", by=f"R{n}") for _ in range(8)]
        )
        for n, desk in enumerate(writers)
    ]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads):
        seen = [row.id for row in reader.rows()]
    for thread in threads:
        thread.join()
    assert len(reader.rows()) == 32 and [row.id for row in reader.rows()] == sorted({row.id for row in reader.rows()})
    assert seen == [row.id for row in reader.rows()][: len(seen)]


def test_the_database_refuses_to_change_what_was_decided(workspace: Path, url: str) -> None:
    Client(open_desk(workspace, url=url)).decide("a", "accept")
    for change in ("DELETE FROM decisions", "UPDATE decisions SET reason = 'x'", "TRUNCATE decisions"):
        with (
            pytest.raises(Exception, match="only ever added"),
            create_engine(address(workspace, url)).begin() as connection,
        ):
            connection.execute(text(change))


def test_reports_are_written_from_it(workspace: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Client(open_desk(workspace, url=url)).decide("b", "dismiss", reason="paper_exists")
    for arguments in (["review", "--export", "--database", url], ["report"]):
        if arguments == ["report"]:
            monkeypatch.setenv("STREAMLENS_DATABASE", url)
        with pytest.raises(SystemExit) as end:
            main([arguments[0], str(workspace), *arguments[1:], "--quiet"])
        assert not end.value.code
        assert b'"dismissed"' in (workspace / "s1" / "findings.json").read_bytes()


@pytest.mark.parametrize("old, new", [(QUOTED, "wrong-secret"), ("/postgres", "/no_such"), ("team:", "nobody:")])
def test_what_it_refuses_is_one_line_without_the_password(workspace: Path, server: str, old: str, new: str) -> None:
    with pytest.raises(StoreError) as caught:
        DecisionLog(address(workspace, server.replace(old, new)))
    line = str(caught.value)
    assert "hunter2" not in line and "wrong-secret" not in line and "\n" not in line


def test_a_server_that_comes_back_is_used_again(workspace: Path, url: str) -> None:
    client = Client(open_desk(workspace, url=url))
    client.decide("a", "accept")
    with create_engine(address(workspace, url)).begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
            )
        )
    assert client.get("/api/queue").json["counts"]["decided"] == 1
    assert client.decide("b", "accept").status == 200
