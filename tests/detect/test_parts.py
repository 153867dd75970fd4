"""What tells a product from the others of its catalogue besides its names."""

import msgspec

from make import catalogue, product
from streamlens.detect.parts import distinctive_parts
from streamlens.schema import Product


def goods(sku: str, name: str, *, aliases: tuple[str, ...] = (), origin: str = "", category: str = "") -> Product:
    return msgspec.structs.replace(product(sku, name, aliases=aliases), origin=origin, category=category)


SHOP = catalogue(
    goods("PG", "阿克苏苹果", aliases=("苹果", "冰糖心"), origin="新疆阿克苏", category="水果"),
    goods("PGC", "苹果醋", origin="山东烟台", category="饮料"),
    goods("HS", "沙地红薯", aliases=("红薯",), origin="福建省漳浦县", category="蔬菜"),
    goods("LB", "新鲜沙窝萝卜 5斤", aliases=("萝卜",), origin="天津", category="蔬菜"),
)


def test_words_and_whose_they_are() -> None:
    words, heads = distinctive_parts(SHOP)
    owners = {part.phrase: part.products for part in words}
    assert owners["阿克苏"] == ("PG",)
    assert owners["烟台"] == ("PGC",)
    assert owners["漳浦"] == ("HS",)
    assert owners["沙地"] == ("HS",)
    assert owners["蔬菜"] == ("HS", "LB")
    assert owners["果肉"] == ("PG",)  # how fruit is spoken of
    assert {part.phrase: part.products for part in heads} == {
        "果": ("PG",), "心": ("PG",), "醋": ("PGC",), "薯": ("HS",), "卜": ("LB",),
    }  # fmt: skip


def test_names_and_words_of_the_trade_are_no_parts() -> None:
    words, _ = distinctive_parts(SHOP)
    phrases = {part.phrase for part in words}
    assert not phrases & {"苹果", "红薯", "苹果醋", "冰糖心", "新鲜", "五斤", "斤"}


def test_what_many_have_says_less_and_then_nothing() -> None:
    words, _ = distinctive_parts(SHOP)
    shares = {part.phrase: part.share for part in words}
    assert shares["蔬菜"] < shares["漳浦"]
    assert shares["新疆"] < shares["阿克苏"]  # people come from provinces too
    alike = catalogue(*(goods(str(number), f"{name}梨", origin="河北") for number, name in enumerate("甜雪香贡鸭")))
    words, heads = distinctive_parts(alike)
    assert "河北" not in {part.phrase for part in words} and heads == ()


def test_an_empty_catalogue() -> None:
    assert distinctive_parts(catalogue()) == ((), ())
