"""Decisions as training data: a sentence, what was found in it, and what people made of that."""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from streamlens.outcome import AuditResult
from streamlens.review.board import Entry
from streamlens.review.decisions import DecisionLog
from streamlens.review.reviewed import Decided
from streamlens.schema import Utterance

AROUND = 2  # utterances of context before and after


def training_lines(results: Iterable[AuditResult], log: DecisionLog) -> list[bytes]:
    """A JSON object a line for each finding on which a decision holds; disputed and outdated ones are left out.

    `label`: accepted | dismissed | corrected | missed. `kind`, `stance` and `quote` are as reviewed, `found` is what
    the audit had (None for missed ones). `group` is the same for all streams of an anchor: near duplicates stay on one
    side of a split that keeps groups whole. Neither id tells whom it stands for.
    """
    decided = Decided(log)
    return [line for result in results for line in _lines(result, decided)]


def _lines(result: AuditResult, decided: Decided) -> Iterator[bytes]:
    anchor = result.recording.anchor
    utterances = result.transcript.utterances
    for entry in decided.board(result.id, result.findings).entries:
        if entry.standing and entry.state == "decided" and not (entry.orphan and entry.standing.action == "dismiss"):
            before, during, after = _around(utterances, entry)
            finding, old = entry.as_reviewed(), entry.finding
            row = {
                "text": finding.sentence if not entry.missed else "".join(during) or finding.quote,
                "context": [before, after],
                "kind": finding.kind,
                "stance": finding.stance,
                "channel": finding.channel,
                "quote": finding.quote,
                "verdict": finding.verdict,
                "product": finding.product,
                "label": _label(entry),
                "reason": entry.standing.reason,
                "reviewers": len({each.by for each in entry.standings if not each.stale}),
                "found": None
                if entry.missed
                else {"rule": old.rule, "quote": old.quote, "heard": old.heard, "verdict": old.verdict,
                      "product": old.product, "confidence": round(old.confidence, 4)},
                "group": _alias(f"anchor {anchor}" if anchor else f"stream {result.id}"),
                "stream": _alias(f"stream {result.id}"),
            }  # fmt: skip
            yield msgspec.json.encode(row) + b"\n"


def _label(entry: Entry) -> str:
    assert entry.standing is not None  # noqa: S101  of what is decided
    if entry.standing.action == "dismiss":
        return "dismissed"
    if entry.missed:
        return "missed"
    return "accepted" if entry.as_reviewed() == entry.finding else "corrected"


def _around(utterances: tuple[Utterance, ...], entry: Entry) -> tuple[list[str], list[str], list[str]]:
    finding = entry.finding
    before = [u.text for u in utterances if u.end_ms <= finding.start_ms]
    after = [u.text for u in utterances if u.start_ms >= finding.end_ms]
    during = [u.text for u in utterances if u.start_ms < finding.end_ms and u.end_ms > finding.start_ms]
    return before[-AROUND:], during, after[:AROUND]


def _alias(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
