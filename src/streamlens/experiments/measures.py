"""From counts of units to measures with intervals."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from streamlens.link.columns import Floats, codes
from streamlens.link.paired import difference, ratio, share
from streamlens.schema import Counts, Difference, Measure, Units

BETTER: dict[str, Literal["more", "less", "neither"]] = {
    "deviance": "less", "mae": "less", "mse": "less", "d2": "more", "r2": "more", "spearman": "more", "gain": "more",
    "effect": "neither", "character_error_rate": "less", "syllable_error_rate": "less", "name_recall": "more",
    "claim_recall": "more", "claim_precision": "more", "accusation_precision": "more", "accusation_recall": "more",
    "verdict_accuracy": "more", "stance_accuracy": "more", "segment_accuracy": "more", "boundary_accuracy": "more",
    "micro_f1": "more", "macro_f1": "more", "kind_precision": "more", "kind_recall": "more",
    "compliant_accused": "less", "meant_otherwise_accused": "less",
}  # fmt: skip


UNBOUNDED = frozenset(("deviance", "mae", "mse", "d2", "r2", "character_error_rate", "syllable_error_rate"))
"""Not shares of something: they may be below 0 or above 1."""


def counts_of(above: Mapping[str, Sequence[float]], below: Mapping[str, Sequence[float]]) -> tuple[Counts, ...]:
    return tuple(
        Counts(metric=name, above=tuple(map(float, above[name])), below=tuple(map(float, below[name])))
        for name in above
    )


def measure(units: Units, *, level: float) -> tuple[Measure, ...]:
    """Each counted metric over all units, with an interval that counts groups."""
    groups = codes(units.groups)[0]
    found = []
    for counts in units.counts:
        above, below = _arrays(counts)
        found.append(
            Measure(
                metric=counts.metric,
                estimate=(share if _proportion(counts.metric) else ratio)(above, below, groups, level=level),
                better=BETTER.get(counts.metric, "neither"),
                units=int((below > 0).sum()),
                groups=len(np.unique(groups[below > 0])) if (below > 0).any() else 0,
            )
        )
    return tuple(found)


def _proportion(metric: str) -> bool:
    return metric not in UNBOUNDED


def paired(
    metric: str, first: Sequence[Units], second: Sequence[Units], names: tuple[str, str], *, level: float
) -> Difference | None:
    """The metric over the first cells less that over the second; None unless unit for unit they are the same."""
    if len(first) != len(second) or not first or not all(map(comparable, first, second)):
        return None
    sums = []
    for side in (first, second):
        picked = [next((each for each in units.counts if each.metric == metric), None) for units in side]
        if not all(picked):
            return None
        arrays = [_arrays(each) for each in picked if each]
        sums.append((np.concatenate([above for above, _ in arrays]), np.concatenate([below for _, below in arrays])))
    groups = codes([name for units in first for name in units.groups])[0]
    found = difference(sums[0], sums[1], groups, level=level)
    if found is None:
        return None
    return Difference(
        metric=metric, first=names[0], second=names[1], estimate=found, units=len(groups), groups=len(np.unique(groups))
    )


def comparable(one: Units, other: Units) -> bool:
    """The same units in the same folds: only then is what differs the cell and not the luck of the draw."""
    return (one.ids, one.groups, one.folds) == (other.ids, other.groups, other.folds)


def _arrays(counts: Counts) -> tuple[Floats, Floats]:
    return np.array(counts.above, dtype=np.float64), np.array(counts.below, dtype=np.float64)
