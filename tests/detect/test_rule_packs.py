"""The shipped rules: each does what the cases beside it say, and together they read a thousand sentences of selling."""

import json
from pathlib import Path

import msgspec
import pytest

from make import mentions, segments, transcript, utterance
from streamlens.detect.claims import find_claims
from streamlens.detect.rules import load_rules
from streamlens.judge.law import load_law
from streamlens.schema import KINDS, Claim, Rule
from streamlens.shipped import shipped

BOOK = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
FAMILIES = ("freshness", "health", "purity", "certification")
RULES = tuple(rule for rule in BOOK.rules if rule.id.split(".")[0] in FAMILIES)
SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "claims_four_families.jsonl").read_text("utf-8").splitlines()
]
SILENCE_S = 4.0
NEUTRAL = "嗯" * 40 + "。"  # keeps what one sentence says out of the reach of the next


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_cases_of_a_rule(rule: Rule) -> None:
    found = _read([case.text for case in rule.cases], rule)
    wrong = []
    for case, claims in zip(rule.cases, found, strict=True):
        flagged = tuple(claim.quote for claim in claims)
        if (flagged == case.flag) == case.known_miss:
            wrong.append((case.text, flagged))
    assert wrong == []


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_a_rule_is_complete(rule: Rule) -> None:
    assert len(rule.cases) >= 6
    assert {language for language, _ in rule.why} == {language for language, _ in rule.rewrite} == {"zh", "en"}
    law = load_law(shipped("configs") / "law.toml")
    assert law.cite(rule.law or law.of_kind(rule.kind), None)


def test_every_kind_of_these_families_has_a_rule() -> None:
    wanted = {kind for kind in KINDS if kind.split(".")[0] in FAMILIES}
    assert {rule.kind for rule in RULES} == wanted


def test_rewrites_raise_no_claim_of_their_own_kind() -> None:
    advice = [dict(rule.rewrite)["zh"] for rule in RULES]
    for rule, found in zip(RULES, _read(advice, *RULES), strict=True):
        assert [claim.quote for claim in found if claim.kind == rule.kind and claim.severity == "high"] == []


def test_sentences_of_all_sorts() -> None:
    """Precision and recall over whole sentences. A claim is right when its kind is and it stands at the quoted words."""
    assert sum(not row["claims"] for row in SENTENCES) >= 400
    right, wrong, missed = 0, [], []
    for row, found in zip(SENTENCES, _read([row["text"] for row in SENTENCES], *RULES), strict=True):
        left = list(row["claims"])
        for claim in found:
            hit = next((gold for gold in left if _same(claim, gold, row["text"])), None)
            if hit:
                left.remove(hit)
                right += 1
            else:
                wrong.append((claim.rule, claim.quote, row["text"]))
        missed += [(gold["kind"], gold["quote"], row["text"]) for gold in left]
    assert right / (right + len(wrong)) >= 0.95, wrong
    assert right / (right + len(missed)) >= 0.9, missed


def _read(texts: list[str], *rules: Rule) -> list[list[Claim]]:
    """What the rules find asserted in each text, all read as one broadcast with silence between them."""
    at, spoken, places = 0.0, [], []
    for text in texts:
        for part in (text, NEUTRAL):
            spoken.append(utterance(part, at))
            at = spoken[-1].end_ms / 1000 + SILENCE_S
        places.append((spoken[-2].start_ms, spoken[-2].end_ms))
    book = msgspec.structs.replace(BOOK, rules=rules)
    claims = find_claims(transcript(*spoken, source="script.txt"), book, segments(), mentions()).claims
    asserted = [claim for claim in claims if claim.stance == "asserted"]
    return [[claim for claim in asserted if start <= claim.start_ms < end] for start, end in places]


def _same(claim: Claim, gold: dict[str, str], text: str) -> bool:
    """The kind agrees and half of the shorter quote is shared; restated certificates are one claim a sentence."""
    if claim.kind != gold["kind"]:
        return False
    if claim.kind.startswith("certification."):
        return True
    start, wanted = text.find(claim.heard), text.find(gold["quote"])
    shared = min(start + len(claim.heard), wanted + len(gold["quote"])) - max(start, wanted)
    return shared >= 0.5 * min(len(claim.heard), len(gold["quote"]))
