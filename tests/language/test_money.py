"""Prices as they are said on air, with what they are for."""

import pytest

from streamlens.language import said
from streamlens.language.money import of_pack, prices
from streamlens.schema import Product


@pytest.mark.parametrize(
    ("text", "yuan", "grams", "count", "counter"),
    [
        ("十九块九", 19.9, None, 1, ""),
        ("十九块九五斤装", 19.9, 2500, 1, ""),
        ("9块9两包", 9.9, None, 2, "包"),
        ("九块九包邮", 9.9, None, 1, ""),
        ("79块9", 79.9, None, 1, ""),
        ("19.9", 19.9, None, 1, ""),
        ("一百二十八块八", 128.8, None, 1, ""),
        ("三块五毛钱一个", 3.5, None, 1, "个"),
        ("一元两个", 1.0, None, 2, "个"),
        ("五十八一斤", 58.0, 500, 1, ""),
        ("三十九块八五斤装", 39.8, 2500, 1, ""),
        ("一万二一块", 12000.0, None, 1, "块"),
        ("十块钱三斤", 10.0, 1500, 1, ""),
        ("三袋九十九块", 99.0, None, 3, "袋"),
        ("一块九毛九", 1.99, None, 1, ""),
        ("1000万元", 1e7, None, 1, ""),
        ("砍到二十九块九", 29.9, None, 1, ""),
    ],
)
def test_a_price_and_what_it_is_for(text, yuan, grams, count, counter):
    found = sorted(prices(said(text)), key=lambda price: price.start)
    assert [(p.yuan, p.grams, p.count, p.counter) for p in found] == [(pytest.approx(yuan), grams, count, counter)]


@pytest.mark.parametrize(
    "text", ["一块蛋糕", "切成两块", "放一块儿吃", "这一块肉", "立减二十块", "几百块钱", "十五美元"]
)
def test_no_price(text):
    assert not list(prices(said(text)))


@pytest.mark.parametrize("text", ["两百来块", "十五六块", "不到五十块", "八十多块", "三十块左右"])
def test_a_price_that_is_not_exact(text):
    assert [price.about for price in prices(said(text))] == [True]


def test_a_price_for_one_unit_of_sale():
    pack = Product(sku="A", name="沃柑", unit="5斤装", net_weight_g=2500)
    by_jin, whole = (next(prices(text)) for text in ("四块一斤", "十九块九五斤装"))
    assert of_pack(by_jin, pack) == 20.0
    assert of_pack(whole, pack) == 19.9
