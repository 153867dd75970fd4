"""What goes along with sales, told as no more than that: rank correlations within broadcasts, corrected for how many
were tried."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from streamlens.link.columns import Floats, groups, net, number
from streamlens.link.design import demean
from streamlens.link.honesty import Minima, lacking, refusal
from streamlens.link.inference import benjamini_hochberg, holm, slope
from streamlens.link.leaks import declared_leaks
from streamlens.link.library import needs_link
from streamlens.schema import Association, Estimate, Lack, Message, Refusal

if TYPE_CHECKING:
    import polars


class AssociationOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: str = "orders"
    per_1000: bool = True  # the outcome for 1000 viewer-minutes
    unit: str = "segment"
    cluster: str = "anchor"
    correction: Literal["benjamini_hochberg", "holm"] = "benjamini_hochberg"
    level: float = 0.95
    minima: Minima = Minima()


class _Tried(msgspec.Struct, frozen=True):
    feature: str
    rho: Estimate
    clusters: int
    rows: int


def associations(
    table: "polars.DataFrame", features: Sequence[str], *, options: AssociationOptions | None = None
) -> tuple[Association | Refusal, ...]:
    """For each feature that is not made of sales, in the order given: its association, or why there is none.

    A feature is told to go along with sales where its q value is below 1 - level.
    """
    options = options or AssociationOptions()
    needs_link()
    made = {leak.column for leak in declared_leaks(features, options.outcome)}
    if "unit" in table.columns:
        table = table.filter(table["unit"] == options.unit)
    outcome = net(table, options.outcome)
    if options.per_1000:
        with np.errstate(divide="ignore", invalid="ignore"):
            outcome = np.where(
                number(table, "viewer_minutes") > 0, outcome / number(table, "viewer_minutes") * 1000, np.nan
            )
    found = [_try(table, feature, outcome, options) for feature in features if feature not in made]
    tried = [each for each in found if isinstance(each, _Tried)]
    correct = benjamini_hochberg if options.correction == "benjamini_hochberg" else holm
    q_values = dict(
        zip((each.feature for each in tried), correct([each.rho.p_value or 0.0 for each in tried]), strict=True)
    )
    return tuple(_told(each, q_values[each.feature], options) if isinstance(each, _Tried) else each for each in found)


def _try(table: "polars.DataFrame", feature: str, outcome: Floats, options: AssociationOptions) -> _Tried | Refusal:
    values = number(table, feature)
    usable = np.isfinite(values) & np.isfinite(outcome)
    if not usable.any():
        return refusal(feature, (Lack(what="rows", needs=options.minima.rows, has=0),))
    rows = table.filter(usable.tolist())
    streams, clusters = groups(rows, "recording"), groups(rows, options.cluster)
    lacks = lacking(
        options.minima, streams=len(np.unique(streams)), anchors=len(np.unique(groups(rows, "anchor"))),
        events=float(net(rows, options.outcome).sum()), rows=rows.height,
    )  # fmt: skip
    left, right = (demean(_ranks(each[usable]), streams) for each in (values, outcome))
    if not lacks and min(float(left.std()), float(right.std())) <= 1e-9:
        lacks = (Lack(what="variation_rate", needs=options.minima.variation_rate, has=0),)
    if lacks:
        return refusal(feature, lacks)
    rho = slope(right / right.std(), left / left.std(), clusters, level=options.level)
    return _Tried(feature, rho, len(np.unique(clusters)), rows.height)


def _ranks(values: Floats) -> Floats:
    from scipy import stats

    ranks: Floats = stats.rankdata(values) / len(values)
    return ranks


def _told(tried: _Tried, q_value: float, options: AssociationOptions) -> Association:
    seen = q_value < 1 - options.level
    code = ("more" if tried.rho.value > 0 else "less") if seen else "none"
    args = (
        ("feature", tried.feature), ("outcome", options.outcome), ("value", f"{tried.rho.value:+.2f}"),
        ("low", f"{tried.rho.low:+.2f}"), ("high", f"{tried.rho.high:+.2f}"), ("q", f"{q_value:.2g}"),
        ("level", f"{options.level:.0%}"),
    )  # fmt: skip
    return Association(
        feature=tried.feature, outcome=options.outcome, rho=tried.rho, q_value=q_value, clusters=tried.clusters,
        rows=tried.rows, statement=Message(code=f"link.association.{code}", args=args),
    )  # fmt: skip
