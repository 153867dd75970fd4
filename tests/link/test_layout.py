"""Which rows a recording has."""

from hypothesis import given
from hypothesis import strategies as st

import make
from streamlens.link.layout import Row, lay_out, turns
from streamlens.schema import Segment


def rows(duration_s: float, *segments: tuple[str, float, float]) -> list[tuple[str, int, int, str | None]]:
    laid = lay_out(round(duration_s * 1000), make.segments(*segments).segments)
    return [(row.unit, row.start_ms // 1000, row.end_ms // 1000, row.product) for row in laid]


def test_segments_what_is_between_them_and_minutes() -> None:
    assert rows(100, ("A", 10, 40), ("B", 40, 70)) == [
        ("between", 0, 10, None),
        ("segment", 10, 40, "A"),
        ("segment", 40, 70, "B"),
        ("between", 70, 100, None),
        ("minute", 0, 60, "A"),
        ("minute", 60, 100, "B"),
    ]


def test_without_segments_there_is_one_long_between() -> None:
    assert rows(61) == [("between", 0, 61, None), ("minute", 0, 60, None), ("minute", 60, 61, None)]
    assert rows(0) == []


def test_a_segment_beyond_the_end_is_cut_and_one_outside_is_left_out() -> None:
    assert rows(50, ("A", 40, 60), ("B", 60, 70)) == [
        ("between", 0, 40, None),
        ("segment", 40, 50, "A"),
        ("minute", 0, 50, "A"),
    ]


def test_a_product_is_taken_up_anew_when_another_was_on_in_between() -> None:
    laid = turns(100_000, make.segments(("A", 0, 10), ("A", 15, 20), ("B", 20, 30), ("A", 30, 40)).segments)
    assert [(row.place, row.product, row.turn) for row in laid] == [(1, "A", 1), (2, "A", 1), (3, "B", 1), (4, "A", 2)]


def test_a_minute_goes_to_the_product_that_is_on_for_most_of_it() -> None:
    minute = lay_out(60_000, make.segments(("A", 0, 12), ("B", 12, 30), ("A", 30, 42)).segments)[-1]
    assert minute == Row(
        unit="minute",
        start_ms=0,
        end_ms=60_000,
        product="A",
        product_rate=0.4,
        confidence=minute.confidence,
        turn=1,
        products_on=2,
    )
    assert minute.confidence is not None and abs(minute.confidence - 0.9) < 1e-9


@given(
    st.integers(0, 400_000), st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 450_000), st.integers(0, 90_000)))
)
def test_each_of_both_layouts_covers_the_recording_once(
    duration_ms: int, given_segments: list[tuple[str, int, int]]
) -> None:
    found, at = [], 0
    for product, gap, length in given_segments:  # one after another, as a decoder gives them
        found.append(
            Segment(product=product, start_ms=at + gap % 7000, end_ms=at + gap % 7000 + length, confidence=0.5)
        )
        at = found[-1].end_ms
    laid = lay_out(duration_ms, found)
    for units in (("segment", "between"), ("minute",)):
        part = [row for row in laid if row.unit in units]
        ends = [0, *(row.end_ms for row in part)]
        assert [row.start_ms for row in part] == ends[:-1]
        assert ends[-1] == duration_ms
