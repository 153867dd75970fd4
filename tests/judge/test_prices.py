"""Prices as they are spoken, and against the seller's own price history."""

from datetime import date

import pytest

from streamlens.judge.lexicon import said
from streamlens.judge.prices import spoken_price
from streamlens.schema import PriceHistory, PricePoint


@pytest.mark.parametrize(
    ("text", "yuan", "grams"),
    [
        ("卖五十八一斤", 58, 500),
        ("八十八一盒", 88, None),
        ("水产市场，三两五的公蟹，一只二十五", 25, None),
        ("日常价大几百", None, None),
        ("好几十", None, None),
        ("九块九", 9.9, None),
        ("十九块九两斤", 19.9, 1000),
        ("三十九块八五斤装", 39.8, 2500),
        ("一百二十八块八", 128.8, None),
        ("两块五一个", 2.5, None),
        ("打八折", None, None),
        ("原价一百九十九今天九十九", 199, None),
        ("今天九十九块原价一百九十九块", 199, None),
        ("四十九块九", 49.9, None),
        ("九块九毛九", 9.99, None),
        ("九块九毛", 9.9, None),
        ("十九块九毛九", 19.99, None),
        ("一百二十八", 128, None),
        ("卖五十多", 50, None),
        ("十五六一斤", 15, 500),
        ("二十多一斤", 20, 500),
        ("一百二一斤", 120, 500),
        ("二十五块一斤", 25, 500),
        ("二十五块五斤", 25, 2500),
        ("一斤十六", 16, 500),
        ("五块钱", 5, None),
        ("一份一百二", 120, None),
        ("九块九十斤", 9.9, 5000),
        ("¥39.9", 39.9, None),
        ("原价128元", 128, None),
        ("两千九百八", 2980, None),
        ("一百九十八", 198, None),
        ("上百块", 100, None),
        ("三十九九", 39.9, None),
        ("五十八五斤", 58, 2500),
        ("卖了五十斤", None, None),
        ("便宜一半", None, None),
        ("要三天", None, None),
        ("一半的价格", None, None),
        ("比超市便宜三成", None, None),
        ("两百三一箱", 230, None),
        ("一千二", 1200, None),
        ("五毛钱一个", 0.5, None),
        ("四十九点九一箱", 49.9, None),
    ],
)
def test_prices_as_they_are_said(text, yuan, grams):
    price = spoken_price(said(text))
    assert (price and (pytest.approx(price.yuan), price.grams)) == (None if yuan is None else (yuan, grams))


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
