"""An explicit-duration hidden Markov model (semi-Markov), solved exactly: which state holds when.

A state is entered at the beginning of a step and held until another is; it earns the sum of its scores over the steps
between. How long it is held matters: a stay shorter than its state's `least_ms` costs its `short_cost`, but for a stay
that begins with the recording, and a product's that ends with it. State 0 is none, the others are products.

As the law of duration is constant on both sides of `least_ms`, the best (the sum) over all beginnings of a stay is a
running maximum (sum) of two sets, so the work is linear in steps and states. Scores are natural log odds. The
recursions are those of explicit-duration models (Murphy, Hidden semi-Markov models, 2002).
"""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

_NEVER = -1e9


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """What changes and stays cost, in log odds; `first` is a product after none, `none` none after a product."""

    short_ms: int
    short: float
    none_ms: int
    none_short: float
    none: float
    first: float


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What is decoded. `scores` float[steps, states]; `moves` float[steps, states], earned by a change to a product
    there (mostly negative); `times` int[steps + 1], ms at which each step begins, and at which the last ends."""

    scores: Array
    moves: Array
    times: Times
    costs: Costs


def best_path(ground: Ground) -> list[tuple[int, int]]:
    """The most likely stays as (first step, state), in order. Of equal ones those that change late."""
    steps, states = ground.scores.shape
    sums, short = _sums(ground), _short(ground)
    old = _old(ground)
    starts, source = np.full((steps, states), _NEVER), np.zeros((steps, states), np.int64)
    began = np.zeros((steps + 1, states), np.int64)
    run, run_at = np.full(states, _NEVER), np.zeros(states, np.int64)
    long, long_at = np.full(states, _NEVER), np.zeros(states, np.int64)
    leave = np.full(states, _NEVER)
    for step in range(steps + 1):
        if step:
            for part, first, last in _grown(old, step):
                for at in range(first, last):
                    later = starts[at, part] >= long[part] - 1e-9
                    long[part] = np.where(later, starts[at, part], long[part])
                    long_at[part] = np.where(later, at, long_at[part])
            cost = short if step < steps else _last(short)
            kept = long >= run - cost - 1e-9
            leave = sums[step] + np.where(kept, long, run - cost)
            began[step] = np.where(kept, long_at, run_at)
        if step == steps:
            break
        enter, source[step] = _best_entry(ground, step, leave)
        starts[step] = enter - sums[step]
        later = starts[step] >= run - 1e-9
        run, run_at = np.where(later, starts[step], run), np.where(later, step, run_at)
    state, step = int(np.argmax(leave)), steps
    stays: list[tuple[int, int]] = []
    while True:
        first = int(began[step, state])
        stays.append((first, state))
        if first == 0:
            return stays[::-1]
        state, step = int(source[first, state]), first


def occupancy(ground: Ground) -> Array:
    """float[steps, states]: how likely each state is at each step, given all of them; rows sum to 1."""
    steps, states = ground.scores.shape
    sums, short, old = _sums(ground), _short(ground), _old(ground)
    enter, leave = np.full((steps, states), _NEVER), np.full((steps + 1, states), _NEVER)
    run, long = np.full(states, _NEVER), np.full(states, _NEVER)
    for step in range(steps + 1):
        if step:
            for part, first, last in _grown(old, step):
                for at in range(first, last):
                    long[part] = np.logaddexp(long[part], enter[at, part] - sums[at, part])
            leave[step] = sums[step] + _mixed(run, long, short if step < steps else _last(short))
        if step < steps:
            enter[step] = _sum_entry(ground, step, leave[step])
            run = np.logaddexp(run, enter[step] - sums[step])
    total = np.logaddexp.reduce(leave[steps])
    # the same from the end: what follows an exit before a step, what follows an entry at it
    after, follow = np.full((steps + 1, states), _NEVER), np.full((steps, states), _NEVER)
    after[steps] = 0.0
    run = np.full(states, _NEVER)
    long = np.where(np.arange(states) > 0, sums[steps], _NEVER)  # a product's stay to the end is long enough
    reached = [steps + 1, steps]  # exits not yet far enough ahead: of none, of products (of theirs the end counts)
    for step in range(steps - 1, -1, -1):
        run = np.logaddexp(run, sums[step + 1] + after[step + 1])
        for index, part in enumerate((slice(0, 1), slice(1, states))):
            while reached[index] > step + 1 and old[index][reached[index] - 1] > step:
                reached[index] -= 1
                at = reached[index]
                long[part] = np.logaddexp(long[part], sums[at, part] + after[at, part])
        follow[step] = (run if step == 0 else _mixed(run, long, short)) - sums[step]
        if step:
            after[step] = _sum_exit(ground, step, follow[step])
    came = np.exp(np.minimum(enter + follow - total, 0.0))
    went = np.exp(np.minimum(leave[1:] + after[1:] - total, 0.0))
    held = np.cumsum(came, axis=0) - np.vstack([np.zeros(states), np.cumsum(went, axis=0)[:-1]])
    held = np.clip(held, 0.0, None)
    shares: Array = held / np.maximum(held.sum(axis=1, keepdims=True), 1e-12)
    return shares


def _sums(ground: Ground) -> Array:
    """float[steps + 1, states]: what each state has earned before each step."""
    states = ground.scores.shape[1]
    return np.vstack([np.zeros(states), np.cumsum(ground.scores, axis=0)])


def _short(ground: Ground) -> Array:
    cost = np.full(ground.scores.shape[1], ground.costs.short)
    cost[0] = ground.costs.none_short
    return cost


def _last(short: Array) -> Array:
    """The same where the recording ends: a product may be cut off by it."""
    cost = np.zeros_like(short)
    cost[0] = short[0]
    return cost


def _old(ground: Ground) -> tuple[Times, Times]:
    """For none and for products: of how many first steps a stay up to each step is long enough, at least the first."""
    times = ground.times
    return tuple(  # type: ignore[return-value]
        np.clip(np.searchsorted(times, times - least, side="right"), 1, np.maximum(np.arange(times.size), 1))
        for least in (ground.costs.none_ms, ground.costs.short_ms)
    )


def _grown(old: tuple[Times, Times], step: int) -> list[tuple[slice, int, int]]:
    """The first steps of which a stay has now become long enough: (states, from, to)."""
    parts = (slice(0, 1), slice(1, None))
    return [
        (part, int(each[step - 1]) if step > 1 else 0, int(each[step])) for part, each in zip(parts, old, strict=True)
    ]


def _mixed(run: Array, long: Array, cost: Array) -> Array:
    """The sum over all stays: all of them at the cost of a short one, and for the long ones what that took away."""
    gain = np.log(np.maximum(-np.expm1(-cost), 1e-300))
    both: Array = np.logaddexp(run - cost, long + gain)
    return both


def _best_entry(ground: Ground, step: int, leave: Array) -> tuple[Array, Any]:
    states = leave.size
    if step == 0:
        return _first(ground), np.zeros(states, np.int64)
    enter, source = np.full(states, _NEVER), np.zeros(states, np.int64)
    move, costs = ground.moves[step], ground.costs
    if states > 1:
        top = 1 + int(np.argmax(leave[1:]))
        rest = leave.copy()
        rest[[0, top]] = _NEVER
        second = int(np.argmax(rest))
        enter[1:], source[1:] = leave[top] + move[1:], top
        enter[top], source[top] = rest[second] + move[top], second
        from_none = leave[0] + move + costs.first
        better = enter < from_none
        better[0] = False
        enter, source = np.where(better, from_none, enter), np.where(better, 0, source)
        enter[0], source[0] = leave[top] - costs.none, top
    return enter, source


def _sum_entry(ground: Ground, step: int, leave: Array) -> Array:
    if step == 0:
        return _first(ground)
    enter = np.full(leave.size, _NEVER)
    move, costs = ground.moves[step], ground.costs
    if leave.size > 1:
        enter[1:] = np.logaddexp(_others(leave[1:]), leave[0] + costs.first) + move[1:]
        enter[0] = np.logaddexp.reduce(leave[1:]) - costs.none
    return enter


def _sum_exit(ground: Ground, step: int, follow: Array) -> Array:
    """What follows an exit before a step: an entry of another state at it."""
    exits = np.full(follow.size, _NEVER)
    move, costs = ground.moves[step], ground.costs
    if follow.size > 1:
        moved = follow[1:] + move[1:]
        exits[1:] = np.logaddexp(_others(moved), follow[0] - costs.none)
        exits[0] = np.logaddexp.reduce(moved) + costs.first
    return exits


def _first(ground: Ground) -> Array:
    enter: Array = ground.moves[0] + ground.costs.first
    enter[0] = 0.0
    return enter


def _others(values: Array) -> Array:
    """For each, the log of the sum of the exponentials of all the others."""
    top = values.max()
    weights = np.exp(values - top)
    rest = weights.sum() - weights
    first = int(np.argmax(weights))
    rest[first] = np.delete(weights, first).sum()  # not by subtraction, which would leave rounding only
    others: Array = top + np.log(np.maximum(rest, 1e-300))
    return others
