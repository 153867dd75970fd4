"""What a broadcast comes to in a few numbers, so that broadcasts can be set beside one another."""

from datetime import datetime

from .record import Record

__all__ = ["Compared", "Course", "Measures", "ProductMeasures", "SameProduct"]

SAME = 0.08  # a smaller relative change is none


class ProductMeasures(Record, frozen=True, kw_only=True):
    """One product that was on offer. What is not known (no orders, no viewer counts) is None."""

    product: str
    name: str
    air_ms: int
    claims: int
    accused: tuple[tuple[str, int], ...] = ()  # accusations by kind, most first
    orders: int | None = None
    gmv_fen: int | None = None
    viewer_minutes: float | None = None


class Measures(Record, frozen=True, kw_only=True):
    """One broadcast. `sales_fen` is turnover by viewer-minute, over the products of which both are known."""

    recording: str
    anchor: str = ""
    started_at: datetime | None = None
    duration_ms: int = 0
    coverage: float = 1.0
    pace_cpm: float | None = None  # median of the utterances
    fillers_per_minute: float | None = None  # of talk
    talk_rate: float | None = None  # of the time
    unanswered_rate: float | None = None  # of the buyers' questions
    claims_per_hour: float | None = None
    accused: tuple[tuple[str, int], ...] = ()
    sales_fen: float | None = None
    products: tuple[ProductMeasures, ...] = ()


class Course(Record, frozen=True, kw_only=True):
    """One number now and before: the median of `streams` broadcasts."""

    name: str
    now: float
    before: float
    streams: int

    @property
    def way(self) -> str:
        if abs(self.now - self.before) <= SAME * max(abs(self.now), abs(self.before)):
            return "same"
        return "up" if self.now > self.before else "down"


class SameProduct(Record, frozen=True, kw_only=True):
    """A product that other anchors sold as well; `sellers` of them."""

    name: str
    sellers: int
    changes: tuple[Course, ...]


class Compared(Record, frozen=True, kw_only=True):
    """What a broadcast is compared by: WORKSPACE/<id>/comparison.json."""

    recording: str
    own: tuple[Course, ...] = ()
    products: tuple[SameProduct, ...] = ()
