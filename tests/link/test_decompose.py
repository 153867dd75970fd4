"""The parts of a change add up to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlens.link.decompose import Totals, decompose, totals
from streamlens.link.simulate import SimulationOptions, simulate
from streamlens.schema import Decomposition, Refusal

amounts = st.floats(1.0, 1e9)
sums = st.builds(Totals, viewer_minutes=amounts, orders=amounts, units=amounts, gmv_fen=amounts)


@given(before=sums, after=sums)
def test_the_parts_add_up(before: Totals, after: Totals) -> None:
    found = decompose(before, after)
    assert isinstance(found, Decomposition)
    change = found.after - found.before
    assert sum(factor.amount for factor in found.factors) == pytest.approx(change, rel=1e-6, abs=1e-6 * found.before)


def test_only_what_changed_has_a_part() -> None:
    before = Totals(viewer_minutes=1000, orders=50)
    found = decompose(before, Totals(viewer_minutes=2000, orders=100), outcome="orders")
    assert isinstance(found, Decomposition)
    assert {factor.name: round(factor.amount, 9) for factor in found.factors} == {"traffic": 50, "conversion": 0}
    assert dict(found.statement.args)["factor"] == "traffic"


@pytest.mark.parametrize(
    ("after", "lacking"),
    [
        (Totals(viewer_minutes=10, orders=0, units=0, gmv_fen=0), ["conversion", "basket", "price"]),
        (Totals(viewer_minutes=10, orders=3, gmv_fen=100), ["basket", "price"]),
        (Totals(viewer_minutes=0, orders=3, units=3, gmv_fen=100), ["traffic", "conversion"]),
    ],
)
def test_what_has_no_logarithm_is_refused(after: Totals, lacking: list[str]) -> None:
    found = decompose(Totals(viewer_minutes=10, orders=5, units=5, gmv_fen=50), after)
    assert isinstance(found, Refusal)
    assert [lack.what for lack in found.lacks] == lacking


def test_totals_are_net_of_refunds() -> None:
    table = simulate(2, options=SimulationOptions(streams=2, anchors=1)).table
    found = totals(table, unit="segment")
    assert found.orders == (table["orders"] - table["refunded_orders"]).sum()
    assert found.gmv_fen == (table["gmv_fen"] - table["refund_fen"]).sum()
