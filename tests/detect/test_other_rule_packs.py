"""The rules of trade (origin, quantity, price, superlatives, endorsement, sales, charity, scarcity), read over sentences.

The sentences were written in rounds (`round`): the first two before the rules, each later one to try what there was.
"""

import json
from pathlib import Path

import msgspec
import pytest

from make import mentions, segments, transcript, utterance
from streamlens.detect.claims import find_claims
from streamlens.detect.rules import load_rules
from streamlens.schema import KINDS, Claim
from streamlens.shipped import shipped

BOOK = load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")
FAMILIES = ("origin", "quantity", "price", "absolute", "authority", "sales", "charity", "scarcity")
RULES = tuple(rule for rule in BOOK.rules if rule.id.split(".")[0] in FAMILIES)
SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "claims_other_families.jsonl").read_text("utf-8").splitlines()
]
COMPLIANT = [row["text"] for row in SENTENCES if not row["claims"]]
SILENCE_S = 4.0
NEUTRAL = "嗯" * 40 + "。"  # keeps what one sentence says out of the reach of the next
MARKS = str.maketrans("", "", "，。、；！？")


def test_every_kind_of_these_families_has_a_rule() -> None:
    assert {rule.kind for rule in RULES} == {kind for kind in KINDS if kind.split(".")[0] in FAMILIES}


def test_rewrites_raise_no_claim_of_their_own_kind() -> None:
    advice = [dict(rule.rewrite)["zh"] for rule in RULES]
    for rule, found in zip(RULES, _read(advice), strict=True):
        assert [claim.quote for claim in found if claim.kind == rule.kind] == []


@pytest.fixture(scope="module")
def found_in_all() -> list[list[Claim]]:
    return _read([row["text"] for row in SENTENCES])


@pytest.mark.parametrize("kind", sorted({rule.kind for rule in RULES}))
def test_sentences_of_a_kind(kind: str, found_in_all: list[list[Claim]]) -> None:
    """A claim is right when its kind is and half of the shorter quote is shared."""
    right, wrong, missed = 0, [], []
    for row, found in zip(SENTENCES, found_in_all, strict=True):
        left = [gold["quote"] for gold in row["claims"] if gold["kind"] == kind]
        for claim in (claim for claim in found if claim.kind == kind):
            hit = next((quote for quote in left if _shared(claim.heard, quote, row["text"])), None)
            if hit is None:
                wrong.append((claim.rule, claim.quote, row["text"]))
            else:
                left.remove(hit)
                right += 1
        missed += [(quote, row["text"]) for quote in left]
    assert right >= 40, "too few sentences to say anything"
    assert right / (right + len(wrong)) >= 0.95, wrong
    assert right / (right + len(missed)) >= 0.88, missed


@pytest.mark.parametrize("marks", [True, False], ids=["punctuated", "as a recogniser may write it"])
def test_compliant_selling_speech_raises_nothing(marks: bool) -> None:
    assert len(COMPLIANT) >= 500
    texts = COMPLIANT if marks else [text.translate(MARKS) for text in COMPLIANT]
    flagged = [
        (claim.rule, claim.quote, text) for text, found in zip(texts, _read(texts), strict=True) for claim in found
    ]
    assert len({text for *_, text in flagged}) <= 0.005 * len(texts), flagged


def _read(texts: list[str]) -> list[list[Claim]]:
    """What these rules find asserted in each text, all read as one broadcast with silence between them."""
    at, said = 0.0, []
    for text in texts:
        for part in (text, NEUTRAL):
            said.append(utterance(part, at))
            at = said[-1].end_ms / 1000 + SILENCE_S
    places = [(one.start_ms, one.end_ms) for one in said[::2]]
    book = msgspec.structs.replace(BOOK, rules=RULES)
    claims = find_claims(transcript(*said, source="script.txt"), book, segments(), mentions()).claims
    asserted = [claim for claim in claims if claim.stance == "asserted"]
    return [[claim for claim in asserted if start <= claim.start_ms < end] for start, end in places]


def _shared(heard: str, quote: str, text: str) -> bool:
    start, wanted = text.find(heard), text.find(quote)
    shared = min(start + len(heard), wanted + len(quote)) - max(start, wanted)
    return shared >= 0.5 * min(len(heard), len(quote))
