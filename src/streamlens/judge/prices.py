"""Prices as they are spoken, and what the seller's own price history says of them."""

import re
from datetime import date, timedelta

from ..language.money import FORMER, OUTSIDE, OWN_SHOP, Price, of_pack, prices
from ..schema import PriceHistory, PricePoint
from .papers import Dossier, Look, Ruling, denies, examine, fits, misses, missing, unreadable, weigh


def spoken_price(text: str) -> Price | None:
    """The price that a claim puts forward: the one after 原价 or its like, else the first; None if there is none.

    >>> spoken_price("卖五十八一斤").yuan, spoken_price("三十九块八五斤装").yuan, spoken_price("大几百")
    (58.0, 39.8, None)
    """
    found = sorted(prices(text), key=lambda price: price.start)
    former = FORMER.search(text)
    after = [price for price in found if former and price.start >= former.end()]
    return next(iter(after or found), None)


# ---- former and outside prices

_COMPARED_DAYS = 7  # a former price counts as the lowest of so many days before (price rules, Art. 16)
_ROUNDED = 1.0  # yuan by which a whole number may lie above: rounding is no fraud (price rules, Art. 21)
_EVENTS = {"双十一": ((11, 1), (11, 12)), "双十二": ((12, 1), (12, 13)), "六一八": ((5, 20), (6, 20))}
_LAST_TIME = re.compile("上一?[场次回播]")


def reference(dossier: Dossier) -> Ruling:
    """A former price against one's own deals: of the day that the words name, else the lowest of the week before.

    An outside price needs a survey, which no paper of one's own can be.
    """
    price = spoken_price(dossier.quote)
    outside = bool(OUTSIDE.search(OWN_SHOP.sub("", dossier.quote)))

    def read(paper: PriceHistory) -> Look:
        if outside:
            return misses(paper, "price.own_only")
        if dossier.day is None:
            return unreadable(paper, "day_unknown")
        named = _days_named(dossier.quote, dossier.day)
        since, until = named or (dossier.day - timedelta(days=_COMPARED_DAYS), dossier.day - timedelta(days=1))
        points = [point for point in paper.prices if since <= point.date <= until and point.date < dossier.day]
        if _LAST_TIME.search(dossier.quote):
            points = sorted(points, key=lambda point: point.date)[-1:]
        if not points:
            return misses(paper, "price.none_then", near=3, since=since, until=until)
        if price is None:
            return unreadable(paper, "price.not_stated")
        yuan = of_pack(price, dossier.product)
        if yuan is None:
            return unreadable(paper, "price.other_unit", price=price.yuan)
        return _former(paper, points, round(yuan, 2), bool(named))

    return weigh(examine(dossier, PriceHistory, read), missing(dossier, "price_survey" if outside else "price_history"))


def _former(paper: PriceHistory, points: list[PricePoint], yuan: float, named: bool) -> Look:
    def held(point: PricePoint) -> bool:
        return yuan <= point.price or (yuan == int(yuan) and yuan - point.price < _ROUNDED)

    least, most = min(points, key=lambda point: point.price), max(points, key=lambda point: point.price)
    if not named:
        shown = {"price": yuan, "least": least.price, "on": least.date}
        return (fits if held(least) else denies)(paper, "price.recent", **shown)
    shown = {"price": yuan, "then": most.price, "on": most.date}
    if held(least):
        return fits(paper, "price.then", **shown)
    if held(most):
        return unreadable(paper, "price.sometimes", **shown, least=least.price)
    return denies(paper, "price.then", **shown)


def _days_named(words: str, day: date) -> tuple[date, date] | None:
    """The first and last day of the time that words name for a former price."""
    for pattern, ago in (("大前天", 3), ("前[天晚]", 2), ("昨[天晚日儿]", 1)):
        if re.search(pattern, words):
            return day - timedelta(days=ago), day - timedelta(days=ago)
    event = next((days for name, days in _EVENTS.items() if name in words), None)
    if event:
        year = day.year if (day.month, day.day) > event[1] else day.year - 1
        return date(year, *event[0]), date(year, *event[1])
    if re.search("上个?(?:周|星期|礼拜)", words):
        monday = day - timedelta(days=day.weekday() + 7)
        return monday, monday + timedelta(days=6)
    if re.search("上个?月", words):
        last = day.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    for pattern, years in (("去年|上一年", 1), ("前年", 2)):
        if re.search(pattern, words):
            return date(day.year - years, 1, 1), date(day.year - years, 12, 31)
    return (date.min, day) if _LAST_TIME.search(words) else None


# ---- the lowest price

_OF_ANYBODY = re.compile(
    "全网|全国|平台|哪家|哪里|哪儿|谁家|别家|别人|同行|市面|市场|行业|业内|外面|网上|超市|抖音|快手|淘宝"
)
# how many days back a price history must go for such words, counted from the day of the stream
_OWN_SPANS = (
    (re.compile("半年"), 183),
    (re.compile("历史|史上|有史以来|以来|从来没|没有?(?:卖|开|做|出|播|给|放|有)过|第一次|一年|全年|年度|近.年"), 365),
)
_THIS_YEAR = re.compile("今年")
_SLACK_DAYS = 31


def lowest(dossier: Dossier) -> Ruling:
    """The lowest price anywhere can hardly be shown; the lowest of one's own, by a history that goes back so far."""
    words, price = dossier.quote, dossier.product.price_fen
    anybody = bool(_OF_ANYBODY.search(words))
    spans = [days for pattern, days in _OWN_SPANS if pattern.search(words)]
    event = next((name for name in _EVENTS if name in words), "")
    own = not anybody and bool(spans or event or _THIS_YEAR.search(words))

    def read(paper: PriceHistory) -> Look:
        if not own:
            return misses(paper, "price.own_only")
        if dossier.day is None:
            return unreadable(paper, "day_unknown")
        earlier = [point for point in paper.prices if point.date < dossier.day]
        if event:
            days = _days_named(event, dossier.day)
            earlier = [point for point in earlier if days and days[0] <= point.date <= days[1]]
        if not earlier:
            return misses(paper, "price.none_earlier", near=2)
        if price is None:
            return unreadable(paper, "price.none_listed")
        least = min(earlier, key=lambda point: point.price)
        shown = {"price": price / 100, "least": least.price, "on": least.date}
        if least.price < price / 100:
            return denies(paper, "price.history", **shown)
        since = dossier.day - timedelta(days=max(spans)) if spans else date(dossier.day.year, 1, 1)
        first = min(point.date for point in earlier)
        if not event and first > since + timedelta(days=_SLACK_DAYS):
            return unreadable(paper, "price.short_history", **shown, first=first)
        return fits(paper, "price.history", **shown)

    return weigh(examine(dossier, PriceHistory, read), missing(dossier, "price_history" if own else "price_survey"))
