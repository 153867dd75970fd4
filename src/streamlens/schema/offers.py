"""What was said of the products besides claims: price, weight, delivery and the like, held against the catalogue."""

from typing import Literal

from .record import Record

__all__ = ["Fact", "FactSort", "Facts", "Told"]

FactSort = Literal[
    "price",
    "discount",
    "gift",
    "weight",
    "count",
    "grade",
    "origin",
    "delivery",
    "after_sale",
    "usage",
    "storage",
    "tasting",
]


class Fact(Record, frozen=True, kw_only=True):
    """One thing said of a product. `quote` is the shortest stretch that carries it.

    `value` is in `unit`: fen for prices, g for weights, hours for delivery, 1 for counts and shares (打八折 is 0.8);
    None where the words hold none. `per` says of what (g with `per_value` 500 for 一斤, pack, piece).
    `listed` is the catalogue's value in the same unit, `agrees` whether both fit; None where they cannot be compared.
    """

    id: str
    sort: FactSort
    product: str | None
    start_ms: int
    end_ms: int
    quote: str
    heard: str
    value: float | None = None
    unit: str = ""
    per: str = ""
    per_value: float | None = None
    listed: float | None = None
    agrees: bool | None = None
    confidence: float = 1.0


class Told(Record, frozen=True, kw_only=True):
    """One item of a product's checklist: what a buyer needs to know, and when it was first told (None: never)."""

    product: str
    topic: FactSort
    at_ms: int | None = None


class Facts(Record, frozen=True, kw_only=True):
    recording: str
    facts: tuple[Fact, ...] = ()
    checklist: tuple[Told, ...] = ()
