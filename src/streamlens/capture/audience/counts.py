"""Numbers as platforms write them: 1.2万, 2.5w, 3,456, 8千, --, -2147483648."""

import re
import unicodedata
from decimal import Decimal

from streamlens.capture.audience.entries import shown

_SIZES = {"": 1, "k": 1000, "千": 1000, "w": 10_000, "万": 10_000, "m": 1_000_000, "百万": 1_000_000, "亿": 100_000_000}
_NUMBER = re.compile(r"([+-]?\d{1,18}(?:\.\d{1,9})?)(百万|[kw千万m亿]?)\+?")
_WORDS = re.compile(r"[,\s'¥￥$]|(?:元|人|个|件|单|笔|次|赞|在线观众|观众|人观看|rmb|cny)+$|^月成交")
ABSENT = frozenset({"", "-", "--", "—", "/", "null", "none", "nan", "n/a", "na", "未知", "暂无", "无"})
_SENTINELS = frozenset({-1, -2, -(2**31), -(2**63)})


class NotANumber(ValueError):
    """What stands there is neither a number nor a sign for none."""


def number(value: object) -> Decimal | None:
    """The number that a cell holds; None where it says that there is none. NotANumber where it says something else.

    >>> number("1.2万"), number("2.5w"), number("3,456人"), number("--"), number(-2147483648), number("月成交 8.5万笔")
    (Decimal('12000.0'), Decimal('25000.0'), Decimal('3456'), None, None, Decimal('85000.0'))
    """
    if value is None or isinstance(value, bool):
        return None
    text = unicodedata.normalize("NFKC", str(value))[:80].strip().lower()
    if text in ABSENT:
        return None
    match = _NUMBER.fullmatch(_WORDS.sub("", _WORDS.sub("", text)))
    if not match:
        raise NotANumber(f"{shown(value)} is not a number")
    found = Decimal(match[1]) * _SIZES[match[2]]
    return None if found in _SENTINELS else found


def count(value: object) -> int | None:
    """A whole number that is not negative, at most 10^15."""
    found = number(value)
    if found is None:
        return None
    if not 0 <= found <= 10**15:
        raise NotANumber(f"{shown(value)} cannot be a count")
    return int(found)


def fen(value: object) -> int | None:
    """Yuan as fen, rounded.

    >>> fen("¥1,280.50"), fen("19.9元"), fen("1.2万"), fen("--")
    (128050, 1990, 1200000, None)
    """
    found = number(value)
    if found is None:
        return None
    if not -(10**13) <= found <= 10**13:
        raise NotANumber(f"{shown(value)} cannot be an amount")
    return int((found * 100).to_integral_value())
