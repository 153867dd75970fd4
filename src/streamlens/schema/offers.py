"""What was said of the products besides claims: price, weight, delivery and the like, held against the catalogue."""

from typing import Literal

from .record import Record

__all__ = ["Fact", "FactSort", "Facts", "Told"]

FactSort = Literal[
    "price",  # what is asked now
    "former_price",  # 原价, 平时, 去年: the seller's own, of another time
    "outside_price",  # what others ask
    "discount",
    "gift",
    "weight",
    "count",
    "grade",  # and size
    "origin",
    "delivery",
    "after_sale",
    "usage",
    "storage",
    "tasting",
    "ingredients",
]


class Fact(Record, frozen=True, kw_only=True):
    """One thing said, or shown, of a product. `quote` is the shortest stretch that carries it, in spoken form.

    `value` is in `unit`; None where the words hold none:

    - prices fen, `per` what they are for (g with `per_value` 500 for 一斤, 盒, 个; empty: the pack);
    - discount `share` of the price that is left (打八折 is 0.8), or fen off; for a sum (`per` order, `per_value` fen)
      or for the second of two (`per` second);
    - gift g, or pieces on top (买二送一 is 1 `per` bought, `per_value` 2);
    - weight g `per` pack, piece or container; count in its counter (枚, 盒); size mm;
    - delivery h `per` dispatch or arrival; after_sale h in which goods may be returned; storage day or month; taste
      brix.

    `about`: said as not exact (两百来块); then `value` is the least. `listed` is the catalogue's value in the same unit
    and for the same amount, `agrees` whether both fit; None where they cannot be compared, or may be misheard.
    """

    id: str
    sort: FactSort
    product: str | None
    start_ms: int
    end_ms: int
    quote: str
    heard: str
    channel: Literal["speech", "screen"] = "speech"
    value: float | None = None
    unit: str = ""
    per: str = ""
    per_value: float | None = None
    about: bool = False
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
