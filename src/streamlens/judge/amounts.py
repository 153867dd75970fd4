"""Numbers with their units, as speech says them and as papers write them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Literal

from ..schema import Record

NUMERAL = "[零一二三四五六七八九十百千万亿两半点几多余]+"
_ABOUT = re.compile("([一二两三四五六七八])([二两三四五六七八九])(?=[十百千万]|$)")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SIZES = {"亿": 10**8, "万": 10**4, "千": 1000, "百": 100}


def value(numeral: str, *, most: bool = False) -> float | None:
    """The number that spoken numerals mean; of 五十多 and 两三 the least, or of 两三 the `most`.

    >>> value("二十四"), value("一百零五"), value("两万五"), value("十二点五"), value("五十多"), value("二零二六")
    (24.0, 105.0, 25000.0, 12.5, 50.0, 2026.0)
    >>> value("两三"), value("两三", most=True), value("七八十"), value("十五六"), value("一点二万")
    (2.0, 3.0, 70.0, 15.0, 12000.0)
    """
    text = re.sub("[几多余]", "", numeral)
    if len(text) == 2 or re.search("[十百千万]", text):  # not the digits of a year or a code
        text = _ABOUT.sub(lambda pair: _one_of(pair, most=most), text)
    if text in ("", "点"):
        return None
    if text == "半":
        return 0.5
    half, text = (0.5, text[:-1]) if text.endswith("半") else (0.0, text)
    whole, _, fraction = text.partition("点")
    size = next((size for char, size in _SIZES.items() if fraction.endswith(char)), 1)
    fraction = fraction[:-1] if size > 1 else fraction
    if len(whole) > 1 and all(char in _DIGITS for char in whole):
        number = float("".join(str(_DIGITS[char]) for char in whole))
    else:
        number = _whole(whole)
    if fraction:
        if not all(char in _DIGITS for char in fraction):
            return None
        number += float("0." + "".join(str(_DIGITS[char]) for char in fraction))
    return round(number * size, 6) + half


def _one_of(pair: re.Match[str], *, most: bool) -> str:
    """两三 and 三五 are one number that is not known exactly; 二八 are two digits."""
    low, high = _DIGITS[pair.group(1)], _DIGITS[pair.group(2)]
    if high != low + 1 and (low, high) != (3, 5):
        return pair.group()
    return pair.group(2 if most else 1)


def _whole(text: str) -> float:
    for char, size in (("亿", _SIZES["亿"]), ("万", _SIZES["万"])):
        head, mark, tail = text.rpartition(char)
        if mark:
            # 两万五 is 25,000: a bare digit after a unit counts the next lower one
            rest = _DIGITS[tail] * size / 10 if tail in _DIGITS and tail != "零" else _whole(tail)
            return (_whole(head) or 1) * size + rest
    total, digit, last = 0.0, 0, 1
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit, last = 0, _UNITS[char]
        elif char in _DIGITS:
            digit = _DIGITS[char]
            last = 1 if char == "零" else last
    return total + digit * (last // 10 if last >= 100 else 1)


def amounts(text: str, units: Mapping[str, float], *, most: bool = False) -> Iterator[tuple[float, int, int]]:
    """Every number with one of these units in a spoken text (九斤半): the amount, and where it starts and ends.

    Of 三到五斤 it is the least, or the `most`.
    """
    names = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    for match in re.finditer(f"(?:({NUMERAL})(?:{names})?到)?({NUMERAL})个?({names})(半(?!{names}))?", text):
        least, number, unit, half = match.groups()
        amount = value(number if most or not least else least, most=most)
        if amount is not None:
            more = 0.5 if half and (most or not least) else 0
            yield (amount + more) * units[unit], match.start(), match.end()


class Measured(Record, frozen=True, kw_only=True):
    """What the result of a test item says.

    `absent` not detected or below the limit of detection (then `number` is that limit, if stated) · `number` a value ·
    `passed` within the limit, with no value · `failed` over the limit or detected · `unreadable`.
    """

    kind: Literal["absent", "number", "passed", "failed", "unreadable"]
    number: float | None = None
    unit: str = ""


# read in this order: 未超标 is not 超标, 未检出 is not 检出, and 低于检出限 is neither
_RESULTS: tuple[tuple[Literal["passed", "absent", "failed"], re.Pattern[str]], ...] = (
    ("passed", re.compile(r"(?:[未不无没]|没有|未检出|未发现)(?:有)?超[标出]")),
    (
        "absent",
        re.compile(
            r"(?<!不得)(?:未|没有|没|不曾)检(?:测|验)?出|阴性|\bn\.?d\b\.?|^n\.d\.|低于检出限|小于检出限|[<≤](?:检出限|lo[dq])"
        ),
    ),
    ("absent", re.compile(r"not ?detected|negative|^\(-\)$")),
    ("failed", re.compile(r"不合格|不符合|超标|超出|未通过|[未不]达标")),
    ("failed", re.compile(r"(?<!不得)检出(?!限)|阳性|positive|detected|^\(\+\)$|^\++$")),
    ("passed", re.compile(r"合格|符合|达标|通过|pass|^ok$|正常|适[宜用合]|满足")),
)
_VALUE = re.compile(r"([<≤>≥]?)(\d+(?:\.\d+)?(?:e-?\d+)?)(.*)")


def measured(result: str, unit: str = "") -> Measured:
    """A test item's result, written in any of the usual ways.

    >>> measured("未检出").kind, measured("<0.01 mg/kg").kind, measured("0.008", "mg/kg").number
    ('absent', 'absent', 0.008)
    """
    text = "".join(unicodedata.normalize("NFKC", result).lower().split())
    match = _VALUE.fullmatch(text)
    if match:
        sign, number, rest = match.groups()
        unit = "".join(unicodedata.normalize("NFKC", rest or unit).lower().split())
        amount = float(number)
        if sign in ("<", "≤"):
            return Measured(kind="absent", number=amount, unit=unit)
        return Measured(kind="number" if amount else "absent", number=amount, unit=unit)
    for kind, pattern in _RESULTS:
        if pattern.search(text):
            limit = re.search(r"[<≤](\d+(?:\.\d+)?)", text) if kind == "absent" else None
            return Measured(kind=kind, number=float(limit.group(1)) if limit else None, unit=unit)
    return Measured(kind="unreadable")
