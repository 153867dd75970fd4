"""Every claim becomes a finding: the law, the papers looked at, the verdict, and the way that led to it."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from ..schema import (
    ACCUSATIONS,
    IMPLIED,
    Catalogue,
    Claim,
    Claims,
    Evidence,
    Finding,
    Findings,
    Message,
    Product,
    Recording,
    RuleBook,
    Segments,
    Step,
)
from . import (
    absence,
    certification,
    disclaimers,
    freshness,
    gaps,
    grades,
    health,
    offers,
    origin,
    prices,
    purity,
    standing,
    weights,
)
from .evidence import ALL
from .fields import CHINA
from .law import LawTable
from .lexicon import Lexicon, load_lexicon, said
from .papers import NO_PRODUCT, Dossier, Ruling, open_dossier, say

JUDGES: Mapping[str, Callable[[Dossier], Ruling]] = {
    "freshness.harvest": freshness.harvest,
    "freshness.cold_chain": freshness.cold_chain,
    "freshness.season": freshness.season,
    "freshness.arrival": freshness.arrival,
    "health.disease": health.disease,
    "health.function": health.function,
    "health.beauty": health.function,
    "health.suitability": health.suitability,
    "purity.pesticide": absence.pesticide,
    "purity.additive": absence.additive,
    "purity.natural": purity.natural,
    "certification.organic": certification.organic,
    "certification.green": certification.green,
    "certification.gi": certification.gi,
    "certification.selenium": grades.nutrient,
    "certification.licence": certification.licence,
    "certification.testing": certification.testing,
    "origin.place": origin.place,
    "quantity.weight": weights.weight,
    "price.lowest": prices.lowest,
    "price.reference": prices.reference,
    "absolute.superlative": standing.superlative,
    "authority.endorsement": standing.endorsement,
    "sales.figures": offers.sales,
    "charity.story": offers.charity,
    "scarcity.stock": offers.scarcity,
}
"""How each kind of claim is judged. A further kind is a further function here."""


class JudgeOptions(msgspec.Struct, frozen=True, kw_only=True):
    min_confidence: float = 0.6  # a claim heard less surely than this is listened to, not accused


def judge(
    recording: Recording,
    claims: Claims,
    evidence: Evidence,
    catalogue: Catalogue,
    rulebook: RuleBook,
    law: LawTable,
    segments: Segments | None = None,
    *,
    options: JudgeOptions | None = None,
) -> Findings:
    """A finding for every claim, in the claims' order, then those of which nothing was heard.

    They are of products on sale: a processed food whose licence is not on file, a health food without the notice that
    it does not replace medicine.

    RuleError where the rule book's word sets or the law table lack what a verdict needs.
    """
    options = options or JudgeOptions()
    started_at = _on_chinese_clock(recording.started_at)
    lexicon = load_lexicon(rulebook)
    rules = {rule.id: rule for rule in rulebook.rules}
    seen: Counter[tuple[str, ...]] = Counter()
    findings = []
    ruled = [(claim, _rule(claim, evidence, catalogue, started_at, lexicon, options)) for claim in claims.claims]
    for claim in gaps.offered_processed(claims, catalogue, segments) if segments else ():
        product = catalogue.get(claim.product)
        opened = open_dossier(claim, evidence=evidence, started_at=started_at, lexicon=lexicon)
        gap = gaps.unlicensed(msgspec.structs.replace(opened, product=product)) if product else None
        ruled += [(claim, gap)] if gap else []
    for claim, product in disclaimers.unnoticed(claims, catalogue, segments) if segments else ():
        ruled.append((claim, disclaimers.absent(product)))
    for claim, ruling in ruled:
        rule = rules.get(claim.rule)
        ids = (rule.law if rule else ()) or ruling.law or law.of_kind(claim.kind)
        key = (recording.id, claim.channel, claim.kind, claim.product or "", said(claim.quote))
        seen[key] += 1
        findings.append(
            Finding(
                id=hashlib.sha256("\0".join((*key, str(seen[key]))).encode()).hexdigest()[:16],
                kind=claim.kind,
                stance=claim.stance,
                verdict=ruling.verdict,
                severity=claim.severity,
                channel=claim.channel,
                start_ms=claim.start_ms,
                end_ms=claim.end_ms,
                quote=claim.quote,
                heard=claim.heard,
                sentence=claim.sentence,
                product=claim.product,
                rule=claim.rule,
                law=law.cite(ids, started_at.date() if started_at else None),
                evidence=_papers(ruling),
                reason=ruling.reason,
                rewrite=rule.rewrite if rule else (),
                confidence=claim.confidence,
                trace=_trace(claim, ruling, evidence),
                corrects=claim.corrects,
            )
        )
    return Findings(
        recording=recording.id,
        rules_version=claims.rules_version,
        coverage=claims.coverage,
        findings=tuple(findings),
    )


def _on_chinese_clock(started_at: datetime | None) -> datetime | None:
    if started_at is None or started_at.tzinfo is None:
        return started_at
    return started_at.astimezone(CHINA).replace(tzinfo=None)


def _rule(
    claim: Claim,
    evidence: Evidence,
    catalogue: Catalogue,
    started_at: datetime | None,
    lexicon: Lexicon,
    options: JudgeOptions,
) -> Ruling:
    if disclaimers.disclaims(claim):
        return Ruling(verdict="none", reason=say("disclaimer"))
    if claim.stance != "asserted":
        return Ruling(verdict="none", reason=say(f"not_asserted.{claim.stance}"))
    if claim.rule.startswith(IMPLIED):  # a hint is no accusation: a person looks
        return Ruling(verdict="unclear", reason=say("implied", confidence=round(claim.confidence, 2)))
    decide = JUDGES.get(claim.kind)
    if decide is None:
        return Ruling(verdict="unclear", reason=say("unknown_kind", kind=claim.kind))

    opened = open_dossier(claim, evidence=evidence, started_at=started_at, lexicon=lexicon)

    def ruling_for(product: Product) -> Ruling:
        return decide(msgspec.structs.replace(opened, product=product))

    if claim.product is not None:
        ruling = ruling_for(catalogue.get(claim.product) or Product(sku=claim.product, name=claim.product))
    else:
        ruling = _whichever(evidence, catalogue, ruling_for)
    ruling = _with_unread(ruling, claim, evidence)
    if ruling.verdict in ACCUSATIONS and claim.confidence < options.min_confidence:
        again = "look" if claim.channel == "screen" else "listen"
        reason = say(again, confidence=round(claim.confidence, 2))
        return Ruling(
            verdict="unclear", reason=reason, looks=ruling.looks, steps=(ruling.reason, *ruling.steps), law=ruling.law
        )
    return ruling


def _with_unread(ruling: Ruling, claim: Claim, evidence: Evidence) -> Ruling:
    """What no paper on file bears out is left to a person while a paper on file cannot be read and may be any.

    One that shows its type was looked at with the papers of that type; one that names products is no other's.
    """
    unread = [
        scan
        for scan in evidence.scans
        if scan.state == "unreadable"
        and not scan.type
        and (claim.product is None or {ALL, claim.product} & set(scan.concerns))
    ]
    if ruling.verdict != "unsupported" or not unread:
        return ruling
    reason = Message(code="scan.unread", args=(("files", ", ".join(scan.file for scan in unread)),))
    steps = (*ruling.steps, reason)
    return Ruling(verdict="unclear", reason=reason, looks=ruling.looks, steps=steps, law=ruling.law)


def _whichever(evidence: Evidence, catalogue: Catalogue, ruling_for: Callable[[Product], Ruling]) -> Ruling:
    """The ruling on a claim whose product is not known: what holds for every product it could be about.

    If no product's papers bear it out it is unsupported whichever is meant; if the products differ, a person decides.
    """
    products = catalogue.products
    if not products:  # no catalogue: a product of the papers, or one that none of them covers
        skus = dict.fromkeys(sku for document in evidence.documents for sku in document.covers if sku != ALL)
        products = (*(Product(sku=sku, name=sku) for sku in skus), NO_PRODUCT)
    rulings: list[Ruling] = []
    for product in products:
        rulings.append(ruling_for(product))
        verdicts = {ruling.verdict for ruling in rulings}
        if len(verdicts) > 1 and not verdicts <= ACCUSATIONS:
            return Ruling(verdict="unclear", reason=say("product_unknown"))
    if len(verdicts) > 1:
        return Ruling(verdict="unsupported", reason=say("product_unknown.none_fits", count=len(products)))
    if len(set(rulings)) == 1:
        return rulings[0]
    (verdict,) = verdicts
    (reason, *others) = {ruling.reason for ruling in rulings}
    deciding = dict.fromkeys(look for ruling in rulings for look in ruling.looks if look.verdict == verdict)
    if others:
        reason = say("product_unknown.every", count=len(products))
    law = rulings[0].law if len({ruling.law for ruling in rulings}) == 1 else ()
    return Ruling(verdict=verdict, reason=reason, looks=tuple(deciding), law=law)


def _noted(papers: tuple[str, ...], evidence: Evidence) -> list[Message]:
    """What is to be known of the papers that decided: fields that were not read, mended by hand, or in conflict."""
    notes = [
        Message(code="scan.note", args=(("note", note),))
        for note in evidence.notes
        if any(re.search(rf": document {re.escape(paper)}[:,]", note) for paper in papers)
    ]
    for scan in evidence.scans:
        if scan.document in papers or (scan.file in papers and not scan.document):
            notes += [note for note in scan.notes if note.code in ("scan.corrected", "scan.missing", "scan.coarse")]
    notes += [
        doubt.message for doubt in evidence.doubts if doubt.document in papers and doubt.message.code == "scan.conflict"
    ]
    return list(dict.fromkeys(notes))


def _papers(ruling: Ruling) -> tuple[str, ...]:
    """The papers that decided, else those that were looked at and did not fit."""
    deciding = [look.paper for look in ruling.looks if look.verdict == ruling.verdict]
    return tuple(dict.fromkeys(paper for paper in deciding or [look.paper for look in ruling.looks] if paper))


def _trace(claim: Claim, ruling: Ruling, evidence: Evidence) -> tuple[Step, ...]:
    papers: list[Message] = []
    if claim.stance == "asserted":
        papers = [look.message for look in ruling.looks] or [ruling.reason]
        papers += ruling.steps
        papers += _noted(_papers(ruling), evidence)
    verdict = say("verdict", verdict=ruling.verdict)
    looked = (Step(step="paper", message=message) for message in dict.fromkeys(papers))
    return (*claim.trace, *looked, Step(step="verdict", message=verdict))
