"""Bundles to report on: the sample streams as their gold says they should come out, and one that is hostile or huge."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from streamlens.report import messages
from streamlens.report.bundle import Bundle
from streamlens.schema import (
    Catalogue,
    Finding,
    Findings,
    LawRef,
    Mentions,
    Message,
    Part,
    Product,
    Recording,
    Segment,
    Segments,
    Step,
    Stretch,
    Transcript,
    Utterance,
    Word,
)

TESTS = Path(__file__).parents[1]
STREAMS = TESTS / "data" / "streams"
GOLDEN = TESTS / "golden" / "report"

LAWS = {
    "health": (
        LawRef(id="ad.17", zh="《广告法》第十七条", en="Advertising Law, art. 17"),
        LawRef(
            id="fslr.38",
            zh="《食品安全法实施条例》第三十八条",
            en="Food Safety Law Regulations, art. 38",
            verified=False,
        ),
    ),
    "absolute": (LawRef(id="ad.9.3", zh="《广告法》第九条第（三）项", en="Advertising Law, art. 9(3)"),),
}
OTHER_LAW = (
    LawRef(id="live.34", zh="《直播电商监督管理办法》第三十四条", en="Live E-commerce Measures, art. 34"),
    LawRef(id="ad.28", zh="《广告法》第二十八条", en="Advertising Law, art. 28"),
)
SAFER = (("zh", "这款果子酸甜多汁，喜欢的可以尝尝。"), ("en", "This fruit is juicy and sweet; try it."))


@pytest.fixture(autouse=True)
def sample_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The report's own words and those of the made-up judgements."""
    monkeypatch.setattr(messages, "FOLDERS", (*messages.FOLDERS, Path(__file__).parent / "locale"))
    yield


@pytest.fixture
def stream() -> Callable[[str], Bundle]:
    return from_gold


@pytest.fixture
def golden() -> Callable[[str, bytes], None]:
    """Compares with a file of tests/golden/report, or writes it with UPDATE_GOLDENS=1."""

    def compare(name: str, made: bytes) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDENS"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made)
        assert path.exists(), f"no golden {name}: run the tests once with UPDATE_GOLDENS=1"
        assert made.decode() == path.read_text(encoding="utf-8"), f"{name} changed: see the diff, then UPDATE_GOLDENS=1"

    return compare


def from_gold(name: str) -> Bundle:
    """A sample stream, judged as its gold says."""
    gold = json.loads((STREAMS / name / "gold.json").read_text(encoding="utf-8"))
    about = dict(
        line.strip().split(": ", 1)
        for line in (STREAMS / name / "stream.yaml").read_text(encoding="utf-8").splitlines()
        if line
    )
    duration = ms(gold["duration"])
    utterances = tuple(
        utterance(at, ms(line["start"]), ms(line["end"]), line["text"]) for at, line in enumerate(gold["lines"])
    )
    findings = [
        finding(f"{name}-{at}-{n}", claim, line, utterances[at], "speech")
        for at, line in enumerate(gold["lines"])
        for n, claim in enumerate(line["claims"])
    ]
    for at, banner in enumerate(gold.get("banners", ())):
        shown = utterance(900 + at, ms(banner["start"]), ms(banner["end"]), banner["text"])
        findings += [finding(f"{name}-b{at}-{n}", c, banner, shown, "screen") for n, c in enumerate(banner["claims"])]
    return Bundle(
        recording=Recording(
            id=name,
            title=about["title"],
            anchor=about["anchor"],
            room=about["room"].strip("'"),
            platform=about["platform"],
            started_at=datetime.fromisoformat(about["started_at"].strip("'")),
            duration_ms=duration,
            parts=(part("recording.mp4", 0, duration),),
        ),
        transcript=Transcript(
            recording=name,
            coverage=0.972,
            utterances=utterances,
            speech_ms=duration * 8 // 10,
            not_heard=(Stretch(start_ms=duration - 6000, end_ms=duration - 2500, reason="no_text"),),
            model="whisper-base",
        ),
        segments=Segments(
            recording=name,
            segments=tuple(
                Segment(product=s["sku"], start_ms=ms(s["start"]), end_ms=ms(s["end"]), confidence=0.9)
                for s in gold["segments"]
            ),
        ),
        mentions=Mentions(recording=name),
        findings=Findings(recording=name, rules_version="0123abcd", coverage=0.972, findings=tuple(link(findings))),
        catalogue=catalogue(STREAMS / name / "catalog.csv"),
        media=(f"../../streams/{name}/recording.mp4",),
    )


def utterance(number: int, start: int, end: int, text: str) -> Utterance:
    """Characters as words, timed evenly."""
    size = max(1, len(text))
    words = tuple(
        Word(
            start_ms=start + (end - start) * i // size,
            end_ms=start + (end - start) * (i + 1) // size,
            text=c,
            probability=0.9,
        )
        for i, c in enumerate(text)
    )
    return Utterance(id=f"u{number:04}", start_ms=start, end_ms=end, text=text, words=words, raw=text)


def finding(id: str, claim: dict[str, str], line: dict[str, str], said: Utterance, channel: str) -> Finding:
    at = said.text.index(claim["quote"])
    words = said.words[at : at + len(claim["quote"])]
    args = tuple(
        {"kind": claim["kind"], "stance": claim["stance"], "product": line["product"] or "", "paper": "E2"}.items()
    )
    evidence = ("E2",) if claim["verdict"] in ("supported", "contradicted") else ()

    def step(name: str, **more: str) -> Step:
        return Step(step=name, message=Message(code=f"sample.{name}", args=(*args, *more.items())))  # type: ignore[arg-type]

    return Finding(
        id=id,
        kind=claim["kind"],
        stance=claim["stance"],  # type: ignore[arg-type]
        verdict=claim["verdict"],  # type: ignore[arg-type]
        severity="high" if claim["verdict"] == "prohibited" else "medium",
        channel=channel,  # type: ignore[arg-type]
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        quote=claim["quote"],
        heard=claim["quote"],
        sentence=said.text,
        product=line["product"],
        rule=claim["kind"],
        law=LAWS.get(claim["kind"].split(".")[0], OTHER_LAW) if claim["verdict"] != "none" else (),
        evidence=evidence,
        reason=Message(code=f"sample.{claim['verdict']}", args=args),
        rewrite=SAFER,
        confidence=0.93,
        trace=(
            step("heard", heard=claim["quote"], start_ms=str(words[0].start_ms)),
            step("matched", rule=claim["kind"]),
            step("meant"),
            *(step("paper", found="E2") for _ in evidence),
            step("verdict", verdict=claim["verdict"]),
        ),
    )


def link(findings: list[Finding]) -> list[Finding]:
    """A correction takes back the claim of its kind before it."""
    linked: list[Finding] = []
    for one in findings:
        before = [f for f in linked if f.kind == one.kind and f.stance == "asserted"]
        linked.append(
            msgspec.structs.replace(one, corrects=before[0].id) if one.stance == "corrected" and before else one
        )
    return linked


def catalogue(path: Path) -> Catalogue:
    with path.open(encoding="utf-8", newline="") as file:
        return Catalogue(products=tuple(Product(sku=row["sku"], name=row["name"]) for row in csv.DictReader(file)))


def part(name: str, start: int, duration: int, *, has_video: bool = True) -> Part:
    return Part(
        name=name, start_ms=start, duration_ms=duration, size=1, digest="0", has_video=has_video, container="mp4"
    )


def ms(seconds: float) -> int:
    return round(seconds * 1000)
