"""How a stream spreads its time and its sales over the products."""

from datetime import UTC, datetime

import msgspec
import pytest

import make
from streamlens.link.focus import find_focus, local
from streamlens.schema import Catalogue, Focus, Mentions, Segments

CATALOGUE = Catalogue(
    products=(
        make.product("A", "脐橙"), make.product("B", "大米"), make.product("C", "蜂蜜"),
    )
)  # fmt: skip
SHOWN = make.segments(("A", 0, 600), ("B", 660, 900), ("A", 900, 1500), ("A", 1500, 1560), ("B", 1560, 1800))
SOLD = make.audience(
    orders=[(10, "A", 1), (700, "A", 1), (750, "B", 2), (1200, None, 1), (1700, "B", 1), (1900, "B", 9)],
    online=[(0, 100), (290, 100)],
)


def focus(catalogue: Catalogue = CATALOGUE, **records: object) -> Focus:
    given = {
        "segments": SHOWN,
        "mentions": make.mentions(("A", 1, 2), ("C", 3, 4), ("A", 901, 902)),
        "audience": SOLD,
        **records,
    }
    return find_focus(make.recording(1800), catalogue, **given)  # type: ignore[arg-type]


def test_air_time_mentions_and_sales_by_product() -> None:
    found = {each.product: each for each in focus().products}
    assert list(found) == ["A", "B", "C"]
    assert [each.air_ms for each in found.values()] == [1_260_000, 480_000, 0]
    assert found["A"].air_rate == pytest.approx(1260 / 1740)
    assert [each.mentions for each in found.values()] == [2, 0, 1]
    assert [each.orders for each in found.values()] == [2, 2, 0]  # the one after the end is not the stream's
    assert [each.units for each in found.values()] == [2, 3, 0]
    assert [each.own_orders for each in found.values()] == [1, 2, 0]  # paid while it was on
    assert [each.gmv_fen for each in found.values()] == [2000, 3000, 0]
    assert found["B"].gmv_rate == pytest.approx(0.6)  # of what names a product
    assert found["B"].role is None
    assert found["A"].name == "脐橙"


def test_concentration_switches_and_loops() -> None:
    found = focus()
    assert found.air_hhi == pytest.approx((1260 / 1740) ** 2 + (480 / 1740) ** 2)
    assert found.air_top_rate == pytest.approx(1260 / 1740)
    assert found.sales_hhi == pytest.approx(0.4**2 + 0.6**2)
    assert found.switches == 3  # A B A B: neither the pause before B nor the two segments of A make one
    assert found.switches_per_hour == 6.0
    assert [each.loop_ms for each in found.products] == [900_000, 900_000, None]
    assert found.loop_ms == 900_000


def test_one_product_alone_is_wholly_concentrated_and_never_returns() -> None:
    found = focus(segments=make.segments(("A", 0, 10), ("A", 20, 30)))
    assert (found.air_hhi, found.air_top_rate, found.switches, found.loop_ms) == (1.0, 1.0, 0, None)


def test_viewer_minutes_are_unknown_where_readings_do_not_hold() -> None:
    found = {each.product: each.viewer_minutes for each in focus().products}
    assert found == {"A": None, "B": None, "C": None}
    steady = make.audience(online=[(at, 100) for at in range(0, 1800, 60)])
    found = {each.product: each.viewer_minutes for each in focus(audience=steady).products}
    assert found["A"] == pytest.approx(2100)


def test_without_anything_everything_is_unknown() -> None:
    empty = find_focus(make.recording(0), Catalogue(), Segments(recording="r1"), Mentions(recording="r1"))
    assert empty == Focus(recording="r1")
    unsold = focus(audience=None)
    assert (unsold.orders, unsold.sales_hhi, unsold.comments, unsold.online_mean) == (None, None, None, None)
    assert {each.orders for each in unsold.products} == {None}


def test_the_day_is_that_of_china() -> None:
    assert local(datetime(2026, 10, 12, 18, 30, tzinfo=UTC)) == datetime(2026, 10, 13, 2, 30)
    assert local(datetime(2026, 10, 12, 18, 30)) == datetime(2026, 10, 12, 18, 30)
    recording = msgspec.structs.replace(make.recording(60), started_at=datetime(2026, 10, 12, 18, 30, tzinfo=UTC))
    assert (
        str(find_focus(recording, Catalogue(), Segments(recording="r1"), Mentions(recording="r1")).day) == "2026-10-13"
    )
