"""What the page is told, as plain JSON values. Everything here is text: the page never takes any of it for markup."""

from typing import Any
from urllib.parse import quote

import msgspec

from streamlens.report.messages import known, word
from streamlens.report.results import citation, safer
from streamlens.review.board import Entry
from streamlens.review.carrying import unlike
from streamlens.review.desk import Desk, Stream
from streamlens.review.standing import undone
from streamlens.schema import Decision, Evidence, Finding, LawRef, Segments, Standing

AROUND_MS = 15_000  # of transcript shown before and after a finding

Shown = dict[str, Any]


def stream_row(desk: Desk, stream: Stream) -> Shown:
    recording = stream.recording
    states = [entry.state for entry in desk.board(stream).entries]
    return {
        "id": stream.id,
        "title": recording.title or stream.id,
        "anchor": recording.anchor,
        "started_at": recording.started_at.isoformat() if recording.started_at else None,
        "duration_ms": recording.duration_ms,
        **{state: states.count(state) for state in ("open", "decided", "disputed", "moved")},
    }


def item(stream: Stream, entry: Entry, lang: str) -> Shown:
    """A finding as the queue shows it, with what holds applied; `audit` keeps what the audit itself says."""
    finding = entry.as_reviewed()
    return {
        "stream": stream.id,
        "finding": entry.id,
        "kind": finding.kind,
        "kind_label": known(f"kind.{finding.kind}", lang, finding.kind),
        "verdict": finding.verdict,
        "verdict_label": known(f"verdict.{finding.verdict}", lang, finding.verdict),
        "severity": finding.severity,
        "confidence": round(finding.confidence, 4),
        "channel": finding.channel,
        "stance": finding.stance,
        "start_ms": finding.start_ms,
        "end_ms": finding.end_ms,
        "quote": finding.quote,
        "product": finding.product,
        "product_name": stream.product_name(finding.product),
        "state": entry.state,
        "standing": standing(entry.standing) if entry.standing else None,
        "standings": [standing(each) for each in entry.standings],
        "newest": entry.newest,
        "orphan": entry.orphan,
        "missed": entry.missed,
        "audit": {"verdict": entry.finding.verdict, "quote": entry.finding.quote, "product": entry.finding.product},
    }


def detail(desk: Desk, stream: Stream, entry: Entry, lang: str) -> Shown:
    """A finding with all that a person needs to decide on it."""
    finding = entry.finding
    near = (max(0, finding.start_ms - AROUND_MS), finding.end_ms + AROUND_MS)
    context = [u.id for u in stream.result.transcript.utterances if u.start_ms < near[1] and near[0] < u.end_ms]
    return {
        **item(stream, entry, lang),
        "heard": finding.heard,
        "sentence": finding.sentence,
        "rule": finding.rule,
        "law": [_law(ref, lang) for ref in finding.law],
        "papers": _papers(finding, stream.result.read("evidence", Evidence), lang),
        "reason": word(finding.reason, lang),
        "rewrite": safer(finding, lang),
        "trace": [{"step": step.step, "text": word(step.message, lang)} for step in finding.trace],
        "context": context,
        "history": history(entry),
        "moved_from": unlike(entry.was, finding) if entry.was else None,
    }


def stream_detail(desk: Desk, stream: Stream) -> Shown:
    """The time line of a stream: its parts, transcript, products on sale and findings."""
    recording = stream.recording
    return {
        "id": stream.id,
        "title": recording.title or stream.id,
        "duration_ms": recording.duration_ms,
        "parts": [
            {
                "url": f"/media/{quote(stream.id, safe='')}/{number}",
                "start_ms": part.start_ms,
                "end_ms": part.start_ms + part.duration_ms,
                "kind": "video" if part.has_video else "audio",
            }
            for number, part in enumerate(recording.parts)
        ],
        "utterances": [
            {"id": u.id, "start_ms": u.start_ms, "end_ms": u.end_ms, "text": u.text, "speaker": u.speaker}
            for u in stream.result.transcript.utterances
        ],
        "products": [{"sku": product.sku, "name": product.name} for product in stream.catalogue.products],
        "segments": [
            {"product": each.product, "start_ms": each.start_ms, "end_ms": each.end_ms}
            for each in stream.result.read("segments", Segments).segments
        ],
        "findings": [
            {
                "finding": entry.id,
                "start_ms": entry.finding.start_ms,
                "end_ms": entry.finding.end_ms,
                "verdict": entry.as_reviewed().verdict,
                "state": entry.state,
            }
            for entry in desk.board(stream).entries
            if not entry.gone
        ],
    }


def standing(held: Standing) -> Shown:
    return msgspec.structs.asdict(held) | {"at": held.at.isoformat()}


def history(entry: Entry) -> list[Shown]:
    gone = undone(entry.decisions)
    return [decision(each) | {"undone": each.id in gone} for each in entry.decisions]


def decision(made: Decision) -> Shown:
    shown = msgspec.structs.asdict(made)
    del shown["snapshot"]
    return shown | {"at": made.at.isoformat(), "undone": False}


def _law(ref: LawRef, lang: str) -> Shown:
    return {"article": ref.id, "text": citation(ref, lang), "verified": ref.verified}


def _papers(finding: Finding, evidence: Evidence, lang: str) -> list[Shown]:
    """Each paper that was looked at, with what it says; then those that are only named."""
    sorts = {paper.id: str(type(paper).__struct_config__.tag) for paper in evidence.documents}
    shown = []
    for step in finding.trace:
        args = dict(step.message.args)
        if step.step == "paper":
            paper = args.get("paper", "")
            shown.append({"id": paper, "type": sorts.get(paper, ""), "field": args.get("field", ""),
                          "value": args.get("value", ""), "says": word(step.message, lang)})  # fmt: skip
    named = {each["id"] for each in shown}
    shown += [
        {"id": paper, "type": sorts.get(paper, ""), "field": "", "value": "", "says": ""}
        for paper in finding.evidence
        if paper not in named
    ]
    return shown
