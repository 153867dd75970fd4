"""Columns that know the outcome are named, and no others."""

from datetime import datetime, timedelta

import numpy as np
import polars
import pytest

from streamlens.link.leaks import SALES, check_leaks, declared_leaks
from streamlens.link.simulate import simulate
from streamlens.link.table import columns
from streamlens.schema import Sold


def days(rows: int = 300, seed: int = 0) -> dict[str, np.ndarray]:
    """A shop's days: traffic that has memory, and what is sold from it."""
    rng = np.random.default_rng(seed)
    level = np.zeros(rows)
    for day in range(1, rows):
        level[day] = 0.8 * level[day - 1] + rng.normal(0, 0.3)
    visits = np.exp(8 + level)
    buyers = rng.poisson(visits * np.exp(rng.normal(-3, 0.3, rows)))
    spent = np.exp(rng.normal(4, 0.3, rows))
    return {
        "visits": visits,
        "dwell": rng.normal(60, 9, rows),
        "a": buyers + 1.0,
        "b": spent,
        "y": (buyers + 1) * spent,
    }


def reasons(columns: dict[str, np.ndarray], **more: object) -> dict[str, str]:
    return {leak.column: leak.reason for leak in check_leaks(polars.DataFrame(columns), "y", **more)}  # type: ignore[arg-type]


def test_factors_of_the_outcome_are_found_without_their_names() -> None:
    assert reasons(days()) == {"a": "combination", "b": "combination"}


def test_of_two_factors_the_one_known_beforehand_is_not_the_leak() -> None:
    assert reasons(days(), innocent=("b",)) == {"a": "combination"}


def test_three_factors_are_found_too() -> None:
    columns = days()
    columns["rate"] = columns["a"] / columns["visits"]
    del columns["a"]
    assert set(reasons(columns)) == {"visits", "rate", "b"}
    assert set(reasons(columns, innocent=("visits",))) == {"rate", "b"}


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda c: c["y"] * 0.93 + 5, "copy"),
        (lambda c: np.sqrt(c["y"]), "copy"),
        (lambda c: c["y"] * np.exp(np.random.default_rng(1).normal(0, 0.05, len(c["y"]))), "accounts_for"),
        (lambda c: np.arange(len(c["y"])) ** 1.5 + 39_000, "counter"),
    ],
)
def test_what_goes_with_the_outcome_alone(make: object, reason: str) -> None:
    columns = days()
    columns["c"] = make(columns)  # type: ignore[operator]
    del columns["a"]
    assert reasons(columns)["c"] == reason


def test_sums_are_found() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.gamma(2, 10, 200), rng.gamma(2, 10, 200)
    found = reasons({"by_phone": first, "by_web": second, "other": rng.normal(size=200), "y": first + second})
    assert found == {"by_phone": "combination", "by_web": "combination"}


def test_what_moves_in_the_very_row_and_tells_nothing_of_the_next() -> None:
    rng = np.random.default_rng(4)
    season = 20 * np.sin(np.arange(400) / 10) + 100
    surprise = rng.normal(0, 8, 400)
    columns = {
        "thanks": surprise + rng.normal(0, 0.7, 400),
        "y": season + surprise,
        "visits": season + rng.normal(0, 8, 400),
    }
    assert reasons(columns) == {"thanks": "after"}


@pytest.mark.parametrize(
    "name", ["成交客户数", "下单金额", "客单价", "支付转化率", "GMV_yesterday", "total_sales", "refund_rate", "orders"]
)
def test_names_of_results(name: str) -> None:
    rng = np.random.default_rng(5)
    assert reasons({name: rng.normal(size=100), "y": rng.normal(size=100)}) in ({name: "name"}, {name: "declared"})


@pytest.mark.parametrize("name", ["浏览量", "访客数", "跳失率", "pace_cpm", "reordering", "questions_answered"])
def test_names_of_other_things(name: str) -> None:
    rng = np.random.default_rng(6)
    assert reasons({name: rng.normal(size=100), "y": rng.normal(size=100)}) == {}


def test_random_columns_are_left_alone() -> None:
    rng = np.random.default_rng(7)
    assert reasons({**{f"x{place}": rng.normal(size=60) for place in range(40)}, "y": rng.normal(size=60)}) == {}


def test_the_feature_table_and_its_dictionary() -> None:
    assert [leak.column for leak in declared_leaks(["pace_cpm", "units", "orders_own_per_min"], "orders")] == [
        "units",
        "orders_own_per_min",
    ]
    assert [leak.reason for leak in declared_leaks(["x"], "orders", sources={"x": "orders, viewers"})] == ["declared"]
    table = simulate(1).table
    found = {leak.column for leak in check_leaks(table, "orders", innocent=("viewer_minutes", "price_fen"))}
    assert found == {"units", "gmv_fen", "refund_fen", "refunded_orders", "repeat_orders"}


def test_a_time_after_the_row_is_not_known_in_it() -> None:
    start = datetime(2026, 10, 1, 20)
    rng = np.random.default_rng(8)
    table = polars.DataFrame({
        "started_at": [start] * 50, "end_ms": [60_000] * 50, "paid_last": [start + timedelta(hours=3)] * 50,
        "catalogue_read": [start - timedelta(days=1)] * 50, "y": rng.normal(size=50),
    })  # fmt: skip
    assert {leak.column: leak.reason for leak in check_leaks(table, "y")} == {"paid_last": "after"}


def test_all_sales_columns_of_the_feature_table_are_known_and_no_others() -> None:
    assert set(Sold.__struct_fields__) <= SALES
    dictionary = {column.name: column.source for column in columns()}
    made = {leak.column for leak in declared_leaks(list(dictionary), "orders", sources=dictionary)}
    assert made == set(Sold.__struct_fields__)
