"""Which pitch an order belongs to, by hand."""

import polars
import pytest

import make
from streamlens.link.outcomes import OutcomeOptions, attribute, viewer_minutes, with_outcomes
from streamlens.schema import Audience, Order, Sales, Viewers

SEGMENTS = make.segments(("apple", 0, 100), ("rice", 100, 200), ("apple", 200, 300), ("tea", 300, 400))


def order(at_s: float, product: str | None, *, number: str = "", amount: int | None = 1000, refund: int | None = None,
          quantity: int = 1, repeat: bool | None = None) -> Order:  # fmt: skip
    return Order(at_ms=round(at_s * 1000), order=number or f"{product}{at_s}", product=product, quantity=quantity,
                 amount_fen=amount, refund_fen=refund, repeat_buyer=repeat)  # fmt: skip


def audience(*orders: Order, **more: object) -> Audience:
    return Audience(recording="r1", orders=orders, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at_s", "product", "place"),
    [
        (50, "apple", 0),
        (0, "apple", 0),
        (99.999, "apple", 0),
        (100, "apple", 0),  # half open: the pitch is over, the window is not
        (150, "apple", 0),  # during another product's pitch
        (159.999, "apple", 0),
        (160, "apple", None),  # window closed
        (200, "apple", 2),  # taken up again: the latest pitch gets it
        (259, "rice", 1),
        (260, "rice", None),
        (50, "rice", None),  # before it was ever on offer
        (50, "pear", None),
        (50, None, None),
        (459, "tea", 3),  # after the last pitch
        (-5, "apple", None),
    ],
)
def test_an_order_goes_to_the_latest_pitch_of_its_product_within_the_window(
    at_s: float, product: str | None, place: int | None
) -> None:
    found = attribute(audience(order(at_s, product)), SEGMENTS, 400_000, options=OutcomeOptions(window_s=60))
    assert [each.orders for each in found.segments] == [int(at == place) for at in range(4)]
    assert found.outside_orders == int(place is None)
    assert found.unnamed_orders == int(product is None)


def test_a_lag_moves_orders_back_to_what_was_said() -> None:
    late = attribute(audience(order(205, "apple")), SEGMENTS, 400_000, options=OutcomeOptions(window_s=120, lag_s=10))
    assert [each.orders for each in late.segments] == [1, 0, 0, 0]
    assert [each.orders for each in late.minutes] == [0, 0, 0, 1, 0, 0, 0]


def test_an_order_without_product_can_go_to_what_is_on_offer() -> None:
    found = attribute(audience(order(150, None)), SEGMENTS, 400_000, options=OutcomeOptions(unnamed="on_offer"))
    assert [each.orders for each in found.segments] == [0, 1, 0, 0]
    assert found.outside_orders == 0


def test_refunds_are_taken_out() -> None:
    found = attribute(
        audience(order(10, "apple", amount=1000, refund=1000), order(20, "apple", amount=900, refund=300, quantity=2)),
        SEGMENTS, 400_000,
    ).segments[0]  # fmt: skip
    assert (found.orders, found.units, found.gmv_fen, found.refund_fen, found.refunded_orders) == (1, 2, 600, 1300, 1)


def test_what_is_not_stated_stays_open() -> None:
    found = attribute(audience(order(10, "apple", amount=None), order(150, "rice")), SEGMENTS, 400_000)
    assert [each.gmv_fen for each in found.segments] == [None, 1000, 0, 0]
    assert all(each.repeat_orders is None and each.viewer_minutes is None for each in found.segments)
    assert [note.code for note in found.notes] == ["link.outcome.unpriced"]


def test_two_rows_of_one_order_are_one_order_and_repeat_buyers_are_counted() -> None:
    rows = [
        order(10, "apple", number="a", repeat=True),
        order(10, "apple", number="a", repeat=True),
        order(11, "apple", repeat=False),
    ]
    found = attribute(audience(*rows), SEGMENTS, 400_000).segments[0]
    assert (found.orders, found.units, found.repeat_orders) == (2, 3, 1)


def test_minutes_hold_every_order_of_the_recording() -> None:
    rows = [order(at, "apple") for at in (0, 59.999, 60, 399)]
    found = attribute(audience(*rows, order(401, "apple")), SEGMENTS, 400_000)
    assert [each.orders for each in found.minutes] == [2, 1, 0, 0, 0, 0, 1]
    assert found.minutes[-1].end_ms == 400_000


def test_turnover_by_time_is_spread_and_adds_up() -> None:
    sold = Audience(recording="r1", sales=(Sales(start_ms=0, end_ms=150_000, gmv_fen=1001, orders=7),))
    found = attribute(sold, SEGMENTS, 400_000)
    assert found.source == "sales"
    assert sum(each.gmv_fen or 0 for each in found.segments) == 1001
    assert [each.orders for each in found.segments] == [5, 2, None, None]
    assert sum(each.gmv_fen or 0 for each in found.minutes) == 1001


def test_without_sales_nothing_is_zero() -> None:
    found = attribute(Audience(recording="r1"), SEGMENTS, 400_000)
    assert found.source == "none"
    assert {each.orders for each in found.segments} == {None}


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(0, 60)], 60.0),
        ([(0, 60), (30, 120)], 90.0),
        ([(-100, 60)], 60.0),
        ([(-400, 60)], None),  # held for 300 s only
        ([(70, 60)], None),
        ([(30, 10)], 10.0),  # the part without a reading is taken to be like the rest
    ],
)
def test_viewer_minutes(readings: list[tuple[int, int]], expected: float | None) -> None:
    seen = Audience(recording="r1", viewers=tuple(Viewers(at_ms=at * 1000, online=online) for at, online in readings))
    assert viewer_minutes(seen, 0, 60_000) == expected


def test_outcomes_stand_beside_the_rows_of_the_feature_table() -> None:
    found = attribute(audience(order(10, "apple"), order(120, "apple", refund=1000)), SEGMENTS, 400_000)
    table = polars.DataFrame({
        "recording": ["r1", "r1", "r1", "r2"], "unit": ["segment", "minute", "between", "segment"],
        "start_ms": [0, 120_000, 0, 0], "end_ms": [100_000, 180_000, 5, 100_000],
    })  # fmt: skip
    beside = with_outcomes(table, [found])
    assert beside["orders_net"].to_list() == [1, 0, None, None]
    assert beside["gmv_net_fen"].to_list() == [1000, 0, None, None]
