"""Orders and turnover in a stretch."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from streamlens.link.layout import Row
from streamlens.link.sold import Till
from streamlens.schema import Audience, Order, Sales, Sold, Source


def row(start_s: float, end_s: float, product: str | None = "A") -> Row:
    return Row(unit="minute", start_ms=round(start_s * 1000), end_ms=round(end_s * 1000), product=product)


def test_all_orders_and_those_of_the_product_on_offer() -> None:
    till = Till(make.audience(orders=[(0, "A", 2), (10, "B", 1), (59.999, "A", 1), (60, "A", 5)]))
    assert till.sold(row(0, 60), 50.0) == Sold(
        orders=3, units=4, gmv_fen=4000, orders_own=2, units_own=3, gmv_own_fen=3000, orders_per_1000_viewer_min=60.0
    )
    none = till.sold(row(200, 260), None)
    assert (none.orders, none.gmv_fen, none.orders_own) == (0, 0, 0)
    assert till.sold(row(0, 60, None), None).orders_own is None


def test_without_a_file_of_orders_nothing_is_known_and_with_an_empty_one_none_were() -> None:
    assert Till(Audience(recording="r1")).sold(row(0, 60), 5.0) == Sold()
    source = Source(
        role="orders", state="read", file="orders.csv", format="table_orders", rows=0, read=0, clock="stated"
    )
    assert Till(Audience(recording="r1", sources=(source,))).sold(row(0, 60), None).orders == 0


def test_orders_without_amounts_have_no_turnover() -> None:
    sold = Till(make.audience(orders=[(1, "A", 1)], price_fen=None)).sold(row(0, 60), None)
    assert (sold.orders, sold.units, sold.gmv_fen, sold.gmv_own_fen, sold.refund_fen) == (1, 1, None, None, None)


def test_refunds_and_repeat_buyers_where_they_are_stated() -> None:
    orders = tuple(
        Order(at_ms=n, order=str(n), product="A", quantity=1, amount_fen=1000, refund_fen=refund, repeat_buyer=repeat)
        for n, (refund, repeat) in enumerate([(0, True), (400, False), (None, None)])
    )
    sold = Till(Audience(recording="r1", orders=orders)).sold(row(0, 60), None)
    assert (sold.refund_fen, sold.refunded_orders, sold.repeat_orders, sold.gmv_fen) == (400, 1, 1, 3000)


def test_turnover_by_the_minute_is_shared_out_where_there_are_no_orders() -> None:
    sales = (Sales(start_ms=30_000, end_ms=90_000, gmv_fen=1001, orders=3),)
    till = Till(Audience(recording="r1", sales=sales))
    first, second, third = (till.sold(row(start, start + 60), None) for start in (0, 60, 120))
    assert (first.gmv_fen or 0) + (second.gmv_fen or 0) == 1001
    assert (first.orders or 0) + (second.orders or 0) == 3
    assert (third.gmv_fen, third.orders) == (None, None)  # not covered by the export
    with_orders = msgspec.structs.replace(make.audience(orders=[(1, "A", 1)]), sales=sales)
    assert Till(with_orders).sold(row(0, 60), None).gmv_fen == 1000


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 90), st.integers(0, 99_999)), max_size=6),
    st.lists(st.integers(1, 400), max_size=8),
)
def test_shares_of_adjoining_stretches_add_up(exported: list[tuple[int, int, int]], cuts: list[int]) -> None:
    sales = tuple(Sales(start_ms=at * 1000, end_ms=(at + length) * 1000, gmv_fen=gmv) for at, length, gmv in exported)
    till = Till(Audience(recording="r1", sales=sales))
    edges = sorted({0, 400, *cuts})
    parts = [till.sold(row(one, other), None).gmv_fen or 0 for one, other in itertools.pairwise(edges)]
    assert sum(parts) == pytest.approx(sum(gmv for *_, gmv in exported))
