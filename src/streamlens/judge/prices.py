"""Prices as they are spoken, and what the seller's own price history says of them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from ..schema import PriceHistory, PricePoint, Product, Record
from .amounts import value
from .papers import Dossier, Look, Ruling, denies, examine, fits, misses, missing, unreadable, weigh
from .weights import CONTAINERS, GRAMS, PIECES, pack_count, pack_grams

# ---- prices as they are spoken

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
_FORMER = re.compile(
    "原价|原售价|平时|平常|日常|正常|之前|以前|原来|往常|往年|去年|昨[天日晚]|前天|上[一个]?[场次回周月]|专柜|市场|正价|划线|吊牌"
)


class Price(Record, frozen=True, kw_only=True):
    """A price in yuan, and for what: `grams` of goods, or `count` of what `counter` counts; nothing: for the pack."""

    yuan: float
    start: int
    grams: float | None = None
    count: float = 1.0
    counter: str = ""


def spoken_price(text: str) -> Price | None:
    """The price that a claim puts forward: the one after 原价 or its like, else the first; None if there is none.

    >>> spoken_price("卖五十八一斤").yuan, spoken_price("三十九块八五斤装").yuan, spoken_price("大几百")
    (58.0, 39.8, None)
    """
    found = sorted(prices(text), key=lambda price: price.start)
    former = _FORMER.search(text)
    after = [price for price in found if former and price.start >= former.end()]
    return next(iter(after or found), None)


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


# ---- former and outside prices

_OWN_SHOP = re.compile("(?:我们?|咱们?|自己|自家|我家)家?的?(?:旗舰店|实体店|门店|线下店|店)")
_OUTSIDE = re.compile(
    "超市|商场|商超|专柜|外面|外头|市场|市面|菜场|别人|别家|别的|人家|同行|隔壁|网上|线下|实体|平台|电商|酒店|酒楼|饭店|餐厅|"
    "饭馆|大排档|店|摊|集市|早市|档口|官网|官方|指导价|零售价|厂家|景区|机场|山姆|盒马|沃尔玛|大润发|永辉|淘宝|天猫|京东|拼多多|"
    "某[宝东猫]|其[他它]直播间"
)
_COMPARED_DAYS = 7  # a former price counts as the lowest of so many days before (price rules, Art. 16)
_ROUNDED = 1.0  # yuan by which a whole number may lie above: rounding is no fraud (price rules, Art. 21)
_EVENTS = {"双十一": ((11, 1), (11, 12)), "双十二": ((12, 1), (12, 13)), "六一八": ((5, 20), (6, 20))}
_LAST_TIME = re.compile("上一?[场次回播]")


def reference(dossier: Dossier) -> Ruling:
    """A former price against one's own deals: of the day that the words name, else the lowest of the week before.

    An outside price needs a survey, which no paper of one's own can be.
    """
    price = spoken_price(dossier.quote)
    outside = bool(_OUTSIDE.search(_OWN_SHOP.sub("", dossier.quote)))

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
