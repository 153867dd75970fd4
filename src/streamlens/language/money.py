"""Prices as they are spoken (language.spoken): 十九块九五斤装, 一百二, 五十八一斤, 九块九毛九."""

import re
from collections.abc import Iterator

import msgspec

from ..schema import Product, Record
from .numbers import FORMAL, value
from .quantities import CONTAINERS, GRAMS, PIECES, pack_count, pack_grams

_NUM = "零一二三四五六七八九十百千万亿两半点"
_D = "[一二两三四五六七八九]"
# a numeral as people say prices; two digits side by side only where they are one inexact number (十五六)
_WELL = re.compile(f"(?:{_D}{{1,2}}万)?(?:{_D}{{0,2}}千)?(?:零?{_D}{{0,2}}百)?(?:零?{_D}{{0,2}}十)?零?{_D}{{0,2}}")
_PAIR = re.compile(f"(?=({_D})({_D}))")
_COUNTED = PIECES.replace("块", "")  # 块 is money here
_HELD = CONTAINERS.replace("包", "")  # 包邮, 包赔
_UNITS = f"公斤|千克|kg|包(?![邮赔退换你教括含装])|[斤克两{_COUNTED}{_HELD}箱份件单套组桌盘碗杯串顿打筐桶支双把]"
_VAGUE = re.compile("[大好]?几[十百千万]|几[块元]钱?")
_YUAN = re.compile(f"([{_NUM}]+[多几来余]?)(?:块|元|圆)")
# a piece, no money: 切成两块, 这一块, 放一块儿; 一块 is a yuan only where the words go on as with a price
_PIECE_BEFORE = re.compile("[放切掰这那哪每整大小同成剁几]$")
_PIECE_AFTER = re.compile(f"(?![{_NUM},.钱多来左一]|包邮|到手|$)")
_CENTS = re.compile(f"钱?({_D})[毛角]钱?(?:零?({_D})(?!{_UNITS})分?)?|零({_D})分")
_MAO = re.compile(f"({_D})[毛角](?:零?({_D})分)?钱?")
_AND_PAIR = re.compile(f"(.*[十百千万]{_D})([一两])")
_MANY = re.compile(f"钱?([{_NUM}]+)({_UNITS})")
_ABOUT_BEFORE = re.compile("(?:不到|将近|大概|差不多|大约|接近|小)$")
_ABOUT_AFTER = re.compile("[多来]|钱?(?:左右|上下|出头|不到)")
_BARE = re.compile(f"[{_NUM}]+(?:[多几来][{_NUM}]*)?")
# not a price but a share, a time, a rank or a difference
_NO_PRICE_AFTER = re.compile(
    "^(?:折|成|倍|分|年|天|日|月|号|小时|点|秒|岁|次|场|度|毫|人|家|位|种|样|款|遍|代|层|期|直|般|模|定|起|美[元金刀]|[欧日港]元|英镑)"
)
_NO_PRICE_BEFORE = re.compile("(?:分之|第|[满减省降差券送补第]|便宜|优惠|砍掉?)[了你掉]?$")
_SAID_AS_PRICE = re.compile("[卖要价得标挂收是¥][到了的过你]?$")
_POINTED = re.compile("([零一二三四五六七八九十百千万两]+点[零一二三四五六七八九])([零一二三四五六七八九])?")
_FRACTIONS = "五六八九"
_QUANTITY = re.compile(f"([{_NUM}]+)({_UNITS})[^{_NUM},.]{{0,8}}$")


class Price(Record, frozen=True, kw_only=True):
    """A price in yuan, and for what: `grams` of goods, or `count` of what `counter` counts; nothing: for the pack.

    It stands at text[start:end], without what it is for. `marked`: with 块, 元 or 毛, which a bare number lacks;
    `about`: not exact (两百来块, 不到五十).
    """

    yuan: float
    start: int
    end: int = 0
    grams: float | None = None
    count: float = 1.0
    counter: str = ""
    marked: bool = True
    about: bool = False


def prices(text: str) -> Iterator[Price]:
    """Every price in a spoken text; 五十八一斤 is cut before 一斤, 三十九块八五斤 before 五斤."""
    text = _VAGUE.sub(lambda match: "_" * len(match.group()), text.translate(FORMAL))
    spans: list[tuple[int, int]] = []
    for match in _YUAN.finditer(text):
        if price := _yuan(text, match):
            spans.append((price.start, price.end))
            if not _NO_PRICE_BEFORE.search(text[: price.start]):
                yield price
    text = _blank(text, spans)
    for match in _MAO.finditer(text):
        yuan = (value(match.group(1)) or 0) / 10 + (value(match.group(2) or "零") or 0) / 100
        yield _price(text, yuan, *match.span())
    text = _MAO.sub(lambda match: "_" * len(match.group()), text)
    for match in _BARE.finditer(text):
        yield from _bare(text, match)


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + "_" * (end - start) + text[end:]
    return text


def _yuan(text: str, match: re.Match[str]) -> Price | None:
    """A price with 块 or 元, with all that follows of it; None where 块 counts pieces."""
    numeral, start, end = match.group(1), match.start(), match.end()
    if match.group().endswith("块"):
        after = numeral in ("一", "两", "半") and _PIECE_AFTER.match(text, end)
        if after or _PIECE_BEFORE.search(text[:start]) or text.startswith("儿", end):
            return None
        if dear := _AND_PAIR.fullmatch(numeral):  # 一万二一块: a price of one piece
            whole = value(dear[1])
            return (
                whole
                if whole is None
                else _price(text, whole, start, start + len(dear[1]), dear[2], "块", marked=False)
            )
    whole = value(numeral.replace("来", ""))
    if whole is None:
        return None
    if cents := _CENTS.match(text, end):
        jiao, fen, only = cents.groups()
        whole += (value(jiao or "零") or 0) / 10 + (value(fen or only or "零") or 0) / 100
        end = cents.end()
    elif run := re.compile(f"[{_NUM}]+").match(text, end):
        unit = re.compile(_UNITS).match(text, run.end())
        fraction, many = _split_rest(run.group(), bool(unit))
        end = run.end() - len(many) if many or fraction else end
        whole += fraction
    end += text.startswith("钱", end)
    paid_for = _MANY.match(text, end)
    return _price(text, whole, start, end, *(paid_for.groups() if paid_for else ("", "")))


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
    if pointed := _POINTED.match(run):
        number = pointed[1] if unit and pointed[2] and run == pointed[0] else pointed[0]  # 十九点九五斤
        left = run[len(number) :]
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
    stop = start + len(number) + (1 if fraction else 0)
    yield _price(text, amount + fraction, start, stop, left, unit.group() if unit else "", marked=False)


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


def _price(
    text: str, yuan: float, start: int, end: int, many: str = "", unit: str = "", *, marked: bool = True
) -> Price:
    if not unit:
        before = _QUANTITY.search(text[:start])
        many, unit = before.group(1, 2) if before else ("", "")
    count = value(many) or 1.0
    words = text[start:end]
    about = bool(
        re.search("[多几来余]", words)
        or any(_next(a, b) for a, b in _PAIR.findall(re.split("[块元圆点]", words)[0]))
        or _ABOUT_BEFORE.search(text[:start])
        or _ABOUT_AFTER.match(text, end)
    )
    price = Price(yuan=round(yuan, 2), start=start, end=end, marked=marked, about=about)
    if unit in GRAMS:
        return msgspec.structs.replace(price, grams=count * GRAMS[unit])
    return msgspec.structs.replace(price, count=count, counter=unit)


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


# ---- whose price it is: words before a former price, or one of others; one's own shop is no other

FORMER = re.compile(
    "原价|原售价|平时|平常|日常|正常|之前|以前|原来|往常|往年|去年|昨[天日晚]|前天|上[一个]?[场次回周月]|专柜|市场|正价|划线|吊牌"
)
OWN_SHOP = re.compile("(?:我们?|咱们?|自己|自家|我家)家?的?(?:旗舰店|实体店|门店|线下店|店)")
OUTSIDE = re.compile(
    "超市|商场|商超|专柜|外面|外头|市场|市面|菜场|别人|别家|别的|人家|同行|隔壁|网上|线下|实体|平台|电商|酒店|酒楼|饭店|餐厅|"
    "饭馆|大排档|店|摊|集市|早市|档口|官网|官方|指导价|零售价|厂家|景区|机场|山姆|盒马|沃尔玛|大润发|永辉|淘宝|天猫|京东|拼多多|"
    "某[宝东猫]|其[他它]直播间"
)
