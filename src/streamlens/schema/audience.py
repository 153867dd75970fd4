"""What the audience did: comments, other events, viewer counts and orders, on the recording's time line.

Nobody is named: `viewer` is a keyed hash made on reading, and what was masked or missing is empty. What a source does
not state is None, never 0.
"""

from typing import Literal

from .record import Record

__all__ = [
    "Audience",
    "Clock",
    "Comment",
    "Event",
    "EventKind",
    "Order",
    "RowFault",
    "Sales",
    "Source",
    "Untimed",
    "Viewers",
]

EventKind = Literal["gift", "like", "enter", "follow", "fan_club", "share", "paid_message", "other"]
Clock = Literal["relative", "stated", "assumed_zone", "overlay", "given", "order", "none"]
"""How a source's times came onto the recording's time line: seconds from its start; a clock with zone against
`started_at`; a clock without zone, taken as +08:00; by a clock seen on screen; by an offset that the user gave; only
the order of its rows is known; no time could be had."""


class Comment(Record, frozen=True, kw_only=True):
    """A viewer's words. `at_ms` may lie before the recording begins (negative) or after it ends."""

    id: str
    at_ms: int
    viewer: str
    text: str


class Event(Record, frozen=True, kw_only=True):
    """Something else that a viewer did. `value_fen` is what it cost the viewer, where the source says so."""

    at_ms: int
    kind: EventKind
    viewer: str = ""
    count: int = 1
    value_fen: int | None = None


class Viewers(Record, frozen=True, kw_only=True):
    """A reading of the room's counters: `online` now; `watched` so far; likes and new followers since the last one."""

    at_ms: int
    online: int | None = None
    watched: int | None = None
    likes: int | None = None
    new_followers: int | None = None


class Order(Record, frozen=True, kw_only=True):
    """An order as paid. `order` is a keyed hash of its number, `refund_fen` what was paid back of `amount_fen`."""

    at_ms: int
    order: str
    product: str | None  # sku, or None where the row names none of the catalogue
    quantity: int
    amount_fen: int | None = None
    refund_fen: int | None = None
    repeat_buyer: bool | None = None


class Sales(Record, frozen=True, kw_only=True):
    """Turnover over a stretch of time without single orders (a platform's export by the minute)."""

    start_ms: int
    end_ms: int
    gmv_fen: int
    orders: int | None = None


class Untimed(Record, frozen=True, kw_only=True):
    """A comment of which no time is known: only that it is the `row`-th of its file. It is in no measure over time."""

    id: str
    file: str
    row: int
    viewer: str
    text: str


class RowFault(Record, frozen=True, kw_only=True):
    """A row that could not be read, or not all of it: its number (a line of the file, from 1) and why."""

    row: int
    reason: str


class Source(Record, frozen=True, kw_only=True):
    """One file: what it was taken for, what became of its rows, and how its clock was tied.

    A row that gives two things (a minute's viewers and its turnover) counts as two.

    `rows` is `read` and the sum of `left_out` (`unreadable`, `repeated`, `unpaid`, `no_event`, `no_time`, ...).
    `counts` says of what kinds the rows read are, those too that have no time; `faults` which of the rows were not, or
    not wholly, readable, the first of them.
    """

    file: str
    role: Literal["comments", "viewers", "orders"]
    state: Literal["read", "partly", "failed"]
    format: str = ""  # bilibili_xml | webcast_jsonl | session_json | console_log | table_comments | table_orders | ...
    rows: int = 0
    read: int = 0
    counts: tuple[tuple[str, int], ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    clock: Clock = "none"
    offset_ms: int = 0  # added to the file's own times, besides what ties a clock to the start of the recording
    faults: tuple[RowFault, ...] = ()
    notes: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()  # what a person should look at


class Audience(Record, frozen=True, kw_only=True):
    """All of it, each kind in order of time; comments without a time apart, in the order of their file."""

    recording: str
    comments: tuple[Comment, ...] = ()
    untimed: tuple[Untimed, ...] = ()
    events: tuple[Event, ...] = ()
    viewers: tuple[Viewers, ...] = ()
    orders: tuple[Order, ...] = ()
    sales: tuple[Sales, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should look at, one line each."""
        return tuple(f"audience: {source.file}: {trouble}" for source in self.sources for trouble in source.troubles)

    @property
    def unread(self) -> tuple[str, ...]:
        """The files that could not be read at all."""
        return tuple(source.file for source in self.sources if source.state == "failed")
