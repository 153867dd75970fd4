"""Links called out by their number, as anchors call them: 一号链接, 三号车, 小黄车第二个, 链接五, 上五号, 挂二号.

The number must be written or sound exactly right; the word 链接 is often misheard (练级, 连接) and goes by its sound.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from ..language import SOFT, readings
from ..language.numerals import NUMERALS, numeral_value
from .spoken import Spoken

_N = f"[{''.join(sorted(NUMERALS))}]"
_MEASURE = (
    "斤|块|元|单|份|件|瓶|箱|袋|盒|包|枚|克|两|天|分|秒|毛|折|倍|条|个(?!链接)|只|桶|点|人|位|次|年|月|下|起|千|万"
)
_PLACES = "链接|小黄车|购物车|车|商品|宝贝|产品|品|链"
_NO_LINK = (
    "线|楼|院|门|仓|店|机|选手|人|员|主播|客服|电池|字|到|发|晚|早|下午|上午|中午|之?前|以前|以后|之后|开始|那天|当天|开播|见|截止|色|码"
    "|地|大?棚|井|基地|坑|库|房|路|段|桌|公路|嘉宾|工厂|的时候|星|位置"
)
# what stands before a bare number of a link: 上五号, 挂二号, 去七号拍, 拍十号
_LEADS = (
    "上|先上|挂|拍|拍下|点|点开|点击|点一下|去|看|弹|讲|说|开|来|过来|找|回|回到|到|轮到|是|就是|放|放在|在|介绍|炸|加|换|补|要|问|有"
    "|这个|那个|一个"
)
_FORMS = (
    # (pattern, confidence, whether a number that only sounds right will do)
    (rf"(?P<n>{_N}+)号{SOFT}?(?:{_PLACES})", 0.95, False),
    (rf"(?P<n>.)号{SOFT}?(?:链接|小黄车|购物车)", 0.85, True),
    (
        rf"(?:小黄车|购物车)(?:里面|里|上面|上|的|点|找){{0,2}}第?(?P<n>{_N}+)"
        rf"(?:号|个(?:链接)?|(?!{_N}|{_MEASURE}))",
        0.9,
        False,
    ),
    (rf"第(?P<n>{_N}+)个(?:链接|小黄车|购物车|商品|宝贝|车)", 0.95, False),
    (rf"链接(?:第|是|就是)?(?P<n>{_N}+)(?:号|(?!{_N}|{_MEASURE}))", 0.9, False),
    (rf"(?:{_LEADS})(?:一下|下|我们的?|咱们的?|一个)?(?P<n>{_N}+)号(?!{_NO_LINK})", 0.8, False),
    (rf"(?:(?<=[,.])|^)(?P<n>{_N}+)号(?=[,.]|$)", 0.85, False),
    (
        rf"(?P<n>{_N}+)号(?=[,.]|$|的(?!时候)|这|那|自己|准备|还有|还在|有货|没|卖|拍|给|已经|上)(?!{_NO_LINK})",
        0.7,
        False,
    ),
    (rf"(?P<n>{_N}+)号(?!{_NO_LINK})", 0.55, False),
)  # fmt: skip
_CALLS = tuple((re.compile(pattern), confidence, alike) for pattern, confidence, alike in _FORMS)
_DATED = re.compile("(?:月|今天|明天|昨天|后天|前天|日子|从|每个月的)$")  # 十月八号, 今天十二号


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """text[start:end] calls out a link; `confidence` is 0 to 1."""

    start: int
    end: int
    link: int
    confidence: float


def find_calls(text: Spoken) -> tuple[Call, ...]:
    """Every link called out, in order; of forms that overlap the surest."""
    plain = _written(text.text)
    kept: list[Call] = []
    for call in sorted(_found(plain), key=lambda call: (-call.confidence, call.start)):
        if all(call.end <= other.start or other.end <= call.start for other in kept):
            kept.append(call)
    return tuple(sorted(kept, key=lambda call: call.start))


def _found(plain: str) -> Iterator[Call]:
    for pattern, confidence, alike in _CALLS:
        for match in pattern.finditer(plain):
            start, number = match.start("n"), match["n"]
            if alike:
                value = _digit(number)
                if number in NUMERALS:
                    continue  # the form before has it
            else:
                value, cut = _tail(number)
                start += cut
            if value is None or (
                confidence < 0.9 and not alike and _DATED.search(plain[max(0, match.start() - 4) : start])
            ):
                continue
            led = match.start() < match.start("n")  # 链接五, 小黄车第二个: all of it is the call; 上五号: 五号 is
            first = match.start() if led and confidence >= 0.9 else start
            yield Call(start=first, end=match.end(), link=value, confidence=confidence)


def _tail(number: str) -> tuple[int | None, int]:
    """The value of the longest end of a run of numerals that is one number, and what was cut off: 三二一二 is 二."""
    for cut in range(len(number)):
        value = numeral_value(number[cut:])
        if value:
            # the 二 of 三十二百二? no: what is cut off must not be the head of a larger number
            return (value, cut) if not cut or number[cut - 1] not in "百千万零" else (None, cut)
    return None, 0


@lru_cache(maxsize=5000)
def _digit(char: str) -> int | None:
    """1 to 10, where a character is read as that numeral."""
    for value, numeral in enumerate("一二三四五六七八九十", start=1):
        if readings(char)[0] == readings(numeral)[0]:
            return value
    return None


def _written(text: str) -> str:
    """The text with 链接 and 小黄车 where they are heard, character for character."""
    chars = list(text)
    for match in re.finditer(r"(?=(.)(.))", text):
        first, second = match.groups()
        if "lian" in readings(first) and readings(second)[0] in ("jie", "ji"):
            chars[match.start() : match.start() + 2] = "链接"
    plain = re.sub("[小晓笑]黄[车扯撤]", "小黄车", "".join(chars))
    return re.sub(f"(?<={_N})[毫豪耗浩](?!升|米|克|安)", "号", plain)
