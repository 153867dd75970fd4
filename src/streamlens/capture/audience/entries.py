"""What a reader of an audience file hands on: rows as they were written, before their times and names are settled."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from streamlens.schema import EventKind

MINUTE = 60_000
Kind = EventKind | Literal["comment", "viewers", "order", "sales"]
TimeKind = Literal["relative", "stated", "local", "no_year", "day_time"]


class Moment(NamedTuple):
    """A time as a file gives it, in ms.

    `relative`: from the start of the file; `stated`: since 1970 in UTC; `local`: the same for a clock without zone,
    read as +08:00; `no_year`: such a clock of which the year is not given, read as of 2000; `day_time`: since midnight,
    or, as the file may mean, since the start.
    """

    kind: TimeKind
    ms: int


class Entry(msgspec.Struct, kw_only=True):
    """A row that was understood. `at` is None where it has no time or (`time_fault`) one that cannot be read."""

    row: int
    kind: Kind
    at: Moment | None = None
    time_fault: str = ""
    name: str = ""
    uid: str = ""
    text: str = ""
    id: str = ""
    count: int = 1
    value_fen: int | None = None
    online: int | None = None
    watched: int | None = None
    likes: int | None = None
    new_followers: int | None = None
    skus: tuple[str, ...] = ()
    title: str = ""
    quantity: int = 1
    amount_fen: int | None = None
    refund_fen: int | None = None
    repeat_buyer: bool | None = None
    lasts_ms: int = 0
    orders: int | None = None


class Left(NamedTuple):
    """A row that is left out on purpose, and why: `unpaid`, `no_event`, ..."""

    row: int
    why: str


class Fault(NamedTuple):
    """A row that cannot be read, or (`lost` False) one that was read but for a part of it."""

    row: int
    reason: str
    lost: bool = True


class Note(NamedTuple):
    """A fact about the whole file."""

    text: str


class Began(NamedTuple):
    """When the file says that its recording began."""

    at: Moment


Item = Entry | Left | Fault | Note | Began
Items = Iterator[Item]
_HARMLESS = re.compile(r"[\d:./\-\s+,%¥￥TZ年月日时分秒]{1,30}|[^\s\d]{0,3}")


def shown(value: object) -> str:
    """What stands in a cell, for a message; but not what may be a name, a number of a person or an address.

    >>> shown("2026-13-40 10:00"), shown("13800138000"), shown("王小明 西湖区"), shown("abc")
    ("'2026-13-40 10:00'", '(11 characters)', '(7 characters)', "'abc'")
    """
    text = str(value).strip()
    return repr(text) if _HARMLESS.fullmatch(text) and not re.search(r"\d{7}", text) else f"({len(text)} characters)"


class Reading(NamedTuple):
    """What a file was taken for, and its rows, which are read as they are asked for."""

    format: str
    items: Items
