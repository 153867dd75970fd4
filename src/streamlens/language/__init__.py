"""Chinese text: the spoken form that rules are matched in, its sounds, and the readable form that people see.

Only this folder knows the Chinese text libraries (OpenCC, jieba; pypinyin in pinyin.py); each is imported inside its
function.
"""

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import Any

import msgspec

from streamlens.schema import Word

from .numbers import value
from .numerals import DIGITS
from .numerals import NUMERALS as NUMERALS
from .numerals import cardinal as cardinal
from .numerals import numeral_value as numeral_value
from .pinyin import readings as readings
from .pinyin import same_sound as same_sound
from .pinyin import split_syllable as split_syllable
from .pinyin import syllables as syllables

# ---- the spoken form: what matching works on -----------------------------------------------------------------------

SOFT, HARD = ",", "."  # how a spoken form writes a break inside a sentence, and the end of one

_SOFT_MARKS = frozenset(",，、；;：:…~～—·")
_HARD_MARKS = frozenset("。.！!？?\n")
_FIGURE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"  # 1,280 is one number; 1,2,3 are three
_NUMBER = re.compile(
    r"(?P<year>(?<![\d.])(?:19|20)\d\d(?=(?:[-~—到至](?:19|20)\d\d)?年(?!前|以|之|的?历|的?老|的?古|多|内)))"
    rf"|(?P<percent>{_FIGURE}[%％])|(?P<plain>{_FIGURE})"
)
# 3-5天, but no telephone number, date or standard, whose second figure is smaller, or not the last, or of no unit
_SMALL = r"(?:0|[1-9]\d{0,3})(?:\.\d+)?"
_RANGE = re.compile(rf"(?<![\d.\-/a-z])(?<![a-z]\s)({_SMALL})[%％]?(?P<to>[-~—])({_SMALL})(?=[%％a-z\u4e00-\u9fff])")
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")  # ４，５６５ is one number
_MULTIPLE = re.compile(r"两(?=[百千万亿])")


def _read_aloud(match: re.Match[str]) -> str:
    text = match.group().rstrip("%％").replace(",", "")
    if match.group("year"):
        return "".join(DIGITS[int(digit)] for digit in text)
    whole, _, fraction = text.partition(".")
    # a leading zero or a long run is a code (telephone, batch, certificate), read digit by digit
    by_digit = len(whole) > 8 or (len(whole) > 1 and whole.startswith("0"))
    spoken = "".join(DIGITS[int(digit)] for digit in whole) if by_digit else cardinal(int(whole))
    if fraction:
        spoken += "点" + "".join(DIGITS[int(digit)] for digit in fraction)
    if match.group("percent"):
        return "百分之" + ("百" if spoken == "一百" else spoken)
    return spoken


@lru_cache(maxsize=8192)  # names of products and papers are looked at again for every claim
def spoken(text: str) -> tuple[str, tuple[int, ...]]:
    """The spoken form of a text and, for each of its characters, the index of the source character it comes from.

    Simplified, digits read as Chinese numerals, letters lower case, other signs dropped; marks inside a sentence, and
    spaces between Chinese characters (how recognisers write a pause), become SOFT, ends of sentences HARD, each at most
    once in a row.

    >>> spoken("24小时，100%纯！")[0], spoken("2026年，3-5天，1,280元")[0]
    ('二十四小时,百分之百纯.', '二零二六年,三到五天,一千二百八十元')
    """
    out: list[str] = []
    origin: list[int] = []
    written = plain(text)

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
    ranges = {match.start("to") for match in _RANGE.finditer(written) if float(match[1]) < float(match[3])}
    for match in _NUMBER.finditer(written):
        for index in range(at, match.start()):
            put("到" if index in ranges else _mark(written, index), index)
        read = _read_aloud(match)
        width = match.end() - match.start()
        for index, char in enumerate(read):
            put(char, match.start() + index * width // len(read))
        at = match.end()
    for index in range(at, len(written)):
        put(_mark(written, index), index)
    return _MULTIPLE.sub("二", "".join(out)), tuple(origin)


def plain(text: str) -> str:
    """Simplified, half-width and lower case, one character for one.

    >>> plain("２兩，Ａ級")
    '2两，a级'
    """
    return simplify("".join(_narrow(char) for char in _WIDE_COMMA.sub(",", text)))


@lru_cache(maxsize=4096)
def said(text: str) -> str:
    """A text in spoken form without any marks: what words are looked for in.

    >>> said("0添加，100%纯！")
    '零添加百分之百纯'
    """
    return spoken(text)[0].replace(SOFT, "").replace(HARD, "")


@cache
def _narrow(char: str) -> str:
    """Full-width letters and digits to half-width, one character for one; a full-width comma parts numbers."""
    if char in "，〇":
        return "，" if char == "，" else "零"
    narrow = "度" if char == "℃" else unicodedata.normalize("NFKC", char)
    return narrow.lower() if len(narrow) == 1 and len(narrow.lower()) == 1 else char


def _mark(text: str, at: int) -> str:
    char = text[at]
    if char in _HARD_MARKS:
        return HARD
    between_words = char.isspace() and _is_chinese(text[at - 1 : at]) and _is_chinese(text[at + 1 : at + 2])
    if char in _SOFT_MARKS or between_words:
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


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in order; joined they are the text.

    >>> words("阿克苏苹果")
    ('阿克苏', '苹果')
    """
    return tuple(_dictionary().cut(text, HMM=False))


def commonness(text: str) -> float:
    """How common the words of a text are: the mean log frequency (nats) of its words, for each character.

    >>> commonness("现在先发") > commonness("现再宪法") > commonness("宪仔嫌法")
    True
    """
    if not text:
        return 0.0
    known = _dictionary()
    frequencies = (max(known.FREQ.get(word) or 0, 0.5) / known.total for word in words(text))
    return sum(math.log(frequency) for frequency in frequencies) / len(text)


# ---- the readable form: what people see -----------------------------------------------------------------------------


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("tw2s")  # as t2s, and 蒸著吃 becomes 蒸着吃


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


# ---- readable transcripts: words as they were heard become words as one writes them ---------------------------------

_MARKS = "，。？！：；、… "
_FULL_WIDTH = str.maketrans(",.?!:;", "，。？！：；")
_HALF_MARK = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))|(?<![0-9A-Za-z])[.:]|[.:](?![0-9A-Za-z])|[?!;]")
_SPACE = re.compile(r"\s+")
_REPEATED_MARK = re.compile(r"([，。？！：；、…])[，。？！：；、…]+")
_QUESTION = re.compile(r"(?:吗|怎么样|多少钱|([\u4e00-\u9fff])不\1)$")

_NUMERALS = "零〇一二两三四五六七八九十百千万亿"
_NOT_AMOUNT = rf"(?<![第双初几数点0-9.{_NUMERALS}])"  # 第二十, 双十一, 几十: no amounts, or not exact ones
_MEASURE = (
    "公?斤|[千毫]?克|吨|毫?升|公?里|[厘毫]?米|元|块|毛钱|小时|分钟|秒|天|年|月|岁|号|度|倍|折|单|份|件|枚|颗|只|瓶|包(?!邮)|袋|箱|盒|罐"
    "|桶|片|亩|户|人|位|次|平方|个(?!放心)"
)
_AMOUNT = re.compile(
    rf"(?<![0-9.])百分之(?P<rate>[{_NUMERALS}]+)(?:点(?P<fraction>[零〇一二三四五六七八九]+))?(?![0-9.点])"
    rf"|(?P<year>[一二][零〇一二三四五六七八九]{{3}})(?=年)"
    rf"|{_NOT_AMOUNT}(?P<yuan>[{_NUMERALS}]+)块(?=(?P<jiao>[一二三四五六七八九]*))"
    rf"|{_NOT_AMOUNT}(?P<count>[{_NUMERALS}]{{2,}})(?=[多来余]?(?:{_MEASURE}))"
)
_FIGURES = str.maketrans("零〇一二三四五六七八九", "00123456789")
_COUNTED = re.compile(rf"[0-9{_NUMERALS}]|(?!毛){_MEASURE}")  # what the last figure before it may belong to


def ends_sentence(text: str) -> bool:
    """Whether a word carries the mark that ends a sentence."""
    return text.rstrip().endswith(("。", "？", "！", ".", "?", "!"))


def readable(words: Sequence[Word], *, comma_ms: int) -> tuple[Word, ...]:
    """An utterance's words as one writes them: simplified, amounts in figures, full-width marks, commas at pauses.

    Words that one figure stands for become one word; all others keep their times. The text ends in a mark. Nothing is
    left of words that are marks only.
    """
    plain = simplify(_text(words))
    ends = list(accumulate(len(word.text) for word in words))
    kept = [
        msgspec.structs.replace(word, text=plain[end - len(word.text) : end])
        for word, end in zip(words, ends, strict=True)
    ]
    kept = _edited(kept, [(*m.span(), m.group().translate(_FULL_WIDTH)) for m in _HALF_MARK.finditer(_text(kept))])
    kept = _edited(kept, [(*m.span(), _space(m)) for m in _SPACE.finditer(_text(kept))])
    kept = _edited(kept, [(*m.span(), m[1]) for m in _REPEATED_MARK.finditer(_text(kept))])
    kept = _edited(kept, list(_figures(_text(kept))))
    for index, (word, after) in enumerate(pairwise(kept)):
        if after.start_ms - word.end_ms >= comma_ms and word.text[-1] not in _MARKS and after.text[0] not in _MARKS:
            kept[index] = msgspec.structs.replace(word, text=word.text + "，")
    text = _text(kept)
    bare = text.rstrip(_MARKS)
    if not bare.lstrip(_MARKS):
        return ()
    end = "？" if _QUESTION.search(bare) else text[-1] if text[-1] in "。？！" else "。"
    return tuple(_edited(kept, [(0, len(text) - len(text.lstrip(_MARKS)), ""), (len(bare), len(text), end)]))


def _space(match: re.Match[str]) -> str:
    """Whisper parts clauses by a space between characters; between Latin words or figures it is one, elsewhere none."""
    text, (start, end) = match.string, match.span()
    if not start or end == len(text):
        return ""
    around = text[start - 1] + text[end]
    return " " if around.isascii() else "，" if all("\u4e00" <= char <= "\u9fff" for char in around) else ""


def _text(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)


def _edited(words: Sequence[Word], edits: Sequence[tuple[int, int, str]]) -> list[Word]:
    """The words with stretches (start, end, new) of their joined text replaced; words that one touches become one."""
    starts = list(accumulate((len(word.text) for word in words), initial=0))
    edited = list(words)
    for start, end, new in sorted(edits, reverse=True):
        first = min(bisect_right(starts, start) - 1, len(words) - 1)
        last = max(bisect_left(starts, end) - 1, first)
        before = edited[first].text[: start - starts[first]]
        after = edited[last].text[end - starts[last] :]
        edited[first : last + 1] = [
            msgspec.structs.replace(
                edited[first],
                end_ms=edited[last].end_ms,
                text=before + new + after,
                probability=min(word.probability for word in edited[first : last + 1]),
            )
        ]
    return [word for word in edited if word.text]


def _figures(text: str) -> Iterator[tuple[int, int, str]]:
    """Where amounts are spelt out that are usually written in figures. What is not sure to be one number stays."""
    for match in _AMOUNT.finditer(text):
        rate, fraction, year, yuan, jiao, count = match.groups()
        if year:
            yield *match.span("year"), year.translate(_FIGURES)
        elif rate and (figure := "100" if rate == "百" else _figure(rate)):
            yield *match.span(), f"{figure}{'.' + fraction.translate(_FIGURES) if fraction else ''}%"
        elif count and (figure := _figure(count)):
            yield *match.span("count"), figure
        elif yuan and (figure := _figure(yuan)):
            # 十九块九五斤装: the last figure belongs to the measure that follows it
            paid = jiao[:-1] if jiao and _COUNTED.match(text, match.end("jiao")) else jiao
            if len(paid) < 2 and (paid or len(yuan) > 1):  # 19块95 would be read as ninety-five
                yield *match.span("yuan"), figure
                yield match.start("jiao"), match.start("jiao") + len(paid), paid.translate(_FIGURES)


def _figure(numeral: str) -> str:
    """A numeral in figures, round ten thousands as one says them; empty where it is not exactly one number.

    >>> _figure("二十四"), _figure("一百二十八"), _figure("两千"), _figure("十万"), _figure("三四十"), _figure("一百二")
    ('24', '128', '2000', '10万', '', '')
    """
    read = numeral.replace("〇", "零").replace("两", "二")
    number = int(value(read) or 0)
    if cardinal(number) != read:
        return ""  # 三四十, 一百二, 一二三: the number would be said otherwise
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        if number >= size and number % size == 0:
            return f"{number // size}{unit}"
    return str(number)
