"""Confounders as a matrix: bent lines for numbers, a column a category, and what is missing marked as missing.

Regression splines with few knots, and not a learner that shrinks: what is shrunk away of a confounder comes back as
bias of the effect, and with a few hundred pitches that bias is larger than what a more flexible learner gains.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from streamlens.link.columns import Floats, Ints, codes, has, is_number, number, text

if TYPE_CHECKING:
    import polars

KNOTS = 5
RARE = 10  # a category in fewer rows is taken together with the other rare ones
_CONSTANT = 1e-9


class Design(msgspec.Struct, frozen=True):
    """`matrix` is (rows, columns); `of` names the confounder that each column was made of."""

    matrix: Floats
    of: tuple[str, ...]


def make_design(table: "polars.DataFrame", confounders: Sequence[str], within: Ints | None = None) -> Design:
    """All columns of all confounders, less their mean within each group of `within`, at unit variance.

    What does not vary within the groups is left out: the comparison inside a group has taken care of it.
    """
    columns, of = [], []
    for name in confounders:
        for values in _columns(table, name):
            values = values - values.mean() if within is None else demean(values, within)
            spread = float(values.std())
            if spread > _CONSTANT:
                columns.append(values / spread)
                of.append(name)
    matrix = np.column_stack(columns) if columns else np.zeros((table.height, 0))
    return Design(matrix, tuple(of))


def plain(table: "polars.DataFrame", confounders: Sequence[str], within: Ints | None = None) -> Design:
    """The confounders as they are, beside their means within groups: for learners that bend by themselves."""
    columns, of = [], []
    for name in confounders:
        raw = number(table, name) if is_number(table, name) else codes(text(table, name))[0].astype(np.float64)
        values = np.where(np.isnan(raw), np.nanmedian(raw) if not np.isnan(raw).all() else 0.0, raw)
        columns.append(values)
        of.append(name)
        if within is not None and is_number(table, name):
            columns.append(values - demean(values, within))
            of.append(name)
    return Design(np.column_stack(columns) if columns else np.zeros((table.height, 0)), tuple(of))


def demean(values: Floats, within: Ints) -> Floats:
    """Values less the mean of their group."""
    counts = np.maximum(np.bincount(within), 1)
    means: Floats = np.bincount(within, values) / counts
    return values - means[within]


def _columns(table: "polars.DataFrame", name: str) -> list[Floats]:
    if not has(table, name):
        return []
    if not is_number(table, name):
        return _categories(text(table, name))
    values = number(table, name)
    missing = np.isnan(values)
    if missing.all():
        return []
    known = values[~missing]
    filled = np.where(missing, np.median(known), values)
    found = _bent(_evened(filled))
    return [*found, missing.astype(np.float64)] if missing.any() else found


def _categories(values: Sequence[str | None]) -> list[Floats]:
    at, names = codes(values)
    counts = np.bincount(at, minlength=len(names))
    often = [place for place in range(len(names)) if counts[place] >= RARE]
    found = [(at == place).astype(np.float64) for place in often]
    if len(often) < len(names):
        found.append(np.isin(at, [place for place in range(len(names)) if counts[place] < RARE]).astype(np.float64))
    return found


def _evened(values: Floats) -> Floats:
    """Prices and viewers spread over powers of ten: on their logarithm a few large ones do not decide."""
    if values.min() < 0 or values.std() < _CONSTANT:
        return values
    skew = float((((values - values.mean()) / values.std()) ** 3).mean())
    return np.log1p(values) if skew > 1 else values


def _bent(values: Floats) -> list[Floats]:
    from sklearn.preprocessing import SplineTransformer

    if len(np.unique(values)) <= KNOTS:
        return _categories([f"{value:g}" for value in values])
    spline = SplineTransformer(KNOTS, degree=1, knots="quantile", extrapolation="linear")
    found: Floats = spline.fit_transform(values.reshape(-1, 1))
    return [found[:, place] for place in range(found.shape[1])]
