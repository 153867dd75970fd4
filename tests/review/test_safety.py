"""Who gets in, and what nobody gets: each attack by itself."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

import reviewing
from reviewing import PORT, TOKEN, Client, finding, open_desk
from streamlens.outcome import Outcome
from streamlens.review.safety import LARGEST, SECURITY_HEADERS, Door

HOSTILE = "<img src=x onerror=alert(1)>"


def write(root: Path) -> Path:
    return reviewing.write(root / "results", [finding("a", HOSTILE, 5), finding("b", "全网最低价", 20)])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For tests that change nothing."""
    return write(tmp_path_factory.mktemp("safety"))


@pytest.fixture(scope="module")
def client(workspace: Path) -> Client:
    return Client(open_desk(workspace))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A workspace of the test's own."""
    return write(tmp_path)


ACCEPT = {"stream": "s1", "finding": "a", "action": "accept"}


# ---- the token


@pytest.mark.parametrize("path", ["/", "/api/me", "/api/queue", "/api/streams/s1", "/media/s1/0", "/nothing"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Streamlens-Token": "wrong"},
        {"X-Streamlens-Token": TOKEN[:-1]},
        {"X-Streamlens-Token": f"{TOKEN} "},
        {"Cookie": f"streamlens_token_{PORT}=wrong"},
        {"Cookie": f"streamlens_token_{PORT + 1}={TOKEN}"},
        {"Cookie": "\x7f=;;="},
    ],
)
def test_nothing_without_the_token(client: Client, path: str, headers: dict[str, str]) -> None:
    answer = client.send("GET", path, headers)
    assert (answer.status, list(answer.json)) == (401, ["error"])


def test_the_address_with_the_token_sets_a_cookie_and_hides_the_token(client: Client) -> None:
    answer = client.send("GET", f"/?token={TOKEN}", {})
    assert (answer.status, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert client.send("GET", "/api/me", {"Cookie": cookie.split(";")[0]}).status == 200
    assert client.send("GET", "/?token=wrong", {}).status == 401
    assert client.send("GET", f"/api/me?token={TOKEN}", {}).status == 401, "addresses of the API are in logs"


def test_a_token_of_other_letters_is_wrong_and_no_crash(client: Client) -> None:
    assert client.send("GET", "/?token=%E6%9E%97", {}).status == 401


# ---- other pages


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", f"192.168.1.9:{PORT}", ""]
)
def test_another_name_for_this_machine_is_refused(client: Client, host: str) -> None:
    """DNS rebinding: the attacker's page has the attacker's name as its host, wherever that points."""
    answer = client.get("/api/me", {"Host": host} if host else {"Host": " "})
    assert answer.status == 421


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"LocalHost:{PORT}", f"[::1]:{PORT}"])
def test_its_own_names_are_known(client: Client, host: str) -> None:
    assert client.get("/api/me", {"Host": host}).status == 200


def test_opened_wider_it_takes_addresses_as_figures_but_no_strangers_names(workspace: Path) -> None:
    door = Door(token=TOKEN, port=PORT, host="0.0.0.0")  # noqa: S104
    client = Client(open_desk(workspace), door=door)
    assert door.open_wider
    assert client.get("/api/me", {"Host": f"192.168.1.9:{PORT}"}).status == 200
    assert client.get("/api/me", {"Host": f"evil.example:{PORT}"}).status == 421
    assert client.send("GET", "/api/me", {"Host": f"192.168.1.9:{PORT}"}).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": f"https://127.0.0.1:{PORT}"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Origin": f"http://localhost:{PORT}"},
        {"Origin": f"http://127.0.0.1:{PORT}.evil.example"},
        {"X-Streamlens": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
    ids=str,
)
def test_a_decision_comes_from_the_page_itself_or_not_at_all(client: Client, headers: dict[str, str]) -> None:
    answer = client.post("/api/decisions", ACCEPT, headers)
    assert answer.status in (403, 415)
    assert client.get("/api/me").json["last"] == 0


def test_other_pages_can_embed_nothing(client: Client) -> None:
    assert client.get("/media/s1/0", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}).status == 403
    assert client.get("/static/x.js", {"Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_do_nothing(client: Client, method: str) -> None:
    assert client.send(method, "/api/decisions", {"X-Streamlens-Token": TOKEN}).status in (403, 405)


def test_a_get_decides_nothing(client: Client) -> None:
    assert client.get("/api/decisions?stream=s1&finding=a&action=accept").status == 405


@pytest.mark.parametrize("path", ["/", "/api/me", "/api/nothing", "/media/s1/0", "/media/s1/9"])
def test_every_answer_has_the_headers(client: Client, path: str) -> None:
    for answer in (client.send("GET", path, {}), client.get(path) if path != "/" else client.send("GET", path, {})):
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name.lower()] == value
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy


# ---- what is sent


def test_what_is_too_large_is_refused_said_or_unsaid(client: Client) -> None:
    large = b'{"name": "' + b"x" * LARGEST + b'"}'
    assert client.post("/api/me", large).status == 413
    assert client.post("/api/me", large, {"Content-Length": "10"}).status == 413
    assert client.post("/api/me", b"{}", {"Content-Length": "-1"}).status == 413
    assert client.post("/api/me", b"{}", {"Content-Length": "9" * 400}).status == 413


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"name": 1}', b"[" * 20_000])
def test_nonsense_is_refused(client: Client, body: bytes) -> None:
    answer = client.post("/api/me", body)
    assert answer.status == 400 and "\n" not in answer.json["error"]


def test_hostile_text_comes_as_json_and_nothing_else(fresh: Path) -> None:
    client = Client(open_desk(fresh))
    answer = client.get("/api/findings/s1/a")
    assert answer.json["quote"] == HOSTILE
    assert answer.headers["content-type"].startswith("application/json")
    client.decide("a", "correct", quote=HOSTILE, reason=HOSTILE)
    assert client.get("/api/queue?stream=s1").json["items"][0]["standing"]["reason"] == HOSTILE


# ---- files


@pytest.mark.parametrize(
    "path",
    [
        "/media/../result.json",
        "/media/s1/../../s1/result.json",
        "/media/s1/%2e%2e/result.json",
        "/media/%2e%2e%2f%2e%2e%2fetc/0",
        "/media/..%2fs1/0",
        "/media/s1%2f..%2fs1/0",
        "/media/%00/0",
        "/media/s1/-1",
        "/media/s1/1",
        "/media/s1/99999999999999999999999",
        "/media/s1/recording.wav",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/",
        "/api/streams/..%2f..%2fetc",
        "/api/findings/s1/..%2f..%2fresult.json",
        "/api/streams/../s1",
    ],
)
def test_no_path_leads_anywhere_else(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status == 404
    assert b"root:" not in answer.body and b"import" not in answer.body


def tampered(workspace: Path, media: str) -> Client:
    """A workspace whose result file was rewritten to name another file."""
    path = workspace / "s1" / "result.json"
    outcome = msgspec.json.decode(path.read_bytes(), type=Outcome)
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(outcome, media=(media,))))
    return Client(open_desk(workspace))


@pytest.mark.parametrize("media", ["/etc/passwd", "../../../../../../etc/passwd", "result.json", "/dev/zero", "."])
def test_a_tampered_workspace_opens_no_other_file(fresh: Path, media: str) -> None:
    assert tampered(fresh, media).get("/media/s1/0").status == 404


def test_a_link_put_in_the_recordings_place_is_not_followed_to_another_file(fresh: Path) -> None:
    client = Client(open_desk(fresh))
    part = fresh.parent / "streams" / "s1" / "recording.wav"
    part.unlink()
    secret = fresh.parent / "secret.txt"
    secret.write_text("root: secret")
    os.symlink(secret, part)
    answer = client.get("/media/s1/0")
    assert answer.status == 404 and "audited" in answer.json["error"] and b"root:" not in answer.body
    part.unlink()
    os.mkfifo(part)
    assert client.get("/media/s1/0").status == 404, "and a pipe is not waited for"


# ---- ranges


@pytest.fixture(scope="module")
def whole(workspace: Path) -> bytes:
    return (workspace.parent / "streams" / "s1" / "recording.wav").read_bytes()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=5-999999999", 5, None)],
)
def test_a_range_is_delivered(client: Client, whole: bytes, asked: str, first: int, last: int | None) -> None:
    answer = client.get("/media/s1/0", {"Range": asked})
    wanted = whole[first:] if last is None else whole[first : last + 1]
    assert (answer.status, answer.body) == (206, wanted)
    start = first % len(whole)
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(whole)}"
    assert int(answer.headers["content-length"]) == len(wanted)


def test_the_whole_and_its_head(client: Client, whole: bytes) -> None:
    answer = client.get("/media/s1/0")
    assert (answer.status, answer.body) == (200, whole)
    assert (answer.headers["accept-ranges"], answer.headers["content-type"]) == ("bytes", "audio/wav")
    head = client.get("/media/s1/0", method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(whole)))


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=999999999-9999999999"])
def test_a_range_past_the_end_is_416(client: Client, whole: bytes, asked: str) -> None:
    answer = client.get("/media/s1/0", {"Range": asked})
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(whole)}")


@pytest.mark.parametrize("asked", ["bytes=9-1", "bytes=x-", "bytes", "lines=1-2", "bytes=" + "0-1," * 5000 + "0-1"])
def test_nonsense_ranges_break_nothing(client: Client, asked: str) -> None:
    assert client.get("/media/s1/0", {"Range": asked}).status in (200, 206, 400, 416)


def test_if_range_delivers_the_part_only_of_the_file_it_was_asked_of(client: Client) -> None:
    etag = client.get("/media/s1/0").headers["etag"]
    assert client.get("/media/s1/0", {"Range": "bytes=0-9", "If-Range": etag}).status == 206
    assert client.get("/media/s1/0", {"Range": "bytes=0-9", "If-Range": '"other"'}).status == 200


def test_the_wave_form_shows_where_it_is_loud_and_is_kept(fresh: Path) -> None:
    client = Client(open_desk(fresh))
    answer: Any = client.get("/api/streams/s1/waveform").json
    peaks = answer["peaks"]
    assert (answer["step_ms"], len(peaks)) == (100, 600)
    assert max(peaks[:299]) == 0 and min(peaks[301:599]) > 90
    (fresh.parent / "streams" / "s1" / "recording.wav").unlink()
    assert client.get("/api/streams/s1/waveform").json == answer
