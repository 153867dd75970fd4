"""Prices, weights and counts as they are spoken, to be held against those of the catalogue.

Only for telling which product is meant: where words can be read in two ways (三十五块五斤装), both readings are given.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import msgspec

from ..language import NUMERALS, numeral_value, readings, spoken
from ..schema import Product

_N = f"[{''.join(sorted(NUMERALS))}]"
_GRAMS = {"公斤": 1000, "千克": 1000, "斤": 500, "克": 1}
_COUNTS = "枚|瓶|袋|盒|罐|包(?!邮|赔)|支|箱|桶|提|片|个(?!小时|月|星期|人|朋友)"
_PRICE = re.compile(
    rf"(?P<yuan>{_N}+)(?:(?:块|元)(?:钱(?!{_N}))?|点(?={_N}+(?!{_N}|公?斤|千?克|米|度|分|倍)))(?P<jiao>.?)"
)
_BARE = re.compile(rf"(?<![第双几号点{''.join(sorted(NUMERALS))}])({_N}{{2,}})(?P<after>[^,.]{{0,2}})")
_MEASURED = re.compile(
    "个|号|年|月|天|度|分钟|多|几|位|人|次|小时|点|秒|[枚瓶袋盒罐克箱桶]|包(?!邮|赔)|公?斤|两|大|小|整"
)
_WEIGHT = re.compile(rf"(?P<n>{_N}+(?:点{_N}+)?|半)(?P<unit>公斤|千克|斤|克)(?P<half>半?)")
_COUNT = re.compile(rf"(?P<n>{_N}+)(?P<unit>{_COUNTS})")
_OTHER_PRICE = re.compile("(?:原价|平时|平常|超市|市场|外面|别人|专柜|门店|线下|以前|划线|零售|原来)[^,.]{0,8}$")
_LESS = re.compile("(?:减|省|便宜|降|券|砍掉?|返|差|运费|加|补)[^,.]{0,3}$")

FigureSort = Literal["price", "figure", "grams", "count"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """text[start:end] may mean one of `values`: fen (price; figure, a bare number that may be one), grams, pieces."""

    start: int
    end: int
    sort: FigureSort
    values: tuple[int, ...]
    unit: str = ""  # of what pieces are counted


def find_figures(text: str) -> tuple[Figure, ...]:
    """The prices, weights and counts of a spoken form, in order. Prices of elsewhere and reductions are left out."""
    found: list[Figure] = []
    taken: list[tuple[int, int]] = []
    for figure in (*_prices(text), *_weights(text), *_counts(text), *_bare(text)):
        if all(figure.end <= start or end <= figure.start for start, end in taken):
            found.append(figure)
            taken.append((figure.start, figure.end))
    return tuple(sorted(found, key=lambda figure: figure.start))


def _prices(text: str) -> Iterator[Figure]:
    for match in _PRICE.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        yuan, cut = _end(match["yuan"])
        if yuan is None or _OTHER_PRICE.search(before) or _LESS.search(before):
            continue
        values, end = [yuan * 100], match.start("jiao")
        jiao = _digit(match["jiao"])
        if jiao:
            values.append(yuan * 100 + jiao * 10)
            literal = match["jiao"] in NUMERALS
            after = text[match.end() : match.end() + 1]
            if not literal or not after or (after not in "斤瓶袋盒罐枚支箱桶个份" and after not in NUMERALS):
                end = match.end()
                values = values[1:] if literal else values  # 五十九块九 is not 五十九
            second = _digit(after) if literal and after in NUMERALS else None
            if second:
                values.append(yuan * 100 + jiao * 10 + second)
        yield Figure(start=match.start("yuan") + cut, end=end, sort="price", values=tuple(values))


def _bare(text: str) -> Iterator[Figure]:
    """八十八一瓶, 六瓶五十六, 十九九: a price without its unit."""
    for match in _BARE.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        if _OTHER_PRICE.search(before) or _LESS.search(before):
            continue
        run = match[1]
        whole = None if _MEASURED.match(match["after"]) else numeral_value(run)
        if whole is not None:
            values, end = [whole * 100], match.end(1)
        else:  # the last figure is of the measure that follows (八十八一瓶), or the tenths (十九九)
            head, last = numeral_value(run[:-1]), _digit(run[-1])
            if head is None or last is None or head < 10:
                continue
            measured = bool(_MEASURED.match(match["after"]))
            values, end = [head * 100] if measured else [head * 100 + last * 10, head * 100], match.end(1) - measured
            if numeral_value(run) is not None:
                continue  # 四十八小时
        if values[0] >= 1000:
            yield Figure(start=match.start(), end=end, sort="figure", values=tuple(values))


def _weights(text: str) -> Iterator[Figure]:
    for match in _WEIGHT.finditer(text):
        whole, point, part = match["n"].partition("点")
        number, cut = (0.5, 0) if whole == "半" else _end(whole)
        if number is not None and point:
            number += sum((_digit(digit) or 0) / 10**place for place, digit in enumerate(part, start=1))
        if number:
            grams = (number + (0.5 if match["half"] else 0)) * _GRAMS[match["unit"]]
            yield Figure(start=match.start() + cut, end=match.end(), sort="grams", values=(round(grams),))


def _counts(text: str) -> Iterator[Figure]:
    for match in _COUNT.finditer(text):
        number, cut = _end(match["n"])
        if number and number > 1:
            yield Figure(start=match.start() + cut, end=match.end(), sort="count", values=(number,), unit=match["unit"])


def _end(run: str) -> tuple[int | None, int]:
    """The longest end of a run of numerals that is one number: of 五十九九斤, 九."""
    for cut in range(len(run)):
        value = numeral_value(run[cut:])
        if value is not None:
            return value, cut
    return None, 0


@lru_cache(maxsize=5000)
def _digit(char: str) -> int | None:
    """1 to 9, where a character is or sounds like that numeral: 十九块酒."""
    if not char or not "\u4e00" <= char <= "\u9fff":
        return None
    for value, numeral in enumerate("一二三四五六七八九", start=1):
        if char == numeral or (readings(char)[0] == readings(numeral)[0] and char not in "以已一而起其"):
            return value
    return None


def listed_figures(product: Product) -> tuple[tuple[str, int], ...]:
    """What the catalogue says of a product, as (sort, value): price in fen, grams, count with its unit (count瓶)."""
    listed: set[tuple[str, int]] = set()
    if product.price_fen:
        listed.add(("price", product.price_fen))
    if product.net_weight_g:
        listed.add(("grams", product.net_weight_g))
    for figure in find_figures(spoken(product.unit)[0]):
        if figure.sort in ("grams", "count"):
            listed.add((figure.sort + figure.unit, figure.values[0]))
    return tuple(sorted(listed))
