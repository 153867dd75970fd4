"""What a single comment is: a buyer's question and for what, a complaint and of what, or neither.

Comments are short and careless. Emoji and marks fall away in the spoken form, letters repeated for effect are taken
once, everyday misspellings are mended (configs/questions/form.toml).
"""

import re

import msgspec

from ..language import HARD, SOFT, spoken
from .topics import END, Compiled, slots_in

_REPEATED = re.compile(r"([^\d零一二三四五六七八九十百千])\1{2,}")
_EARLIER = re.compile("上次|上回|上一次|去年|之前|前几天|前天|昨天|前两天|上周|上个月|以前")
_MENDING = ("aftersale", "delivery", "order")  # what a buyer who complains asks for
_EMPTY = re.compile("[啊呀呢吗么嘛吧哦噢哈了的主播老板家人宝宝亲你们我们咱请问一下这个那个它]")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as understood. `aspect` is empty where it asks nothing, `other` where no aspect fits."""

    words: str  # its spoken form without marks
    aspect: str = ""
    about: str = ""  # the words that tell the aspect
    slots: frozenset[str] = frozenset()
    complaint: str = ""
    earlier: bool = False
    confidence: float = 0.0


def read_comment(text: str, book: Compiled, named: bool = False) -> Reading:
    """`named`: the comment names a product of the catalogue."""
    form = mend(text, book)
    words = form.replace(SOFT, "").replace(HARD, "")
    if not words:
        return Reading(words=words)
    ended = form.rstrip(SOFT + HARD) + END
    complaint = _complaint(ended, book)
    aspect, about, sure = _aspect(ended, "?" in text or "？" in text, named, book)
    if complaint and aspect.partition(".")[0] not in _MENDING:
        aspect = ""  # 都发臭了怎么吃 states, it does not ask
    return Reading(
        words=words,
        aspect=aspect,
        about=about,
        slots=slots_in(words, book.slots) if aspect else frozenset(),
        complaint=complaint,
        earlier=bool(complaint and _EARLIER.search(words)),
        confidence=sure if aspect else 0.8 if complaint else 0.0,
    )


def mend(text: str, book: Compiled) -> str:
    """The spoken form without effects and everyday misspellings."""
    form = _REPEATED.sub(r"\1", spoken(text)[0])
    for wrong, right in book.typos:
        if wrong in form:
            form = form.replace(wrong, right)
    return form


def _complaint(ended: str, book: Compiled) -> str:
    if book.open.search(ended):
        return ""
    for said in book.complaints:
        found = said.says.search(ended)
        if found and not (said.unless and said.unless.search(ended)):
            return said.topic.id
    return ""


def _aspect(ended: str, marked: bool, named: bool, book: Compiled) -> tuple[str, str, float]:
    """The aspect asked for, the words that tell it, and how sure that is."""
    if book.chatter.search(ended):
        return "", "", 0.0
    for each in book.aspects:
        if each.bare and (whole := each.bare.match(ended)) and whole.end() == len(ended):
            return each.aspect.id, ended[:-1], 0.85
    choice = bool(_EITHER.fullmatch(ended[:-1]))
    if not (marked or choice or book.form.search(ended) or book.tail.search(ended) or _a_not_a(ended)):
        return "", "", 0.0
    best, about = "", ""
    for each in book.aspects:
        longest = max((match.group() for match in each.asks.finditer(ended)), key=len, default="")
        if len(longest) > len(about):
            best, about = each.aspect.id, longest
    if best:
        return best, about.rstrip(END), 0.9
    left = _EMPTY.sub("", ended[:-1])
    if (named or choice or book.trade.search(ended)) and len(left) >= 2:
        return "other", "", 0.6
    return "", "", 0.0


_EITHER = re.compile(r"(.)(.)(?!\1)(.)\2")  # 红心绿心
_NOT = re.compile(r"(.)[不没]\1")


def _a_not_a(text: str) -> bool:
    """甜不甜, 发没发."""
    return bool(_NOT.search(text))


_ASKS = re.compile("吗|么$|多少(?!都)|几[个斤天号]|怎么|什么|有没有|能不能|会不会|是不是|可不可以|要不要|还是|哪")


def asks(clause: str) -> bool:
    """Does a clause of the anchor's ask, or read out a question?"""
    return bool(_ASKS.search(clause)) or _a_not_a(clause)
