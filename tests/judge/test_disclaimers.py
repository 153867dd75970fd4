"""The notice that health food replaces no medicine is no claim; its absence is a finding that accuses nobody."""

from datetime import datetime

import pytest

from streamlens.detect.claims import find_claims
from streamlens.detect.rules import load_rules
from streamlens.judge.findings import judge
from streamlens.schema import (
    Catalogue,
    Evidence,
    Mentions,
    Product,
    Recording,
    Segment,
    Segments,
    Transcript,
    Utterance,
)
from streamlens.shipped import shipped

CAPSULES = Product(sku="A", name="辅酶软胶囊", category="保健食品", kind="health_food")
ON_OFFER = Segments(recording="r1", segments=(Segment(product="A", start_ms=0, end_ms=9000, confidence=0.9),))


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped("configs") / "rules", shipped("configs") / "lexicon")


@pytest.fixture
def findings(law, rules):
    def found(words, product=CAPSULES, segments=ON_OFFER):
        said = Utterance(id="u", start_ms=0, end_ms=220 * len(words), text=words, words=(), raw=words)
        transcript = Transcript(recording="r1", coverage=1.0, utterances=(said,))
        return judge(
            Recording(id="r1", parts=(), duration_ms=60_000, started_at=datetime(2026, 10, 12, 19, 30)),
            find_claims(transcript, rules, segments, Mentions(recording="r1")),
            Evidence(),
            Catalogue(products=(product,)),
            rules,
            law,
            segments,
        ).findings

    return found


NOTICES = (
    "本品不能代替药物",
    "本产品不能代替药品，适宜人群看包装",
    "保健食品不是药物，不能代替药物治疗疾病",
    "再说一遍，它不可以替代药物",
)


@pytest.mark.parametrize("words", NOTICES)
def test_a_notice_is_no_claim_and_counts(findings, words):
    found = findings(words)
    assert {finding.verdict for finding in found} == {"none"}
    assert "judge.disclaimer" in {finding.reason.code for finding in found}
    assert [finding for finding in found if finding.rule == "law.disclaimer"] == []


@pytest.mark.parametrize("words", ["今天拍两瓶送一瓶", "完全可以代替药物", "这个能代替药物吗"])
def test_health_food_sold_without_the_notice_is_told(findings, words):
    (gap,) = (finding for finding in findings(words) if finding.rule == "law.disclaimer")
    assert (gap.kind, gap.verdict, gap.product, gap.heard) == ("health.function", "unclear", "A", "")
    assert [ref.id for ref in gap.law] == ["ad-18", "food-79"]


def test_only_health_food_on_sale_needs_it(findings):
    sauce = Product(sku="A", name="香菇酱", kind="processed")
    assert [each for each in findings("拍两瓶送一瓶", sauce) if each.rule == "law.disclaimer"] == []
    unsold = Segments(recording="r1")
    assert [each for each in findings("拍两瓶送一瓶", segments=unsold) if each.rule == "law.disclaimer"] == []


def test_saying_that_it_replaces_medicine_stays_a_claim(findings):
    (claim,) = (finding for finding in findings("完全可以代替药物") if finding.heard)
    assert claim.verdict == "prohibited"
