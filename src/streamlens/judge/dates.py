"""Days as papers print them: 2025年06月01日, 2025-6-1, 20250601, 二〇二五年六月一日, spans of them, and 长期.

Recognised text may hold letters for digits (2O25年O6月); such a day is read, and said to be doubtful.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta

from ..language.numbers import value
from ..schema import Record

ENDLESS = "长期"

_LETTERS = str.maketrans("OoQDIl|ZSB", "0000111258")
_YEAR = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_D = "[0-9OoQDIl|ZSB]"
_NUMERALS = "[〇零○一二三四五六七八九十]"
_GAP = r"\s{0,3}"
_DAY = re.compile(
    rf"(?<![0-9A-Za-z])(?P<y>(?:1|2|l|I|Z)(?:9|{_D}){_D}{_D}){_GAP}(?:年|[./\-—–])"
    rf"{_GAP}(?P<m>{_D}{{1,2}}){_GAP}(?:月|[./\-—–]){_GAP}(?P<d>{_D}{{1,2}})(?!\d){_GAP}日?"
    r"|(?<!\d)(?P<run>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
    rf"|(?P<cy>[一二]{_NUMERALS}{{3}})年(?P<cm>{_NUMERALS}{{1,2}})月(?P<cd>{_NUMERALS}{{1,3}})日?"
)
_CLOCK = re.compile(
    r"\s*T?\s*(上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|晚)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?(?:\s*[:分]\s*(\d{1,2}))?\s*[分秒]?"
)
_LATER = frozenset({"下午", "傍晚", "晚上", "晚"})
_HALF = re.compile(rf"{_GAP}(?P<m>\d{{1,2}}){_GAP}月{_GAP}(?P<d>\d{{1,2}}){_GAP}日")
_UNTIL = re.compile(r"起?\s*(?:至|到|止|-|—|–|~|～|―|一)+\s*")
_ENDLESS = re.compile("长期|永久|无固定期限|长\\s期")
_TERM = re.compile(
    r"(?:有效期|期限|为期|有效)[^0-9一二两三四五六七八九十]{0,4}(\d{1,2}|[一二两三四五六七八九十]{1,2})\s*(年|个月)"
)


class Day(Record, frozen=True, kw_only=True):
    """A day in a text, where it starts and ends, and whether digits were guessed; with the time if one follows."""

    day: date
    start: int
    end: int
    clean: bool = True
    time: datetime | None = None


class Validity(Record, frozen=True, kw_only=True):
    """The days that a text gives as first and last: ISO, "长期" or "" where it does not say."""

    first: str = ""
    last: str = ""
    clean: bool = True


def find_days(text: str) -> tuple[Day, ...]:
    """Every day in a text. What is no day of the calendar, or not between 1980 and 2100, is none.

    >>> [str(found.day) for found in find_days("自2025年06月01日起至二〇二六年五月三十一日, 2025.13.01")]
    ['2025-06-01', '2026-05-31']
    """
    text = unicodedata.normalize("NFKC", text)
    found = []
    for match in _DAY.finditer(text):
        day, clean = _day(match)
        if day is None or not 1980 <= day.year <= 2100:
            continue
        clock = _CLOCK.match(text, match.end())
        time = None
        end = match.end()
        if clock and int(clock[2]) < 24 and int(clock[3] or 0) < 60:
            hour = int(clock[2]) + (12 if clock[1] in _LATER and int(clock[2]) < 12 else 0)
            time = datetime(day.year, day.month, day.day, hour, int(clock[3] or 0), int(clock[4] or 0) % 60)
            end = clock.end()
        found.append(Day(day=day, start=match.start(), end=end, clean=clean, time=time))
    return tuple(found)


def _day(match: re.Match[str]) -> tuple[date | None, bool]:
    try:
        if match["run"]:
            return datetime.strptime(match["run"], "%Y%m%d").date(), True
        if match["cy"]:
            year = int(match["cy"].translate(_YEAR))
            return date(year, int(value(match["cm"]) or 0), int(value(match["cd"]) or 0)), True
        parts = [match[name].translate(_LETTERS) for name in "ymd"]
        clean = all(match[name].isdecimal() for name in "ymd")
        return date(*(int(part) for part in parts)), clean
    except ValueError:
        return None, False


def read_validity(text: str, issued: date | None = None) -> Validity:
    """First and last day of a text such as 自2025年6月1日至2026年5月31日, 2029-03-01, 长期, 有效期三年 (from `issued`).

    A single day counts as the last one, unless 起 follows it.

    >>> read_validity("2025/6/1—2026/5/31").last, read_validity("2020年3月1日至长期").last
    ('2026-05-31', '长期')
    """
    text = unicodedata.normalize("NFKC", text)
    days = find_days(text)
    clean = all(found.clean for found in days)
    endless = _ENDLESS.search(text)
    if len(days) > 2:
        return Validity(clean=False)
    if len(days) == 2:
        first, last = days
        ordered = first.day <= last.day
        return Validity(first=str(first.day), last=str(last.day), clean=clean and ordered)
    if len(days) == 1:
        (only,) = days
        rest = text[only.end :]
        if endless:
            return Validity(first=str(only.day) if endless.start() >= only.end else "", last=ENDLESS, clean=clean)
        until = _UNTIL.match(rest)
        half = _HALF.match(rest, until.end()) if until else None
        if half:  # 2025年6月1日至12月31日
            try:
                last_day = date(only.day.year, int(half["m"]), int(half["d"]))
                return Validity(first=str(only.day), last=str(last_day), clean=clean and last_day >= only.day)
            except ValueError:
                return Validity(clean=False)
        term = _TERM.search(text)
        if term and (ends := _after(only.day, term)):
            return Validity(first=str(only.day), last=str(ends), clean=clean)
        if re.match(r"\s*(?:起|至|到|-|—|~)", rest) or re.search(r"自\s*$", text[: only.start]):
            return Validity(first=str(only.day), clean=clean and not re.match(r"\s*(?:起\s*)?(?:至|到|-|—|~)", rest))
        return Validity(last=str(only.day), clean=clean)
    if endless:
        return Validity(last=ENDLESS)
    term = _TERM.search(text) or re.search(r"^\D{0,3}(\d{1,2}|[一二两三四五六七八九十]{1,2})\s*(年|个月)\D{0,2}$", text)
    if term and issued and (ends := _after(issued, term)):
        return Validity(last=str(ends))
    return Validity()


def _after(first: date, term: re.Match[str]) -> date | None:
    """The last day of a term that begins on `first`: three years from 2024-05-01 end on 2027-04-30."""
    size = int(term[1]) if term[1].isdecimal() else int(value(term[1]) or 0)
    months = first.month - 1 + size * (12 if term[2] == "年" else 1)
    if not size:
        return None
    try:
        return date(first.year + months // 12, months % 12 + 1, first.day) - timedelta(days=1)
    except ValueError:  # 29 February and the like
        return date(first.year + months // 12, months % 12 + 2, 1) - timedelta(days=1)
