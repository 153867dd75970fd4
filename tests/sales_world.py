"""Workspaces with sales for tests and timing: what audits of many streams leave, written without any audit.

Sales of a pitch rise with traffic and with answers given, fall with the price, and differ between anchors.
"""

import types
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import numpy as np

from streamlens.outcome import FILE, Outcome
from streamlens.schema import (
    Asked,
    Audience,
    Claimed,
    Crowd,
    Delivery,
    FeatureRow,
    Features,
    Heard,
    Informed,
    Key,
    Offer,
    Order,
    Recording,
    Segment,
    Segments,
    Sold,
    Talk,
    Viewers,
)
from streamlens.store import Store

BEGAN = datetime(2026, 3, 1, 19)
PITCH_MS, MINUTE_MS = 180_000, 60_000
PRODUCTS = 12


def sold_workspace(
    root: Path, *, streams: int = 12, anchors: int = 6, pitches: int = 12, seed: int = 1, sales: bool = True,
    pitch_ms: int = PITCH_MS, named: bool = True,
) -> Path:  # fmt: skip
    """A workspace of `streams`, each with `pitches`; without `sales` the streams have no orders."""
    store, rng = Store(root), np.random.default_rng(seed)
    store.open()
    ability = rng.normal(size=anchors)
    for number in range(streams):
        _stream(store, rng, number, number % anchors, ability, pitches, sales, pitch_ms, named)
    return root


def _stream(
    store: Store, rng: np.random.Generator, number: int, anchor: int, ability: Any, pitches: int, sales: bool,
    pitch_ms: int, named: bool,
) -> None:  # fmt: skip
    id, started = f"s{number:03}", BEGAN + timedelta(days=number)
    duration = pitches * pitch_ms
    online = np.exp(5.5 + 0.3 * rng.normal() + 0.2 * rng.normal(size=-(-duration // MINUTE_MS)))
    products = rng.integers(0, PRODUCTS, pitches)
    segments = tuple(
        Segment(product=f"P{product:02}", start_ms=place * pitch_ms, end_ms=(place + 1) * pitch_ms, confidence=0.9)
        for place, product in enumerate(products)
    )
    rows, orders = [], list[Order]()
    for place, segment in enumerate(segments):
        row = _row(
            rng, id, "segment", segment.start_ms, segment.end_ms, anchor, started, online, place, products, named
        )
        answers = (row.asked.answers_given or 0) / row.key.row_min
        rate = max(15 + 4 * ability[anchor] + 2 * answers - (row.offer.price_fen or 0) / 1000, 1.0)
        for each in range(rng.poisson(rate * (row.crowd.viewer_minutes or 0) / 1000) if sales else 0):
            amount = row.offer.price_fen or 0
            orders.append(
                Order(
                    at_ms=int(rng.integers(segment.start_ms, segment.end_ms)), order=f"{id}-{place}-{each}",
                    product=segment.product, quantity=int(rng.integers(1, 3)), amount_fen=amount,
                    refund_fen=amount if rng.random() < 0.05 else 0, repeat_buyer=bool(rng.random() < 0.2),
                )
            )  # fmt: skip
        rows.append(_with_sales(row, orders, segment.start_ms, segment.end_ms, sales))
    for start in range(0, duration, MINUTE_MS):
        end = min(start + MINUTE_MS, duration)
        place = min(start // pitch_ms, pitches - 1)
        row = _row(rng, id, "minute", start, end, anchor, started, online, place, products, named)
        rows.append(_with_sales(row, orders, start, end, sales))
    records: dict[str, Any] = {
        "recording": Recording(id=id, parts=(), duration_ms=duration, anchor=f"a{anchor}" if named else "",
                               started_at=started),
        "segments": Segments(recording=id, segments=segments),
        "features": Features(recording=id, rows=tuple(rows)),
        "audience": Audience(
            recording=id, orders=tuple(sorted(orders, key=lambda order: (order.at_ms, order.order))),
            viewers=tuple(Viewers(at_ms=n * MINUTE_MS, online=round(count)) for n, count in enumerate(online)),
        ),
    }  # fmt: skip
    for stage, record in records.items():
        store.save(id, stage, "0" * 16, record)
    store.publish(
        id, FILE,
        _json(Outcome(recording=id, state="done", duration_ms=duration,
                      artefacts=tuple((stage, "0" * 16) for stage in records))),
    )  # fmt: skip


def _row(
    rng: np.random.Generator, id: str, unit: Any, start: int, end: int, anchor: int, started: datetime, online: Any,
    place: int, products: Any, named: bool,
) -> FeatureRow:  # fmt: skip
    minutes = (end - start) / MINUTE_MS
    viewers = float(online[start // MINUTE_MS : -(-end // MINUTE_MS)].mean())
    product = int(products[place])
    at = started + timedelta(milliseconds=start)
    return FeatureRow(
        key=Key(
            recording=id, unit=unit, start_ms=start, end_ms=end, anchor=f"a{anchor}" if named else None,
            platform="douyin", started_at=started, day=at.date(), hour=at.hour, weekday=at.isoweekday(),
            place=place + 1 if unit == "segment" else None, turn=1, minutes_in=start / MINUTE_MS, row_min=minutes,
        ),
        offer=Offer(product=f"P{product:02}", product_name=f"商品{product}", kind="fresh", price_fen=1500 + 300 * product,
                    discount_rate=float(rng.integers(0, 4)) / 10),
        heard=Heard(speech_rate=0.9, coverage=1.0, speakers=1),
        delivery=_filled(Delivery, rng, minutes), talk=_filled(Talk, rng, minutes),
        claimed=_filled(Claimed, rng, minutes), informed=_filled(Informed, rng, minutes),
        crowd=Crowd(online_mean=viewers, online_max=round(viewers), viewer_minutes=viewers * minutes,
                    comments=int(rng.poisson(0.02 * viewers * minutes))),
        asked=_filled(Asked, rng, minutes),
    )  # fmt: skip


def _filled(kind: Any, rng: np.random.Generator, minutes: float) -> Any:
    """A group whose every column is stated."""
    values: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        if name not in kind.__struct_fields__:
            continue
        inner = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
        counts = int in inner
        values[name] = int(rng.poisson(1.2 * minutes)) if counts else float(np.round(rng.gamma(4.0, 0.2), 4))
    return kind(**values)


def _with_sales(row: FeatureRow, orders: list[Order], start: int, end: int, sales: bool) -> FeatureRow:
    if not sales:
        return row
    own = [order for order in orders if start <= order.at_ms < end]
    sold = Sold(
        orders=len(own), units=sum(order.quantity for order in own),
        gmv_fen=sum(order.amount_fen or 0 for order in own), refund_fen=sum(order.refund_fen or 0 for order in own),
        refunded_orders=sum(bool(order.refund_fen) for order in own),
        repeat_orders=sum(bool(order.repeat_buyer) for order in own),
        orders_own=len([order for order in own if order.product == row.offer.product]),
    )  # fmt: skip
    return msgspec.structs.replace(row, sold=sold)


def _json(record: Any) -> bytes:
    return msgspec.json.encode(record)
