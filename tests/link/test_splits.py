"""Nothing of what a model is tried on is known to it beforehand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlens.errors import InputError
from streamlens.link.simulate import SimulationOptions, simulate
from streamlens.link.splits import covered, forward, grouped
from streamlens.link.task import Task, make_task, split_task


@pytest.fixture(scope="module")
def task() -> Task:
    table = simulate(1, options=SimulationOptions(anchors=5, streams=14, pitches=6)).table
    return make_task(table.sample(fraction=1.0, shuffle=True, seed=1), "orders", ("price_fen", "product"))


@pytest.mark.parametrize("kind", ["recording", "anchor"])
def test_no_group_is_on_both_sides(task: Task, kind: str) -> None:
    parts = split_task(task, kind)  # type: ignore[arg-type]
    groups = task.anchor if kind == "anchor" else task.recording
    for train, test in parts:
        assert set(groups[train]).isdisjoint(groups[test])
        assert set(task.recording[train]).isdisjoint(task.recording[test])
    assert sorted(np.concatenate([test for _, test in parts])) == list(range(task.rows))


@pytest.mark.parametrize("gap_days", [0.0, 0.5, 3.0])
def test_no_future_is_learnt_from(task: Task, gap_days: float) -> None:
    parts = split_task(task, "forward", gap_days=gap_days)
    assert len(parts) >= 3
    for train, test in parts:
        assert task.ends[train].max() + gap_days <= task.starts[test].min()
        assert set(task.recording[train]).isdisjoint(task.recording[test])
    assert len(covered(parts)) == sum(len(test) for _, test in parts), "a row is tried once"


def test_a_random_split_does_mix_them(task: Task) -> None:
    train, test = split_task(task, "random")[0]
    assert not set(task.recording[train]).isdisjoint(task.recording[test])


@given(st.lists(st.integers(0, 9), min_size=4, max_size=60).filter(lambda each: len(set(each)) > 2), st.floats(0, 5))
def test_streams_that_overlap_in_time_are_not_learnt_from(groups: list[int], gap: float) -> None:
    at = np.array(groups)
    starts, ends = at * 1.0, at * 1.0 + 1.5  # each runs into the next
    try:
        parts = forward(at, starts, ends, folds=4, gap=gap)
    except InputError:
        return
    for train, test in parts:
        assert ends[train].max() + gap <= starts[test].min()


def test_splits_that_cannot_be_made_say_so(task: Task) -> None:
    with pytest.raises(InputError, match="needs 2 groups"):
        grouped(np.zeros(9, np.int64), folds=3, seed=1)
    with pytest.raises(InputError, match="started_at"):
        forward(task.recording, np.full(task.rows, np.nan), task.ends, folds=3)
    with pytest.raises(InputError, match="no block has a past"):
        split_task(task, "forward", gap_days=1000)


def test_the_row_before_is_of_the_same_recording(task: Task) -> None:
    first = np.array(
        [task.starts[place] == task.starts[task.recording == task.recording[place]].min() for place in range(task.rows)]
    )
    assert np.isnan(task.previous[first]).all()
    assert np.isfinite(task.previous[~first]).all()


def test_a_feature_made_of_sales_is_refused() -> None:
    table = simulate(1, options=SimulationOptions(anchors=2, streams=3, pitches=4)).table
    with pytest.raises(InputError, match="units: is made of sales"):
        make_task(table, "orders", ("price_fen", "units"))
