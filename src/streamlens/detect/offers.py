"""What one spoken sentence offers: price, discount, gift, weight, count and size, with their values.

Works on the spoken form (language.spoken). A number is taken only with what says what it is of: 一号链接, 三百单 and
拍两单 are none of these.
"""

import re
from collections.abc import Iterator

import msgspec

from ..language import HARD, SOFT
from ..language.money import FORMER, OUTSIDE, OWN_SHOP, Price, prices
from ..language.numbers import NUMERAL, percents, value
from ..language.quantities import CONTAINERS, GRAMS, PIECES, amounts, masses, of_mass, sizes
from ..schema import FactSort

_D = "[零一二三四五六七八九十百千万两半点]"
_BREAK = SOFT + HARD


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What text[start:end] of a sentence states; value, unit, per, per_value, about as in schema.Fact.

    `sure` is how surely the words mean this, heard rightly.
    """

    sort: FactSort
    start: int
    end: int
    value: float | None = None
    unit: str = ""
    per: str = ""
    per_value: float | None = None
    about: bool = False
    sure: float = 1.0


def offers(text: str) -> list[Stated]:
    """Everything that a sentence offers, in order."""
    cuts = list(_discounts(text))
    rest = _blank(text, cuts)
    found = list(_prices(rest))
    priced = _blank(rest, found)
    gifts = list(_gifts(priced))
    plain = _blank(priced, gifts)
    kept = [*cuts, *found, *gifts, *_weights(plain, rest, found), *_counts(plain, found), *_sizes(plain)]
    return sorted(kept, key=lambda stated: (stated.start, stated.end, stated.sort))


def _blank(text: str, spans: list[Stated]) -> str:
    for stated in spans:
        text = text[: stated.start] + "_" * (stated.end - stated.start) + text[stated.end :]
    return text


def _clause(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after text[start:end] in its clause."""
    before = text[:start]
    after = text[end:]
    return re.split(f"[{_BREAK}]", before)[-1], re.split(f"[{_BREAK}]", after)[0]


# ---- discounts

_SUM = f"{_D}+(?:(?:块|元){_D}?)?"
_OVER = re.compile(f"满({_D}+)(?:块|元)?钱?(?:就|再|能)?(?:立?减|省|返)({_D}+)(?:块|元)?钱?")
_OFF = re.compile(
    f"(?:(?P<sure>立减|直降|直减|立省|立降)|减|便宜|优惠|省|降|抵扣?)(?:了|你们?|掉|个)?(?P<sum>{_D}+)(?P<mark>块|元)?(?P<jiao>{_D}(?!{_D}))?钱?"
)
_COUPON = re.compile(f"({_D}+)(?:块钱?|元)?的?(?:无门槛|大额|专属|店铺|优惠|消费|满减|红包)?券")
_SECOND = re.compile("第[二两三][件份箱盒单瓶袋个罐](?:就|是|还|再|都|只要)?")
_HALF = re.compile("半价")
_FREE = re.compile("(?:零元|免费|不要钱|不花钱)")
_COMPARED = re.compile("比[^比]{1,10}$")


def _discounts(text: str) -> Iterator[Stated]:
    taken: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        if any(start < b and a < end for a, b in taken):
            return False
        taken.append((start, end))
        return True

    for match in _OVER.finditer(text):
        over, off = value(match[1]), value(match[2])
        if over and off and free(*match.span()):
            yield _stated("discount", match, off * 100, "fen", per="order", per_value=over * 100)
    for match in _SECOND.finditer(text):
        rest = text[match.end() :]
        if (half := _HALF.match(rest)) or (half := _FREE.match(rest)):
            end = match.end() + half.end()
            if free(match.start(), end):
                left = 0.5 if half.re is _HALF else 0.0
                yield Stated(
                    sort="discount", start=match.start(), end=end, value=left, unit="share", per="second", per_value=2
                )
    for share in percents(text):
        if "折" not in text[share.start : share.end]:
            continue
        before = text[max(0, share.start - 8) : share.start]
        second = _SECOND.search(before)
        start = share.start - (len(before) - second.start()) if second else share.start - before.endswith("打")
        if free(start, share.end):
            per = "second" if second else ""
            yield Stated(sort="discount", start=start, end=share.end, value=share.value, unit="share", per=per)
    for match in _HALF.finditer(text):
        if free(*match.span()):
            yield _stated("discount", match, 0.5, "share")
    for match in _COUPON.finditer(text):
        off = value(match[1])
        if off and off > 1 and free(*match.span()):
            yield _stated("discount", match, off * 100, "fen")
    for match in _OFF.finditer(text):
        off = value(match["sum"])
        if off is None or not (match["sure"] or match["mark"]) or _COMPARED.search(text[: match.start()]):
            continue
        end = match.end()
        jiao = match["jiao"] if match["mark"] and not re.match(f"[{PIECES}{CONTAINERS}斤]", text[end:]) else None
        if free(match.start(), end):
            yield _stated("discount", match, round((off + (value(jiao) or 0) / 10 if jiao else off) * 100), "fen")


def _stated(
    sort: FactSort, match: re.Match[str], amount: float, unit: str, *, per: str = "", per_value: float | None = None
) -> Stated:
    return Stated(
        sort=sort, start=match.start(), end=match.end(), value=amount, unit=unit, per=per, per_value=per_value
    )


# ---- prices

_OFFER = re.compile(
    "现在|今天|今晚|到手|券后|直播间|我们|咱们?家?|我这|我给|给你|只要|只需|秒杀|活动价|福利价|拍下|这场|卖给|今年|我家|自己家|咱这"
)
_BEFORE = re.compile(FORMER.pattern + "|标价|恢复|前[几两]天|昨儿|从前")
_NO_PRICE = re.compile(
    "(?:[加赔退返罚奖捐扣补差花亏抵]|成本|运费|邮费|快递费?|红包|差价|工资|挣|赚|本钱|租金|投了?|借)[了你要是个给到们的]{0,2}(?:你们?)?$"
)
_NO_PRICE_AFTER = re.compile("^的?(?:换购|差价|运费|邮费|红包|补贴|一天|一个月|工资|学费|医药费)")
_ASKED = re.compile(
    "(?:到手价?|只要|只需要?|仅需?|才|券后价?|现在|今天|就|卖|价格?|秒杀|算下来|合|等于|这里|直播间|给你们?|[砍降]到|拍下|只卖|标|一律|统统|折后)"
    "(?:也|就|只|才|是|要|了|的|你们?|卖|价|算|需要?){0,3}$"
)
_TAKEN = re.compile(
    "^(?:到手|包邮|就给|就拿|拿走|带走|带回|你拿|给你|抱走|搬走|开抢|抢|秒|的价|的福利|米(?![饭粉线面酒高长宽远]))"
)


_NAMED_PRICE = re.compile(
    f"(?:{FORMER.pattern}|{OUTSIDE.pattern})(?:还|都|也|就|得|里|上|那边)?(?:是|要|卖|标)?(?:到|了)?$"
)


def _prices(text: str) -> Iterator[Stated]:
    last = 0
    for price in sorted(prices(text), key=lambda price: price.start):
        if price.start < last:
            continue
        before, after = _clause(text, price.start, price.end)
        if _NO_PRICE.search(before) or _NO_PRICE_AFTER.match(after):
            continue
        if not price.marked and not _meant(price, before, after):
            continue
        sort = _whose(text[max(last, price.start - 24) : price.start])
        last = price.end
        yield Stated(
            sort=sort,
            start=price.start,
            end=price.end,
            value=round(price.yuan * 100),
            unit="fen",
            per="g" if price.grams else price.counter,
            per_value=price.grams or (price.count if price.counter else None),
            about=price.about,
            sure=1.0 if price.marked else 0.85,
        )


_WEIGHED = re.compile("(?:重|净|毛|规格|装|发|有|大概|差不多)[是有的约]?$")  # 净重十一斤 is no price of 一斤


def _meant(price: Price, before: str, after: str) -> bool:
    """Is a bare number a price? After 到手, before 一斤, or at the end of a clause that says how much one gets."""
    unit = re.match(f"(?:[一每两三四五六七八九十]+)?({'|'.join(GRAMS)}|[{PIECES}{CONTAINERS}箱份件单套])", after)
    if _NAMED_PRICE.search(before) and (not after or after[0] in "的左上多现我你了"):
        return True
    if _ASKED.search(before) and (bool(unit) or not re.match("[个位人天年月日次场分秒号度米点届岁款种家口]", after)):
        return True
    if (price.grams or price.counter) and unit and not _WEIGHED.search(before):
        return True
    return bool(_TAKEN.match(after)) or (bool(price.grams or price.counter) and not after)


def _whose(before: str) -> FactSort:
    """Whose price it is, by the cue that stands nearest before it."""
    before = OWN_SHOP.sub("我们", before)
    cues: list[tuple[int, FactSort]] = [(-1, "price")]
    cues += [(match.end(), "price") for match in _OFFER.finditer(before)]
    cues += [(match.end(), "former_price") for match in _BEFORE.finditer(before)]
    cues += [(match.end(), "outside_price") for match in OUTSIDE.finditer(before)]
    return max(cues)[1]


# ---- gifts

_COUNTED = f"[{PIECES}{CONTAINERS}箱份件单提套双把条支只张桶杯]"
_BUY = re.compile(
    f"[买拍](?P<bought>{_D}+)(?P<of>斤|两|{_COUNTED})?[^{_BREAK}_]{{0,4}}?(?:再)?[送赠](?:你们?|给你们?)?(?P<given>{_D}+)(?P<unit>斤|两|{_COUNTED})?"
)
_SHIP = re.compile(
    f"[买拍](?P<bought>{_D}+)(?P<of>{_COUNTED})?[^{_BREAK}_]{{0,5}}?(?:发|得|到手)(?:你|给你|货)?(?P<given>{_D}+)(?P<unit>{_COUNTED})?"
)
_GIVE = re.compile(
    f"(?<![买拍{_D[1:-1]}])[送赠](?:给)?(?:你们?|您|大家|姐妹们?|家人们?|宝宝们?)?(?P<given>{_D}+)(?P<unit>{_COUNTED})"
)


def _gifts(text: str) -> Iterator[Stated]:
    seen: set[tuple[float, str]] = set()
    taken: list[tuple[int, int]] = []
    for pattern in (_BUY, _SHIP, _GIVE):
        for match in pattern.finditer(text):
            given = value(match["given"])
            bought = value(match["bought"]) if pattern is not _GIVE else None
            if given is None or any(match.start() < b and a < match.end() for a, b in taken):
                continue
            if pattern is _SHIP:
                if not bought or given <= bought or (match["of"] or match["unit"]) != (match["unit"] or match["of"]):
                    continue
                given -= bought
            unit = match["unit"] or ""
            grams = GRAMS.get(unit)
            amount = given * grams if grams else given
            taken.append(match.span())
            if pattern is not _GIVE and (amount, unit if grams else "") in seen:
                continue  # 买二送一, 拍两箱发三箱: said again in other words
            seen.add((amount, unit if grams else ""))
            start = match.start()
            if grams and pattern is _BUY and match["of"] in GRAMS:  # 买十斤送两斤: the ten are what one buys
                start = match.start("given")
            yield Stated(
                sort="gift",
                start=start,
                end=match.end(),
                value=amount,
                unit="g" if grams else "piece",
                per="bought" if bought else "",
                per_value=bought if not grams else None,
            )
    for grams, start, end in masses(text):
        before, after = _clause(text, start, end)
        if _NO_WEIGHT_AFTER.match(after):
            continue
        on_top = of_mass(before, "")[0] == "on_top" or re.search("多(?:给|送|装|放|发)(?:你们?)?的$", before)
        if on_top and not any(start < b and a < end for a, b in taken) and (grams, "g") not in seen:
            seen.add((grams, "g"))
            yield Stated(sort="gift", start=start, end=end, value=grams, unit="g")


# ---- weight, count, size

_NO_WEIGHT = re.compile(
    "(?:体重|吃了?|喝了?|泡出来?|出[来了]?|放|加|兑|水|拉了?|产量?|亩产|卖了?|限|瘦|胖|重了|每天|一天|能吃|变|多给的?|撒|倒|用|挑了?|背了?|摘了?|收了?)"
    f"(?:约|大概|差不多|有|个|的|掉|了|你们?|我|自己|大约)?(?:{NUMERAL})?$"
)
_NO_WEIGHT_AFTER = re.compile("^(?:的?水|盐|糖|油|变|起拍|起发|以下的?不|酒|醋|肉出)")
_IN_CONTAINER = re.compile(f"^一?([{CONTAINERS}])(?![{CONTAINERS}])")


_PACK_BEFORE = re.compile("净重|一箱|一份|一盒|一袋|到手|单果|规格")
_PACK_AFTER = re.compile("装|左右|重|一[袋盒瓶罐包份个只条]")


def _weights(plain: str, priced: str, found: list[Stated]) -> Iterator[Stated]:
    for grams, start, end in masses(plain):
        before, after = _clause(plain, start, end)
        words = plain[start:end]
        of, counter = of_mass(before, after)
        if any(s.sort != "price" and s.end in range(start - len(before), start + 1) for s in found if s.unit == "fen"):
            continue  # what others sell for that price
        if of in ("promise", "on_top") or _NO_WEIGHT.search(before) or _NO_WEIGHT_AFTER.match(after):
            continue
        one = words.startswith(("一", "每")) and len(words) <= 3 and not words.endswith("半")
        if grams > 100_000 or (one and not _PACK_BEFORE.search(before) and not _PACK_AFTER.match(after)):
            continue  # 一斤: the measure of a price
        if of == "pack" and (held := _IN_CONTAINER.match(after)):
            of, counter = "container", held[1]
        about = bool(re.search("[多几来余到至]", words) or re.match("多|左右|上下|以上|往上|起", after))
        cued = (
            of != "pack"
            or bool(re.search("净重|一箱|一份|整箱|装|发|到手|足|规格|重|有", before))
            or bool(re.match("装|一箱|重", after))
        )
        near = any(stated.sort == "price" for stated in found)
        yield Stated(
            sort="weight",
            start=start,
            end=end,
            value=round(grams, 3),
            unit="g",
            per=counter or of if of == "container" else of,
            about=about,
            sure=1.0 if cued else 0.9 if near else 0.7,
        )


_COUNTERS = dict.fromkeys(
    [*PIECES.replace("块", "").replace("片", "").replace("条", "").replace("头", ""), *CONTAINERS], 1.0
)
_COUNTERS |= dict.fromkeys("份箱把", 1.0)
_NO_COUNT = re.compile(
    "(?:限购?|前|第|超过|坏|烂|破|少|卖|抢|剩|库存|讲|够|每天|加|再|上|送|赠|倒数|来了?|一共|这|那|几|等|差|买|十|百|吃了?|用|放|掰|切成?)"
    "(?:了|拍|过|有|还有|我们|自己|大概)?$"
)
_NO_COUNT_AFTER = re.compile(
    "^(?:人|月|小时|钟|多?月|链接|品|点|数|字|号|多?小时|星期|礼拜|朋友|姐|宝|家人|孩子|产品|宝贝|款|问题|原因|步骤|部分|以上|减|打|半价|起拍|起发|省|包邮的链接)"
)


def _counts(plain: str, found: list[Stated]) -> Iterator[Stated]:
    for number, start, end in amounts(plain, _COUNTERS):
        counter = plain[end - 1]
        before, after = _clause(plain, start, end)
        if number < 2 or number != int(number) or _NO_COUNT_AFTER.match(after):
            continue
        priced = bool(re.match("(?:到手|就|只要|才|今天|一共|总共)*_", after)) or before.endswith(("_", "到手"))
        if (re.search("[拍买]$", before) and not priced) or (
            _NO_COUNT.search(before) and not re.search("[拍买]$", before)
        ):
            continue
        fixed = bool(re.match("装|一[箱盒提份袋件单包套]", after)) or bool(
            re.search("(?:一[箱盒提份袋件单包套板罐桶]|到手|总共|[装有]|整箱)[是有装共的]{0,2}$", before)
        )
        if counter in "个份箱把只根" and not (priced or fixed):
            sure = 0.6 if counter in "只根" else 0.0
            if not sure:
                continue
        yield Stated(
            sort="count", start=start, end=end, value=number, unit=counter, sure=1.0 if priced or fixed else 0.75
        )


_GRADE = re.compile(
    "(?<![年省市国高中初县厅])(?:特|优|一|二|三|[a-c])级(?!保护|风|公路|片区|代理|市场|响应)|(?:特|优|[一二三])等(?!于|待|着|等|奖|功|下|一|你|我)"
    "|(?:特大|中大|超大|[大中小]|精品|巨无霸)果(?![汁园树农业断真])|[双三四j]j果?|精选果|头茬|头采|统货"
)
_NOT_IT = re.compile("(?:不是|没有|不卖|不要|不会是)(?:那种|什么|这种)?$")


def _sizes(plain: str) -> Iterator[Stated]:
    for millimetres, start, end in sizes(plain):
        yield Stated(sort="grade", start=start, end=end, value=millimetres, unit="mm")
    for match in _GRADE.finditer(plain):
        if not _NOT_IT.search(plain[: match.start()]):
            yield Stated(sort="grade", start=match.start(), end=match.end())
