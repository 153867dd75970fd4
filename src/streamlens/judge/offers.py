"""The terms of the offer: weight, price, sales, scarcity, and the good cause that a purchase is said to serve."""

import re
from datetime import timedelta

from ..schema import AidAgreement, PriceHistory, SalesRecord, WeighingRecord
from .amounts import NUMERAL, amounts, value
from .lexicon import said
from .papers import Dossier, Look, Ruling, denies, examine, fits, misses, missing, say, unreadable, weigh

# ---- weight and count

_GRAMS = {"公斤": 1000.0, "千克": 1000.0, "kg": 1000.0, "斤": 500.0, "克": 1.0, "g": 1.0, "两": 50.0}
_COUNTS = {
    word: 1.0 for word in ("枚", "个", "只", "颗", "粒", "头", "根", "条", "袋", "瓶", "盒", "包", "罐", "片", "块")
}
_SHORT_RATE = 0.03  # a single pack may lie so far below; the law's own tables by size were not read


def weight(dossier: Dossier) -> Ruling:
    """The weight or count that the words state against the catalogue's, and against packs that were weighed."""
    grams = next((amount for amount, _, _ in amounts(dossier.quote, _GRAMS)), None)

    def read(paper: WeighingRecord) -> Look:
        stated = grams or paper.declared_g
        shown = {"stated": stated, "count": len(paper.samples_g), "least": min(paper.samples_g, default=0.0)}
        if not paper.samples_g:
            return misses(paper, "weight.no_samples")
        if min(paper.samples_g) < stated * (1 - _SHORT_RATE):
            return denies(paper, "weight.short", **shown)
        if sum(paper.samples_g) / len(paper.samples_g) < stated:
            return unreadable(paper, "weight.below_average", **shown)
        return fits(paper, "weight.weighed", **shown)

    looks = (*_catalogue_weight(dossier, grams), *examine(dossier, WeighingRecord, read))
    return weigh(looks, missing(dossier, "weighing_record"))


def _catalogue_weight(dossier: Dossier, grams: float | None) -> tuple[Look, ...]:
    product, unit = dossier.product, said(dossier.product.unit)
    if grams is not None:
        listed = product.net_weight_g or next((amount for amount, _, _ in amounts(unit, _GRAMS)), None)
        return _compare(grams, listed, "g")
    count = next(((amount, dossier.quote[end - 1]) for amount, _, end in amounts(dossier.quote, _COUNTS)), None)
    if count is None:
        return ()
    listed = next((amount for amount, _, end in amounts(unit, _COUNTS) if unit[end - 1] == count[1]), None)
    return _compare(count[0], listed, count[1])


def _compare(stated: float, listed: float | None, unit: str) -> tuple[Look, ...]:
    if listed is None:
        return ()
    code = "weight.catalogue_more" if stated <= listed else "weight.catalogue_less"
    message = say(code, stated=stated, listed=float(listed), unit=unit)
    return (Look(paper="", verdict="supported" if stated <= listed else "contradicted", message=message),)


# ---- prices

_PRICE = re.compile(f"({NUMERAL})(?:块钱?|元)({NUMERAL})?")
_BARE = re.compile(NUMERAL)
_OWN_HISTORY = re.compile("历史|史上|有史以来|开播以来|从来没|开店以来|全年|今年")
_OUTSIDE = re.compile("超市|商场|专柜|外面|市场|市面|别人|别家|人家|网上|实体|门店|平台|电商|酒店|饭店")
_COMPARED_DAYS = 7  # a former price counts as the lowest of so many days before (price rules, Art. 16)


def lowest(dossier: Dossier) -> Ruling:
    """The lowest price anywhere can hardly be shown; the lowest of one's own shop, by its price history."""
    own = bool(_OWN_HISTORY.search(dossier.quote))
    price = dossier.product.price_fen

    def read(paper: PriceHistory) -> Look:
        if not own:
            return misses(paper, "price.own_only")
        earlier = [point for point in paper.prices if dossier.day is None or point.date < dossier.day]
        if price is None or not earlier:
            return misses(paper, "price.none_earlier")
        least = min(earlier, key=lambda point: point.price)
        shown = {"price": price / 100, "least": least.price, "on": least.date}
        return (denies if least.price < price / 100 else fits)(paper, "price.history", **shown)

    return weigh(examine(dossier, PriceHistory, read), missing(dossier, "price_survey"))


def reference(dossier: Dossier) -> Ruling:
    """A former price may not exceed the lowest deal of the week before; an outside price needs a survey."""
    stated = spoken_price(dossier.quote)
    outside = bool(_OUTSIDE.search(dossier.quote))

    def read(paper: PriceHistory) -> Look:
        if outside:
            return misses(paper, "price.own_only")
        if dossier.day is None:
            return unreadable(paper, "day_unknown")
        since = dossier.day - timedelta(days=_COMPARED_DAYS)
        recent = [point for point in paper.prices if since <= point.date < dossier.day]
        if not recent:
            return misses(paper, "price.none_recent", near=3, days=_COMPARED_DAYS)
        if stated is None:
            return unreadable(paper, "price.not_stated")
        least = min(recent, key=lambda point: point.price)
        shown = {"price": stated, "least": least.price, "on": least.date}
        return (denies if least.price < stated else fits)(paper, "price.recent", **shown)

    return weigh(examine(dossier, PriceHistory, read), missing(dossier, "price_survey" if outside else "price_history"))


def spoken_price(text: str) -> float | None:
    """A price in yuan as it is said: 四十九块九, 一百二十八, 五十多 (the least it can be)."""
    match = _PRICE.search(text)
    if match:
        yuan, rest = value(match.group(1)), value(match.group(2) or "")
        if yuan is None:
            return None
        return yuan + (rest / 10 if rest < 10 else rest / 100) if rest else yuan
    numbers = [number for number in map(value, _BARE.findall(text)) if number is not None]
    return max(numbers, default=None)


# ---- sales

_SOLD = {word: 1.0 for word in ("单", "件", "份", "箱", "袋", "瓶", "盒", "斤", "个", "只", "包", "罐", "提")}
_RANK = re.compile("第一|榜|冠军|排名|复购|回购|好评|百分之")
_ROUNDING = 1.05  # round figures: 一千单 for 960


def sales(dossier: Dossier) -> Ruling:
    """A number sold against the sales record; rankings and rates are not in it."""
    stated = max((amount for amount, _, _ in amounts(dossier.quote, _SOLD)), default=None)

    def read(paper: SalesRecord) -> Look:
        if stated is None or _RANK.search(dossier.quote):
            return misses(paper, "sales.no_number", near=2)
        shown = {"stated": stated, "units": paper.units}
        return (denies if stated > paper.units * _ROUNDING else fits)(paper, "sales.units", **shown)

    return weigh(examine(dossier, SalesRecord, read), missing(dossier, "sales_record"))


# ---- scarcity and charity


def scarcity(dossier: Dossier) -> Ruling:
    """Only so many left, the last day, dearer afterwards: no sort of paper on file speaks of what is to come."""
    return Ruling(verdict="unsupported", reason=missing(dossier, "stock_record"))


def charity(dossier: Dossier) -> Ruling:
    """That buying helps somebody: an aid agreement in force on the day."""

    def read(paper: AidAgreement) -> Look:
        if dossier.day is None:
            return unreadable(paper, "day_unknown")
        if paper.signed_on is not None and paper.signed_on > dossier.day:
            return misses(paper, "later", near=3, dated=paper.signed_on, day=dossier.day)
        if paper.valid_to is not None and paper.valid_to < dossier.day:
            return misses(paper, "expired", near=4, until=paper.valid_to, day=dossier.day)
        return fits(paper, "charity.agreement", partner=paper.partner)

    return weigh(examine(dossier, AidAgreement, read), missing(dossier, "aid_agreement"))
