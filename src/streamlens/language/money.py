"""Prices as they are spoken (language.spoken): 十九块九五斤装, 一百二, 五十八一斤, 九块九毛九."""

import re
from collections.abc import Iterator

from ..schema import Product, Record
from .numbers import value
from .quantities import CONTAINERS, GRAMS, PIECES, pack_count, pack_grams

_NUM = "零一二三四五六七八九十百千万亿两半点"
_D = "[一二两三四五六七八九]"
# a numeral as people say prices; two digits side by side only where they are one inexact number (十五六)
_WELL = re.compile(f"(?:{_D}{{1,2}}万)?(?:{_D}{{0,2}}千)?(?:零?{_D}{{0,2}}百)?(?:零?{_D}{{0,2}}十)?零?{_D}{{0,2}}")
_PAIR = re.compile(f"(?=({_D})({_D}))")
_COUNTED = PIECES.replace("块", "")  # 块 is money here
_UNITS = f"公斤|千克|kg|[斤克两{_COUNTED}{CONTAINERS}箱份件单套组桌盘碗杯串顿打筐桶支]"
_VAGUE = re.compile("[大好]?几[十百千万]|几[块元]钱?")
_YUAN = re.compile(f"([{_NUM}]+[多几来余]?)(?:块钱?|元)(?:({_D})毛({_D})?分?|([{_NUM}]+))?({_UNITS})?")
_MAO = re.compile(f"({_D})毛钱?")
_BARE = re.compile(f"[{_NUM}]+(?:[多几来][{_NUM}]*)?")
# not a price but a share, a time, a rank or a difference
_NO_PRICE_AFTER = re.compile(
    "^(?:折|成|倍|分|年|天|日|月|号|小时|点|秒|岁|次|场|度|毫|人|家|位|种|样|款|遍|代|层|期|直|般|模|定|起)"
)
_NO_PRICE_BEFORE = re.compile("(?:分之|第|[满减省降差券送补第]|便宜|优惠|砍掉?)[了你到掉]?$")
_SAID_AS_PRICE = re.compile("[卖要价得标挂收是¥][到了的过你]?$")
_FRACTIONS = "五六八九"
_QUANTITY = re.compile(f"([{_NUM}]+)({_UNITS})[^{_NUM}]{{0,8}}$")


class Price(Record, frozen=True, kw_only=True):
    """A price in yuan, and for what: `grams` of goods, or `count` of what `counter` counts; nothing: for the pack."""

    yuan: float
    start: int
    grams: float | None = None
    count: float = 1.0
    counter: str = ""


def prices(text: str) -> Iterator[Price]:
    """Every price in a spoken text; 五十八一斤 is cut before 一斤, 三十九块八五斤 before 五斤."""
    text = _VAGUE.sub(lambda match: "_" * len(match.group()), text)
    for match in _YUAN.finditer(text):
        whole = value(match.group(1).replace("来", ""))
        jiao, fen, rest, unit = match.group(2, 3, 4, 5)
        if whole is None or _NO_PRICE_BEFORE.search(text[: match.start()]):
            continue
        fraction, many = _split_rest(rest or "", bool(unit))
        if jiao:
            fraction = (value(jiao) or 0) / 10 + (value(fen or "") or 0) / 100
        yield _price(text, whole + fraction, match.start(), many, unit if many else "")
    text = _YUAN.sub(lambda match: "_" * len(match.group()), text)
    for match in _MAO.finditer(text):
        yield _price(text, (value(match.group(1)) or 0) / 10, match.start(), "", "")
    text = _MAO.sub("__", text)
    for match in _BARE.finditer(text):
        yield from _bare(text, match)


def _split_rest(rest: str, has_unit: bool) -> tuple[float, str]:
    """What follows 块: the fraction of a yuan, and the number that belongs to the unit behind it."""
    if not has_unit:
        if rest == "半":
            return 0.5, ""
        digits = [value(char) or 0.0 for char in rest]
        if not re.fullmatch(f"{_D}{{1,2}}", rest):
            return 0.0, ""
        return digits[0] / 10 + (digits[1] / 100 if len(digits) > 1 else 0), ""
    if len(rest) < 2 or rest[0] == "十" or (rest[1] == "十" and rest[0] not in _FRACTIONS):
        return 0.0, rest
    return (value(rest[0]) or 0) / 10, rest[1:]


def _bare(text: str, match: re.Match[str]) -> Iterator[Price]:
    run, start, end = match.group(), match.start(), match.end()
    unit = re.match(_UNITS, text[end:])
    if _NO_PRICE_AFTER.match(text[end:]) or _NO_PRICE_BEFORE.search(text[:start]):
        return
    number = _longest(run)
    left = run[len(number) :]
    if "点" in run and value(run) is not None:
        number, left = (run, "") if not unit or run[-1] not in "一两" else (run[:-1], run[-1])
    fraction = 0.0
    if unit and not left:
        if len(number) < 2 or number[-1] not in "一两" or number[-2] == "点":
            return  # 五十斤: a quantity
        number, left = number[:-1], number[-1]
    elif unit and len(left) > 1 and left[0] in _FRACTIONS:
        fraction, left = (value(left[0]) or 0) / 10, left[1:]
    elif not unit and left:
        if left not in _FRACTIONS or len(number) < 2:
            return
        fraction, left = (value(left) or 0) / 10, ""
    if not number or (left and _longest(left) != left):
        return
    amount = value(re.sub("[来]", "", number))
    if amount is None or (len(number) < 2 and not left and not _SAID_AS_PRICE.search(text[:start])):
        return
    yield _price(text, amount + fraction, start, left, unit.group() if unit else "")


def _longest(run: str) -> str:
    """The longest beginning of a run of numerals that is one number."""
    for end in range(len(run), 0, -1):
        part = run[:end]
        bare = part.rstrip("多几来")
        if (
            bare
            and _WELL.fullmatch(bare)
            and all(_next(a, b) for a, b in _PAIR.findall(bare))
            and value(part) is not None
        ):
            return part
    return ""


def _next(first: str, second: str) -> bool:
    return (value(second) or 0) == (value(first) or 0) + 1


def _price(text: str, yuan: float, start: int, many: str, unit: str) -> Price:
    if not unit:
        before = _QUANTITY.search(text[:start])
        many, unit = before.group(1, 2) if before else ("", "")
    count = value(many) or 1.0
    if unit in GRAMS:
        return Price(yuan=round(yuan, 2), start=start, grams=count * GRAMS[unit])
    return Price(yuan=round(yuan, 2), start=start, count=count, counter=unit)


def of_pack(price: Price, product: Product) -> float | None:
    """A spoken price in yuan for one unit of sale; None where the catalogue does not say how much that is."""
    if price.grams is not None:
        grams = pack_grams(product)
        return price.yuan * grams / price.grams if grams else None
    if price.counter and price.counter in PIECES + CONTAINERS:
        count = pack_count(product, price.counter)
        if count is None:
            return price.yuan if price.counter in CONTAINERS else None
        return price.yuan * count / price.count
    return price.yuan / price.count
