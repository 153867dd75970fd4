"""A spoken or shown price, weight or count against the catalogue's, for the same amount.

What an offer in the same breath explains (a coupon, two for less, so much on top) is no difference.
"""

import math
from collections.abc import Sequence

import msgspec

from ..language import cardinal, readings, said
from ..language.money import Price, of_pack
from ..language.quantities import CONTAINERS, GRAMS, PIECES, pack_count, pack_grams
from ..schema import Fact, Product
from .confusion import syllable_cost
from .offers import Stated

_RATE_SLACK = 0.02  # 合一块五一个 for 59.9 / 40
_WEIGHT_SLACK = 0.03
_ABOUT = (0.9, 1.2)  # what 两百来块 and 差不多五斤 may stand for, as a share of what is said
_ALIKE = 0.5  # syllables; 九 and 六, 四 and 十 are heard for one another
_RATES = (50.0, 500.0, 1000.0)  # grams that prices are quoted for, whatever the pack
_NUMERALS = "零一二两三四五六七八九十百千万半"


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """`listed` in the fact's unit; `alike`: the two differ by no more than one numeral that is easily misheard."""

    listed: float | None = None
    agrees: bool | None = None
    alike: bool = False


def compare(fact: Fact, product: Product, beside: Sequence[Stated], cuts_told: Sequence[Fact]) -> Compared:
    """`beside` is what the same sentence states, `cuts_told` all discounts told of the product."""
    if fact.sort == "price":
        return _price(fact, product, beside, cuts_told)
    if fact.sort == "weight":
        return _weight(fact, product, beside)
    if fact.sort == "count" and fact.value:
        listed = pack_count(product, fact.unit)
        if listed is None or listed == 1 or any(stated.sort == "gift" for stated in beside):
            return Compared(
                listed=listed if listed == fact.value else None, agrees=True if listed == fact.value else None
            )
        return _against(fact, listed, exact=True)
    if fact.sort == "origin" and product.origin:
        own = said(product.origin)
        pairs = {own[at : at + 2] for at in range(len(own) - 1)}
        named = {fact.quote[at : at + 2] for at in range(len(fact.quote) - 1)}
        return Compared(agrees=True if pairs & named else None)
    return Compared()


def _price(fact: Fact, product: Product, beside: Sequence[Stated], cuts_told: Sequence[Fact]) -> Compared:
    if product.price_fen is None or not fact.value:
        return Compared()
    grams = fact.per_value if fact.per == "g" else None
    count, counter = (fact.per_value or 1.0, fact.per) if fact.per != "g" else (1.0, "")
    price = Price(yuan=fact.value / 100, start=0, grams=grams, count=count, counter=counter)
    whole = pack_grams(product)
    if grams and grams not in _RATES and whole and not math.isclose(grams, whole, rel_tol=_WEIGHT_SLACK):
        return Compared()  # another size of pack
    if counter in PIECES and counter and pack_count(product, counter) is None:
        return Compared()
    yuan = of_pack(price, product)
    if not yuan:
        return Compared()
    listed = round(product.price_fen * fact.value / (yuan * 100), 1)
    rate = bool(grams and grams != whole) or not math.isclose(yuan * 100, fact.value)
    compared = _against(fact, listed, exact=not rate)
    if compared.agrees is not False:
        return compared
    cuts = [(cut.unit, cut.value) for cut in beside if cut.sort == "discount" and not cut.per and cut.value]
    cuts += [(cut.unit, cut.value) for cut in cuts_told if not cut.per and cut.value]
    paid = [listed - cut if unit == "fen" else listed * cut for unit, cut in cuts]
    if any(math.isclose(fact.value, each, abs_tol=10) for each in paid):
        return msgspec.structs.replace(compared, agrees=True)
    several = count > 1 and counter in (*CONTAINERS, *"份件箱单套")
    explained = several or any(stated.sort in ("discount", "gift") for stated in beside)
    if fact.value < listed and explained:
        return msgspec.structs.replace(compared, agrees=None)
    return compared


def _weight(fact: Fact, product: Product, beside: Sequence[Stated]) -> Compared:
    grams = pack_grams(product)
    if not grams or not fact.value:
        return Compared()
    if fact.per == "pack":
        compared = _against(fact, grams, exact=False, slack=_WEIGHT_SLACK)
        more = any(s.sort == "gift" or (s.sort == "count" and s.unit in "份箱盒袋提件") for s in beside)
        if compared.agrees is False and more:
            return Compared(listed=grams)
        return compared
    count = pack_count(product, "个" if fact.per == "piece" else fact.per)
    if not count or count == 1:
        same = fact.per in CONTAINERS and math.isclose(fact.value, grams, rel_tol=_WEIGHT_SLACK)
        return Compared(listed=grams, agrees=True) if same else Compared()
    each = round(grams / count, 1)
    if fact.per == "piece":  # 单果二两起: an average says nothing against it
        return Compared(listed=each, agrees=True if fact.value <= each * (1 + _WEIGHT_SLACK) else None)
    return _against(fact, each, exact=False, slack=_WEIGHT_SLACK)


def _against(fact: Fact, listed: float, *, exact: bool, slack: float = _RATE_SLACK) -> Compared:
    value = fact.value or 0.0
    if fact.about:
        fits = _ABOUT[0] * value <= listed <= _ABOUT[1] * value
        return Compared(listed=listed, agrees=True if fits else None)
    if math.isclose(value, listed, rel_tol=0.0 if exact else slack, abs_tol=1.0):
        return Compared(listed=listed, agrees=True)
    if fact.unit == "fen" and value % 100 == 0 and abs(value - listed) < 100:
        return Compared(listed=listed, agrees=True if 0 < value - listed <= 50 else None)  # 二十块 for 19.9
    return Compared(listed=listed, agrees=False, alike=_sounds_like(fact, listed))


def _sounds_like(fact: Fact, listed: float) -> bool:
    """Would one numeral misheard, or one left out, make the listed value of what was heard?"""
    heard = "".join(char for char in fact.quote if char in _NUMERALS)
    scale = 100.0 if fact.unit == "fen" else GRAMS["斤"] if "斤" in fact.quote else 1.0
    meant = _reading(listed / scale)
    if abs(len(heard) - len(meant)) == 1:
        longer, shorter = sorted((heard, meant), key=len, reverse=True)
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    if len(heard) != len(meant):
        return False
    unlike = [(a, b) for a, b in zip(heard, meant, strict=True) if a != b]
    return len(unlike) == 1 and _cost(*unlike[0]) <= _ALIKE


def _cost(one: str, other: str) -> float:
    return min(syllable_cost(a, b) for a in readings(one) for b in readings(other))


def _reading(value: float) -> str:
    """A value's numerals as they are said: 19.9 is 十九九."""
    whole, fraction = divmod(round(value * 100), 100)
    tail = f"{fraction:02d}".rstrip("0")
    return cardinal(whole) + "".join(cardinal(int(digit)) for digit in tail)
