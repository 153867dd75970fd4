"""Points and spans found by time, against counting by hand."""

from hypothesis import given
from hypothesis import strategies as st

from streamlens.link.series import Points, Spans, mean, union

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: (pair[0], pair[0] + pair[1])))
STRETCH = st.tuples(st.integers(0, 70), st.integers(0, 30)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def test_points_are_half_open() -> None:
    points = Points([5, 1, 3, 3], lambda at: at)
    assert list(points.within(1, 5)) == [1, 3, 3]
    assert list(points.within(5, 6)) == [5]
    assert [points.last_before(at) for at in (0, 1, 4, 9)] == [-1, 0, 2, 3]


@given(SPANS, STRETCH)
def test_spans_over_a_stretch_are_those_that_share_time_with_it(
    spans: list[tuple[int, int]], stretch: tuple[int, int]
) -> None:
    start, end = stretch
    shared = [(span, sum(start <= at < end for at in range(*span))) for span in sorted(spans)]
    assert list(Spans(spans, lambda span: span).over(start, end)) == [(span, ms) for span, ms in shared if ms]


@given(SPANS, STRETCH)
def test_a_union_counts_no_time_twice(spans: list[tuple[int, int]], stretch: tuple[int, int]) -> None:
    covered = {at for span in spans for at in range(*span)}
    joined = union(spans)
    assert joined.inside_ms(*stretch) == len(covered & set(range(*stretch)))
    assert all(one[1] < other[0] for one, other in zip(joined.spans, joined.spans[1:], strict=False))


def test_a_mean_without_weight_is_unknown() -> None:
    assert mean([]) is None
    assert mean([(3.0, 0.0)]) is None
    assert mean([(3.0, 1.0), (6.0, 2.0)]) == 5.0
