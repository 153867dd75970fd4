"""The decoder against all ways to part a few steps."""

import itertools
import math

import numpy as np
import pytest

from streamlens.detect.decoder import Costs, Ground, best_path, occupancy

COSTS = Costs(short_ms=8000, short=1.5, none_ms=15_000, none_short=4.0, none=1.0, first=0.5)


def ground(seed: int) -> Ground:
    rng = np.random.default_rng(seed)
    steps, states = int(rng.integers(1, 7)), int(rng.integers(1, 5 if seed % 2 else 4))
    times = np.cumsum(np.r_[0, rng.integers(1, 10, steps)]) * 1000
    return Ground(
        scores=rng.normal(0, 2, (steps, states)),
        moves=rng.normal(-2, 1, (steps, states)),
        times=times.astype(np.int64),
        costs=COSTS,
    )


def worth(given: Ground, path: tuple[int, ...]) -> tuple[float, list[tuple[int, int]]]:
    """The score of a path as the model is described, and its stays."""
    total, stays = 0.0, []
    for step, state in enumerate(path):
        total += given.scores[step, state]
        if step == 0:
            total += given.moves[0, state] + COSTS.first if state else 0.0
        elif path[step - 1] != state:
            total += given.moves[step, state] + (COSTS.first if path[step - 1] == 0 else 0.0) if state else -COSTS.none
        if step == 0 or path[step - 1] != state:
            stays.append((step, state))
    for number, (first, state) in enumerate(stays):
        last = stays[number + 1][0] if number + 1 < len(stays) else len(path)
        length = given.times[last] - given.times[first]
        if first and not (state and last == len(path)):
            total -= COSTS.short if state and length < COSTS.short_ms else 0.0
            total -= COSTS.none_short if not state and length < COSTS.none_ms else 0.0
    return total, stays


@pytest.mark.parametrize("seed", range(24))
def test_all_ways(seed: int) -> None:
    given = ground(seed)
    steps, states = given.scores.shape
    ways = [(*worth(given, path), path) for path in itertools.product(range(states), repeat=steps)]
    assert best_path(given) == max(ways, key=lambda way: way[0])[1]
    shares = np.zeros((steps, states))
    for total, _, path in ways:
        shares[range(steps), path] += math.exp(total)
    np.testing.assert_allclose(occupancy(given), shares / shares.sum(axis=1, keepdims=True), atol=1e-6)


def test_a_long_recording_keeps_its_accuracy() -> None:
    rng = np.random.default_rng(7)
    steps, states = 3000, 60
    truth = np.repeat(rng.integers(1, states, steps // 50), 50)
    scores = rng.normal(0, 0.3, (steps, states))
    scores[range(steps), truth] += 0.6
    given = Ground(
        scores=scores, moves=np.full((steps, states), -4.0 - math.log(states)), times=np.arange(steps + 1, dtype=np.int64) * 2000,
        costs=Costs(short_ms=8000, short=1.5, none_ms=45_000, none_short=50.0, none=3.0, first=2.0),
    )  # fmt: skip
    shares = occupancy(given)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-9)
    path = np.zeros(steps, int)
    for first, state in best_path(given):
        path[first:] = state
    assert (path == truth).mean() > 0.97
    assert shares[range(steps), truth].mean() > 0.9


def test_of_equal_ways_the_one_that_changes_late() -> None:
    scores = np.zeros((5, 3))
    scores[0, 1] = scores[4, 2] = 9.0
    given = Ground(scores=scores, moves=np.full((5, 3), -1.0), times=np.arange(6, dtype=np.int64) * 10_000, costs=COSTS)
    assert best_path(given) == [(0, 1), (4, 2)]
