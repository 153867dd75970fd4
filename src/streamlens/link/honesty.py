"""When nothing is said: too few streams, anchors, sales; and what stands beside everything that is said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from streamlens.link.columns import Floats, codes, has, is_number, number, text
from streamlens.schema import Confounder, Lack, Message, Refusal

if TYPE_CHECKING:
    import polars


class Minima(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Below these nothing is said.

    Streams and anchors are what vary independently: fewer, and one lucky evening decides. `events` are orders (or
    what the outcome counts), without which rates are noise. `variation_rate` is the share of the treatment's variance
    that lies within broadcasts, `unexplained_rate` the share of that which the confounders leave open: where they fix
    the treatment, there is nothing to compare. `known_rate` is the share of rows that have what is asked for.
    """

    streams: int = 8
    anchors: int = 4
    events: int = 200
    rows: int = 60
    variation_rate: float = 0.02
    unexplained_rate: float = 0.02
    known_rate: float = 0.5


def lacking(minima: Minima, **has_now: float) -> tuple[Lack, ...]:
    """What is below its minimum, in the order given. Whole names of `Minima` only.

    >>> [(lack.what, lack.needs, lack.has) for lack in lacking(Minima(streams=8), streams=3, rows=100)]
    [('streams', 8.0, 3.0)]
    """
    needs = {name: float(getattr(minima, name)) for name in has_now}
    return tuple(
        Lack(what=name, needs=needs[name], has=float(value)) for name, value in has_now.items() if value < needs[name]
    )


def refusal(subject: str, lacks: Sequence[Lack]) -> Refusal:
    return Refusal(subject=subject, lacks=tuple(lacks), reasons=tuple(map(_sentence, lacks)))


def _sentence(lack: Lack) -> Message:
    def shown(value: float) -> str:
        return f"{value:.0%}" if lack.what.endswith("_rate") else f"{value:.0f}"

    return Message(code="link.lack", args=(("lack", lack.what), ("needs", shown(lack.needs)), ("has", shown(lack.has))))


def confounder_panel(
    table: "polars.DataFrame",
    names: Sequence[str],
    *,
    treatment: Floats,
    outcome: Floats,
    left: Floats | None = None,
    adjusted: Sequence[str] = (),
) -> tuple[Confounder, ...]:
    """How each of `names` goes along with treatment and outcome, and with `left`, what adjusting leaves of the former.

    The arrays are (rows of the table,). A name that the table lacks is listed as unknown and not adjusted for.
    """
    return tuple(_confounder(table, name, treatment, outcome, left, name in adjusted) for name in names)


def _confounder(
    table: "polars.DataFrame", name: str, treatment: Floats, outcome: Floats, left: Floats | None, adjusted: bool
) -> Confounder:
    if not has(table, name):
        return Confounder(
            name=name, adjusted=False, treatment=None, outcome=None, treatment_left=None, missing_rate=1.0
        )
    values = number(table, name) if is_number(table, name) else None
    labels = text(table, name) if values is None else []
    missing = float(np.isnan(values).mean()) if values is not None else labels.count(None) / max(len(labels), 1)

    def strength(other: Floats) -> float | None:
        return correlation_ratio(labels, other) if values is None else rank_correlation(values, other)

    return Confounder(
        name=name,
        adjusted=adjusted and missing < 1,
        treatment=strength(treatment),
        outcome=strength(outcome),
        treatment_left=None if left is None else strength(left),
        missing_rate=missing,
    )


def rank_correlation(left: Floats, right: Floats) -> float | None:
    """|Spearman's rho| over the rows that have both; None where one of them does not vary."""
    from scipy import stats

    both = np.isfinite(left) & np.isfinite(right)
    if both.sum() < 3 or np.ptp(left[both]) == 0 or np.ptp(right[both]) == 0:
        return None
    return abs(float(stats.spearmanr(left[both], right[both]).statistic))


def correlation_ratio(labels: Sequence[str | None], values: Floats) -> float | None:
    """The root of the share of variance between the categories, less what as many random ones would have (epsilon
    squared, Kelley 1935); None where there is one category only."""
    known = np.isfinite(values)
    at, names = codes([label for label, there in zip(labels, known, strict=True) if there])
    seen = values[known]
    whole = float(((seen - seen.mean()) ** 2).sum()) if len(seen) else 0.0
    if len(names) < 2 or whole <= 0 or len(seen) <= len(names):
        return None
    means = np.bincount(at, seen) / np.bincount(at)
    inside = float(((seen - means[at]) ** 2).sum()) / (len(seen) - len(names))
    return float(np.sqrt(max(0.0, 1 - inside / (whole / (len(seen) - 1)))))
