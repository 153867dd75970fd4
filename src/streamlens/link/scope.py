"""What was looked at: each stream's sales, and their sums."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from streamlens.schema import Message, Scope, StreamSales

if TYPE_CHECKING:
    import polars

MINUTE_MS = 60_000


def stream_sales(
    table: "polars.DataFrame", notes: "dict[str, tuple[Message, ...]] | None" = None
) -> tuple[StreamSales, ...]:
    """A line a stream of the feature table with attributed sales, in order of id."""
    parts = table.partition_by("recording", maintain_order=True)
    return tuple(
        sorted(
            (_stream(part, (notes or {}).get(part["recording"][0], ())) for part in parts), key=lambda e: e.recording
        )
    )


def _stream(part: "polars.DataFrame", notes: tuple[Message, ...]) -> StreamSales:
    pitches, minutes = (part.filter(part["unit"] == unit) for unit in ("segment", "minute"))
    whole = minutes if minutes.height else pitches  # minutes are the recording; pitches may leave time between them
    starts = part["started_at"].drop_nulls().to_list() if "started_at" in part.columns else list[datetime]()
    return StreamSales(
        recording=part["recording"][0],
        anchor=part["anchor"][0] if "anchor" in part.columns else None,
        day=starts[0].date() if starts else None,
        minutes=float((whole["end_ms"] - whole["start_ms"]).sum()) / MINUTE_MS,
        pitches=pitches.height,
        products=pitches["product"].n_unique() if pitches.height else 0,
        viewer_minutes=_total(whole, "viewer_minutes"),
        orders=_whole(pitches, "orders_net"),
        units=_whole(pitches, "units_net"),
        gmv_fen=_whole(pitches, "gmv_net_fen"),
        repeat_orders=_whole(pitches, "repeat_orders_net"),
        all_orders=_whole(whole, "orders_net"),
        refunded_orders=_whole(whole, "refunded_orders"),
        notes=notes,
    )


def scope(streams: Sequence[StreamSales]) -> Scope:
    days = [each.day for each in streams if each.day]
    return Scope(
        streams=len(streams),
        anchors=len({each.anchor for each in streams if each.anchor}),
        products=max((each.products for each in streams), default=0),
        pitches=sum(each.pitches for each in streams),
        hours=sum(each.minutes for each in streams) / 60,
        viewer_minutes=_sum(each.viewer_minutes for each in streams),
        orders=_count(each.orders for each in streams),
        units=_count(each.units for each in streams),
        gmv_fen=_count(each.gmv_fen for each in streams),
        repeat_orders=_count(each.repeat_orders for each in streams),
        refunded_orders=_count(each.refunded_orders for each in streams),
        first=min(days, default=None),
        last=max(days, default=None),
    )


def _total(part: "polars.DataFrame", name: str) -> float | None:
    if name not in part.columns or not part[name].count():
        return None
    return float(part[name].sum())


def _whole(part: "polars.DataFrame", name: str) -> int | None:
    found = _total(part, name)
    return None if found is None else round(found)


def _sum(values: Iterable[float | None]) -> float | None:
    stated = [value for value in values if value is not None]
    return sum(stated) if stated else None


def _count(values: Iterable[int | None]) -> int | None:
    found = _sum(values)
    return None if found is None else round(found)
