"""Spoken prices, weights and counts, as far as they tell which product is meant."""

import msgspec
import pytest

from make import product
from streamlens.detect.figures import find_figures, listed_figures


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("十九块九包邮", [("十九块九", "price", (1990,))]),
        ("一百二十八块", [("一百二十八块", "price", (12800,))]),
        ("九十九块九毛", [("九十九块九", "price", (9990,))]),
        ("十九点九元", [("十九点九", "price", (1990,))]),
        # the tenths misheard: both may be meant
        ("十九块酒", [("十九块酒", "price", (1900, 1990))]),
        ("二十六块吧", [("二十六块吧", "price", (2600, 2680))]),
        # the last figure may belong to what follows
        ("三十五块五斤装", [("三十五块", "price", (3500, 3550)), ("五斤", "grams", (2500,))]),
        ("四十二块三十枚", [("四十二块", "price", (4200, 4230)), ("三十枚", "count", (30,))]),
        # a price without its unit
        ("八十八一瓶", [("八十八", "figure", (8800,))]),
        ("五十九一斤", [("五十九", "figure", (5900,)), ("一斤", "grams", (500,))]),
        ("六瓶五十六", [("六瓶", "count", (6,)), ("五十六", "figure", (5600,))]),
        ("十九九包邮", [("十九九", "figure", (1990, 1900))]),
        # no prices of this offer
        ("原价四十九块九", []),
        ("超市里面卖五十多块", []),
        ("今天直接减二十块", []),
        ("三点钟开播", []),
        ("四十八小时发货", []),
        ("第二十单", []),
        # weights
        ("九斤装", [("九斤", "grams", (4500,))]),
        ("半斤", [("半斤", "grams", (250,))]),
        ("一斤半", [("一斤半", "grams", (750,))]),
        ("二点五公斤", [("二点五公斤", "grams", (2500,))]),
        ("两百五十克", [("两百五十克", "grams", (250,))]),
        ("四十枚", [("四十枚", "count", (40,))]),
        ("两个小时", []),
        ("", []),
    ],
)
def test_figures(said: str, want: list[tuple[str, str, tuple[int, ...]]]) -> None:
    found = [(said[figure.start : figure.end], figure.sort, figure.values) for figure in find_figures(said)]
    assert found == want


def test_what_the_catalogue_lists() -> None:
    eggs = msgspec.structs.replace(product("JD", "土鸡蛋"), price_fen=5990, unit="40枚", net_weight_g=1800)
    assert listed_figures(eggs) == (("count枚", 40), ("grams", 1800), ("price", 5990))
    assert listed_figures(product("A", "梨")) == ()
