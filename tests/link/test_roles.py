"""Parts in the range and ways of travel: stated ones win, derived ones say so, and what nothing shows stays unknown."""

import pytest

from streamlens.link.roles import direction_of, price_ranks, role_of
from streamlens.schema import Product


def goods(sku: str = "A", **fields: object) -> Product:
    return Product(sku=sku, name=sku, **fields)  # type: ignore[arg-type]


def test_price_ranks_run_from_the_lowest_to_the_highest_and_equal_prices_share_one() -> None:
    listed = [
        goods("A", price_fen=10),
        goods("B", price_fen=30),
        goods("C", price_fen=30),
        goods("D", price_fen=50),
        goods("E"),
    ]
    assert price_ranks(listed) == {"A": 0.0, "B": 0.5, "C": 0.5, "D": 1.0}
    assert price_ranks(listed[:1]) == {}


@pytest.mark.parametrize(
    ("product", "air", "role"),
    [
        (goods(role="image", kind="processed"), {"A": 1, "B": 9}, ("image", "catalogue")),
        (goods(kind="processed"), {}, ("processed", "derived")),
        (goods(price_fen=5000), {"A": 80, "B": 20}, ("main", "derived")),
        (goods(price_fen=990), {"A": 10, "B": 50, "C": 40}, ("traffic", "derived")),
        (goods(price_fen=990), {"A": 34, "B": 33, "C": 33}, (None, None)),  # cheap, and shown as much as the rest
        (goods(price_fen=4500), {"A": 10, "B": 50, "C": 40}, (None, None)),  # little shown, and not cheap
        (goods(price_fen=990), {"B": 50, "C": 50}, (None, None)),  # never on
        (goods(price_fen=990), {"A": 100}, (None, None)),  # alone
    ],
)
def test_role(product: Product, air: dict[str, int], role: tuple[str | None, str | None]) -> None:
    others = [goods("B", price_fen=3990), goods("C", price_fen=4990)]
    assert role_of(product, air, [product, *others]) == role


@pytest.mark.parametrize(
    ("product", "direction"),
    [
        (goods(direction="downlink", kind="fresh"), ("downlink", "catalogue")),
        (goods(kind="fresh"), ("uplink", "derived")),
        (goods(kind="primary", category="茶叶"), ("uplink", "derived")),
        (goods(kind="processed", category="调味品"), ("uplink", "derived")),
        (goods(category="家用电器/厨房"), ("downlink", "derived")),
        (goods(kind="processed", category="护肤"), ("downlink", "derived")),
        (goods(kind="processed"), (None, None)),
        (
            goods(category="果园旅游"),
            (None, None),
        ),  # a word of the farm alone, for goods of unknown kind, tells nothing
    ],
)
def test_direction(product: Product, direction: tuple[str | None, str | None]) -> None:
    assert direction_of(product) == direction
