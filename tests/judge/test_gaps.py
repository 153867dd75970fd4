"""A processed food on sale without a production licence on file is a finding of its own, and accuses nobody."""

from datetime import date, datetime

import pytest

from streamlens.judge.findings import judge
from streamlens.schema import (
    Catalogue,
    Claims,
    Evidence,
    FoodOperationLicence,
    Product,
    ProductionLicence,
    Recording,
    Segment,
    Segments,
)

SAUCE = Product(sku="A", name="香菇酱", category="调味品", kind="processed")
ON_OFFER = Segments(recording="r1", segments=(Segment(product="A", start_ms=5000, end_ms=9000, confidence=0.9),))


def licence(**fields) -> ProductionLicence:
    return ProductionLicence(
        **{"id": "E1", "covers": ("A",), "scope": "调味品", "valid_to": date(2027, 1, 1), **fields}
    )


@pytest.fixture
def gaps(law, rulebook):
    def found(*papers, product=SAUCE, claims=(), segments=ON_OFFER):
        findings = judge(
            Recording(id="r1", parts=(), duration_ms=60_000, started_at=datetime(2026, 10, 12, 19, 30)),
            Claims(recording="r1", rules_version="v1", claims=tuple(claims)),
            Evidence(documents=papers),
            Catalogue(products=(product,)),
            rulebook,
            law,
            segments,
        ).findings
        return [finding for finding in findings if finding.rule == "papers.licence"]

    return found


def test_no_licence_on_file_is_for_a_person_to_check(gaps):
    (finding,) = gaps()
    assert (finding.verdict, finding.quote, finding.heard, finding.start_ms) == ("unclear", "香菇酱", "", 5000)
    assert [ref.id for ref in finding.law] == ["food-35", "live-27", "food-licence"]
    assert [step.step for step in finding.trace] == ["paper", "paper", "verdict"]


@pytest.mark.parametrize(
    ("paper", "count"),
    [
        (licence(), 0),
        (licence(covers=("*",)), 0),
        (licence(scope=""), 0),  # a person need not look twice: the scope is for the licence's own reader
        (licence(valid_to=date(2026, 10, 11)), 1),
        (licence(scope="肉制品"), 1),
        (licence(covers=("B",)), 1),
        (FoodOperationLicence(id="E1", covers=("A",), valid_to=date(2027, 1, 1)), 1),  # of the seller, not the maker
    ],
)
def test_the_licence_must_cover_the_product_on_the_day(gaps, paper, count):
    assert len(gaps(paper)) == count


@pytest.mark.parametrize("kind", ["fresh", "primary", "unknown"])
def test_what_is_not_processed_needs_none(gaps, kind):
    assert not gaps(product=Product(sku="A", name="香菇", kind=kind))


def test_what_was_not_on_sale_or_is_judged_by_a_claim_already_is_not_repeated(gaps, claim):
    assert not gaps(segments=Segments(recording="r1"))
    assert not gaps(segments=None)
    assert not gaps(claims=[claim("有生产许可证", "certification.licence")])
    assert len(gaps(claims=[claim("有生产许可证", "certification.licence", stance="question")])) == 1
