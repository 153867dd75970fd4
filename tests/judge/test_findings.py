"""Findings: one for every claim, with its law, papers, way and a lasting id."""

import json
import re
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from streamlens.detect.catalogue import read_catalogue
from streamlens.judge.evidence import read_evidence
from streamlens.judge.findings import JUDGES, JudgeOptions, judge
from streamlens.report.messages import LANGS, catalogue
from streamlens.schema import (
    ACCUSATIONS,
    KINDS,
    STANCES,
    Catalogue,
    Claims,
    Evidence,
    HarvestRecord,
    OrganicCertificate,
    Product,
    Recording,
    Rule,
)

STREAMS = Path(__file__).parents[1] / "data" / "streams"
SOURCE = Path(__file__).parents[2] / "src" / "streamlens" / "judge"
RECORDING = Recording(id="r1", parts=(), duration_ms=3_600_000, started_at=datetime(2026, 10, 12, 19, 30))
FOUR_FAMILIES = ("freshness.", "health.", "purity.", "certification.")


# ---- the sample streams


def gold(stream: str) -> list[tuple[dict[str, str], dict[str, object], str]]:
    found = json.loads((STREAMS / stream / "gold.json").read_text(encoding="utf-8"))
    return [
        (marked, line, channel)
        for channel, lines in (("speech", found["lines"]), ("screen", found["banners"]))
        for line in lines
        for marked in line["claims"]
    ]


@pytest.mark.parametrize(
    ("stream", "started_at"),
    [
        ("d1-orchard", datetime(2026, 10, 12, 19, 30)),
        ("d2-hens", datetime(2026, 9, 20, 18)),
        ("d3-dried", datetime(2026, 11, 5, 20)),
    ],
)
def test_the_verdicts_of_the_gold(law, rulebook, claim, stream, started_at):
    goods = read_catalogue(STREAMS / stream / "catalog.csv")
    marked = gold(stream)
    made = [
        claim(
            each["quote"],
            each["kind"],
            stance=each["stance"],
            sentence=line["text"],
            product=line["product"],
            channel=channel,
            start_ms=round(line["start"] * 1000),
        )
        for each, line, channel in marked
    ]
    found = judge(
        Recording(id=stream, parts=(), duration_ms=150_000, started_at=started_at),
        Claims(recording=stream, rules_version="v1", claims=tuple(made)),
        read_evidence(STREAMS / stream / "evidence.yaml", goods),
        goods,
        rulebook,
        law,
    )
    assert [(f.quote, f.verdict) for f in found.findings] == [(each["quote"], each["verdict"]) for each, _, _ in marked]


# ---- every claim gets a finding


def test_every_kind_has_its_judge():
    assert set(JUDGES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_claim_of_every_kind_gets_a_whole_finding(decide, kind):
    finding = decide("最好的零添加有机三斤", kind)
    assert [step.step for step in finding.trace] == ["heard", "paper", "verdict"]
    assert finding.law and finding.reason.code.startswith("judge.")
    assert finding.verdict in ACCUSATIONS


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith(FOUR_FAMILIES)])
def test_whatever_is_missing_is_no_crash(decide, kind):
    assert decide("今天现摘", kind, at=None, catalogue=Catalogue(), product=None).verdict in ACCUSATIONS
    assert decide("", kind, sentence="", product="NO-SUCH").verdict in ACCUSATIONS


@pytest.mark.parametrize("stance", [stance for stance in STANCES if stance != "asserted"])
def test_what_is_not_asserted_is_not_judged(decide, stance):
    finding = decide("能治咳嗽", "health.disease", stance=stance)
    assert (finding.verdict, finding.reason.code) == ("none", f"judge.not_asserted.{stance}")
    assert [step.step for step in finding.trace] == ["heard", "verdict"]


def test_an_unknown_kind_is_left_to_a_person(decide):
    assert decide("啥", "origin.moon").verdict == "unclear"


# ---- low confidence, unknown product


def test_what_was_hardly_heard_accuses_nobody(law, rulebook, claim):
    doubtful = claim("能治咳嗽", "health.disease", confidence=0.4)
    sure = claim("能治咳嗽", "health.disease", confidence=0.6)
    good = claim("今早摘的", "freshness.harvest", confidence=0.4)
    papers = Evidence(documents=(HarvestRecord(id="H1", covers=("A",), harvested_at=datetime(2026, 10, 12, 5)),))
    goods = Catalogue(products=(Product(sku="A", name="橙", kind="fresh"),))
    found = Claims(recording="r1", rules_version="v1", claims=(doubtful, sure, good))
    assert [f.verdict for f in judge(RECORDING, found, papers, goods, rulebook, law).findings] == [
        "unclear",
        "prohibited",
        "supported",
    ]
    first = judge(RECORDING, found, papers, goods, rulebook, law).findings[0]
    assert first.reason.code == "judge.listen"
    assert "judge.disease" in [step.message.code for step in first.trace]  # what it would have been
    strict = judge(RECORDING, found, papers, goods, rulebook, law, options=JudgeOptions(min_confidence=0.3))
    assert strict.findings[0].verdict == "prohibited"


TWO = Catalogue(products=(Product(sku="A", name="橙", kind="fresh"), Product(sku="B", name="米", kind="primary")))


@pytest.mark.parametrize(
    ("covers", "until", "verdict", "code"),
    [
        (("A", "B"), date(2027, 1, 1), "supported", "valid"),
        (("A",), date(2027, 1, 1), "unclear", "product_unknown"),  # it depends on which
        (("A", "B"), date(2026, 1, 1), "unsupported", "expired"),
        (("A",), date(2026, 1, 1), "unsupported", "product_unknown.every"),
        (None, None, "unsupported", "no_papers"),
    ],
)
def test_a_claim_about_an_unknown_product(decide, covers, until, verdict, code):
    papers = [OrganicCertificate(id="E1", covers=covers, valid_to=until)] if covers else []
    finding = decide("都是有机的", "certification.organic", *papers, product=None, catalogue=TWO)
    assert (finding.verdict, finding.reason.code) == (verdict, f"judge.{code}")


def test_an_unknown_product_with_papers_that_differ_only_in_how_they_fail(decide):
    old = HarvestRecord(id="H1", covers=("A",), harvested_at=datetime(2026, 10, 1))
    finding = decide("今早现摘", "freshness.harvest", old, product=None, catalogue=TWO)
    assert (finding.verdict, finding.reason.code) == ("unsupported", "judge.product_unknown.none_fits")


def test_without_a_catalogue_a_paper_may_be_of_another_product(decide):
    paper = OrganicCertificate(id="E1", covers=("A",), valid_to=date(2027, 1, 1))
    unknown = decide("有机的", "certification.organic", paper, product=None, catalogue=Catalogue())
    known = decide("有机的", "certification.organic", paper, product="A", catalogue=Catalogue())
    assert (unknown.verdict, known.verdict) == ("unclear", "supported")


# ---- law, wording, ids


def test_law_is_that_of_the_day_and_a_rule_may_name_its_own(law, rulebook, claim):
    own = Rule(
        id="health.disease", kind="health.disease", severity="high", patterns=("治",), law=("competition-publicity",),
        rewrite=(("zh", "这是食品，不能治病"), ("en", "This is food")),
    )  # fmt: skip
    rules = msgspec.structs.replace(rulebook, rules=(own,))
    goods = Catalogue(products=(Product(sku="A", name="橙", kind="fresh"),))
    claims = Claims(
        recording="r1",
        rules_version="v1",
        coverage=0.8,
        claims=(claim("治咳嗽", "health.disease"), claim("提高免疫力", "health.function")),
    )
    for start, part in ((datetime(2025, 10, 14, 23, 59), "第八条"), (datetime(2025, 10, 15), "第九条")):
        recording = msgspec.structs.replace(RECORDING, started_at=start)
        found = judge(recording, claims, Evidence(), goods, rules, law)
        first, second = found.findings
        assert part in first.law[0].zh and first.rewrite == own.rewrite
        assert [ref.id for ref in second.law] == ["food-reg-38", "food-75", "false-publicity"]
        assert (found.coverage, found.rules_version) == (0.8, "v1")


def test_ids_hold_no_times_and_tell_repeats_apart(law, rulebook, claim):
    def ids(*made):
        goods = Catalogue(products=(Product(sku="A", name="橙", kind="fresh"),))
        claims = Claims(recording="r1", rules_version="v1", claims=made)
        return [finding.id for finding in judge(RECORDING, claims, Evidence(), goods, rulebook, law).findings]

    def said(**fields):
        return claim(**{"quote": "能治咳嗽", "kind": "health.disease", **fields})

    first = ids(said())[0]
    assert ids(said(start_ms=99_000, end_ms=100_000, id="c9", confidence=0.7, stance="negated")) == [first]
    assert ids(said(quote="能治咳嗽。")) == [first]  # marks and letter forms do not count
    twice = ids(said(), said(start_ms=50_000))
    assert twice[0] == first and len(set(twice)) == 2
    others = [said(quote="能治感冒"), said(kind="health.function"), said(product=None), said(channel="screen")]
    assert len({first, *ids(*others)}) == 5


def test_the_same_input_gives_the_same_bytes(decide):
    made = [msgspec.json.encode(decide("零添加", "purity.additive")) for _ in range(2)]
    assert made[0] == made[1]


# ---- messages


def test_every_message_is_worded_in_both_languages_with_its_arguments():
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.glob("*.py")))
    codes = set(re.findall(r'(?:say|fits|denies|misses|unreadable)\)?\((?:\w+, )?"([a-z_.]+)"', text))
    codes |= {f"not_asserted.{stance}" for stance in STANCES if stance != "asserted"}
    assert len(codes) > 100
    for lang in LANGS:
        missing = {code for code in codes if f"judge.{code}" not in catalogue(lang)}
        assert not missing
