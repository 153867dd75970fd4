"""The usual regressions with clustered standard errors, to stand beside double machine learning."""

import math
import warnings

import numpy as np

from streamlens.link.columns import Floats, Ints
from streamlens.schema import Estimate


def naive(outcome: Floats, treatment: Floats, clusters: Ints, *, level: float = 0.95) -> Estimate:
    """The outcome on the treatment and nothing else: what a table of correlations says."""
    import statsmodels.api as sm

    fitted = sm.OLS(outcome, sm.add_constant(treatment, has_constant="add")).fit(
        cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True
    )
    return _estimate(fitted, 1, len(np.unique(clusters)) - 1, level)


def adjusted(
    outcome: Floats, treatment: Floats, confounders: Floats, clusters: Ints, *, level: float = 0.95
) -> Estimate | None:
    """Least squares with the confounders as columns, all less the mean of their broadcast. None where they fix the
    treatment."""
    import statsmodels.api as sm

    columns = _independent(np.column_stack([treatment, confounders]))
    if columns is None:
        return None
    fitted = sm.OLS(outcome, columns).fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    return _estimate(fitted, 0, len(np.unique(clusters)) - 1, level)


def counted(
    counts: Floats, exposure: Floats, treatment: Floats, confounders: Floats, within: Ints, clusters: Ints,
    *, level: float = 0.95,
) -> Estimate | None:  # fmt: skip
    """A Poisson model of counts with the exposure as offset: the change of the log rate per unit of treatment.

    A column for each group of `within`; groups without a count say nothing and are left out. None where it does not
    converge.
    """
    import statsmodels.api as sm

    used = np.bincount(within, counts)[within] > 0
    if used.sum() < confounders.shape[1] + 10:
        return None
    within = np.unique(within[used], return_inverse=True)[1]
    dummies = np.eye(int(within.max()) + 1)[within]
    columns = _independent(np.column_stack([treatment[used], dummies, confounders[used]]))
    if columns is None:
        return None
    model = sm.GLM(counts[used], columns, family=sm.families.Poisson(), offset=np.log(exposure[used]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is asked for below
        try:
            fitted = model.fit(cov_type="cluster", cov_kwds={"groups": clusters[used]}, use_t=True)
        except (ValueError, np.linalg.LinAlgError):
            return None
    found = _estimate(fitted, 0, len(np.unique(clusters[used])) - 1, level)
    return found if fitted.converged and math.isfinite(found.high) else None


def _independent(columns: Floats) -> Floats | None:
    """Columns that do not repeat what others say, the first among them; None where that one is repeated by others.

    With repeated ones the fit wanders without end, though what it says of the first does not depend on them.
    """
    from scipy import linalg

    others = columns[:, 1:]
    if not others.size:
        return columns
    _, triangle, order = linalg.qr(others, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    kept = np.sort(order[: int((size > 1e-8 * size[0]).sum())])
    left = columns[:, 0] - others[:, kept] @ np.linalg.lstsq(others[:, kept], columns[:, 0], rcond=None)[0]
    return np.column_stack([columns[:, 0], others[:, kept]]) if left.std() > 1e-8 * columns[:, 0].std() else None


def _estimate(fitted: object, place: int, dof: int, level: float) -> Estimate:
    from streamlens.link.inference import interval

    value = float(fitted.params[place])  # type: ignore[attr-defined]
    se = float(fitted.bse[place])  # type: ignore[attr-defined]
    if dof < 1 or not math.isfinite(se):
        return Estimate(value=value, low=-math.inf, high=math.inf, level=level)
    return interval(value, se, dof, level=level)
