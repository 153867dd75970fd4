"""Ratios of sums over units, with intervals that count groups, and differences between two of them on the same units.

Nearly everything that is measured here is such a ratio: errors over characters, loss over rows, twice the right ones
over found and marked ones (F1). Its standard error is the linearised one (Woodruff 1971; Cochran 1977, ch. 6) over
groups, with the quantile of a t distribution, so that ten broadcasts count as ten however many rows they have.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from streamlens.link.columns import Floats, Ints
from streamlens.link.inference import interval
from streamlens.schema import Estimate


def ratio(above: Floats, below: Floats, groups: Ints, *, level: float = 0.95) -> Estimate | None:
    """sum(above) / sum(below), (units,) each; None where nothing is below. Without bounds where there is one group."""
    whole = float(below.sum())
    if whole <= 0:
        return None
    value = float(above.sum()) / whole
    return _told(value, (above - value * below) / whole, groups, level)


def share(above: Floats, below: Floats, groups: Ints, *, level: float = 0.95) -> Estimate | None:
    """A ratio that lies between 0 and 1, and so its interval. None or all of them says little of how many there are
    elsewhere: then the bound is that of as many independent trials as there are groups (Clopper and Pearson 1934)."""
    found = ratio(above, below, groups, level=level)
    if found is None or not math.isfinite(found.low):
        return found
    room = 1 - ((1 - level) / 2) ** (1 / len(np.unique(groups[below > 0])))
    low = 1 - room if found.value >= 1 else max(found.low, 0.0)
    high = room if found.value <= 0 else min(found.high, 1.0)
    return msgspec.structs.replace(found, low=low, high=high)


def difference(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], groups: Ints, *, level: float = 0.95
) -> Estimate | None:
    """The first ratio less the second, paired: each is (above, below) of the same units in the same order."""
    (above, below), (other_above, other_below) = first, second
    whole, other_whole = float(below.sum()), float(other_below.sum())
    if whole <= 0 or other_whole <= 0:
        return None
    value, other = float(above.sum()) / whole, float(other_above.sum()) / other_whole
    left = (above - value * below) / whole - (other_above - other * other_below) / other_whole
    return _told(value - other, left, groups, level)


def _told(value: float, left: Floats, groups: Ints, level: float) -> Estimate:
    """`left` is each unit's pull on the value; it is summed within groups."""
    sums = np.bincount(np.unique(groups, return_inverse=True)[1], left)
    count = len(sums)
    if count < 2:
        return Estimate(value=value, low=-math.inf, high=math.inf, level=level)
    return interval(value, math.sqrt(float((sums**2).sum()) * count / (count - 1)), count - 1, level=level)


def mean_ratio(ratios: Sequence[tuple[Floats, Floats]], groups: Ints, *, level: float = 0.95) -> Estimate | None:
    """The plain mean of several ratios of sums over the same units, those without anything below left out: macro F1."""
    known = [(above, below) for above, below in ratios if below.sum() > 0]
    if not known:
        return None
    values = [float(above.sum()) / float(below.sum()) for above, below in known]
    pulls = [(above - value * below) / below.sum() for value, (above, below) in zip(values, known, strict=True)]
    return _told(float(np.mean(values)), np.mean(pulls, axis=0), groups, level)
