"""How characters sound: the only file that knows pypinyin."""

from functools import cache, lru_cache
from typing import Any

_INITIALS = ("zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s",
             "y", "w")  # fmt: skip
# Characters with two readings in daily use. The dictionaries give rare second readings to thousands more (个 gan,
# 不 fou), which would only make chance matches.
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


def syllables(text: str) -> tuple[tuple[str, int], ...]:
    """(toneless pinyin, tone 1 to 5) of each character, as read in this text; (character, 0) for what has none.

    >>> syllables("富硒x")
    (('fu', 4), ('xi', 1), ('x', 0))
    """
    pinyin = _pinyin()
    found = pinyin.lazy_pinyin(
        text, style=pinyin.Style.TONE3, neutral_tone_with_five=True, v_to_u=False, errors=lambda rest: list(rest)
    )
    return tuple((each[:-1], int(each[-1])) if each[-1].isdigit() and len(each) > 1 else (each, 0) for each in found)


@cache
def _sign(reading: str) -> str:
    """A private character for a syllable, the same one each time: its letters as a number of base 27."""
    number = 0
    for letter in reading:
        number = number * 27 + ord(letter) - 96
    return chr(0xF0000 + number % 0xFFFD)


def same_sound(text: str) -> str:
    """The text with every Chinese character replaced by a sign for its most usual reading: homophones become equal.

    >>> same_sound("零天家") == same_sound("零添加"), len(same_sound("富硒,的"))
    (True, 4)
    """
    return "".join(_sign(readings(char)[0]) if "\u4e00" <= char <= "\u9fff" else char for char in text)


@cache
def split_syllable(syllable: str) -> tuple[str, str]:
    """A pinyin syllable as (initial, final); the initial is empty where there is none.

    >>> split_syllable("zhang"), split_syllable("an")
    (('zh', 'ang'), ('', 'an'))
    """
    for initial in _INITIALS:
        if syllable.startswith(initial):
            return initial, syllable[len(initial) :]
    return "", syllable
