"""Chinese text: the spoken form that rules are matched in, its sounds, and the readable form that people see.

The only file that knows the Chinese text libraries (OpenCC, pypinyin, jieba, wetext); each is imported inside its function.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

# ---- the spoken form: what matching works on -----------------------------------------------------------------------

SOFT, HARD = ",", "."  # how a spoken form writes a break inside a sentence, and the end of one

_SOFT_MARKS = frozenset(",，、；;：:…~～—·")
_HARD_MARKS = frozenset("。.！!？?\n")
_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(r"(?P<percent>\d+(?:\.\d+)?[%％])|(?P<plain>\d+(?:\.\d+)?)")
_MULTIPLE = re.compile(r"两(?=[百千万亿])")


def cardinal(number: int) -> str:
    """A whole number as it is read aloud.

    >>> cardinal(24), cardinal(100), cardinal(1005), cardinal(12), cardinal(112), cardinal(20000)
    ('二十四', '一百', '一千零五', '十二', '一百一十二', '二万')
    """
    if number >= 10**16:
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if number < 10:
        return _DIGITS[number]
    for size, unit in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            head, rest = divmod(number, size)
            zero = "零" if rest and rest < size // 10 else ""
            first = "" if size == 10 and head == 1 else cardinal(head)
            one = "一" if 10 <= rest < 20 else ""  # 十二, but 一百一十二
            return first + unit + (zero + one + cardinal(rest) if rest else "")
    return ""


def _read_aloud(match: re.Match[str]) -> str:
    text = match.group().rstrip("%％")
    whole, _, fraction = text.partition(".")
    # a leading zero or a long run is a code (telephone, batch, certificate), read digit by digit
    by_digit = len(whole) > 8 or (len(whole) > 1 and whole.startswith("0"))
    spoken = "".join(_DIGITS[int(digit)] for digit in whole) if by_digit else cardinal(int(whole))
    if fraction:
        spoken += "点" + "".join(_DIGITS[int(digit)] for digit in fraction)
    if match.group("percent"):
        return "百分之" + ("百" if spoken == "一百" else spoken)
    return spoken


def spoken(text: str) -> tuple[str, tuple[int, ...]]:
    """The spoken form of a text and, for each of its characters, the index of the source character it comes from.

    Simplified, digits read as Chinese numerals, letters lower case, other signs dropped; marks inside a sentence, and
    spaces between Chinese characters (how recognisers write a pause), become SOFT, ends of sentences HARD, each at most
    once in a row.

    >>> spoken("24小时，100%纯！")[0]
    '二十四小时,百分之百纯.'
    """
    out: list[str] = []
    origin: list[int] = []
    plain = simplify("".join(_narrow(char) for char in text))

    def put(chars: str, at: int) -> None:
        for char in chars:
            if char in (SOFT, HARD):
                if not out:
                    continue
                if out[-1] in (SOFT, HARD):  # a run of marks counts once, as its strongest
                    out[-1] = HARD if HARD in (out[-1], char) else SOFT
                    continue
            out.append(char)
            origin.append(at)

    at = 0
    for match in _NUMBER.finditer(plain):
        for index in range(at, match.start()):
            put(_mark(plain, index), index)
        read = _read_aloud(match)
        width = match.end() - match.start()
        for index, char in enumerate(read):
            put(char, match.start() + index * width // len(read))
        at = match.end()
    for index in range(at, len(plain)):
        put(_mark(plain, index), index)
    return _MULTIPLE.sub("二", "".join(out)), tuple(origin)


def _narrow(char: str) -> str:
    """Full-width letters and digits to half-width, one character for one."""
    narrow = "度" if char == "℃" else unicodedata.normalize("NFKC", char)
    return narrow.lower() if len(narrow) == 1 and len(narrow.lower()) == 1 else char


def _mark(text: str, at: int) -> str:
    char = text[at]
    if char in _HARD_MARKS:
        return HARD
    if char in _SOFT_MARKS or (char.isspace() and _is_chinese(text[at - 1 : at]) and _is_chinese(text[at + 1 : at + 2])):
        return SOFT
    return char if unicodedata.category(char)[0] in "LN" else ""


def _is_chinese(char: str) -> bool:
    return "\u2e80" <= char <= "\U0003ffff"


# ---- words ----------------------------------------------------------------------------------------------------------

_USUAL = 20  # occurrences in jieba's count of a large corpus, below which a word is not one that people say


@cache
def _dictionary() -> Any:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba.dt


def is_word(text: str) -> bool:
    """Is this a word in daily use?

    >>> is_word("复习"), is_word("相顾")
    (True, False)
    """
    count = _dictionary().FREQ.get(text)
    return count is not None and count >= _USUAL


# ---- sound ----------------------------------------------------------------------------------------------------------

_INITIALS = ("zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s",
             "y", "w")  # fmt: skip
# Characters with two readings in daily use. The dictionaries give rare second readings to thousands more (个 gan, 不 fou),
# which would only make chance matches.
_TWO_READINGS = frozenset(
    "长行重还得地了着都便数乐种只弹调传转处当倒发分干好号和会几间将降教觉空累量率没难切散少省舍盛相血要应载涨中作强参"
    "薄剥藏差单大斗恶缝服冠哈荷横华假见角结解劲卡看壳可落绿模磨宁泡漂铺曲塞色扇上什石食似宿挑同吐为鲜吓削咽钻折正挣症炸扎"
)


@cache
def _pinyin() -> Any:
    import pypinyin

    return pypinyin


@lru_cache(maxsize=20_000)
def readings(char: str) -> tuple[str, ...]:
    """The toneless pinyin readings of one character, most usual first; the character itself when it has none.

    >>> readings("长"), readings("a")
    (('zhang', 'chang'), ('a',))
    """
    pinyin = _pinyin()
    found = pinyin.pinyin(char, style=pinyin.Style.NORMAL, heteronym=True, v_to_u=False)
    names = [name.replace("ü", "v") for name in (found[0] if found else []) if name]
    return tuple(dict.fromkeys(names))[: 2 if char in _TWO_READINGS else 1] or (char,)


def split_syllable(syllable: str) -> tuple[str, str]:
    """A pinyin syllable as (initial, final); the initial is empty where there is none.

    >>> split_syllable("zhang"), split_syllable("an")
    (('zh', 'ang'), ('', 'an'))
    """
    for initial in _INITIALS:
        if syllable.startswith(initial):
            return initial, syllable[len(initial) :]
    return "", syllable


# ---- the readable form: what people see -----------------------------------------------------------------------------


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Traditional to simplified characters, one character for one, so that times and offsets keep.

    >>> simplify("這個產品")
    '这个产品'
    """
    converted: str = _converter().convert(text)
    if len(converted) != len(text):  # a phrase entry changed the length: convert character by character instead
        converted = "".join(_one(char) for char in text)
    return converted


@lru_cache(maxsize=20_000)
def _one(char: str) -> str:
    converted: str = _converter().convert(char)
    return converted if len(converted) == 1 else char


# ---- readable transcripts: words as heard become words as written ---------------------------------------------------

_FULL = str.maketrans({",": "，", "?": "？", "!": "！", ":": "：", ";": "；", ".": "。"})
_ENDS = frozenset("。？！.?!")
_MARKS = frozenset("，。？！：；、…,.?!:;")


def ends_sentence(text: str) -> bool:
    return text.rstrip()[-1:] in _ENDS


def comma_pause_ms(pauses):
    return 250


def readable(words, *, comma_ms):
    import msgspec
    out=[]
    for i,w in enumerate(words):
        t=simplify(w.text.strip())
        out.append(msgspec.structs.replace(w,text=t))
    return tuple(out)
