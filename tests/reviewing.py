"""Workspaces for tests of the review, and a client that sends a request as it is written, tricks and all."""

import asyncio
import json
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

import make
from streamlens.outcome import Outcome
from streamlens.review.app import make_app
from streamlens.review.decisions import DecisionLog, address
from streamlens.review.desk import Desk
from streamlens.review.safety import Door
from streamlens.schema import (
    Audience,
    Evidence,
    Excerpts,
    Facts,
    Finding,
    Findings,
    Focus,
    Part,
    Questions,
    Recording,
    Stills,
    Tools,
    Transcript,
    Voice,
)
from streamlens.store import Store

TOKEN = "a-token-for-the-tests"  # noqa: S105
PORT = 8737
LEMON = make.product("L1", "安岳柠檬")


def finding(id: str, quote: str, start_s: float = 1.0, **changes: Any) -> Finding:
    """A spoken, asserted accusation; `changes` are fields of the record."""
    found = make.finding(start_s)
    start_ms = round(start_s * 1000)
    fields = {"id": id, "quote": quote, "heard": quote, "sentence": f"{quote}。", "end_ms": start_ms + 1500}
    return msgspec.structs.replace(found, **{**fields, **changes})


def write(workspace: Path, findings: Sequence[Finding], name: str = "s1", *, anchor: str = "小林") -> Path:
    """A finished stream of the workspace with these findings, and its recording beside it: a minute of a low hum."""
    media = workspace.parent / "streams" / name / "recording.wav"
    media.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(media), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(16_000 * 2 * 30) + (b"\x00\x40" * 40 + b"\x00\xc0" * 40) * 6_000)
    part = Part(
        name="recording.wav", start_ms=0, duration_ms=60_000, size=media.stat().st_size, digest="d" * 64,
        has_video=False, container="wav",
    )  # fmt: skip
    utterances = tuple(make.utterance(f"{each.sentence}", each.start_ms / 1000) for each in findings)
    transcript = Transcript(recording=name, coverage=1.0, utterances=utterances)
    records: dict[str, Any] = {
        "recording": Recording(id=name, parts=(part,), duration_ms=60_000, title="果园直播", anchor=anchor),
        "transcript": transcript,
        "mended": transcript,
        "voice": Voice(recording=name),
        "mentions": make.mentions(),
        "segments": make.segments(("L1", 0, 60)),
        "findings": Findings(recording=name, rules_version="1", coverage=1.0, findings=tuple(findings)),
        "catalogue": make.catalogue(LEMON),
        "evidence": Evidence(),
        "excerpts": Excerpts(recording=name),
        "facts": Facts(recording=name),
        "audience": Audience(recording=name),
        "focus": Focus(recording=name),
        "questions": Questions(recording=name),
        "stills": Stills(recording=name),
        "tools": Tools(),
    }
    store = Store(workspace)
    keys = tuple((stage, store.save(name, stage, "0" * 16, record).key) for stage, record in records.items())
    outcome = Outcome(
        recording=name, state="done", duration_ms=60_000, artefacts=keys,
        media=(f"../../streams/{name}/recording.wav",),
    )  # fmt: skip
    store.publish(name, "result.json", msgspec.json.encode(outcome))
    return workspace


def open_desk(workspace: Path, *, settlers: Sequence[str] = (), url: str | None = None) -> Desk:
    return Desk(workspace, DecisionLog(address(workspace, url)), settlers=settlers)


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Talks to the app without a network in between, so that a request's path and headers arrive as they are given."""

    def __init__(self, desk: Desk, *, door: Door | None = None, reviewer: str = "Lin", lang: str = "en") -> None:
        self.door = door or Door(token=TOKEN, port=PORT)
        self.app = make_app(desk, self.door, lang, reviewer)
        self.host = f"127.0.0.1:{PORT}"

    def get(self, target: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> Answer:
        return self.send(method, target, {"X-Streamlens-Token": TOKEN, **(headers or {})})

    def post(self, target: str, value: object, headers: Mapping[str, str] | None = None) -> Answer:
        """As the page sends it; a header of "" is left out."""
        usual = {
            "X-Streamlens-Token": TOKEN, "X-Streamlens": "1", "Origin": f"http://{self.host}",
            "Content-Type": "application/json",
        }  # fmt: skip
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.send("POST", target, {**usual, **(headers or {})}, body)

    def decide(self, finding: str, action: str, *, by: str = "", stream: str = "s1", **fields: Any) -> Answer:
        who = {"Cookie": f"streamlens_reviewer={by}"} if by else {}
        return self.post(
            "/api/decisions", {"stream": stream, "finding": finding, "action": action, **fields}, who
        )  # fmt: skip

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        path, _, query = target.partition("?")
        given = {"host": self.host, **{name.lower(): value for name, value in headers.items() if value}}
        if body:
            given.setdefault("content-length", str(len(body)))
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", PORT),
        }  # fmt: skip
        sent: list[Any] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        start = next(message for message in sent if message["type"] == "http.response.start")
        content = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
        return Answer(start["status"], {k.decode().lower(): v.decode() for k, v in start["headers"]}, content)
