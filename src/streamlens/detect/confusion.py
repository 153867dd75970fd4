"""How unlike two syllables sound: what Mandarin speakers and recognisers confuse costs little.

Initials and finals are compared apart, without tones. The confusable pairs follow the usual fuzzy-pinyin sets of
Chinese input methods.
"""

from functools import cache

from ..language import split_syllable

NEAR, AKIN, FAR = 0.15, 0.5, 1.0  # cost of a pair of initials (or finals) that is confusable, akin, unlike

_NEAR_INITIALS = {
    frozenset(pair) for pair in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("f", "h"))
}
_AKIN_INITIALS = {
    frozenset(pair)
    for pair in (("b", "p"), ("d", "t"), ("g", "k"), ("j", "q"), ("zh", "ch"), ("z", "c"), ("j", "zh"), ("q", "ch"),
                 ("x", "sh"), ("x", "s"), ("z", "j"), ("c", "q"), ("", "y"), ("", "w"), ("g", "h"), ("k", "h"),
                 ("zh", "c"), ("ch", "z"), ("sh", "ch"), ("s", "c"), ("m", "n"), ("b", "f"))
}  # fmt: skip
_NEAR_FINALS = {
    frozenset(pair)
    for pair in (("an", "ang"), ("en", "eng"), ("in", "ing"), ("ian", "iang"), ("uan", "uang"), ("un", "ong"),
                 ("uo", "o"), ("ou", "uo"), ("v", "u"), ("ve", "ue"))
}  # fmt: skip
_AKIN_FINALS = {
    frozenset(pair)
    for pair in (("e", "uo"), ("e", "o"), ("ei", "ui"), ("ai", "ei"), ("ao", "ou"), ("ian", "in"), ("iao", "iu"),
                 ("uan", "un"), ("uan", "an"), ("uang", "ang"), ("iang", "ang"), ("ian", "an"), ("ong", "eng"),
                 ("iong", "ong"), ("i", "v"), ("i", "ie"), ("i", "ei"), ("i", "in"), ("ie", "e"), ("ie", "ue"),
                 ("a", "ia"), ("a", "ua"), ("u", "ou"), ("u", "o"), ("in", "en"), ("ing", "eng"), ("i", "e"),
                 ("un", "en"), ("ui", "uai"))
}  # fmt: skip


def _pair(one: str, other: str, near: set[frozenset[str]], akin: set[frozenset[str]]) -> float:
    if one == other:
        return 0.0
    pair = frozenset((one, other))
    return NEAR if pair in near else AKIN if pair in akin else FAR


@cache
def syllable_cost(one: str, other: str) -> float:
    """How unlike two toneless syllables sound, 0 (same) to 1.

    >>> syllable_cost("chang", "can"), syllable_cost("fu", "bu"), syllable_cost("xi", "xi")
    (0.15, 0.25, 0.0)
    """
    if one == other:
        return 0.0
    if one > other:
        return syllable_cost(other, one)
    (initial, final), (other_initial, other_final) = split_syllable(one), split_syllable(other)
    return (_initials(initial, other_initial) + _finals(final, other_final)) / 2


@cache
def _initials(one: str, other: str) -> float:
    return _pair(one, other, _NEAR_INITIALS, _AKIN_INITIALS)


@cache
def _finals(one: str, other: str) -> float:
    return _pair(one, other, _NEAR_FINALS, _AKIN_FINALS)


@cache
def reading_cost(ones: tuple[str, ...], others: tuple[str, ...]) -> float:
    """How unlike two characters sound that have one reading or two: by those that are nearest."""
    return min(syllable_cost(one, other) for one in ones for other in others)
