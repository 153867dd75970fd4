"""Orders and turnover in a row. Nothing is attributed here: an order counts where it was paid."""

from collections.abc import Sequence

from streamlens.link.crowd import given
from streamlens.link.layout import Row
from streamlens.link.series import Points, Spans
from streamlens.schema import Audience, Order, Sales, Sold


class Till:
    """One recording's orders, or its turnover by time where there are no orders."""

    def __init__(self, audience: Audience) -> None:
        self.orders: Points[Order] = Points(audience.orders, lambda order: order.at_ms)
        self.known = bool(audience.orders) or given(audience, "orders")
        self.priced = any(order.amount_fen is not None for order in audience.orders)
        self._refunds = any(order.refund_fen is not None for order in audience.orders)
        self._repeats = any(order.repeat_buyer is not None for order in audience.orders)
        self._sales = Spans(audience.sales, lambda sales: (sales.start_ms, max(sales.end_ms, sales.start_ms + 1)))
        self._counted = any(sales.orders is not None for sales in audience.sales)

    def sold(self, row: Row, viewer_minutes: float | None) -> Sold:
        span = (row.start_ms, row.end_ms)
        orders = self.orders.within(*span)
        own = [order for order in orders if order.product == row.product]
        exported = [sales for sales, _ in self._sales.over(*span)]
        count = len(orders) if self.known else None
        if count is None and self._counted and exported:
            count = sum(share(sales, sales.orders or 0, *span) for sales in exported)
        by_orders = self.priced or (self.known and not self.orders.things and not exported)  # an empty file: none
        return Sold(
            orders=count,
            units=units(orders) if self.known else None,
            gmv_fen=gmv(orders)
            if by_orders
            else sum(share(sales, sales.gmv_fen, *span) for sales in exported)
            if exported
            else None,
            refund_fen=sum(order.refund_fen or 0 for order in orders) if self._refunds else None,
            refunded_orders=sum(bool(order.refund_fen) for order in orders) if self._refunds else None,
            repeat_orders=sum(bool(order.repeat_buyer) for order in orders) if self._repeats else None,
            orders_own=len(own) if self.known and row.product else None,
            units_own=units(own) if self.known and row.product else None,
            gmv_own_fen=gmv(own) if self.priced and row.product else None,
            orders_per_1000_viewer_min=1000 * count / viewer_minutes if count is not None and viewer_minutes else None,
        )


def units(orders: Sequence[Order]) -> int:
    return sum(order.quantity for order in orders)


def gmv(orders: Sequence[Order]) -> int:
    return sum(order.amount_fen or 0 for order in orders)


def share(sales: Sales, amount: int, start_ms: int, end_ms: int) -> int:
    """What of an amount falls into a stretch, if it came in evenly; rounded so that adjoining stretches add up.

    >>> minute = Sales(start_ms=0, end_ms=60_000, gmv_fen=100)
    >>> share(minute, 100, 0, 20_000), share(minute, 100, 20_000, 40_000), share(minute, 100, 40_000, 90_000)
    (33, 34, 33)
    """
    length = max(sales.end_ms - sales.start_ms, 1)

    def until(at_ms: int) -> int:
        return round(amount * min(max(at_ms - sales.start_ms, 0), length) / length)

    return until(end_ms) - until(start_ms)
