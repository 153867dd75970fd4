"""The part that a product plays in the range, and which way it travels: as the catalogue says, else derived.

Derived ones are marked as such. Sellers plan a range as few main products, cheap ones that bring viewers in (引流) and
others that earn (利润); of these only what catalogue and air time show is derived, and the rest stays unknown.
"""

import re
from collections.abc import Mapping, Sequence
from statistics import median

from streamlens.schema import Direction, Product, ProductRole, RoleSource

MAIN_TIMES = 1.5  # a main product has at least so many times the air time of an equal share
CHEAP_RATE = 0.6  # a traffic product costs at most this much of the catalogue's median price
_FARM = re.compile(
    "果|蔬|菜|菌|菇|粮|米|面|杂粮|豆|薯|油|茶|蜂|蜜|蛋|禽|肉|水产|海鲜|鱼|虾|干货|山货|特产|滋补|枸杞|枣|奶|调味|酱|农产|生鲜|食品|"
    "零食|速食|卤味|酒|药材|花卉|苗"
)
_INDUSTRY = re.compile(
    "服装|服饰|女装|男装|童装|内衣|鞋|箱包|配饰|珠宝|美妆|护肤|彩妆|洗护|个护|家清|清洁|日用|百货|家居|家纺|厨具|餐具|家电|数码|"
    "手机|电脑|电器|玩具|文具|图书|母婴用品|户外|汽车|五金|农资|化肥|农机|宠物"
)


def price_ranks(products: Sequence[Product]) -> dict[str, float]:
    """For each priced product its place among the prices, 0 the lowest to 1 the highest; equal prices share one."""
    prices = sorted(product.price_fen for product in products if product.price_fen is not None)
    if len(prices) < 2:
        return {}
    return {
        product.sku: (prices.index(product.price_fen) + len(prices) - 1 - prices[::-1].index(product.price_fen))
        / 2
        / (len(prices) - 1)
        for product in products
        if product.price_fen is not None
    }


def role_of(
    product: Product, air_ms: Mapping[str, int], products: Sequence[Product]
) -> tuple[ProductRole | None, RoleSource | None]:
    """`air_ms` holds the air time of all that were on, `products` is the catalogue.

    Derived: processed goods are `processed`; a product with 1.5 times an equal share of the air time is `main`; one
    with less than an equal share, at 0.6 of the median of three and more prices or below, is `traffic`.
    """
    if product.role:
        return product.role, "catalogue"
    if product.kind in ("processed", "health_food"):
        return "processed", "derived"
    total = sum(air_ms.values())
    if len(air_ms) < 2 or not total:
        return None, None
    times = air_ms.get(product.sku, 0) * len(air_ms) / total
    if times >= MAIN_TIMES:
        return "main", "derived"
    prices = [each.price_fen for each in products if each.price_fen is not None]
    cheap = len(prices) > 2 and product.price_fen is not None and product.price_fen <= CHEAP_RATE * median(prices)
    return ("traffic", "derived") if cheap and 0 < times < 1 else (None, None)


def direction_of(product: Product) -> tuple[Direction | None, RoleSource | None]:
    """Uplink: farm goods and what is made of them; downlink: goods of industry; None where nothing tells."""
    if product.direction:
        return product.direction, "catalogue"
    if product.kind in ("fresh", "primary"):
        return "uplink", "derived"
    if _INDUSTRY.search(product.category):
        return "downlink", "derived"
    if product.kind == "processed" and _FARM.search(product.category):
        return "uplink", "derived"
    return None, None
