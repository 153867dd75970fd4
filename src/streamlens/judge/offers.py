"""Sales, scarcity, and the good cause that a purchase is said to serve."""

import re
from datetime import date, timedelta

from ..language.numbers import NUMERAL, value
from ..language.quantities import CONTAINERS, PIECES, amounts, pack_count, pack_grams
from ..schema import AidAgreement, HarvestRecord, PriceHistory, Record, SalesRecord
from .evidence import ALL
from .lexicon import said
from .papers import Dossier, Look, Ruling, denies, examine, fits, misses, missing, unreadable, weigh
from .prices import spoken_price

# ---- sales

_ORDERS = "单件份箱提套组"
_HEADS = "人位户"
_TONS = {"吨": 1_000_000.0, "公斤": 1000.0, "千克": 1000.0, "斤": 500.0}
_RANK = re.compile("第[一二三]|榜|冠军|排名|复购|回购|好评|百分之|[零一二三四五六七八九]成|评分")
_ROUNDING = 1.05  # round figures: 一千单 for 960
_PER_MONTH = re.compile("月销|[每一]个?月")
_PER_DAY = re.compile("日销|[每一]天")
_SHORT_TIME = re.compile("分钟|[小个]时|钟头|秒|[一这上每][场晚]|昨[天晚日]|今[天晚日]|刚才|刚刚|凌晨|开播到现在")
_YESTERDAY = re.compile("昨[天晚日]")
_WHOLE_SHOP = re.compile("全店|店铺|小店|旗舰店|公司|直播间|所有(?:产品|商品|链接)")
_STALE_DAYS = 31  # what was sold after a record ends may have made the number true
_ONE_TIME = 1.5  # a record that spans so many of the days in question speaks of that very time
_BARE_NUMBER = re.compile(f"({NUMERAL})(?![年天分小个秒月号点周层代元块折倍场次岁])")


class _Sold(Record, frozen=True, kw_only=True):
    """How much was sold, in what: orders (单), pieces or containers (枚, 瓶), grams, or people."""

    amount: float
    of: str  # orders | grams | people | a counter


def sales(dossier: Dossier) -> Ruling:
    """A number sold against the sales record, in its units and over its days; rankings and rates are not in it."""
    words = _sold(dossier.quote)

    def read(paper: SalesRecord) -> Look:
        if words is None or _RANK.search(dossier.quote):
            return misses(paper, "sales.no_number", near=2)
        if _WHOLE_SHOP.search(dossier.clause) and ALL not in paper.covers:
            return unreadable(paper, "sales.other_scope")
        orders = _in_orders(dossier, words)
        if orders is None:
            return unreadable(paper, "sales.other_unit")
        return _sales_look(dossier, paper, words, orders)

    return weigh(examine(dossier, SalesRecord, read), missing(dossier, "sales_record"))


def _sales_look(dossier: Dossier, paper: SalesRecord, words: _Sold, orders: float) -> Look:
    shown = {"stated": orders, "units": paper.units}
    days = 30 if _PER_MONTH.search(dossier.quote) else 1 if _PER_DAY.search(dossier.quote) else 0
    until, day = paper.until, dossier.day
    if days:
        if paper.since is None or until is None:
            return unreadable(paper, "sales.no_days", **shown)
        span = (until - paper.since).days + 1
        mean = paper.units * days / max(days, span)
        shown = {"stated": orders, "mean": round(mean), "days": days}
        if orders <= mean * _ROUNDING:
            return fits(paper, "sales.mean", **shown)
        if orders > paper.units * _ROUNDING or span <= days * _ONE_TIME:
            return denies(paper, "sales.mean", **shown)
        return unreadable(paper, "sales.mean_less", **shown)  # one month may be far above the mean of a year
    if orders > paper.units * _ROUNDING:
        if until and day and (day - until).days > _STALE_DAYS:
            return unreadable(paper, "sales.ended", **shown, until=until)
        return denies(paper, "sales.units", **shown)
    if words.of == "people":
        return unreadable(paper, "sales.people", **shown)  # orders are not people: some buy twice
    if _SHORT_TIME.search(dossier.quote):
        just_then = until is not None and paper.since == until and day is not None
        if just_then and until == (day - timedelta(days=1) if _YESTERDAY.search(dossier.quote) and day else day):
            return fits(paper, "sales.units", **shown)
        return misses(paper, "sales.other_time", near=3, **shown)
    if until and day and until > day + timedelta(days=1):
        return unreadable(paper, "sales.later", **shown, until=until)
    return fits(paper, "sales.units", **shown)


def _sold(quote: str) -> _Sold | None:
    """The number of a sales claim: the greatest that is named, with what it counts."""
    text = quote.replace("w", "万")
    found: list[_Sold] = [_Sold(amount=amount, of="grams") for amount, _, _ in amounts(text, _TONS)]
    found += [_Sold(amount=amount, of="people") for amount, _, _ in amounts(text, dict.fromkeys(_HEADS, 1.0))]
    counters = dict.fromkeys(_ORDERS + PIECES + CONTAINERS, 1.0)
    for amount, _, end in amounts(text, counters):
        found.append(_Sold(amount=amount, of="orders" if text[end - 1] in _ORDERS else text[end - 1]))
    if not found:  # 月销过万, 已售十万加
        bare = [value(match.group(1)) for match in _BARE_NUMBER.finditer(text)]
        found = [_Sold(amount=number, of="orders") for number in bare if number and number >= 100]
    return max(found, key=lambda sold: sold.amount, default=None)


def _in_orders(dossier: Dossier, words: _Sold) -> float | None:
    if words.of in ("orders", "people"):
        return words.amount
    if words.of == "grams":
        grams = pack_grams(dossier.product)
        return words.amount / grams if grams else None
    return words.amount / (pack_count(dossier.product, words.of) or 1)


# ---- scarcity

_DEARER = re.compile(
    "恢复|涨|原价|不是这个价|没有?这个?(?:价|优惠|活动)|买不到|最后一[天晚]|截止|结束|[只仅]限?有?(?:今|这)|今天一天|这个价格?[只就]"
)
_LAST_LOT = re.compile("最后(?:的)?一[批茬波季车网锅场]|清园|下市|没有了|等明年|等来年|再等一年|再等|就?这么?一批")
_AFTER_DAYS = 7  # a price that is still the same a week later was not about to rise
_NEXT_LOT_DAYS = 3  # what was harvested within so many days may still be the same lot


def scarcity(dossier: Dossier) -> Ruling:
    """Only so many left: no paper on file shows it. But prices and harvests after the stream show what did come."""
    price = dossier.product.price_fen
    dearer, last = bool(_DEARER.search(dossier.quote)), bool(_LAST_LOT.search(dossier.quote))

    def read(paper: PriceHistory | HarvestRecord) -> Look:
        if dossier.day is None:
            return unreadable(paper, "day_unknown")
        if isinstance(paper, HarvestRecord):
            return _harvested_again(paper, dossier.day)
        if price is None:
            return unreadable(paper, "price.none_listed")
        return _price_after(paper, dossier.day, price / 100)

    telling = ((PriceHistory,) if dearer else ()) + ((HarvestRecord,) if last else ())
    return weigh(examine(dossier, telling, read) if telling else (), missing(dossier, "stock_record"))


def _price_after(paper: PriceHistory, day: date, price: float) -> Look:
    after = [point for point in paper.prices if day < point.date <= day + timedelta(days=_AFTER_DAYS)]
    if not after:
        return misses(paper, "scarcity.none_after", near=3)
    least = min(after, key=lambda point: (point.price, point.date))
    shown = {"price": price, "after": least.price, "on": least.date}
    return (fits if least.price > price else denies)(paper, "scarcity.price_after", **shown)


def _harvested_again(paper: HarvestRecord, day: date) -> Look:
    harvested = paper.harvested_at.date()
    if harvested > day + timedelta(days=_NEXT_LOT_DAYS) and harvested.year == day.year:
        return denies(paper, "scarcity.harvested_again", on=harvested)
    return misses(paper, "scarcity.silent", near=-1)


# ---- charity

_GIVEN = re.compile("捐|返|拿出|给到|打给|分给|返给")
_SHARE = re.compile(f"百分之({NUMERAL})")
_ALL_OF_IT = re.compile("全部|全都|一分不少|统统|全额")
_HARDSHIP = re.compile(
    "老公|老伴|男人|丈夫|去世|走得早|瘫|残疾|重病|癌|看病|治病|手术|学费|药费|上学|读书|孤寡|留守|贫困户|低保|独自|一个人带|"
    "糊口|养家|过冬|口粮|揭不开锅|眼睛看不见|负债|破产"
)


def charity(dossier: Dossier) -> Ruling:
    """That buying helps somebody: an aid agreement in force on the day, giving no less than the words say."""
    price = spoken_price(dossier.quote) if _GIVEN.search(dossier.quote) else None
    share = next((value(numeral) for numeral in _SHARE.findall(dossier.quote)), None)

    def read(paper: AidAgreement) -> Look:
        if dossier.day is None:
            return unreadable(paper, "day_unknown")
        if paper.signed_on is not None and paper.signed_on > dossier.day:
            return misses(paper, "later", near=3, dated=paper.signed_on, day=dossier.day)
        if paper.valid_to is not None and paper.valid_to < dossier.day:
            return misses(paper, "expired", near=4, until=paper.valid_to, day=dossier.day)
        terms = said(paper.terms + paper.partner)
        agreed = next((value(numeral) for numeral in _SHARE.findall(terms)), None)
        shown = {"partner": paper.partner, "terms": paper.terms}
        if share is not None:
            if agreed is None:
                return unreadable(paper, "charity.no_amount", **shown)
            return (denies if share > agreed else fits)(paper, "charity.share", said=share, agreed=agreed)
        if _GIVEN.search(dossier.quote) and _ALL_OF_IT.search(dossier.quote):
            if paper.per_order_yuan is not None or (agreed is not None and agreed < 100):
                return denies(paper, "charity.not_all", **shown)
            return unreadable(paper, "charity.no_amount", **shown)
        if price is not None:
            if paper.per_order_yuan is None:
                return unreadable(paper, "charity.no_amount", **shown)
            amount = {"said": price.yuan, "agreed": paper.per_order_yuan}
            return (denies if price.yuan > paper.per_order_yuan else fits)(paper, "charity.per_order", **amount)
        if _HARDSHIP.search(dossier.quote) and not any(word in terms for word in _HARDSHIP.findall(dossier.quote)):
            return unreadable(paper, "charity.story", **shown)
        return fits(paper, "charity.agreement", **shown)

    return weigh(examine(dossier, AidAgreement, read), missing(dossier, "aid_agreement"))
