"""Amounts with units, above all weights and counts, in spoken text (language.spoken), and what a pack holds."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from ..schema import Product
from . import said
from .numbers import NUMERAL, value

GRAMS = {"公斤": 1000.0, "千克": 1000.0, "kg": 1000.0, "斤": 500.0, "克": 1.0, "g": 1.0, "两": 50.0}
GRAMS |= {"吨": 1_000_000.0, "毫克": 1e-3, "微克": 1e-6}
PIECES = "个枚颗粒只头根条尾片块"
CONTAINERS = "袋瓶盒包罐坛听提"

_DIGIT = "[一二三四五六七八九]"
_UNIT = f"({'|'.join(sorted(GRAMS, key=len, reverse=True))})"
_MASS = re.compile(
    f"(?:({NUMERAL}?){_UNIT}?[到至])?({NUMERAL}?){_UNIT}"
    f"(?:({_DIGIT})两(半)?|(半)(?!{_UNIT})|({_DIGIT})(?![零一二三四五六七八九十百千万两半点{PIECES}{CONTAINERS}斤块元份箱起共样定直]))?"
)
_EACH = re.compile(
    f"(?:单果|单[{PIECES}]|[每一][{PIECES}]|([{PIECES}])\\1|每一?果|[公母]蟹?)[^{PIECES}{CONTAINERS}箱份件]{{0,6}}$"
)
_SHORT = re.compile("(?<![至最不多])(?:少|缺|短|差)(?:了|你)?$")
_ON_TOP = re.compile(
    "(?:(?<![不最])(?<!差不)多(?:装|放|称|给|塞|抓|送|加|拿)?|再?送|赠送?|加送?)(?:了|给|上)?(?:你们?|您|大家)?$"
)
_GROSS = re.compile(
    "(?:毛重|[带连][箱皮盒冰水壳]子?)[^零一二三四五六七八九十半两净]{0,4}$"
)  # is not the weight of the goods
_PAID = re.compile("(?:赔|退|罚|补|奖)(?:你们?|您|给你)?$")
_EACH_AFTER = re.compile(f"^(?:半|多|左右|以上|往上|起)?(?:[一每][{PIECES}]|的[公母大小]?[蟹虾果鱼蛋鸡鸭梨桃枣])")
_CONTAINER = re.compile(f"[每一]([{CONTAINERS}])[^{PIECES}]{{0,6}}$")
LENGTHS = {"毫米": 1.0, "mm": 1.0, "厘米": 10.0, "公分": 10.0, "cm": 10.0}
_BARE_SIZE = re.compile(
    f"(?:果径|直径|果型|壳径)[^{NUMERAL[1:-2]}]{{0,4}}({NUMERAL})|({NUMERAL})(?:以上|往上|加|起)?的?(?:中大|特大|精品|大)?果"
)

MassOf = Literal["pack", "piece", "container", "on_top", "promise"]


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


def masses(text: str) -> Iterator[tuple[float, int, int]]:
    """Every weight in a spoken text, in grams: 三斤八两, 九斤半, 三两五, and of 四到五斤 the least."""
    for match in _MASS.finditer(text):
        low, low_unit, high, unit, liang, half_liang, half, digit = match.group(1, 2, 3, 4, 5, 6, 7, 9)
        number = value(low or high)
        if number is None:
            continue
        grams = number * GRAMS[low_unit or unit if low else unit]
        if liang:
            grams += 50 * ((value(liang) or 0) + (0.5 if half_liang else 0))
        elif half:
            grams += GRAMS[unit] / 2
        elif digit and unit in ("斤", "两", "公斤", "千克"):  # 三斤八, but not 五百克一
            grams += (value(digit) or 0) * GRAMS[unit] / 10
        yield grams, match.start(), match.end()


def counts(text: str) -> Iterator[tuple[float, str]]:
    for count, _, end in amounts(text, dict.fromkeys(PIECES + CONTAINERS, 1.0)):
        yield count, text[end - 1]


def of_mass(before: str, after: str) -> tuple[MassOf, str]:
    """What a weight is of, by the spoken words around it, and what counts that (a piece, a container).

    单果四两 and 三两五的公蟹 are of the piece, 一袋半斤 of the container, 多装半斤 comes on top; 少一两补一斤 and
    毛重五斤 state no weight of the goods (`promise`); all else is of the pack.
    """
    if _SHORT.search(before) or _PAID.search(before) or _GROSS.search(before):
        return "promise", ""
    if _ON_TOP.search(before):
        return "on_top", ""
    if contained := _CONTAINER.search(before):
        return "container", contained.group(1)
    if _EACH.search(before) or _EACH_AFTER.match(after):
        return "piece", "个"
    return "pack", ""


def sizes(text: str) -> Iterator[tuple[float, int, int]]:
    """Every size across in a spoken text, in millimetres, and where it stands: 果径八十五毫米, 直径二十八毫米."""
    taken = []
    for millimetres, start, end in amounts(text, LENGTHS):
        taken.append((start, end))
        yield millimetres, start, end
    for match in _BARE_SIZE.finditer(text):
        number = value(match.group(1) or match.group(2))
        if number and number > 10 and not any(match.start() < b and a < match.end() for a, b in taken):
            yield number, match.start(), match.end()


# ---- what the catalogue gives


def pack_grams(product: Product) -> float | None:
    """The net weight of one unit of sale: as listed, else as its unit or its name says."""
    if product.net_weight_g:
        return float(product.net_weight_g)
    for text in (product.unit, product.name):
        found = [grams for grams, start, _ in masses(said(text)) if not _EACH.search(said(text)[:start])]
        if found:
            return found[0]
    return None


def pack_count(product: Product, counter: str) -> float | None:
    """How many pieces (or containers, whichever `counter` counts) make one unit of sale, as its unit or name says."""
    alike = PIECES if counter in PIECES else CONTAINERS
    for text in (product.unit, product.name):
        for count, written in counts(said(text)):
            if written in alike:
                return count
    return 1.0 if said(product.unit) in alike and product.unit else None
