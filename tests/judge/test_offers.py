"""Weight, price, sales, scarcity, charity."""

from datetime import date

import pytest

from streamlens.judge.offers import spoken_price
from streamlens.schema import AidAgreement, PriceHistory, PricePoint, SalesRecord, WeighingRecord


@pytest.mark.parametrize(
    ("quote", "goods", "verdict"),
    [
        ("净重九斤", {"net_weight_g": 4500}, "supported"),
        ("净重五斤", {"net_weight_g": 4500}, "supported"),
        ("净重十斤", {"net_weight_g": 4500}, "contradicted"),
        ("净重2.5公斤", {"net_weight_g": 2500}, "supported"),
        ("净重九斤", {"unit": "9斤装"}, "supported"),
        ("净重九斤", {}, "unsupported"),
        ("足足四十枚", {"unit": "40枚", "net_weight_g": 1800}, "supported"),
        ("足足四十枚", {"unit": "30枚"}, "contradicted"),
        ("足足四十枚", {"unit": "5斤装"}, "unsupported"),
        ("足斤足两", {"net_weight_g": 4500}, "unsupported"),
    ],
)
def test_weight_against_the_catalogue(decide, quote, goods, verdict):
    assert decide(quote, "quantity.weight", goods=goods).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "samples", "verdict"),
    [
        ("足斤足两", (2510.0, 2505.0), "supported"),
        ("足斤足两", (2510.0, 2300.0), "contradicted"),
        ("足斤足两", (2490.0, 2480.0), "unclear"),
        ("足斤足两", (), "unsupported"),
        ("净重五斤", (2510.0, 2505.0), "supported"),
    ],
)
def test_weight_against_what_was_weighed(decide, quote, samples, verdict):
    paper = WeighingRecord(id="W1", covers=("A",), date=date(2026, 10, 1), declared_g=2500, samples_g=samples)
    assert decide(quote, "quantity.weight", paper).verdict == verdict


def history(*points: tuple[int, float]) -> PriceHistory:
    return PriceHistory(
        id="P1", covers=("A",), prices=tuple(PricePoint(date=date(2026, 10, day), price=price) for day, price in points)
    )


@pytest.mark.parametrize(
    ("quote", "paper", "verdict"),
    [
        ("原价四十九块九", history((6, 49.9), (10, 49.9)), "supported"),
        ("原价四十九块九", history((6, 49.9), (10, 29.9)), "contradicted"),  # the lowest of the seven days counts
        ("原价四十九块九", history((1, 49.9)), "unsupported"),  # longer ago than seven days
        ("原价四十九块九", history((12, 49.9)), "unsupported"),  # the day of the stream is not before it
        ("超市里面卖五十多", history((10, 60)), "unsupported"),  # one's own prices say nothing of others
        ("原价可不便宜", history((10, 49.9)), "unclear"),
    ],
)
def test_former_and_outside_prices(decide, quote, paper, verdict):
    assert decide(quote, "price.reference", paper).verdict == verdict


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [("全网最低价", "unsupported"), ("开播以来最低价", "contradicted"), ("历史最低", "contradicted")],
)
def test_lowest_price(decide, quote, verdict):
    assert decide(quote, "price.lowest", history((1, 19.9)), goods={"price_fen": 2990}).verdict == verdict
    assert decide(quote, "price.lowest").verdict == "unsupported"


@pytest.mark.parametrize(
    ("text", "price"),
    [("四十九块九", 49.9), ("一百二十八", 128), ("九块九毛", 9.9), ("卖五十多", 50), ("十九块九毛九", 19.9)],
)
def test_prices_as_they_are_said(text, price):
    assert spoken_price(text) == pytest.approx(price)


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
