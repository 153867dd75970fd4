"""What an anchor did well and what to try next time: each point from what was measured, with its moment and numbers.

No marks are given. A point is made only where there is enough behind it, so there may be fewer than three. Where no law
gives a measure, as for the voice, the thresholds are our own judgement; they stand here to be argued with. For
orientation: Mandarin news is read at some 240 to 300 characters a minute.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from streamlens.report.bundle import Bundle, accused
from streamlens.schema import Finding, Message, Question, Record

MOST = 3
QUIET_MS = 15_000  # nobody speaks for so long: viewers leave; a shorter pause is breathing or holding up the goods
FAST_CPM, SLOW_CPM = 330.0, 150.0
OFTEN = 0.3  # of the utterances
FILLERS_A_MINUTE = 8.0  # more than one in eight seconds is noticed
FLAT, LIVELY = 0.7, 0.4  # monotony of the middle utterance
FEW = 8  # utterances that must have been measured before anything is said of the voice
ASKED = 3  # questions, before a share of them means something
ANSWERED_RATE = 0.7
ESSENTIAL = ("price", "weight", "origin", "delivery", "after_sale")  # what a buyer asks first
LONG_MS = 60_000  # a product that was on offer for less is not judged by its checklist


class Point(Record, frozen=True, kw_only=True):
    """One thing to say. `code` names its three texts: coach.<code> (what), coach_why.<code>, coach_how.<code>."""

    code: str
    args: tuple[tuple[str, str], ...] = ()
    at_ms: int | None = None
    finding: str = ""  # whose sound may be played
    weight: float = 0.0

    def message(self, family: str) -> Message:
        return Message(code=f"{family}.{self.code}", args=self.args)


class Advice(Record, frozen=True, kw_only=True):
    """At most three of each, the weightiest first."""

    well: tuple[Point, ...]
    better: tuple[Point, ...]


def advise(bundle: Bundle) -> Advice:
    """Praise and suggestions for one broadcast."""
    return Advice(
        well=_foremost((*_honest(bundle), *_attentive(bundle), *_complete(bundle), *_well_spoken(bundle))),
        better=_foremost((*_risky(bundle), *_unheard_buyers(bundle), *_incomplete(bundle), *_hard_to_follow(bundle))),
    )


def _foremost(points: tuple[Point, ...]) -> tuple[Point, ...]:
    return tuple(sorted(points, key=lambda point: (-point.weight, point.code, point.at_ms or 0))[:MOST])


def _point(code: str, weight: float, *, at_ms: int | None = None, finding: str = "", **args: object) -> Point:
    words = tuple((name, str(value)) for name, value in args.items())
    return Point(code=code, args=words, at_ms=at_ms, finding=finding, weight=weight)


# ---- claims


def _honest(bundle: Bundle) -> Iterator[Point]:
    findings = bundle.findings.findings
    by_id = {finding.id: finding for finding in findings}
    corrected = [f for f in findings if f.stance == "corrected"]
    if corrected:
        first = corrected[0]
        claim = by_id.get(first.corrects or "", first)
        yield _point(
            "corrected", 0.95, at_ms=first.start_ms, finding=first.id, count=len(corrected), quote=claim.quote
        )  # fmt: skip
    declined = [
        f for f in findings if f.stance in ("negated", "reported", "question") and f.kind.startswith("health.")
    ]  # fmt: skip
    if declined:
        first = declined[0]
        yield _point("declined", 0.85, at_ms=first.start_ms, finding=first.id, count=len(declined), quote=first.quote)
    proven = [f for f in findings if f.verdict == "supported"]
    if proven:
        first = proven[0]
        yield _point("proven", 0.9, at_ms=first.start_ms, finding=first.id, count=len(proven), quote=first.quote)
    if bundle.transcript.utterances and bundle.findings.coverage >= 0.95 and not accused(findings):
        yield _point("clean", 1.0, claims=len(findings))


def _risky(bundle: Bundle) -> Iterator[Point]:
    """One point for each verdict, so that the claims of a long broadcast do not take all the room."""
    groups: dict[str, list[Finding]] = {}
    for finding in accused(bundle.findings.findings):
        groups.setdefault(finding.verdict, []).append(finding)
    weights = {"prohibited": 1.0, "contradicted": 0.95, "unsupported": 0.7}
    for verdict, group in groups.items():
        first = group[0]
        kinds = [kind for kind, _ in Counter(finding.kind for finding in group).most_common(3)]
        yield _point(
            verdict, weights[verdict], at_ms=first.start_ms, finding=first.id, kinds=" ".join(kinds),
            count=len(group), quote=first.quote, product=bundle.product_name(first.product),
        )  # fmt: skip


# ---- buyers


def _attentive(bundle: Bundle) -> Iterator[Point]:
    asked = questions(bundle)
    answered = [question for question in asked if question.state in ("answered", "declined")]
    if len(asked) >= ASKED and len(answered) >= ANSWERED_RATE * len(asked):
        delays = [q.answered_ms - q.at_ms for q in answered if q.answered_ms is not None]
        yield _point(
            "answered", 0.8, at_ms=answered[0].answered_ms, asked=len(asked), answered=len(answered),
            seconds=round(median(delays) / 1000) if delays else 0,
        )  # fmt: skip


def _unheard_buyers(bundle: Bundle) -> Iterator[Point]:
    asked = questions(bundle)
    missed = [question for question in asked if question.state == "unanswered"]
    if missed and len(missed) > (1 - ANSWERED_RATE) * len(asked):
        most = max(missed, key=lambda question: (len(question.comments), -question.at_ms))
        yield _point(
            "unanswered", 0.8, at_ms=most.at_ms, asked=len(asked), missed=len(missed), quote=most.text,
            product=bundle.product_name(most.product),
        )  # fmt: skip
    complaints = bundle.questions.complaints if bundle.questions else ()
    if complaints:
        (topic, count), *_ = Counter(complaint.topic for complaint in complaints).most_common(1)
        first = next(complaint for complaint in complaints if complaint.topic == topic)
        yield _point(
            "complaints", 0.75, at_ms=first.at_ms, complaint=topic, count=count,
            product=bundle.product_name(first.product), quote=first.text,
        )  # fmt: skip


def questions(bundle: Bundle) -> tuple[Question, ...]:
    return bundle.questions.questions if bundle.questions else ()


def by_product(bundle: Bundle, asked: list[Question]) -> list[tuple[str, list[Question]]]:
    """Questions under the name of their product, the one first asked of first; empty for none."""
    groups: dict[str | None, list[Question]] = {}
    for question in asked:
        groups.setdefault(question.product, []).append(question)
    return [(bundle.product_name(sku), group) for sku, group in groups.items()]


# ---- products


def _complete(bundle: Bundle) -> Iterator[Point]:
    told = [sku for sku in _on_long(bundle) if not _untold(bundle, sku)]
    if told:
        yield _point(
            "told", 0.6 if len(told) < len(_on_long(bundle)) else 0.75, count=len(told),
            product=bundle.product_name(told[0]),
        )  # fmt: skip


def _incomplete(bundle: Bundle) -> Iterator[Point]:
    facts = bundle.facts.facts if bundle.facts else ()
    differing = [fact for fact in facts if fact.agrees is False and fact.sort in ("price", "weight")]
    if differing:
        first = differing[0]
        yield _point(
            "differs", 0.9, at_ms=first.start_ms, quote=first.quote, count=len(differing), fact=first.sort,
            product=bundle.product_name(first.product),
        )  # fmt: skip
    missing = {sku: topics for sku in _on_long(bundle) if (topics := _untold(bundle, sku))}
    if missing:
        sku = max(missing, key=lambda each: (len(missing[each]), _time_on(bundle, each)))
        yield _point(
            "untold", 0.55 + 0.02 * len(missing[sku]), count=len(missing), product=bundle.product_name(sku),
            topics=" ".join(missing[sku]),
        )  # fmt: skip


def _on_long(bundle: Bundle) -> list[str]:
    known = {told.product for told in bundle.facts.checklist} if bundle.facts else set()
    return [p.sku for p in bundle.catalogue.products if p.sku in known and _time_on(bundle, p.sku) >= LONG_MS]


def _time_on(bundle: Bundle, sku: str) -> int:
    return sum(segment.end_ms - segment.start_ms for segment in bundle.segments.segments if segment.product == sku)


def _untold(bundle: Bundle, sku: str) -> list[str]:
    checklist = bundle.facts.checklist if bundle.facts else ()
    return [
        told.topic for told in checklist if told.product == sku and told.at_ms is None and told.topic in ESSENTIAL
    ]  # fmt: skip


# ---- the voice


def _well_spoken(bundle: Bundle) -> Iterator[Point]:
    flat = [v.monotony for v in (bundle.voice.utterances if bundle.voice else ()) if v.monotony is not None]
    if len(flat) >= FEW and median(flat) <= LIVELY:
        yield _point("lively", 0.4)
    paces = _paces(bundle)
    if len(paces) >= FEW and all(
        SLOW_CPM < median(paces[at : at + FEW]) < FAST_CPM for at in range(0, len(paces), FEW)
    ):
        yield _point("steady", 0.35, pace=round(median(paces)))


def _hard_to_follow(bundle: Bundle) -> Iterator[Point]:
    voice = bundle.voice.utterances if bundle.voice else ()
    paces = _paces(bundle)
    starts = {utterance.id: utterance.start_ms for utterance in bundle.transcript.utterances}
    fast = [each for each in voice if (each.pace_cpm or 0) > FAST_CPM]
    if len(paces) >= FEW and len(fast) >= OFTEN * len(paces):
        most = max(fast, key=lambda each: each.pace_cpm or 0)
        yield _point("fast", 0.45, at_ms=starts.get(most.utterance), pace=round(median(paces)), count=len(fast))
    elif len(paces) >= FEW and median(paces) < SLOW_CPM:
        yield _point("slow", 0.35, pace=round(median(paces)))
    minutes = sum(utterance.end_ms - utterance.start_ms for utterance in bundle.transcript.utterances) / 60_000
    fillers = sum(each.fillers for each in voice)
    if len(voice) >= FEW and minutes and fillers / minutes > FILLERS_A_MINUTE:
        yield _point("fillers", 0.4, count=fillers, rate=f"{fillers / minutes:.0f}")
    flat = [each.monotony for each in voice if each.monotony is not None]
    if len(flat) >= FEW and median(flat) >= FLAT:
        yield _point("flat", 0.35)
    if quiet := _longest_silence(bundle):
        yield _point("silence", 0.42, at_ms=quiet[0], seconds=(quiet[1] - quiet[0]) // 1000)


def _paces(bundle: Bundle) -> list[float]:
    return [v.pace_cpm for v in (bundle.voice.utterances if bundle.voice else ()) if v.pace_cpm is not None]


def _longest_silence(bundle: Bundle) -> tuple[int, int] | None:
    """The longest time without speech inside the broadcast, where it is heard well that there is none."""
    said = sorted((u.start_ms, u.end_ms) for u in bundle.transcript.utterances)
    gaps = [(before[1], after[0]) for before, after in pairwise(said)]
    unheard = bundle.transcript.not_heard
    quiet = [
        (start, end) for start, end in gaps
        if end - start >= QUIET_MS and not any(s.start_ms < end and start < s.end_ms for s in unheard)
    ]  # fmt: skip
    return max(quiet, key=lambda gap: gap[1] - gap[0], default=None)
