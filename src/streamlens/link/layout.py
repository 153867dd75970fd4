"""The rows of the feature table: segments, the time between them, and minutes."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from streamlens.link.series import Spans, union
from streamlens.schema import Segment, Unit

MINUTE_MS = 60_000


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch and the product on offer in it, with the share of the stretch and the confidence that it is."""

    unit: Unit
    start_ms: int
    end_ms: int
    product: str | None = None
    product_rate: float | None = None
    confidence: float | None = None
    place: int | None = None
    turn: int | None = None
    products_on: int = 0

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


def lay_out(duration_ms: int, segments: Sequence[Segment]) -> tuple[Row, ...]:
    """Segments and what is between them in order of time, then the minutes; each of the two covers the recording."""
    offers = turns(duration_ms, segments)
    gaps = _between(duration_ms, offers)
    return (*sorted((*offers, *gaps), key=lambda row: (row.start_ms, row.end_ms)), *_minutes(duration_ms, offers))


def turns(duration_ms: int, segments: Sequence[Segment]) -> tuple[Row, ...]:
    """The segments as rows, numbered, each with how many times its product has been taken up."""
    rows: list[Row] = []
    taken: Counter[str] = Counter()
    for segment in sorted(segments, key=lambda each: (each.start_ms, each.end_ms)):
        start, end = max(segment.start_ms, 0), min(segment.end_ms, duration_ms)
        if end <= start:
            continue
        if not rows or rows[-1].product != segment.product:
            taken[segment.product] += 1
        rows.append(
            Row(
                unit="segment", start_ms=start, end_ms=end, product=segment.product, product_rate=1.0,
                confidence=segment.confidence, place=len(rows) + 1, turn=taken[segment.product], products_on=1,
            )
        )  # fmt: skip
    return tuple(rows)


def _between(duration_ms: int, offers: Sequence[Row]) -> Iterator[Row]:
    at = 0
    for start, end in (*union((row.start_ms, row.end_ms) for row in offers).spans, (duration_ms, duration_ms)):
        if start > at:
            yield Row(unit="between", start_ms=at, end_ms=start)
        at = end


def _minutes(duration_ms: int, offers: Sequence[Row]) -> Iterator[Row]:
    spans = Spans(offers, lambda row: (row.start_ms, row.end_ms))
    for start in range(0, duration_ms, MINUTE_MS):
        end = min(start + MINUTE_MS, duration_ms)
        here = list(spans.over(start, end))
        time: Counter[str | None] = Counter()
        for row, inside in here:
            time[row.product] += inside
        product, most = max(time.items(), key=lambda pair: pair[1], default=(None, 0))
        own = [(row, inside) for row, inside in here if row.product == product]
        yield Row(
            unit="minute", start_ms=start, end_ms=end, product=product,
            product_rate=min(most / (end - start), 1.0) if own else None,
            confidence=sum((row.confidence or 0.0) * inside for row, inside in own) / most if own else None,
            turn=max(own, key=lambda pair: pair[1])[0].turn if own else None, products_on=len(time),
        )  # fmt: skip
