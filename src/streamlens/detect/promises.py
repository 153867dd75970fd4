"""What else a sentence tells a buyer: origin, delivery, after-sale, usage, storage, taste, ingredients.

Works on the spoken form (language.spoken), clause by clause. Usage, storage and taste are
told at most once a sentence; delivery and after-sale promises are many.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from ..language import HARD, SOFT
from ..language.numbers import value
from ..schema import FactSort
from .offers import Stated

_D = "[零一二三四五六七八九十百千两半]"


def promises(text: str, places: Sequence[str] = ()) -> list[Stated]:
    """Everything of these sorts in a sentence, in order. `places` are names that goods come from."""
    found: list[Stated] = []
    for clause in re.finditer(f"[^{SOFT}{HARD}]+", text):
        start, words = clause.start(), clause.group()
        for stated in (*_delivery(words), *_after_sale(words), *_kept(words), *_simple(words), *_origin(words, places)):
            found.append(msgspec.structs.replace(stated, start=start + stated.start, end=start + stated.end))
    return sorted(_once(found), key=lambda stated: (stated.start, stated.end, stated.sort))


_TOLD_ONCE = ("usage", "tasting", "storage")


def _once(found: list[Stated]) -> Iterator[Stated]:
    """A value said twice in a sentence (当天发货, 今天都能发走) is one fact, and so is how it is used, kept, tastes."""
    seen: set[tuple[str, float, str]] = set()
    spread: dict[str, Stated] = {}
    for stated in found:
        if stated.value is not None:
            if (key := (stated.sort, stated.value, stated.per)) not in seen:
                seen.add(key)
                yield stated
        elif stated.sort not in _TOLD_ONCE:
            yield stated
        elif first := spread.get(stated.sort):
            spread[stated.sort] = msgspec.structs.replace(first, end=max(first.end, stated.end))
        else:
            spread[stated.sort] = stated
    yield from spread.values()


# ---- delivery

_SENT = "(?:发货|发出|发走|寄出|寄走|出库|揽收|出货|发完|发)(?![芽霉热烧酸苦黄黑胖现给了你货])"
_HOURS = {
    "小时": 1.0,
    "个小时": 1.0,
    "钟头": 1.0,
    "个钟头": 1.0,
    "天": 24.0,
    "个工作日": 24.0,
    "工作日": 24.0,
    "日": 24.0,
}
_SEND_WITHIN = re.compile(
    f"(?P<n>{_D}+)(?P<unit>{'|'.join(_HOURS)})(?:之?[内后]|以内|左右|就|内|都|能|必|给你们?|全部){{0,4}}{_SENT}"
)
_SEND_TODAY = re.compile(
    f"(?:当天|当日|当晚|今天|今晚|今晚上|马上|立马|立刻)(?:拍|下单)?(?:的|就|都|能|可以|给你们?|全部|今天|当天|统一|安排){{0,5}}{_SENT}"
)
_ARRIVE_NEXT = re.compile(
    "次日达|隔日达|(?:第二天|隔天|明天)(?:就|能|可以|左右|都|基本){0,3}(?:到|收到|送到)(?!期|底|了)"
)
_ARRIVE = re.compile(
    f"(?<!第)(?P<n>{_D}+)(?P<unit>天|个小时|小时)(?:左右|之?内|以内|就|能|可以|基本|都|差不多){{0,4}}(?:到货|到家|到手|送到|收到|收货|送达|到)(?![期底{_D[1:-1]}])"
)
_WORDS = (
    ("postage", re.compile("不?包邮|免邮|邮费|(?:免|包|承担|来回|自己?出|补)(?:来回)?运费(?!险)"
            "|运费(?!险)(?:我|你|自|商家|卖家)")),
    ("excluded", re.compile("(?:不发货|发不了|不给?发|没法发|不能发|送不到|到不了)(?![芽霉热烧酸苦黄黑胖])"
            "|偏远(?:地区|地方|山区)?")),
    (
        "carrier",
        re.compile("顺丰|中通|圆通|申通|韵达|极兔|邮政|ems|德邦|京东(?:快递|物流)|冷链(?!运输车)|空运|航空|冷冻发货|泡沫箱|保温箱|冰袋"),
    ),
    ("dispatch", re.compile(f"预售|现货|现[摘采打做挖杀捞]现发|[早上]+[^,.]{{0,3}}下午{_SENT}|产地直发|发货地")),
)  # fmt: skip


def _delivery(words: str) -> Iterator[Stated]:
    for pattern, per in ((_SEND_WITHIN, "dispatch"), (_ARRIVE, "arrival")):
        for match in pattern.finditer(words):
            hours = value(match["n"])
            if hours:
                hours *= _HOURS[match["unit"]]
                yield Stated(sort="delivery", start=match.start(), end=match.end(), value=hours, unit="h", per=per)
    for pattern, per in ((_SEND_TODAY, "dispatch"), (_ARRIVE_NEXT, "arrival")):
        for match in pattern.finditer(words):
            yield Stated(sort="delivery", start=match.start(), end=match.end(), value=24.0, unit="h", per=per)
    for per, pattern in _WORDS:
        if word := pattern.search(words):
            yield Stated(sort="delivery", start=word.start(), end=word.end(), per=per)


# ---- after the sale

_RETURN = re.compile(f"({_D}+)天[^{SOFT}{HARD}]{{0,3}}?无理由(?:退换?货?)?")
_AFTER_SALE = re.compile(
    "(?:赠送?|送|带|有)?(?:退货)?运费险|无理由(?:退换?货?)?"
    "|(?:[坏烂破碎死化磕伤裂瘪漏臭][果蛋虾蟹的了掉损坏个一]?|破损|损坏|不[活熟甜鲜好]|质量问题)[^,.]{0,8}?(?:包?赔|包退|包换|退[钱款你给]|补发|补你|重发|重新发|算我的|换新)"
    "|坏一?[个颗只]赔[一二两三十]?[个颗只倍]?|包[赔退活熟甜]|包[一二两三四五六]房肉?|破损包[赔退补]"
    "|缺斤[少短]两|[少缺]一?[斤两个罚][^,.]{0,2}[补赔罚][^,.]{0,3}|短斤少两|足斤足两|假一[赔罚][一二三十百]+"
    "|(?:全额|仅|全部)?退款|退货|退换|拒收|(?:不喜欢|不满意|不好吃|不合适)[^,.]{0,8}退|随时退|质保|保修|三包|报损|损耗"
    "|售后(?!人员)|(?<![不没别])赔(?:你|给|付|偿|钱给)|就赔|给你们?补|补发"
)
_LOSS = re.compile("赔[钱本]|亏")


def _after_sale(words: str) -> Iterator[Stated]:
    end = 0
    for match in _RETURN.finditer(words):
        days = value(match[1])
        if days:
            end = match.end()
            yield Stated(
                sort="after_sale", start=match.start(), end=match.end(), value=days * 24, unit="h", per="return"
            )
    kept = [match for match in _AFTER_SALE.finditer(words, end) if not _LOSS.search(match.group())]
    if kept:
        yield Stated(sort="after_sale", start=kept[0].start(), end=kept[-1].end())


# ---- storage

_SPAN = {"天": ("day", 1.0), "日": ("day", 1.0), "月": ("month", 1.0), "年": ("month", 12.0), "周": ("day", 7.0)}
_SPAN |= {"星期": ("day", 7.0), "礼拜": ("day", 7.0)}
_KEEPS = re.compile(
    f"(?:保质期?|赏味期|保存期|能放|可以放|放得了|能存|可以存|能保存|可以保存|存放|保鲜|冷藏|冷冻|冰箱里?|放|存)[^{_D[1:-1]}]{{0,6}}?({_D}+)个?多?({'|'.join(_SPAN)})"
    f"|({_D}+)个?({'|'.join(_SPAN)})(?:都|也|之?内)?(?:没问题|不会?坏|不变质|吃完|用完|不发芽)"
)
_STORED = re.compile(
    "(?:放|存|搁|进|丢|塞|埋|收)[^,.放]{0,4}?(?:冰箱|冰柜|冷冻|冷藏|阴凉|保鲜|通风|密封|地窖|干燥|沙子|沙里|米缸|罐子里|厨房|阳台)[里处层室地桶袋盒罐]?"
    "|冷藏(?!车|运|发|链)(?:保存|起来)?|冷冻(?!车|运|发|链|食)(?:保存|起来|着)?|常温(?!发|运)(?:保存|放)?|零下[^,.]{1,5}度|阴凉|避光|见光|密封|防潮|受潮|潮湿|干燥|通风|保鲜[袋盒膜层期]"
    "|保质期|赏味期|保存|储存|存放|冰箱|耐放|耐储|放得住|放软|捂软|催熟|放一块|捂[着一两三]|晾[着起在一]|暴晒|太阳晒"
)


def _kept(words: str) -> Iterator[Stated]:
    """How and how long to keep it."""
    for match in _KEEPS.finditer(words):
        number, unit = value(match[1] or match[3]), match[2] or match[4]
        if number:
            name, size = _SPAN[unit]
            number *= size
            if number != int(number):  # 半个月
                name, number = "day", number * 30
            where = _STORED.search(words[: match.start(1) if match[1] else match.start()])
            yield Stated(sort="storage", start=match.start(), end=match.end(), value=number, unit=name)
            if where and re.search("[放存搁埋冰冷冻温阴密]", where.group()):
                yield Stated(sort="storage", start=where.start(), end=where.end())
            return
    if kept := list(_STORED.finditer(words)):
        yield Stated(sort="storage", start=kept[0].start(), end=kept[-1].end())


# ---- usage, taste, ingredients

_USAGE = re.compile(
    "(?:开袋|打开|拆开|洗干净|切开|剥开|掰开)[^,.]{0,4}?(?:吃|食用|喝)|开袋即食|即食|直接(?:吃|食用|喝|下锅|煮|蒸|炒|上锅|用)"
    "|洗(?:干净|净|一洗|一下|[一两三]遍|[完好]|掉)|去[皮核籽壳蒂头](?!斤)|剪[蒂掉开]|切[片段丝块丁成开](?!发)|剥[皮壳开掉]|(?:冷水|温水|热水|清水|凉水|开水)?泡(?:水|发|开|软|[茶酒脚](?![叶园])|一[会下晚]|[一二两三四五十半]+个?(?:小时|分钟|钟头))|泡的时候|泡着喝"
    "|冲(?:泡|水|开|着|服|一杯|一勺)|焯水|焯一?下|下锅|(?:炖|煲|熬|煮)(?:[一二两三四五十半]+个?(?:小时|分钟|钟头)|粥|汤|着|一[锅下会]|熟|面|鸡|排骨|牛肉|肉|茶)|蒸(?:[一二两三四五十]+分钟|着|一下|熟|鱼|蛋|肉|饭|出来)|清蒸|红烧|凉拌|白灼|爆炒|清炒|油焖|糖醋|椒盐|炒[菜着肉一]|炒鸡蛋|烤[箱着一]|空气炸锅|微波炉|高压锅|电饭[煲锅]|砂锅|破壁机"
    "|蘸[点着料醋酱糖]?|拌(?:饭|面|着|粉|匀)|加热|解冻|腌[一上制]|淘[一两米]|冰镇|煎[着一]|油炸|涮[火着一]|配(?:粥|米饭|着吃|馒头|饭)|一起焖|焖[饭着一]|榨汁|打成?汁|夹馍|佐餐|裹[一上]|过凉水|水开|少放|多放点?水|兑水"
    "|空腹[^,.]{0,4}[勺喝吃]|(?:一天|每天|早晚)[一两]?[勺包袋片粒杯][^,.]{0,2}|饭[前后][^,.]{0,3}[吃喝]|怎么[吃做洗泡用煮蒸炖][^,.]{0,2}(?:呢|方法)|(?:吃法|做法|用法|喝法|食用方法)|涂抹|倒一[勺点盖]|手洗|机洗|上身"
)
_TASTE = re.compile(
    "又[甜香脆糯嫩鲜酸面粉绵软弹滑辣大][^,.]{0,2}又[甜香脆糯嫩鲜酸面粉绵软弹滑辣多]"
    "|(?:很|特别|非常|超级?|真的?|好|贼|老|特|偏|巨|挺|最|那么|这么|更|不|齁)[的是]?(?:甜(?!菜|瓜|玉)|香(?![菇蕉肠港油料菜椿水])|脆|糯|嫩|鲜(?![花活])|酸(?!菜|奶)|绵|滑|软(?!件)|辣(?!椒|酱)|麻|浓|弹|爽口|清爽|解[腻渴]|苦|涩|腻|腥|柴|塞牙|入味|下饭)"
    "|甜(?:而不腻|丝丝|滋滋|蜜蜜|得很|到心|口的|度)|糖度|酸甜|脆甜|清甜|香甜|鲜甜|甘甜|软糯|粉糯|绵密|绵软|酥脆|酥软|弹牙|爽脆|脆爽|爆汁|爆浆|汁水|多汁|水分[很特]?[足多大]|水多|口感|入口|嚼劲|嚼头|越嚼越|回甘|回甜|生津|沙瓤|流[油蜜心汁]|拉丝|挂壁|起沙|(?:蛋黄|口感|瓤|肉)[^,.]{0,2}沙的?|沙沙的"
    "|肉质|果肉|果香|奶香|花香|米香|酱香|蜜香|茶香|蛋香|麦香|焦香|(?:味道|味儿|味)(?:足|浓|正|好|鲜|香|很|特)|姜味|辣味|化渣|皮薄|肉厚|好吃|好喝|鲜美|爽口|爽滑|滑嫩|细腻|[咬尝喝抿]一?口|筋道|劲道|有嚼|油亮|香味|回味|软乎|面乎"
)
_SUGAR = re.compile(f"(?:糖度|甜度)[^{_D[1:-1]},.]{{0,6}}?({_D}+(?:点{_D}+)?)(?![块元分钱毛斤])")
_INGREDIENTS = re.compile("配料表?|成分表?|原料[只就是有很表]|食材[只就是]|配方[只就是]")
_SIMPLE: tuple[tuple[FactSort, re.Pattern[str]], ...] = (("usage", _USAGE), ("ingredients", _INGREDIENTS))


def _simple(words: str) -> Iterator[Stated]:
    for sort, pattern in _SIMPLE:
        if match := pattern.search(words):
            yield Stated(sort=sort, start=match.start(), end=match.end())
    sugar = _SUGAR.search(words)
    number = value(sugar[1]) if sugar else None
    if sugar and number and 5 <= number <= 40:
        yield Stated(sort="tasting", start=sugar.start(), end=sugar.end(), value=number, unit="brix")
    elif match := _TASTE.search(words):
        last = max((other.end() for other in _TASTE.finditer(words)), default=match.end())
        yield Stated(sort="tasting", start=match.start(), end=last)


# ---- origin

_NOT_FROM = re.compile(
    "不发|发货|发不|快递|物流|运费|邮费|包邮|地区|次日达|到货|能到|[天日]到|顺丰|偏远|仓|机场|分公司|电视台|大学|市场价"
)
_PEOPLE = re.compile(
    "^(?:省|市|那边|这边|地区|人)?(?:的|有|来的)?[^,.]{0,2}(?:姐|妹|哥|朋友|家人|宝|粉丝|客户|老乡|阿姨|网友|老铁|兄弟|观众|人民|人)"
)
_FROM = re.compile("(?:产自|来自|产地|原产|发自|源自|正宗|长在|种在|我们在|就在|是)[^,.]{0,4}$")
_FROM_AFTER = re.compile("^(?:[省市县区州]|自治区)?[^,.]{0,6}?(?:的|产|本地|当地|高山|大棚|深山|进口|特产|基地)")


@lru_cache(maxsize=8)
def _named(places: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, places), key=len, reverse=True))
    return re.compile(f"(?:(?:{names})(?:省|市|县|自治区|自治州)?)+(?:[^,.的产来]{{1,3}}[县市区镇乡村州旗])?")


def _origin(words: str, places: Sequence[str]) -> Iterator[Stated]:
    if not places or _NOT_FROM.search(words):
        return
    for match in _named(tuple(places)).finditer(words):
        before, after = words[: match.start()], words[match.end() :]
        if _PEOPLE.match(after) or (
            re.search("[去到回在往卖运]$|卖到|发往|不是$", before) and not _FROM.search(before)
        ):
            continue
        cued = _FROM.search(before) or _FROM_AFTER.match(after)
        yield Stated(sort="origin", start=match.start(), end=match.end(), sure=1.0 if cued else 0.75)
        return
