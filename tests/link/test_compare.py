"""Streams side by side, and what is not compared."""

from datetime import date

import pytest

from streamlens.link.compare import compare
from streamlens.schema import Comparison, Focus, ProductFocus


def part(
    sku: str, minutes: float, own_orders: int | None = None, viewer_minutes: float | None = None, name: str = ""
) -> ProductFocus:
    return ProductFocus(
        product=sku, name=name or sku, air_ms=round(minutes * 60_000), air_rate=0.5, turns=1, loop_ms=None, mentions=2,
        orders=own_orders, units=own_orders, gmv_fen=None, gmv_rate=None, own_orders=own_orders, viewer_minutes=viewer_minutes,
    )  # fmt: skip


def stream(n: int, anchor: str, *parts: ProductFocus, role: str = "", hours: float = 1, **fields: object) -> Focus:
    return Focus(
        recording=f"s{n}", anchor=anchor, anchor_role=role, day=date(2026, 9, n), duration_ms=round(hours * 3_600_000),
        air_ms=sum(each.air_ms for each in parts), products=parts, **fields,
    )  # type: ignore[arg-type]  # fmt: skip


def tables(*streams: Focus) -> dict[str, Comparison]:
    return {table.name: table for table in compare(streams)}


def cells(table: Comparison, *heads: str) -> list[tuple[object, ...]]:
    return [tuple(row[table.heads.index(head)] for head in heads) for row in table.rows]


def test_rates_are_totals_over_totals_of_the_streams_that_state_them() -> None:
    found = tables(
        stream(1, "小橙", orders=30, comments=600, hours=1),
        stream(2, "小橙", orders=30, hours=3),
        stream(3, "小橙", hours=5),
    )["anchors"]
    assert cells(found, "anchor", "streams", "hours", "orders_per_hour", "comments_per_hour", "follows_per_hour") == [
        ("小橙", 3, 9.0, 15.0, 600.0, None)
    ]
    assert cells(found, "orders_per_hour_least", "orders_per_hour_most", "note") == [(10.0, 30.0, "")]


def test_fewer_than_three_streams_are_too_few() -> None:
    found = tables(*(stream(n, "小橙" if n < 4 else "老周", role="farmer") for n in range(1, 6)))
    assert cells(found["anchors"], "anchor", "streams", "note") == [("小橙", 3, ""), ("老周", 2, "too_few")]
    assert cells(found["roles"], "anchor_role", "note") == [("farmer", "")]


def test_anchors_are_set_side_by_side_on_the_products_that_both_sold() -> None:
    ours = [stream(n, "小橙", part("A", 30, 10, 500.0), part("B", 30, 5)) for n in (1, 2, 3)]
    theirs = [stream(n, "老周", part("A", 15, 10, 1000.0), part("C", 30, 5)) for n in (4, 5, 6)]
    found = tables(*ours, *theirs)["same_by_anchor"]
    assert cells(found, "product", "anchor", "orders_per_air_hour", "orders_per_1000_viewer_min", "note") == [
        ("A", "小橙", 20.0, 20.0, ""),
        ("A", "老周", 40.0, 10.0, ""),
    ]
    fewer = tables(*ours, *theirs[:2])["same_by_anchor"]
    assert {note for (note,) in cells(fewer, "note")} == {"too_few"}
    assert tables(*ours)["same_by_anchor"].rows == ()


def test_one_sku_under_two_names_is_two_products() -> None:
    found = tables(stream(1, "甲", part("1", 10, name="脐橙")), stream(2, "乙", part("1", 10, name="大米")))
    assert cells(found["products"], "product", "name", "streams") == [("1", "大米", 1), ("1", "脐橙", 1)] or cells(
        found["products"], "product", "name", "streams"
    ) == [("1", "脐橙", 1), ("1", "大米", 1)]
    assert found["same_by_anchor"].rows == ()


def test_products_by_air_time_over_all_streams() -> None:
    found = tables(stream(1, "甲", part("A", 10, 2), part("B", 30)), stream(2, "甲", part("A", 25, 5), part("C", 0)))[
        "products"
    ]
    assert cells(found, "product", "streams", "air_min", "orders", "orders_per_air_hour") == [
        ("A", 2, pytest.approx(35), 7, pytest.approx(12)),
        ("B", 1, pytest.approx(30), None, None),
        ("C", 0, 0.0, None, None),  # named, and never on
    ]
    assert cells(found, "air_rate")[0] == (pytest.approx(35 / 65),)


def test_trends_go_by_anchor_and_day() -> None:
    found = tables(stream(3, "乙", follows=9), stream(2, "甲", follows=5), stream(1, "甲", online_mean=80.0))["trends"]
    assert cells(found, "anchor", "day", "online", "follows") == [
        ("乙", "2026-09-03", None, 9), ("甲", "2026-09-01", 80.0, None), ("甲", "2026-09-02", None, 5),
    ]  # fmt: skip


def test_nothing_gives_empty_tables() -> None:
    assert [len(table.rows) for table in compare([])] == [0] * 6
