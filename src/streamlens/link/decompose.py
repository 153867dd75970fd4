"""Why sales changed: more viewers, more of them buying, fuller baskets or higher prices.

Sales = viewer-minutes x orders per viewer-minute x units per order x price per unit, so that the logs of the factors'
changes add up to the log of the whole, and with logarithmic means the amounts add up to the difference, without a rest
(LMDI I, Ang 2004, Decomposition analysis for policymaking in energy).
"""

import math
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from streamlens.link.columns import Floats, net, number
from streamlens.link.honesty import refusal
from streamlens.schema import Decomposition, Factor, Lack, Message, Refusal

if TYPE_CHECKING:
    import polars

NET = {"orders": "orders_net", "units": "units_net", "gmv_fen": "gmv_net_fen"}


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over a broadcast, a week, an anchor: `gmv_fen` and `orders` net of refunds."""

    viewer_minutes: float
    orders: float
    units: float | None = None
    gmv_fen: float | None = None


def totals(table: "polars.DataFrame", *, unit: str = "minute") -> Totals:
    """Sums over the rows of one unit that have viewers and sales: attributed ones where the table has them. Where
    nothing states units or money they are None."""
    if "unit" in table.columns:
        table = table.filter(table["unit"] == unit)

    def sold(name: str) -> Floats:
        attributed = NET[name]
        return number(table, attributed) if attributed in table.columns else net(table, name)

    viewers, orders = number(table, "viewer_minutes"), sold("orders")
    both = np.isfinite(viewers) & np.isfinite(orders)

    def total(name: str) -> float | None:
        values = sold(name)[both] if {name, NET[name]} & set(table.columns) else np.array([])
        return float(values.sum()) if len(values) and np.isfinite(values).all() else None

    return Totals(
        viewer_minutes=float(viewers[both].sum()), orders=float(orders[both].sum()), units=total("units"),
        gmv_fen=total("gmv_fen"),
    )  # fmt: skip


def decompose(
    before: Totals, after: Totals, *, outcome: Literal["orders", "gmv_fen"] = "gmv_fen"
) -> Decomposition | Refusal:
    """The change of an outcome by its factors. Refused where a factor is unknown or 0, which has no logarithm."""
    steps: list[tuple[str, str, str | None]] = [
        ("traffic", "viewer_minutes", None), ("conversion", "orders", "viewer_minutes"),
    ]  # fmt: skip
    if outcome == "gmv_fen":
        steps += [("basket", "units", "orders"), ("price", "gmv_fen", "units")]
    pairs = [(name, _ratio(before, above, below), _ratio(after, above, below)) for name, above, below in steps]
    if lacks := tuple(Lack(what=name, needs=1, has=0) for name, start, end in pairs if min(start, end) <= 0):
        return refusal(outcome, lacks)
    first, last = float(getattr(before, outcome)), float(getattr(after, outcome))
    whole, scale = last - first, _logarithmic_mean(first, last)
    found = []
    for name, start, end in pairs:
        points = math.log(end / start)
        share = points / math.log(last / first) if last != first else None
        found.append(Factor(name=name, before=start, after=end, log_points=points, amount=scale * points, share=share))
    largest = max(found, key=lambda factor: abs(factor.log_points))
    args = (
        ("outcome", outcome), ("change", f"{whole / first:+.1%}"), ("factor", largest.name),
        ("part", f"{math.expm1(largest.log_points):+.1%}"),
    )  # fmt: skip
    return Decomposition(
        outcome=outcome, before=first, after=last, factors=tuple(found),
        statement=Message(code="link.change" if whole else "link.change.none", args=args),
    )  # fmt: skip


def _ratio(totals: Totals, above: str, below: str | None) -> float:
    """0 where either is unknown."""
    over, under = getattr(totals, above), getattr(totals, below) if below else 1.0
    return float(over / under) if over is not None and under else 0.0


def _logarithmic_mean(first: float, last: float) -> float:
    return first if math.isclose(first, last, rel_tol=1e-12) else (last - first) / math.log(last / first)
