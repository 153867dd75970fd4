"""Times as files write them: seconds from the start, seconds or milliseconds since 1970, clocks with a zone or none."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

from streamlens.capture.audience.entries import Moment

CHINA = timezone(timedelta(hours=8))
DAY = 86_400_000

_DATE = re.compile(
    r"(?P<year>\d{4})(?:[-/.]|年\s*)(?P<month>\d{1,2})(?:[-/.]|月\s*)(?P<day>\d{1,2})日?[\sT]*"
    r"(?:(?P<hour>\d{1,2})[:时](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})秒?(?:[.,](?P<fraction>\d{1,9}))?)?分?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?"
)
_NO_YEAR = re.compile(
    r"(?P<month>\d{1,2})(?:[-/]|月)(?P<day>\d{1,2})日?[\sT]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
)
_CLOCK = re.compile(r"(?P<hour>\d{1,3}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)[-_ ]?(\d\d)(\d\d)(\d\d)")
_NUMBER = re.compile(r"([+-]?\d{1,20})(?:\.(\d{1,12}))?\s*(s|秒|ms|毫秒)?")


def moment(value: object, *, in_ms: bool = False) -> Moment | None:
    """The time that a value means, None where it is none. `in_ms`: a number is in milliseconds, as its name says.

    >>> moment(1761623569.67), moment("12.5"), moment("1781928000000").ms
    (Moment(kind='stated', ms=1761623569670), Moment(kind='relative', ms=12500), 1781928000000)
    >>> moment("2026-10-12T19:30:00+08:00") == moment("2026/10/12 11:30:00Z"), moment("2026年10月12日 19:30").kind
    (True, 'local')
    >>> moment("19:30:05"), moment("07-01 19:07").kind, moment("昨天"), moment("2026-13-40 10:00")
    (Moment(kind='day_time', ms=70205000), 'no_year', None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    text = unicodedata.normalize("NFKC", str(value)[:64]).strip().strip("[]")
    if isinstance(value, float) and "e" in text:
        text = f"{value:.6f}" if abs(value) < 1e20 else ""
    if match := _COMPACT.fullmatch(text):
        return _local(*match.groups(), zone=None)
    if match := _NUMBER.fullmatch(text):
        return _counted(match, in_ms)
    if match := _DATE.fullmatch(text):
        year, month, day, hour, minute, second, fraction, zone = match.groups()
        return _local(year, month, day, hour, minute, second, fraction, zone=zone) if hour or not zone else None
    if match := _NO_YEAR.fullmatch(text):
        found = _local("2000", *match.groups(), zone=None)
        return found and Moment("no_year", found.ms)
    if match := _CLOCK.fullmatch(text):
        hour, minute, second, fraction = (int(part or 0) for part in (*match.groups()[:3], None))
        if minute < 60 and second < 60 and hour < 200:
            return Moment("day_time", ((hour * 60 + minute) * 60 + second) * 1000 + _thousandths(match["fraction"]))
    return None


def local_ms(at: datetime) -> int:
    """Milliseconds since 1970 of a clock, in China's time where it names no zone."""
    at = at if at.tzinfo else at.replace(tzinfo=CHINA)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _counted(match: re.Match[str], in_ms: bool) -> Moment | None:
    whole, unit = int(match[1]), match[3]
    thousandths = _thousandths(match[2])
    size = abs(whole)
    if in_ms or unit in ("ms", "毫秒"):
        if size < 10**9:
            return Moment("relative", whole)
        return Moment("stated", whole) if 9 * 10**11 <= whole < 4 * 10**12 else None
    sign = -1 if match[1].startswith("-") else 1
    if size < 10**7:  # seconds of less than 116 days
        return Moment("relative", whole * 1000 + sign * thousandths)
    if unit:
        return None
    for seconds, parts in ((1, 1), (1000, 10**3), (10**6, 10**6), (10**9, 10**9)):
        if 9 * 10**8 * seconds <= whole < 4 * 10**9 * seconds:  # 1998 to 2096
            return Moment("stated", whole * 1000 + thousandths if parts == 1 else whole * 1000 // parts)
    return None


def _local(
    year: str, month: str, day: str, hour: str | None = None, minute: str | None = None, second: str | None = None,
    fraction: str | None = None, *, zone: str | None,
) -> Moment | None:  # fmt: skip
    try:
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    if not 1998 <= at.year <= 2096:
        return None
    ms = _thousandths(fraction)
    if zone is None:
        return Moment("local", local_ms(at) + ms)
    shift = 0
    if zone[0] in "+-":
        shift = (int(zone[1:3]) * 60 + int(zone[-2:])) * (-60_000 if zone[0] == "-" else 60_000)
    return Moment("stated", local_ms(at.replace(tzinfo=UTC)) - shift + ms)


def _thousandths(fraction: str | None) -> int:
    return int((fraction or "0")[:3].ljust(3, "0"))
