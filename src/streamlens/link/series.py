"""Things on the time line, found by time: points by when they are, spans by how much of them lies in a stretch."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")
Stretch = tuple[int, int]
"""Milliseconds, the end not included."""


class Points(Generic[T]):
    """Things that are at one moment."""

    def __init__(self, things: Iterable[T], at: Callable[[T], int]) -> None:
        self.things = sorted(things, key=at)
        self.times = [at(thing) for thing in self.things]

    def within(self, start_ms: int, end_ms: int) -> Sequence[T]:
        """Those with start_ms <= time < end_ms, in order."""
        return self.things[bisect_left(self.times, start_ms) : bisect_left(self.times, end_ms)]

    def last_before(self, at_ms: int) -> int:
        """The place of the last one at or before a time, -1 if there is none."""
        return bisect_right(self.times, at_ms) - 1


class Spans(Generic[T]):
    """Things that last. They may overlap, as two speakers do; very long ones over short ones make it slow."""

    def __init__(self, things: Iterable[T], span: Callable[[T], Stretch]) -> None:
        self.things = sorted(things, key=span)
        self.spans = [span(thing) for thing in self.things]
        self._starts = [start for start, _ in self.spans]
        self._ends = list(accumulate((end for _, end in self.spans), max))  # of all so far: grows

    def over(self, start_ms: int, end_ms: int) -> Iterator[tuple[T, int]]:
        """Those that reach into a stretch, each with the milliseconds of it that lie inside."""
        for at in range(bisect_right(self._ends, start_ms), bisect_left(self._starts, end_ms)):
            start, end = self.spans[at]
            if (inside := min(end, end_ms) - max(start, start_ms)) > 0:
                yield self.things[at], inside

    def inside_ms(self, start_ms: int, end_ms: int) -> int:
        return sum(inside for _, inside in self.over(start_ms, end_ms))


def union(stretches: Iterable[Stretch]) -> Spans[Stretch]:
    """The time that is in any of them, without overlaps.

    >>> union([(5, 9), (0, 2), (1, 3), (3, 4)]).spans
    [(0, 4), (5, 9)]
    """
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return Spans(joined, lambda stretch: stretch)


def mean(pairs: Iterable[tuple[float, float]]) -> float | None:
    """The mean of (value, weight), None without weight."""
    total = weights = 0.0
    for value, weight in pairs:
        total += value * weight
        weights += weight
    return total / weights if weights else None
