"""Whole numbers as they are read aloud, and back."""

from functools import lru_cache

from .numbers import value

DIGITS = "零一二三四五六七八九"
NUMERALS = frozenset("零〇一二两三四五六七八九十百千万")


def cardinal(number: int) -> str:
    """A whole number as it is read aloud.

    >>> cardinal(24), cardinal(100), cardinal(1005), cardinal(12), cardinal(112), cardinal(20000)
    ('二十四', '一百', '一千零五', '十二', '一百一十二', '二万')
    """
    if number >= 10**16:
        return "".join(DIGITS[int(digit)] for digit in str(number))
    if number < 10:
        return DIGITS[number]
    for size, unit in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            head, rest = divmod(number, size)
            zero = "零" if rest and rest < size // 10 else ""
            first = "" if size == 10 and head == 1 else cardinal(head)
            one = "一" if 10 <= rest < 20 else ""  # 十二, but 一百一十二
            return first + unit + (zero + one + cardinal(rest) if rest else "")
    return ""


@lru_cache(maxsize=20_000)
def numeral_value(text: str) -> int | None:
    """What a spoken numeral is worth; None where it is not one whole number, or not as one says it.

    Short forms count (一百二 is 120), and 两 as 二. `value` is less strict: it reads 三四 and 二零二六 too.

    >>> numeral_value("二十四"), numeral_value("两百五十"), numeral_value("一百零二"), numeral_value("一百二")
    (24, 250, 102, 120)
    >>> numeral_value("三四"), numeral_value("十二十"), numeral_value("一万二千"), numeral_value("")
    (None, None, 12000, None)
    """
    plain = text.replace("〇", "零").replace("两", "二")
    if not plain or any(char not in NUMERALS for char in plain):
        return None
    number = value(plain)
    if number is None or not number.is_integer():
        return None
    said = cardinal(int(number))
    return int(number) if plain in (said, said[:-1], f"一{said}") else None  # 一百二十, 一百二; 一十二
