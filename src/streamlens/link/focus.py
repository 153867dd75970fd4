"""The focus of a stream: air time, mentions and sales by product, how concentrated they are, and how it goes round."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import groupby, pairwise
from statistics import median

from streamlens.link.crowd import Audiences
from streamlens.link.layout import Row, turns
from streamlens.link.roles import direction_of, role_of
from streamlens.link.sold import Till, gmv, units
from streamlens.schema import (
    Audience,
    Catalogue,
    Focus,
    Mentions,
    Product,
    ProductFocus,
    Recording,
    Segments,
)

CHINA = timezone(timedelta(hours=8))


def find_focus(
    recording: Recording,
    catalogue: Catalogue,
    segments: Segments,
    mentions: Mentions,
    audience: Audience | None = None,
) -> Focus:
    """One stream's focus; products are those on offer, named, sold or listed, by air time.

    Orders count if they were paid while the recording ran. Shares are of the time with a product on offer, and of the
    turnover of orders that name a product; the Herfindahl-Hirschman index (Hirschman 1945, Herfindahl 1950) is the sum
    of their squares.
    """
    rows = turns(recording.duration_ms, segments.segments)
    air: Counter[str] = Counter()
    starts: dict[str, list[int]] = defaultdict(list)
    for product, run in groupby(rows, key=lambda row: row.product or ""):
        taken = list(run)
        air[product] += sum(row.length_ms for row in taken)
        starts[product].append(taken[0].start_ms)
    loops = {product: _steps(times) for product, times in starts.items()}
    audience = audience or Audience(recording=recording.id)
    till, audiences = Till(audience), Audiences(audience)
    whole = Row(unit="minute", start_ms=0, end_ms=recording.duration_ms)
    orders = till.orders.within(0, recording.duration_ms)
    sold = {product: [order for order in orders if order.product == product] for product in {o.product for o in orders}}
    turnover = {product: gmv(own) for product, own in sold.items() if product and gmv(own)} if till.priced else {}
    named = Counter(mention.product for mention in mentions.mentions)
    watched = _viewer_minutes(rows, audiences)
    at_time = _orders_on_air(rows, till)

    def focus_on(sku: str) -> ProductFocus:
        product = catalogue.get(sku) or Product(sku=sku, name=sku)
        role, role_source = role_of(product, air, catalogue.products)
        direction, direction_source = direction_of(product)
        own = sold.get(sku, [])
        return ProductFocus(
            product=sku,
            name=product.name,
            air_ms=air[sku],
            air_rate=air[sku] / air.total() if air.total() else 0.0,
            turns=len(starts.get(sku, ())),
            loop_ms=_median(loops.get(sku, [])),
            mentions=named[sku],
            orders=len(own) if till.known else None,
            units=units(own) if till.known else None,
            gmv_fen=gmv(own) if till.priced else None,
            gmv_rate=gmv(own) / sum(turnover.values()) if turnover else None,
            own_orders=at_time[sku] if till.known else None,
            viewer_minutes=watched.get(sku),
            price_fen=product.price_fen,
            kind=product.kind,
            category=product.category,
            role=role,
            role_source=role_source,
            direction=direction,
            direction_source=direction_source,
        )

    skus = dict.fromkeys((*air, *(each.sku for each in catalogue.products), *named, *(sku for sku in sold if sku)))
    switches = sum(one.product != other.product for one, other in pairwise(rows))
    crowd = audiences.crowd(whole) if recording.duration_ms else None
    sales = till.sold(whole, None) if recording.duration_ms else None
    began = local(recording.started_at)
    return Focus(
        recording=recording.id,
        anchor=recording.anchor,
        anchor_role=recording.anchor_role or "",
        day=began.date() if began else None,
        duration_ms=recording.duration_ms,
        air_ms=air.total(),
        air_hhi=_hhi(air),
        air_top_rate=max(air.values()) / air.total() if air.total() else None,
        sales_hhi=_hhi(Counter(turnover)),
        sales_top_rate=max(turnover.values()) / sum(turnover.values()) if turnover else None,
        switches=switches,
        switches_per_hour=switches * 3_600_000 / recording.duration_ms if recording.duration_ms else None,
        loop_ms=_median([step for steps in loops.values() for step in steps]),
        online_mean=crowd.online_mean if crowd else None,
        comments=crowd.comments if crowd else None,
        follows=crowd.follows if crowd else None,
        orders=sales.orders if sales else None,
        gmv_fen=sales.gmv_fen if sales else None,
        products=tuple(sorted(map(focus_on, skus), key=lambda each: (-each.air_ms, each.product))),
    )


def local(at: datetime | None) -> datetime | None:
    """The wall clock of UTC+8, in which a time without a zone is taken to be."""
    return at.astimezone(CHINA).replace(tzinfo=None) if at and at.tzinfo else at


def _steps(times: Sequence[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(times)]


def _median(values: Sequence[int]) -> int | None:
    return round(median(values)) if values else None


def _hhi(parts: Counter[str]) -> float | None:
    total = parts.total()
    return sum((part / total) ** 2 for part in parts.values()) if total else None


def _viewer_minutes(rows: Sequence[Row], audiences: Audiences) -> dict[str, float]:
    """By product; none where a segment of it has no reading of the room."""
    minutes: dict[str, float | None] = {}
    for row in rows:
        online = audiences.room.online_mean(row.start_ms, row.end_ms)
        so_far = minutes.get(row.product or "", 0.0)
        known = online is not None and so_far is not None
        minutes[row.product or ""] = so_far + online * row.length_ms / 60_000 if known else None  # type: ignore[operator]
    return {product: each for product, each in minutes.items() if each is not None}


def _orders_on_air(rows: Sequence[Row], till: Till) -> Counter[str]:
    """Orders of a product that were paid in one of its own segments."""
    paid: Counter[str] = Counter()
    for row in rows:
        own = [order for order in till.orders.within(row.start_ms, row.end_ms) if order.product == row.product]
        paid[row.product or ""] += len(own)
    return paid
