"""Does more help at first and harm later? A test of an inverted U that a merely flattening curve does not pass.

A negative square term is no proof: it is negative for every curve that flattens. What is asked is whether the slope is
positive at the low end of the data and negative at the high end (Lind and Mehlum 2010, With or without U?).
"""

from typing import TYPE_CHECKING

import numpy as np

from streamlens.link.columns import Floats, groups, net, number
from streamlens.link.design import demean, make_design
from streamlens.link.honesty import Minima, lacking, refusal
from streamlens.link.inference import slope
from streamlens.link.library import needs_link
from streamlens.schema import Estimate, Lack, Record, Refusal

if TYPE_CHECKING:
    import polars

ENDS = (0.05, 0.95)  # of the feature's values


class Bend(Record, frozen=True, kw_only=True):
    """The slopes at the two ends, and the square term; per unit of the feature, within broadcasts."""

    low: Estimate
    high: Estimate
    square: Estimate
    streams: int
    clusters: int
    rows: int


def bend(
    table: "polars.DataFrame",
    feature: str,
    *,
    outcome: str,
    per_1000: bool,
    unit: str,
    cluster: str,
    confounders: tuple[str, ...],
    minima: Minima,
    level: float = 0.95,
) -> Bend | Refusal:
    """A parabola of the outcome in the feature, the confounders and the broadcast held. An association."""
    needs_link()
    if "unit" in table.columns:
        table = table.filter(table["unit"] == unit)
    values, sold = number(table, feature), net(table, outcome)
    usable = np.isfinite(values) & np.isfinite(sold)
    if per_1000:
        viewers = number(table, "viewer_minutes")
        usable &= np.nan_to_num(viewers) > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = sold / viewers * 1000
    else:
        rate = sold
    if not usable.any():
        return refusal(feature, (Lack(what="rows", needs=minima.rows, has=0),))
    rows = table.filter(usable.tolist())
    streams, clusters = groups(rows, "recording"), groups(rows, cluster)
    lacks = lacking(
        minima, streams=len(np.unique(streams)), anchors=len(np.unique(groups(rows, "anchor"))),
        events=float(sold[usable].sum()), rows=rows.height,
    )  # fmt: skip
    if not lacks and len(np.unique(values[usable])) < 4:
        lacks = (Lack(what="variation_rate", needs=minima.variation_rate, has=0),)
    if lacks:
        return refusal(feature, lacks)
    x, y = values[usable], demean(rate[usable], streams)
    held = make_design(rows, tuple(name for name in confounders if name != feature), streams).matrix
    ends = [float(each) for each in np.quantile(x, ENDS)]

    def slope_at(place: float) -> Estimate:
        """The square is taken around `place`, where it has no slope: what is left to x is the slope there."""
        square = demean((x - place) ** 2, streams)
        given = np.column_stack([square, held])
        return slope(_left(y, given), _left(demean(x, streams), given), clusters, level=level)

    given = np.column_stack([demean(x, streams), held])
    square = slope(_left(y, given), _left(demean((x - x.mean()) ** 2, streams), given), clusters, level=level)
    return Bend(
        low=slope_at(ends[0]), high=slope_at(ends[1]), square=square, streams=len(np.unique(streams)),
        clusters=len(np.unique(clusters)), rows=rows.height,
    )  # fmt: skip


def _left(values: Floats, given: Floats) -> Floats:
    found: Floats = values - given @ np.linalg.lstsq(given, values, rcond=None)[0]
    return found
