"""Spoken numerals and what they are worth."""

from functools import lru_cache

DIGITS = "零一二三四五六七八九"
NUMERALS = frozenset("零〇一二两三四五六七八九十百千万")


@lru_cache(maxsize=20_000)
def numeral_value(text: str) -> int | None:
    """What a spoken numeral is worth; None where it is not one number.

    Short forms count (一百二 is 120, 两千五 is 2500), and 两 as 二.

    >>> numeral_value("二十四"), numeral_value("两百五十"), numeral_value("一百零二"), numeral_value("一百二")
    (24, 250, 102, 120)
    >>> numeral_value("三四"), numeral_value("十二十"), numeral_value("一万二千"), numeral_value("")
    (None, None, 12000, None)
    """
    plain = text.replace("〇", "零").replace("两", "二")
    if not plain or any(char not in NUMERALS for char in plain):
        return None
    head, ten_thousands, rest = plain.rpartition("万")
    if ten_thousands:
        above, below = numeral_value(head), _below(rest, 10_000) if rest else 0
        return None if above is None or below is None else above * 10_000 + below
    return _below(plain, 0)


def _below(text: str, unit: int) -> int | None:
    """The value of a numeral below ten thousand; `unit` is what stands before it, for 一万二 (12000)."""
    if unit and len(text) == 1 and text in DIGITS[1:]:
        return DIGITS.index(text) * unit // 10
    total, last, at, skipped = 0, unit or 100_000, 0, False
    while at < len(text):
        if text[at] == "零":
            if not total and not unit:
                return 0 if text == "零" else None
            if skipped or at + 1 == len(text):
                return None
            skipped, at = True, at + 1
            continue
        if text[at] == "十" and (at == 0 or skipped):
            digit, size = 1, 10
            at += 1
        elif text[at] not in DIGITS:
            return None
        elif at + 1 < len(text) and text[at + 1] in "十百千":
            digit, size = DIGITS.index(text[at]), {"十": 10, "百": 100, "千": 1000}[text[at + 1]]
            at += 2
        else:
            digit, size = DIGITS.index(text[at]), 1
            at += 1
            if at < len(text):
                return None
            if last in (100, 1000) and not skipped:  # 一百二, 两千五
                size = last // 10
        if size >= last:
            return None
        total, last, skipped = total + digit * size, size, False
    return total
