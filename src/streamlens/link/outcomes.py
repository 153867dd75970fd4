"""Which orders belong to which pitch: sales by product segment and by minute, net of refunds, with their traffic."""

import bisect
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from streamlens.schema import Audience, Message, Order, Outcome, Outcomes, Sales, Segment, Segments

if TYPE_CHECKING:
    import polars

MINUTE_MS = 60_000


class OutcomeOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How orders are given to pitches.

    An order answers to what was said `lag_s` before it was paid. It belongs to the latest segment of its product that
    had begun by then and had ended at most `window_s` earlier, else to none. An order whose row names no product goes
    to what is on offer at the time if `unnamed` is "on_offer", else to no segment.
    """

    window_s: float = 300.0
    lag_s: float = 0.0
    unnamed: Literal["outside", "on_offer"] = "outside"
    hold_s: float = 300.0  # how long a reading of viewers online holds


class _Given(msgspec.Struct, frozen=True):
    """An order and the segment it goes to, by place in the list; None for outside."""

    order: Order
    place: int | None


def attribute(
    audience: Audience, segments: Segments, duration_ms: int, *, options: OutcomeOptions | None = None
) -> Outcomes:
    """Sales of each segment and of each minute of a recording.

    Without single orders, turnover by the minute is spread evenly over its time and so over segments; it cannot be
    attributed by product then, and a note says so.
    """
    options = options or OutcomeOptions()
    ordered = tuple(sorted(segments.segments, key=lambda each: (each.start_ms, each.end_ms)))
    minutes = [(start, min(start + MINUTE_MS, duration_ms)) for start in range(0, duration_ms, MINUTE_MS)]
    if not audience.orders:
        return _from_turnover(audience, ordered, minutes, options)
    lag = round(options.lag_s * 1000)
    given = [_Given(order, _place(order, order.at_ms - lag, ordered, options)) for order in audience.orders]
    by_place: dict[int, list[Order]] = {}
    for each in given:
        if each.place is not None:
            by_place.setdefault(each.place, []).append(each.order)
    outside = [each.order for each in given if each.place is None]
    in_minutes: list[list[Order]] = [[] for _ in minutes]
    for order in audience.orders:
        if minutes and 0 <= order.at_ms - lag < duration_ms:
            in_minutes[(order.at_ms - lag) // MINUTE_MS].append(order)
    return Outcomes(
        recording=audience.recording,
        source="orders",
        segments=tuple(
            _outcome("segment", each.start_ms, each.end_ms, each.product, by_place.get(place, ()), audience, options)
            for place, each in enumerate(ordered)
        ),
        minutes=tuple(
            _outcome("minute", start, end, None, orders, audience, options)
            for (start, end), orders in zip(minutes, in_minutes, strict=True)
        ),
        outside_orders=_orders(outside),
        outside_gmv_fen=_gmv(outside) or 0,
        unnamed_orders=_orders(order for order in outside if order.product is None),
        notes=_notes(audience.orders),
    )


def _place(order: Order, at_ms: int, segments: Sequence[Segment], options: OutcomeOptions) -> int | None:
    window = round(options.window_s * 1000)
    last = bisect.bisect_right(segments, at_ms, key=lambda each: each.start_ms)
    for place in reversed(range(last)):
        segment = segments[place]
        if order.product is None:
            if options.unnamed == "on_offer" and at_ms < segment.end_ms:
                return place
        elif segment.product == order.product:
            return place if at_ms < segment.end_ms + window else None
    return None


def _outcome(
    unit: Literal["segment", "minute"],
    start_ms: int,
    end_ms: int,
    product: str | None,
    orders: Sequence[Order],
    audience: Audience,
    options: OutcomeOptions,
) -> Outcome:
    kept = [order for order in orders if not _paid_back(order)]
    repeats = any(order.repeat_buyer is not None for order in audience.orders)
    refunds = any(order.refund_fen is not None for order in audience.orders)
    return Outcome(
        unit=unit,
        start_ms=start_ms,
        end_ms=end_ms,
        product=product,
        orders=_orders(kept),
        units=sum(order.quantity for order in kept),
        gmv_fen=_gmv(orders),
        refund_fen=sum(order.refund_fen or 0 for order in orders) if refunds else None,
        refunded_orders=_orders(order for order in orders if _paid_back(order)),
        repeat_orders=_orders(order for order in kept if order.repeat_buyer) if repeats else None,
        viewer_minutes=viewer_minutes(audience, start_ms, end_ms, hold_s=options.hold_s),
    )


def _paid_back(order: Order) -> bool:
    return order.amount_fen is not None and 0 < order.amount_fen <= (order.refund_fen or 0)


def _orders(orders: Iterable[Order]) -> int:
    """Orders, not rows: an order of two products has two rows and one number."""
    return len({order.order or id(order) for order in orders})


def _gmv(orders: Sequence[Order]) -> int | None:
    """What was kept of the money; None where an amount is not stated, as a sum without it would be too small."""
    if any(order.amount_fen is None for order in orders):
        return None
    return sum((order.amount_fen or 0) - (order.refund_fen or 0) for order in orders)


def _notes(orders: Sequence[Order]) -> tuple[Message, ...]:
    unpriced = sum(order.amount_fen is None for order in orders)
    unnamed = sum(order.product is None for order in orders)
    counts = {"unpriced": unpriced, "unnamed": unnamed}
    return tuple(
        Message(code=f"link.outcome.{code}", args=(("count", str(count)), ("of", str(len(orders)))))
        for code, count in counts.items()
        if count
    )


def _from_turnover(
    audience: Audience, segments: Sequence[Segment], minutes: Sequence[tuple[int, int]], options: OutcomeOptions
) -> Outcomes:
    lag = round(options.lag_s * 1000)
    counted = bool(audience.sales) and all(sales.orders is not None for sales in audience.sales)

    def outcome(unit: Literal["segment", "minute"], start_ms: int, end_ms: int, product: str | None) -> Outcome:
        inside = [(sales, *_parts(sales, start_ms + lag, end_ms + lag)) for sales in audience.sales]
        inside = [(sales, before, after) for sales, before, after in inside if after > before]
        return Outcome(
            unit=unit,
            start_ms=start_ms,
            end_ms=end_ms,
            product=product,
            orders=sum(_spread(sales.orders or 0, *part) for sales, *part in inside) if counted and inside else None,
            units=None,
            gmv_fen=sum(_spread(sales.gmv_fen, *part) for sales, *part in inside) if inside else None,
            viewer_minutes=viewer_minutes(audience, start_ms, end_ms, hold_s=options.hold_s),
        )

    return Outcomes(
        recording=audience.recording,
        source="sales" if audience.sales else "none",
        segments=tuple(outcome("segment", each.start_ms, each.end_ms, each.product) for each in segments),
        minutes=tuple(outcome("minute", start, end, None) for start, end in minutes),
        notes=(Message(code="link.outcome.by_time" if audience.sales else "link.outcome.none"),),
    )


def _parts(sales: Sales, start_ms: int, end_ms: int) -> tuple[float, float]:
    """Which share of a stretch of turnover has passed at the start and at the end of another stretch."""
    length = max(sales.end_ms - sales.start_ms, 1)

    def passed(at_ms: int) -> float:
        return min(max(at_ms - sales.start_ms, 0), length) / length

    return passed(start_ms), passed(end_ms)


def _spread(amount: int, before: float, after: float) -> int:
    """Rounded so that adjoining stretches add up to the whole."""
    return round(amount * after) - round(amount * before)


def with_outcomes(table: "polars.DataFrame", outcomes: Iterable[Outcomes]) -> "polars.DataFrame":
    """The feature table with what was attributed beside its own sales: `orders_net`, `units_net`, `gmv_net_fen`,
    `repeat_orders_net`. Null where a row has no outcome (time between segments)."""
    import polars

    names = {
        "orders_net": "orders",
        "units_net": "units",
        "gmv_net_fen": "gmv_fen",
        "repeat_orders_net": "repeat_orders",
    }
    known = {
        (each.recording, row.unit, row.start_ms, row.end_ms): row
        for each in outcomes
        for row in (*each.segments, *each.minutes)
    }
    keys = zip(*(table[name].to_list() for name in ("recording", "unit", "start_ms", "end_ms")), strict=True)
    rows = [known.get(key) for key in keys]
    return table.with_columns(
        polars.Series(name, [None if row is None else getattr(row, field) for row in rows], dtype=polars.Int64)
        for name, field in names.items()
    )


def viewer_minutes(audience: Audience, start_ms: int, end_ms: int, *, hold_s: float = 300.0) -> float | None:
    """Viewers online times minutes: what sales are set against. A reading holds until the next, at most `hold_s`.

    Where readings cover only a part of the stretch, the rest is taken to be like it; without any, None.
    """
    readings = [each for each in audience.viewers if each.online is not None]
    hold = round(hold_s * 1000)
    seen, held = 0.0, 0
    for place, reading in enumerate(readings):
        following = readings[place + 1].at_ms if place + 1 < len(readings) else reading.at_ms + hold
        inside = min(following, reading.at_ms + hold, end_ms) - max(reading.at_ms, start_ms)
        if inside > 0:
            seen += (reading.online or 0) * inside
            held += inside
    return seen / held * (end_ms - start_ms) / MINUTE_MS if held else None
