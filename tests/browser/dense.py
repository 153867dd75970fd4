"""A workspace as an audit leaves it: one broadcast in two parts, with a thousand findings and hostile text among them."""

import csv
import shutil
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path

import msgspec

from streamlens.inputs import Made
from streamlens.outcome import FILE, done
from streamlens.report.bundle import Bundle
from streamlens.schema import (
    KINDS,
    Audience,
    Catalogue,
    Comment,
    Evidence,
    Excerpts,
    Finding,
    Findings,
    LawRef,
    Measures,
    Mentions,
    Message,
    Part,
    Product,
    Questions,
    Record,
    Recording,
    Segment,
    Segments,
    Step,
    Stills,
    Tools,
    Transcript,
    Utterance,
    Verdict,
    Voice,
)
from streamlens.store import Kept, Store, digest

DEMO = Path(__file__).parents[2] / "demo" / "d2-hens"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"
PART_MS, GAP_MS = 110_086, 9_914
DURATION_MS = 2 * PART_MS + GAP_MS
VERDICTS: tuple[Verdict, ...] = ("prohibited", "unsupported", "unclear", "supported", "contradicted", "none")
SAID = (
    "这批土鸡蛋是今天早上刚从山里捡回来的，大家放心拍。",
    "每天吃两个，血压高的朋友慢慢就降下来了。",
    "全网最低价，错过今天就再也没有这个价了。",
    "我们有有机认证，检测报告也都齐全。",
    "只剩最后五十单，抢完就下架。",
)
QUOTES = ("今天早上刚从山里捡回来的", "血压高的朋友慢慢就降下来了", "全网最低价", "有机认证", "只剩最后五十单")


def dense(name: str = "dense", findings: int = 1000) -> Bundle:
    """The bundle of such a broadcast. Finding 0 quotes a tag that would run, were it ever taken for one."""
    starts = [int(at * DURATION_MS / findings) for at in range(findings)]
    said = tuple(islice(cycle(SAID), findings))
    texts = (f"弹幕里有人写{HOSTILE}是不是真的", *said[1:])
    utterances = tuple(
        Utterance(id=f"u{at:04}", start_ms=start, end_ms=start + 900, text=text, words=(), speaker="AB"[at // 7 % 2])
        for at, (start, text) in enumerate(zip(starts, texts, strict=True))
    )
    products = _products()
    skus = [product.sku for product in products]
    third = DURATION_MS // 3
    return Bundle(
        recording=Recording(
            id=name,
            title=f"山里土鸡蛋专场 {name}",
            anchor="小林",
            platform="douyin",
            started_at=datetime(2026, 9, 20, 18),
            duration_ms=DURATION_MS,
            parts=tuple(_part(at) for at in (0, 1)),
        ),
        transcript=Transcript(
            recording=name, coverage=0.97, utterances=utterances, speech_ms=DURATION_MS, model="tiny"
        ),
        segments=Segments(
            recording=name,
            segments=tuple(
                Segment(product=skus[at % len(skus)], start_ms=at * third, end_ms=(at + 1) * third, confidence=0.9)
                for at in range(3)
            ),
        ),
        mentions=Mentions(recording=name),
        findings=Findings(
            recording=name,
            rules_version="0123abcd",
            coverage=0.97,
            findings=tuple(_finding(name, at, utterances[at], skus) for at in range(findings)),
        ),
        catalogue=Catalogue(products=products),
        audience=Audience(
            recording=name,
            comments=tuple(Comment(id=f"c{n}", at_ms=n * 1000, viewer="v", text=HOSTILE) for n in range(50)),
        ),
        voice=Voice(recording=name),
        media=tuple(f"../../streams/{name}/recording-{at + 1:02}.mp4" for at in (0, 1)),
    )


def write_workspace(root: Path, *bundles: Bundle) -> Path:
    """`root/workspace` with the artefacts of the bundles, and their recordings beside it in `root/streams`."""
    store = Store(root / "workspace")
    store.open()
    for bundle in bundles:
        name = bundle.recording.id
        folder = root / "streams" / name
        folder.mkdir(parents=True, exist_ok=True)
        for path in bundle.media:
            shutil.copy(DEMO / "recording.mp4", folder / Path(path).name)
        records: dict[str, Record] = {
            "recording": bundle.recording,
            "transcript": bundle.transcript,
            "mended": bundle.transcript,
            "voice": bundle.voice or Voice(recording=name),
            "segments": bundle.segments,
            "mentions": bundle.mentions,
            "findings": bundle.findings,
            "catalogue": bundle.catalogue,
            "evidence": Evidence(),
            "excerpts": Excerpts(recording=name),
            "questions": Questions(recording=name),
            "stills": Stills(recording=name),
            "tools": Tools(),
            "measures": Measures(recording=name),
            "audience": bundle.audience or Audience(recording=name),
        }
        made: Made = {stage: _kept(store, name, stage, record) for stage, record in records.items()}
        outcome = msgspec.structs.replace(done(name, made), media=bundle.media)
        store.publish(name, FILE, msgspec.json.encode(outcome))
    return store.root


def _kept(store: Store, recording: str, stage: str, record: Record) -> Kept[Record]:
    return store.save(recording, stage, digest(msgspec.json.encode(record))[:16], record)


def _finding(name: str, at: int, said: Utterance, skus: list[str]) -> Finding:
    verdict = VERDICTS[at % len(VERDICTS)]
    quote = QUOTES[at % len(QUOTES)] if at else HOSTILE
    args = (("kind", KINDS[at % len(KINDS)]),)
    steps = ("heard", "matched", "meant", "paper", "verdict")
    return Finding(
        id=f"{name}-{at:04}",
        kind=KINDS[at % len(KINDS)],
        stance="asserted" if verdict != "none" else "negated",
        verdict=verdict,
        severity=("high", "medium", "low")[at % 3],  # type: ignore[arg-type]
        channel="speech",
        start_ms=said.start_ms,
        end_ms=said.end_ms,
        quote=quote,
        heard=quote if at % 4 else quote.replace("价", "家").replace("单", "担"),
        sentence=said.text,
        product=skus[at % len(skus)],
        rule=KINDS[at % len(KINDS)],
        law=(
            LawRef(id="ad.9.3", zh="《广告法》第九条第（三）项", en="Advertising Law, art. 9(3)", verified=at % 2 == 0),
        ),
        evidence=("E2",) if verdict in ("supported", "contradicted") else (),
        reason=Message(code=f"verdict_help.{verdict}"),
        rewrite=(
            ("zh", "这批鸡蛋是农户新收的，具体日期看包装。"),
            ("en", "Freshly collected; see the pack for the day."),
        ),
        confidence=round(0.5 + (at * 37 % 50) / 100, 2),
        trace=tuple(Step(step=step, message=Message(code=f"step.{step}", args=args)) for step in steps),  # type: ignore[arg-type]
    )


def _products() -> tuple[Product, ...]:
    with (DEMO / "catalog.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Product(sku=row["sku"], name=row["name"]) for row in csv.DictReader(file))


def _part(at: int) -> Part:
    return Part(
        name=f"recording-{at + 1:02}.mp4",
        start_ms=at * (PART_MS + GAP_MS),
        duration_ms=PART_MS,
        size=(DEMO / "recording.mp4").stat().st_size,
        digest=str(at),
        has_video=True,
        container="mp4",
    )
