"""Intervals with few clusters, and corrections for many tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlens.link.inference import benjamini_hochberg, bootstrap, holm, pooled, slope
from streamlens.schema import Estimate


def test_intervals_cover_with_few_unequal_clusters() -> None:
    """Eight clusters of 5 to 40 rows with effects of their own: 1.96 standard errors would cover less than 90 %."""
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(8), [5, 8, 10, 12, 15, 20, 30, 40])
    hits, narrow = [], []
    for _ in range(800):
        treatment = rng.normal(size=len(clusters))
        outcome = (1 + rng.normal(0, 0.5, 8)[clusters]) * treatment + rng.normal(size=len(clusters))
        found = slope(outcome, treatment, clusters)
        assert found.se is not None
        hits.append(found.low <= 1 <= found.high)
        narrow.append(abs(found.value - 1) <= 1.96 * found.se)
    assert 0.93 <= np.mean(hits) <= 0.98
    assert np.mean(narrow) < 0.92


def test_equal_clusters_have_the_degrees_of_freedom_of_their_number() -> None:
    rng = np.random.default_rng(2)
    treatment = np.ones(60)
    found = slope(rng.normal(size=60), treatment, np.repeat(np.arange(6), 10))
    assert found.dof == pytest.approx(5)


@pytest.mark.parametrize(("treatment", "clusters"), [(np.zeros(4), [0, 0, 1, 1]), (np.ones(4), [0, 0, 0, 0])])
def test_what_cannot_be_told_has_no_bounds(treatment: np.ndarray, clusters: list[int]) -> None:
    found = slope(np.arange(4.0), treatment, np.array(clusters))
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_several_splits_become_one_with_their_spread() -> None:
    one = Estimate(value=1.0, low=0, high=2, se=0.5, dof=7)
    other = Estimate(value=3.0, low=2, high=4, se=0.5, dof=7)
    found = pooled([one, one, other])
    assert found.value == 1.0
    assert found.se == pytest.approx(0.5)
    assert pooled([one, other]).se == pytest.approx((0.25 + 1) ** 0.5)


def test_corrections_by_hand() -> None:
    assert benjamini_hochberg([0.01, 0.02, 0.03, 0.5]) == pytest.approx((0.04, 0.04, 0.04, 0.5))
    assert holm([0.01, 0.5, 0.02]) == pytest.approx((0.03, 0.5, 0.04))
    assert benjamini_hochberg([]) == holm([]) == ()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_corrected_p_values_are_never_smaller(p_values: list[float]) -> None:
    for correct in (benjamini_hochberg, holm):
        assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(p_values, correct(p_values), strict=True))


def test_whole_groups_are_drawn() -> None:
    parts = np.array([[1.0, 10.0], [2.0, 10.0], [3.0, 10.0]] * 5)
    low, high = bootstrap(parts, lambda sums: sums[:, 0] / sums[:, 1], draws=2000, seed=1)
    assert 0.14 < low < 0.2 < high < 0.26
    assert (low, high) == bootstrap(parts, lambda sums: sums[:, 0] / sums[:, 1], draws=2000, seed=1)
