"""Sales, scarcity, charity."""

from datetime import date

import pytest

from streamlens.schema import AidAgreement, SalesRecord


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [
        ("卖了十万单了", "contradicted"),
        ("卖了一千单", "supported"),
        ("卖了一千三百单", "supported"),
        ("销量第一", "unsupported"),
    ],
)
def test_sales(decide, quote, verdict):
    assert decide(quote, "sales.figures", SalesRecord(id="S1", covers=("A",), units=1240)).verdict == verdict


def test_scarcity_and_charity(decide):
    assert decide("最后五十单了", "scarcity.stock").verdict == "unsupported"
    running = AidAgreement(
        id="A1", covers=("A",), partner="某村", signed_on=date(2026, 1, 1), valid_to=date(2026, 12, 31)
    )
    over = AidAgreement(id="A1", covers=("A",), signed_on=date(2025, 1, 1), valid_to=date(2025, 12, 31))
    assert decide("帮帮老乡", "charity.story", running).verdict == "supported"
    assert decide("帮帮老乡", "charity.story", over).reason.code == "judge.expired"
    assert decide("帮帮老乡", "charity.story").verdict == "unsupported"
