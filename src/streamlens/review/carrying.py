"""Decisions carried over to the findings of today, after a new transcript, other rules or other papers.

Ids of findings hold no times, so that most decisions find their finding by its id. Of several with the same words the
id counts which; where one of them is no longer heard the count moves on, so the time decides first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

import msgspec

from streamlens.schema import Decision, Finding

NEAR_MS = 3000  # a new transcript moves words by less
ALIKE = 0.5  # of two wordings at the same place, for a person to compare them
SAME = 0.8  # of a missed claim and one that the audit now finds at its place


class Subject(msgspec.Struct, frozen=True):
    """What decisions of one stream are about: the findings' ids it had, and its newest snapshot."""

    id: str
    seen: Finding
    decisions: tuple[Decision, ...]

    @property
    def missed(self) -> bool:
        return self.decisions[0].action == "missed"


def subjects(decisions: Iterable[Decision]) -> tuple[Subject, ...]:
    """The decisions of a stream, in order, by what they are about; a decision that confirms another joins it."""
    now: dict[str, str] = {}  # the id that a finding was decided on -> the id under which it is known now
    groups: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.confirms and decision.confirms != decision.finding:
            old = now.get(decision.confirms, decision.confirms)
            new = now.get(decision.finding, decision.finding)
            if old != new and old in groups:
                groups[new] = sorted([*groups.get(new, []), *groups.pop(old)], key=lambda each: each.id)
                now = {key: new if value == old else value for key, value in now.items()}
                now[old] = new
        groups.setdefault(now.get(decision.finding, decision.finding), []).append(decision)
    return tuple(
        Subject(id=key, seen=_seen(newest[-1].snapshot), decisions=tuple(group))
        for key, group in groups.items()
        if (newest := [each for each in group if each.snapshot])
    )


def carry(known: Sequence[Subject], findings: Sequence[Finding]) -> dict[str, Finding | None]:
    """For each subject the finding of today that it is about; None where there is none (orphaned)."""
    out: dict[str, Finding | None] = {subject.id: None for subject in known}
    left = dict.fromkeys(finding.id for finding in findings)
    by_id = {finding.id: finding for finding in findings}
    by_words: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        by_words.setdefault(_words(finding), []).append(finding)

    def take(subject: Subject, finding: Finding) -> None:
        out[subject.id] = finding
        del left[finding.id]

    for same_id in (True, False):  # the same words at the same place
        for subject in known:
            if out[subject.id] is None:
                near = [each for each in by_words.get(_words(subject.seen), ()) if each.id in left]
                near = [each for each in near if _apart(subject.seen, each) <= NEAR_MS]
                near = [each for each in near if each.id == subject.id] if same_id else near
                if near:
                    take(subject, min(near, key=lambda each: (_apart(subject.seen, each), each.start_ms)))
    rest: list[tuple[float, int, Subject, Finding]] = []
    for number, subject in enumerate(known):
        if out[subject.id] is None:
            found = ((_likeness(subject, by_id[key]), key) for key in left)
            rest += [(-likeness, number, subject, by_id[key]) for likeness, key in found if likeness]
    for _, _, subject, finding in sorted(rest, key=lambda each: (each[0], each[1], each[3].id)):
        if out[subject.id] is None and finding.id in left:
            take(subject, finding)
    return out


def is_stale(decision: Decision, finding: Finding) -> bool:
    """Whether a decision was made on something else than what the audit says now, so that it must be confirmed.

    Other words, another product, another place; for accepting and dismissing also another verdict.
    """
    if not decision.snapshot:
        return True
    seen = _seen(decision.snapshot)
    return (
        _words(seen) != _words(finding)
        or _apart(seen, finding) > NEAR_MS
        or (decision.action in {"accept", "dismiss", "missed"} and seen.verdict != finding.verdict)
    )


def unlike(seen: Finding, finding: Finding) -> Mapping[str, object]:
    """What was seen when it was decided, for showing it beside what there is now."""
    shown = {"quote": seen.quote, "start_ms": seen.start_ms, "end_ms": seen.end_ms, "text": seen.sentence}
    return {**shown, "verdict": seen.verdict, "product": seen.product}


def _likeness(subject: Subject, finding: Finding) -> float:
    """0..2; 0 where the finding cannot be what was decided on."""
    seen = subject.seen
    if (seen.kind, seen.channel) != (finding.kind, finding.channel):
        return 0.0
    near = _apart(seen, finding) <= NEAR_MS
    if not near and subject.id != finding.id:
        return 0.0
    alike = SequenceMatcher(None, said(seen.quote), said(finding.quote), autojunk=False).ratio()
    if alike < (SAME if subject.missed else ALIKE):
        return 0.0
    return alike + 0.5 * (seen.product == finding.product) + 0.5 * near


@lru_cache(maxsize=65_536)  # every decision compares all of them again
def said(quote: str) -> str:
    """The words without signs and spaces."""
    return re.sub(r"[\W_]+", "", quote).casefold()


@lru_cache(maxsize=65_536)
def _seen(snapshot: bytes) -> Finding:
    return msgspec.json.decode(snapshot, type=Finding)


def _words(finding: Finding) -> tuple[str, ...]:
    return finding.channel, finding.kind, finding.product or "", said(finding.quote)


def _apart(one: Finding, other: Finding) -> int:
    """Milliseconds between two findings, 0 where they overlap."""
    return max(0, other.start_ms - one.end_ms, one.start_ms - other.end_ms)
