"""What a model goes by, measured on rows that it has not seen: importance of columns and partial dependence."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from streamlens.link.columns import Floats, Ints
from streamlens.link.gain import GainOptions, deviance
from streamlens.link.inference import benjamini_hochberg, interval
from streamlens.link.models import predict
from streamlens.link.splits import Part
from streamlens.link.task import Task
from streamlens.schema import Curve, Estimate, Importance

SHUFFLES = 5
POINTS = 12


def importances(
    models: Sequence[Any], task: Task, parts: Sequence[Part], groups: Ints, *, options: GainOptions | None = None
) -> tuple[Importance, ...]:
    """Of each feature: the share of deviance that its shuffling adds in held-out rows (Breiman 2001), largest first.

    Intervals count groups; q values are corrected for the number of features (Benjamini and Hochberg). Features that
    say the same share their importance, so that each may look small.
    """
    options = options or GainOptions()
    rng = np.random.default_rng(options.seed)
    whole = np.zeros(task.rows)
    added = np.zeros((len(task.features), task.rows))
    for model, (train, test) in zip(models, parts, strict=True):
        whole[test] = deviance(task.target[test], predict(model, task, test, train), task.family)
        for place in range(len(task.features)):
            for _ in range(SHUFFLES):
                columns = task.columns[test].copy()
                columns[:, place] = columns[rng.permutation(len(test)), place]
                lost = deviance(task.target[test], predict(model, task, test, train, columns), task.family)
                added[place, test] += (lost - whole[test]) / SHUFFLES
    rows = np.unique(np.concatenate([test for _, test in parts]))
    at = np.unique(groups[rows], return_inverse=True)[1]
    base = _sums(at, whole[rows])
    shares = [_ratio(_sums(at, each[rows]), base, options.level) for each in added]
    q_values = benjamini_hochberg([_one_sided(share) for share in shares])
    found = [
        Importance(feature=feature, share=share, q_value=q_value)
        for feature, share, q_value in zip(task.features, shares, q_values, strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (-each.share.value, each.feature)))


def _sums(groups: Ints, values: Floats) -> Floats:
    return np.bincount(groups, values).astype(np.float64)


def _ratio(added: Floats, base: Floats, level: float) -> Estimate:
    """A ratio of sums over groups with its linearised standard error."""
    count, total = len(base), float(base.sum())
    if total <= 0 or count < 2:
        return Estimate(value=0.0, low=-math.inf, high=math.inf, level=level)
    value = float(added.sum()) / total
    rest = added - value * base
    return interval(value, math.sqrt(float((rest**2).sum()) * count / (count - 1)) / total, count - 1, level=level)


def _one_sided(share: Estimate) -> float:
    """Shuffling cannot help a model but by chance: only a positive share counts."""
    p_value = 1.0 if share.p_value is None else share.p_value
    return p_value / 2 if share.value > 0 else 1 - p_value / 2


def dependence(
    models: Sequence[Any], task: Task, parts: Sequence[Part], feature: str, *, options: GainOptions | None = None
) -> Curve:
    """The mean prediction on held-out rows with a number set to values from its 5th to its 95th percentile (Friedman
    2001); the interval is over the folds' models. It shows what the model does, not what causes sales."""
    options = options or GainOptions()
    place = task.features.index(feature)
    values = task.columns[:, place].astype(np.float64)
    at = np.unique(np.nanquantile(values, np.linspace(0.05, 0.95, POINTS)))
    curves = np.empty((len(models), len(at)))
    for turn, (model, (train, test)) in enumerate(zip(models, parts, strict=True)):
        for point, value in enumerate(at):
            columns = task.columns[test].copy()
            columns[:, place] = value
            curves[turn, point] = predict(model, task, test, train, columns).mean()
    mean = curves.mean(axis=0)
    reach = np.zeros(len(at))
    if len(models) > 1:
        from scipy import stats

        reach = (
            stats.t.ppf(0.5 + options.level / 2, len(models) - 1) * curves.std(axis=0, ddof=1) / math.sqrt(len(models))
        )
    return Curve(
        feature=feature, at=tuple(map(float, at)), mean=tuple(map(float, mean)),
        low=tuple(map(float, mean - reach)), high=tuple(map(float, mean + reach)),
    )  # fmt: skip
