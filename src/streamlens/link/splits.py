"""Which rows a model learns from and which it is tried on, so that nothing of the latter is known beforehand."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from streamlens.errors import InputError
from streamlens.link.columns import Floats, Ints

Split = Literal["random", "recording", "anchor", "forward"]
Part = tuple[Ints, Ints]
"""The places of the rows to learn from, and of those to be tried on."""


def grouped(groups: Ints, *, folds: int, seed: int) -> tuple[Part, ...]:
    """Whole groups held out in turn, about as many rows each time. InputError with fewer than two groups."""
    from sklearn.model_selection import GroupKFold

    count = len(np.unique(groups))
    if count < 2:
        raise InputError("split", f"needs 2 groups to hold out, has {count}", "add recordings")
    parts = GroupKFold(min(folds, count), shuffle=True, random_state=seed).split(groups, groups=groups)
    return tuple((train, test) for train, test in parts)


def at_random(rows: int, *, folds: int, seed: int) -> tuple[Part, ...]:
    """Rows held out one by one: what a careless study does. Rows of one broadcast are on both sides."""
    from sklearn.model_selection import KFold

    return tuple((train, test) for train, test in KFold(folds, shuffle=True, random_state=seed).split(np.arange(rows)))


def forward(
    groups: Ints, starts: Floats, ends: Floats, *, folds: int, gap: float = 0.0, first_rate: float = 0.4
) -> tuple[Part, ...]:
    """Learn from the past, be tried on the future. Groups (recordings) stay whole and come in order of their start.

    `starts` and `ends` are each row's, in one unit (`gap` too). The first `first_rate` of the groups is only learnt
    from; the rest is tried in `folds` blocks. Learnt from is what ended `gap` or more before the block begins: an order
    that is attributed later must not reach across. InputError where that leaves too little.
    """
    names, at = np.unique(groups, return_inverse=True)
    if not np.isfinite(starts).all():
        raise InputError(
            "split", "forward in time needs the start of every recording", "state started_at in stream.yaml"
        )
    begin = np.array([starts[at == name].min() for name in range(len(names))])
    order = np.argsort(begin, kind="stable")
    first = max(1, round(len(names) * first_rate))
    if len(names) < 3 or len(names) - first < 1:
        raise InputError("split", f"forward in time needs 3 recordings, has {len(names)}", "add recordings")
    found = []
    for block in np.array_split(order[first:], min(folds, len(names) - first)):
        inside = np.isin(at, block)
        since = float(starts[inside].min())
        past = (ends + gap <= since) & ~inside
        if past.any():
            found.append((np.flatnonzero(past), np.flatnonzero(inside)))
    if not found:
        raise InputError("split", "no block has a past to learn from", "shorten the gap or add recordings")
    return tuple(found)


def covered(parts: Sequence[Part]) -> Ints:
    """The places of all rows that are tried, in order."""
    return np.unique(np.concatenate([test for _, test in parts]))
