"""The focus of a stream: how its time and its sales are spread over the products."""

from datetime import date

from .features import Direction, RoleSource
from .record import Record

__all__ = ["Comparison", "Focus", "ProductFocus"]


class ProductFocus(Record, frozen=True, kw_only=True):
    """One product: air time, mentions and sales. What is not known (no orders, no amounts) is None.

    `turns` is how often it was taken up, `loop_ms` the median time from one such start to the next.
    """

    product: str
    name: str
    air_ms: int
    air_rate: float  # of the time with a product on offer
    turns: int
    loop_ms: int | None
    mentions: int
    orders: int | None
    units: int | None
    gmv_fen: int | None
    gmv_rate: float | None  # of the turnover of single orders
    own_orders: int | None  # orders paid while it was on offer
    viewer_minutes: float | None  # of its air time
    price_fen: int | None = None
    kind: str = ""
    category: str = ""
    role: str | None = None
    role_source: RoleSource | None = None
    direction: Direction | None = None
    direction_source: RoleSource | None = None


class Focus(Record, frozen=True, kw_only=True):
    """One stream. `hhi` is the Herfindahl-Hirschman index, the sum of squared shares: 1/n for n equal, 1 for one alone.

    `switches` counts changes from one product to another; time without a product between them makes no switch.
    """

    recording: str
    anchor: str = ""
    anchor_role: str = ""
    day: date | None = None
    duration_ms: int = 0
    air_ms: int = 0
    air_hhi: float | None = None
    air_top_rate: float | None = None
    sales_hhi: float | None = None
    sales_top_rate: float | None = None
    switches: int = 0
    switches_per_hour: float | None = None
    loop_ms: int | None = None  # median over all returns to a product
    online_mean: float | None = None
    comments: int | None = None
    follows: int | None = None
    orders: int | None = None
    gmv_fen: int | None = None
    products: tuple[ProductFocus, ...] = ()


class Comparison(Record, frozen=True, kw_only=True):
    """A table over several streams: `name` and `heads` are codes to be worded; names that end in _rate are shares."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
