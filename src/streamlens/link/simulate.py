"""Broadcasts with a known truth: anchors, streams, traffic, and effects on sales that are planted.

What drives sales drives how the anchor sells, too, as in real broadcasts: the good slot, the low price, the sought
product, the able anchor and the lucky evening see both more selling and more sales. So a plain comparison finds effects
where there are none; a method that is any good finds what was planted. The columns are those of the feature table.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from streamlens.link.columns import Floats

if TYPE_CHECKING:
    import polars

KINDS = ("fresh", "primary", "processed", "health_food")
BEGAN = datetime(2026, 3, 1)


class SimulationOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The size of the corpus and what is true in it.

    An effect is the change of net orders per 1000 viewer-minutes for one more a minute of the treatment (for
    `pace_cpm`: for 10 characters a minute more); it differs between anchors with a standard deviation of
    `heterogeneity` times its size. On the `multiplicative` scale sales grow by exp(effect / `base_rate`) instead.
    """

    anchors: int = 8
    streams: int = 32
    pitches: int = 30  # a stream
    products: int = 15
    effects: tuple[tuple[str, float], ...] = (("answers_given_per_min", 1.0), ("scarcity_talk_per_min", 0.0))
    heterogeneity: float = 0.3
    confounding: float = 1.0  # 0: how the anchor sells has nothing to do with the slot, price, product, evening
    base_rate: float = 20.0  # net orders per 1000 viewer-minutes
    dispersion: float = 4.0  # of the counts: variance = mean + mean^2 / dispersion
    refunds_rate: float = 0.06
    scale: Literal["additive", "multiplicative"] = "additive"
    minutes: bool = False  # rows by minute too


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """A table and its truth. `expected_rate` and `expected` (by treatment) are what the table's rows are drawn from:
    the mean of net orders per 1000 viewer-minutes, and of each treatment, given all that comes before them."""

    table: Any
    options: SimulationOptions
    effects: dict[str, float]
    expected_rate: Floats
    expected: dict[str, Floats]

    def with_net(self) -> "Simulation":
        """With sales as `outcomes.with_outcomes` adds them: each order belongs to its row, refunded ones taken out."""
        import polars

        kept = polars.col("orders") - polars.col("refunded_orders")
        share = (kept / polars.col("orders").clip(lower_bound=1)).cast(polars.Float64)
        table = self.table.with_columns(
            orders_net=kept, units_net=(polars.col("units") * share).round().cast(polars.Int64),
            gmv_net_fen=(polars.col("gmv_fen") - polars.col("refund_fen")).round().cast(polars.Int64),
            repeat_orders_net=polars.col("repeat_orders"),
        )  # fmt: skip
        return msgspec.structs.replace(self, table=table)


def simulate(seed: int, *, options: SimulationOptions | None = None) -> Simulation:
    """A corpus of `streams` broadcasts; the same seed gives the same."""
    options = options or SimulationOptions()
    rng = np.random.default_rng(seed)
    world = _World(rng, options)
    parts = [_stream(rng, options, world, place) for place in range(options.streams)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    expected = {name: columns.pop(f"expected {name}") for name in world.effects}
    rate = columns.pop("expected_rate")
    rows = _as_rows(columns)
    if options.minutes:
        rows += _minutes(rng, rows)
    return Simulation(
        table=_table(rows), options=options, effects=dict(options.effects), expected_rate=rate, expected=expected
    )


class _World:
    """What is the same in all streams: the anchors, the products, each anchor's own effects."""

    def __init__(self, rng: np.random.Generator, options: SimulationOptions) -> None:
        self.effects = {**{name: 0.0 for name in ("answers_given_per_min", "scarcity_talk_per_min", "pace_cpm")},
                        **dict(options.effects)}  # fmt: skip
        self.of_stream = np.concatenate(
            [
                np.arange(min(options.anchors, options.streams)),
                rng.integers(0, options.anchors, max(options.streams - options.anchors, 0)),
            ]
        )
        self.ability = rng.normal(size=options.anchors)
        self.by_anchor = {
            name: effect * (1 + options.heterogeneity * rng.normal(size=options.anchors))
            for name, effect in self.effects.items()
        }
        self.appeal = rng.normal(size=options.products)
        self.price = np.exp(rng.normal(3.5, 0.6, options.products))
        self.kind = rng.integers(0, len(KINDS), options.products)


def _stream(rng: np.random.Generator, options: SimulationOptions, world: _World, place: int) -> dict[str, Any]:
    rows, anchor = options.pitches, int(world.of_stream[place])
    evening, hour = rng.normal(), int(rng.integers(9, 22))
    chances = np.exp(0.3 * world.appeal)
    product = rng.choice(options.products, rows, p=chances / chances.sum())
    length = rng.integers(3, 9, rows).astype(float)
    begins = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    slot = np.arange(rows) / max(rows - 1, 1)
    discount = np.clip(0.1 + 0.1 * (world.appeal[product] > 0) + 0.15 * rng.random(rows) + 0.1 * (slot < 0.2), 0, 0.5)
    price = np.round(world.price[product] * (1 - discount) * 100)
    level = 6 + 0.4 * evening + 0.5 * np.sin(hour / 3) - 0.6 * slot + 0.25 * rng.normal(size=rows)
    online = np.exp(level)
    pull = options.confounding * (
        0.6 * np.sin(6 * slot) - 0.5 * (np.log(price / 100) - 3.4) + 0.3 * np.maximum(level - 6, 0) ** 1.5
        + 0.3 * world.appeal[product] + 2 * (discount - 0.2)
    )  # fmt: skip
    person = options.confounding * (0.3 * world.ability[anchor] + 0.25 * evening)
    treatments, counts, expected = _treatments(rng, options, pull, person, length)
    drive = 3 * pull + 2 * world.ability[anchor] + 1.5 * evening + world.appeal[product] + np.cos(hour / 4)
    moved = sum(
        world.by_anchor[name][anchor] * treatments[name] / (10 if name == "pace_cpm" else 1) for name in world.effects
    )
    if options.scale == "additive":
        rate = np.maximum(options.base_rate + drive + moved, 0.2)
    else:
        rate = options.base_rate * np.exp((drive + moved) / options.base_rate)
    viewers = online * length
    mean = rate * viewers / 1000 / (1 - options.refunds_rate)
    orders = rng.poisson(mean * rng.gamma(options.dispersion, 1 / options.dispersion, rows))
    refunded = rng.binomial(orders, options.refunds_rate)
    units = orders + rng.poisson(0.2 * orders)
    repeat = rng.binomial(orders - refunded, 0.25)
    comments = rng.poisson(0.02 * viewers + 0.3 * orders)
    started = BEGAN + timedelta(days=place, hours=hour)
    refund = np.where(orders > 0, np.round(units * price * refunded / np.maximum(orders, 1)), 0)
    return {
        "recording": np.full(rows, f"stream{place:03}"), "anchor": np.full(rows, f"anchor{anchor:02}"),
        "platform": np.full(rows, "douyin"), "started_at": np.full(rows, started), "unit": np.full(rows, "segment"),
        "hour": np.full(rows, hour), "weekday": np.full(rows, started.isoweekday()), "place": np.arange(1, rows + 1),
        "minutes_in": begins, "row_min": length, "start_ms": begins * 60_000, "end_ms": (begins + length) * 60_000,
        "product": np.array([f"P{each:02}" for each in product]),
        "kind": np.array([KINDS[each] for each in world.kind[product]]),
        "price_fen": price, "discount_rate": discount, **counts, "online_mean": online, "viewer_minutes": viewers,
        "comments": comments, "orders": orders, "units": units, "gmv_fen": units * price, "refund_fen": refund,
        "refunded_orders": refunded, "repeat_orders": repeat, "expected_rate": rate,
        **{f"expected {name}": expected[name] for name in world.effects},
    }  # fmt: skip


def _treatments(
    rng: np.random.Generator, options: SimulationOptions, pull: Floats, person: float, length: Floats
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """How the anchor sells: as an effect takes it, as the table has it, and its mean before chance."""
    taken, counts, expected = {}, {}, {}
    for name, usual, strength in (("answers_given", 1.2, 0.5), ("scarcity_talk", 1.0, 0.5)):
        mean = usual * np.exp(strength * pull + person)
        counts[name] = rng.poisson(mean * length * rng.gamma(8, 1 / 8, len(pull))).astype(float)
        taken[f"{name}_per_min"], expected[f"{name}_per_min"] = counts[name] / length, mean
    expected["pace_cpm"] = 280 + 15 * pull + 20 * person
    counts["pace_cpm"] = taken["pace_cpm"] = expected["pace_cpm"] + rng.normal(0, 18, len(pull))
    return taken, counts, expected


_SHARED = ("answers_given", "scarcity_talk", "comments", "orders", "units", "gmv_fen", "refund_fen",
           "refunded_orders", "repeat_orders")  # fmt: skip
_WHOLE = (*_SHARED, "hour", "weekday", "place", "start_ms", "end_ms", "price_fen")


def _as_rows(columns: dict[str, Any]) -> list[dict[str, Any]]:
    names = list(columns)
    return [
        {name: int(value) if name in _WHOLE else value for name, value in zip(names, values, strict=True)}
        for values in zip(*(columns[name].tolist() for name in names), strict=True)
    ]


def _minutes(rng: np.random.Generator, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each pitch by its minutes; what is counted is shared out at random, the last minute a little more likely."""
    minutes = []
    for row in rows:
        length = int(row["row_min"])
        weights = np.linspace(1.0, 1.5, length)
        parts = {name: rng.multinomial(row[name], weights / weights.sum()) for name in _SHARED}
        for at in range(length):
            minutes.append(
                {
                    **row, **{name: int(part[at]) for name, part in parts.items()}, "unit": "minute", "place": None,
                    "start_ms": row["start_ms"] + at * 60_000, "end_ms": row["start_ms"] + (at + 1) * 60_000,
                    "minutes_in": row["minutes_in"] + at, "row_min": 1.0, "viewer_minutes": row["online_mean"],
                }
            )  # fmt: skip
    return minutes


def _table(rows: list[dict[str, Any]]) -> "polars.DataFrame":
    import polars

    return polars.DataFrame(rows, infer_schema_length=None)
