"""Whatever the kind, words and papers: what must never become an accusation."""

from datetime import date, datetime

import pytest

from streamlens.judge.findings import JudgeOptions, judge
from streamlens.schema import (
    ACCUSATIONS,
    KINDS,
    STANCES,
    Catalogue,
    Claims,
    ColdChainLog,
    Evidence,
    HarvestRecord,
    IngredientList,
    Likeness,
    OrganicCertificate,
    OriginRecord,
    PriceHistory,
    PricePoint,
    Product,
    Reading,
    Recording,
    SalesRecord,
    ShippingRecord,
    TestItem,
    TestReport,
    WeighingRecord,
)

QUOTES = (
    "今天早上刚摘的", "全程零下十八度", "当季新货", "次日达", "能治咳嗽", "增强免疫力", "能减肥", "孕妇放心吃", "零农残", "没有防腐剂",
    "纯野生的", "有机的", "绿色食品", "地理标志产品", "富硒的", "有生产许可证", "有检测报告", "云南来的", "净重十斤", "单果四两", "全网最低价",
    "原价九十九", "全国最好的", "县长推荐", "卖了十万单", "每单捐一块钱", "最后三十单", "",
)  # fmt: skip
AGAINST = (
    HarvestRecord(id="E1", covers=("A",), harvested_at=datetime(2026, 9, 1)),
    ColdChainLog(id="E2", covers=("A",), readings=(Reading(at=datetime(2026, 10, 12), celsius=9.0),)),
    ShippingRecord(id="E3", covers=("A",), promised_hours=200),
    TestReport(
        id="E4",
        covers=("A",),
        issued_on=date(2026, 10, 1),
        items=(
            TestItem(name="毒死蜱", result="0.5 mg/kg"),
            TestItem(name="硒", result="0.001", unit="mg/kg", standard="0.1-0.3 mg/kg"),
        ),
    ),
    OrganicCertificate(id="E5", covers=("A",), valid_to=date(2020, 1, 1)),
    IngredientList(id="E6", covers=("A",), ingredients=("山梨酸钾",)),
    OriginRecord(id="E7", covers=("A",), place="江西赣州", method="大棚种植"),
    WeighingRecord(id="E8", covers=("A",), date=date(2026, 10, 1), declared_g=2500, samples_g=(1000.0,)),
    PriceHistory(id="E9", covers=("A",), prices=(PricePoint(date=date(2026, 10, 10), price=9.9),)),
    SalesRecord(id="E10", covers=("A",), units=3),
)
"""Papers that say the opposite of nearly everything in QUOTES."""
GOODS = Catalogue(
    products=(Product(sku="A", name="脐橙", kind="fresh", net_weight_g=2500, origin="江西赣州", price_fen=1990),)
)


@pytest.fixture(scope="module")
def verdicts(law, rulebook, claim):
    """The verdicts on every kind with every quote, the papers against them and without any."""

    def judged(options: JudgeOptions | None = None, **fields):
        claims = [claim(quote, kind, **fields) for kind in KINDS for quote in QUOTES]
        recording = Recording(id="r1", parts=(), duration_ms=60_000, started_at=datetime(2026, 10, 12, 19, 30))
        found = []
        for papers in (AGAINST, ()):
            done = judge(
                recording,
                Claims(recording="r1", rules_version="v1", claims=tuple(claims)),
                Evidence(documents=papers),
                GOODS,
                rulebook,
                law,
                options=options,
            )
            found += done.findings
        return found

    return judged


def test_the_papers_do_accuse_what_is_asserted_and_surely_heard(verdicts):
    accused = {finding.kind for finding in verdicts() if finding.verdict in ACCUSATIONS}
    assert accused == set(KINDS)


@pytest.mark.parametrize("stance", [stance for stance in STANCES if stance != "asserted"])
@pytest.mark.parametrize("product", ["A", None])
def test_what_is_not_asserted_accuses_nobody(verdicts, stance, product):
    assert {finding.verdict for finding in verdicts(stance=stance, product=product)} == {"none"}


@pytest.mark.parametrize("confidence", [0.0, 0.16, 0.49])
@pytest.mark.parametrize("product", ["A", None])
def test_what_was_hardly_heard_accuses_nobody(verdicts, confidence, product):
    likeness = Likeness(syllables=4, cost=0.4, probability=0.5)
    found = verdicts(confidence=confidence, likeness=likeness, product=product)
    assert not {finding.verdict for finding in found} & ACCUSATIONS


def test_the_bar_is_where_the_options_put_it(verdicts):
    found = verdicts(JudgeOptions(min_confidence=0.9), confidence=0.85)
    assert not {finding.verdict for finding in found} & ACCUSATIONS
    assert {finding.verdict for finding in verdicts(JudgeOptions(min_confidence=0.8), confidence=0.85)} & ACCUSATIONS


def test_without_a_date_of_the_stream_no_paper_contradicts_by_its_day(law, rulebook, claim):
    by_day = [
        kind for kind in KINDS if kind.startswith(("freshness.harvest", "freshness.season", "price.", "charity."))
    ]
    claims = tuple(claim(quote, kind) for kind in by_day for quote in QUOTES)
    found = judge(
        Recording(id="r1", parts=(), duration_ms=60_000),
        Claims(recording="r1", rules_version="v1", claims=claims),
        Evidence(documents=AGAINST),
        GOODS,
        rulebook,
        law,
    )
    assert "contradicted" not in {finding.verdict for finding in found.findings}
