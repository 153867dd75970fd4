"""Streams side by side: by product, by anchor, by the anchor's role, and over time.

Anchors are compared on what they share, the same product, and never below three streams each: with fewer, one good
evening looks like a gift. What is compared are rates (orders an hour, for 1,000 viewer-minutes), and they remain
associations: who sells when and to whom is not the anchor's doing alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import mean

from streamlens.schema import Comparison, Focus, ProductFocus

ENOUGH = 3  # streams
Cell = str | int | float | None
Sale = tuple[Focus, ProductFocus]


def compare(focuses: Iterable[Focus]) -> tuple[Comparison, ...]:
    """The tables `products`, `anchors`, `roles`, `same_by_anchor`, `same_by_role` and `trends`."""
    streams = sorted(focuses, key=lambda focus: focus.recording)
    return (
        _products(streams),
        _groups("anchors", "anchor", streams, lambda focus: focus.anchor),
        _groups("roles", "anchor_role", streams, lambda focus: focus.anchor_role),
        _same("same_by_anchor", "anchor", streams, lambda focus: focus.anchor),
        _same("same_by_role", "anchor_role", streams, lambda focus: focus.anchor_role),
        _trends(streams),
    )


def _products(streams: Sequence[Focus]) -> Comparison:
    """A line a product (the same sku under another name is another product), the most shown first."""
    heads = (
        "product", "name", "role", "role_source", "direction", "streams", "air_min", "air_rate", "turns", "loop_min",
        "mentions", "orders", "units", "gmv_yuan", "orders_per_air_hour", "orders_per_1000_viewer_min",
    )  # fmt: skip
    all_air = sum(focus.air_ms for focus in streams)
    rows: list[tuple[Cell, ...]] = []
    for (sku, name), sales in _by_product(streams).items():
        parts = [part for _, part in sales]
        latest = max(sales, key=lambda sale: (str(sale[0].day or ""), sale[0].recording))[1]
        air = sum(part.air_ms for part in parts)
        loops = [part.loop_ms for part in parts if part.loop_ms is not None]
        rows.append((
            sku, name, latest.role, latest.role_source, latest.direction,
            sum(part.air_ms > 0 for part in parts), air / 60_000, air / all_air if all_air else None,
            sum(part.turns for part in parts), mean(loops) / 60_000 if loops else None,
            sum(part.mentions for part in parts), _total(part.orders for part in parts),
            _total(part.units for part in parts), _yuan(_total(part.gmv_fen for part in parts)),
            *_selling(sales),
        ))  # fmt: skip
    return Comparison(name="products", heads=heads, rows=tuple(sorted(rows, key=lambda row: (-_float(row[6]), row[0]))))


def _groups(name: str, head: str, streams: Sequence[Focus], of: Callable[[Focus], str]) -> Comparison:
    """A line an anchor or role: means of the streams' own measures, totals over totals for rates."""
    heads = (
        head, "streams", "hours", "products", "air_hhi", "air_top_rate", "switches_per_hour", "loop_min", "online",
        "comments_per_hour", "follows_per_hour", "orders_per_hour", "orders_per_hour_least", "orders_per_hour_most",
        "gmv_yuan_per_hour", "note",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for group, own in sorted(_grouped(streams, of).items()):
        each = [focus.orders / _hours(focus) for focus in own if focus.orders is not None and focus.duration_ms]
        products = {part.product for focus in own for part in focus.products if part.air_ms}
        gmv = _per_hour(own, lambda focus: focus.gmv_fen)
        rows.append((
            group, len(own), sum(map(_hours, own)), len(products), _mean(focus.air_hhi for focus in own),
            _mean(focus.air_top_rate for focus in own), _mean(focus.switches_per_hour for focus in own),
            _minutes(_mean(focus.loop_ms for focus in own)), _mean(focus.online_mean for focus in own),
            _per_hour(own, lambda focus: focus.comments), _per_hour(own, lambda focus: focus.follows),
            _per_hour(own, lambda focus: focus.orders), min(each, default=None), max(each, default=None),
            None if gmv is None else gmv / 100, "" if len(own) >= ENOUGH else "too_few",
        ))  # fmt: skip
    return Comparison(name=name, heads=heads, rows=tuple(rows))


def _same(name: str, head: str, streams: Sequence[Focus], of: Callable[[Focus], str]) -> Comparison:
    """For each product that at least two of them sold, a line each; `too_few` where one of them has under three."""
    heads = (
        "product", "name", head, "streams", "air_min", "orders", "orders_per_air_hour", "orders_per_1000_viewer_min",
        "note",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for (sku, title), sales in sorted(_by_product(streams).items()):
        sold: dict[str, list[Sale]] = defaultdict(list)
        for focus, part in sales:
            if part.air_ms and of(focus):
                sold[of(focus)].append((focus, part))
        if len(sold) < 2:
            continue
        enough = all(len(own) >= ENOUGH for own in sold.values())
        for group, own in sorted(sold.items()):
            air = sum(part.air_ms for _, part in own)
            rows.append((
                sku, title, group, len(own), air / 60_000, _total(part.own_orders for _, part in own), *_selling(own),
                "" if enough else "too_few",
            ))  # fmt: skip
    return Comparison(name=name, heads=heads, rows=tuple(rows))


def _trends(streams: Sequence[Focus]) -> Comparison:
    """A line a stream, by anchor and day."""
    heads = (
        "anchor", "day", "stream", "hours", "online", "follows", "comments", "orders", "gmv_yuan", "air_hhi",
        "air_top_rate", "switches_per_hour",
    )  # fmt: skip
    rows = [
        (
            focus.anchor or None, focus.day.isoformat() if focus.day else None, focus.recording, _hours(focus),
            focus.online_mean, focus.follows, focus.comments, focus.orders, _yuan(focus.gmv_fen), focus.air_hhi,
            focus.air_top_rate, focus.switches_per_hour,
        )
        for focus in sorted(streams, key=lambda focus: (focus.anchor, str(focus.day or ""), focus.recording))
    ]  # fmt: skip
    return Comparison(name="trends", heads=heads, rows=tuple(rows))


def _by_product(streams: Sequence[Focus]) -> dict[tuple[str, str], list[Sale]]:
    found: dict[tuple[str, str], list[Sale]] = defaultdict(list)
    for focus in streams:
        for part in focus.products:
            if part.air_ms or part.mentions or part.orders:
                found[part.product, part.name].append((focus, part))
    return found


def _grouped(streams: Sequence[Focus], of: Callable[[Focus], str]) -> dict[str, list[Focus]]:
    groups: dict[str, list[Focus]] = defaultdict(list)
    for focus in streams:
        if of(focus):
            groups[of(focus)].append(focus)
    return groups


def _selling(sales: Sequence[Sale]) -> tuple[float | None, float | None]:
    """Orders of a product while it is on offer, an hour of its air time and for 1,000 viewer-minutes of it."""
    known = [part for _, part in sales if part.own_orders is not None and part.air_ms]
    hours = sum(part.air_ms for part in known) / 3_600_000
    seen = [part for part in known if part.viewer_minutes]
    watched = sum(part.viewer_minutes or 0.0 for part in seen)
    return (
        sum(part.own_orders or 0 for part in known) / hours if hours else None,
        1000 * sum(part.own_orders or 0 for part in seen) / watched if watched else None,
    )


def _per_hour(streams: Sequence[Focus], of: Callable[[Focus], int | None]) -> float | None:
    """The total over the hours of the streams that state it."""
    stated = [(value, _hours(focus)) for focus in streams if (value := of(focus)) is not None]
    hours = sum(length for _, length in stated)
    return sum(value for value, _ in stated) / hours if hours else None


def _hours(focus: Focus) -> float:
    return focus.duration_ms / 3_600_000


def _total(values: Iterable[int | None]) -> int | None:
    stated = [value for value in values if value is not None]
    return sum(stated) if stated else None


def _mean(values: Iterable[float | None]) -> float | None:
    stated = [value for value in values if value is not None]
    return mean(stated) if stated else None


def _minutes(ms: float | None) -> float | None:
    return None if ms is None else ms / 60_000


def _yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / 100


def _float(cell: Cell) -> float:
    return float(cell or 0)
