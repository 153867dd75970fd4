"""Suppositions: 要是能治病我就发财了, 等证书下来再说.

A condition on the buyer's side of a promise is none: 你要是失眠，喝这个就好了.
The claim may be what is supposed (如果检测过关), or what would follow from it, as long as it is hedged (后天应该能到).
"""

from ..language import SOFT
from .cues import Cues, Place, Span, count_letters

_NEAR = 6  # characters that may stand between a claim and the 的话 that closes its clause


def supposed(cues: Cues, place: Place) -> Span | None:
    """The cue that makes a claim a supposition."""
    for cue in cues.between("conditional_before", place.clause_first, place.start):
        if cue[1] <= place.start and cues.only(cue[1], place.start, "light", "pronouns"):
            return None if _wanted(cues, place, cue[1]) else cue
    return _if(cues, place) or _awaited(cues, place) or _follows(cues, place)


def unreal(cues: Cues, place: Place) -> Span | None:
    """要是能治病，我就去医院门口卖了: what follows says that it cannot be, and denies nothing."""
    if not cues.between("unreal_after", place.end, place.last):
        return None
    for name in ("if_before", "if_real_before"):
        for a, b in cues.between(name, place.clause_first, place.start + 1):
            near = b <= place.start + 1 and cues.only(b, max(b, place.start), "light", "pronouns")
            if near or (name == "if_before" and b <= place.start):
                return a, b
    return None


def _if(cues: Cues, place: Place) -> Span | None:
    """如果 before the claim in its clause, 的话 after it, 真 before what cannot be."""
    text = cues.text.text
    unreal = bool(cues.between("unreal_after", place.end, place.last))
    for a, b in cues.between("if_before", place.clause_first, place.start):
        if b > place.start:
            continue
        # 要是吃一个月就能瘦: what follows 就 is promised, unless the next words say that it cannot be
        whole = SOFT in text[place.start : place.end] or cues.between("buyer", max(a - 2, place.clause_first), b + 2)
        last = place.end if whole else place.start + 1  # 你要是(失眠，喝这个就好): the claim is all of it
        promised = any(at >= b + 2 and end <= last for at, end in cues.between("then", b, last))
        if unreal or not (promised or _wanted(cues, place, b)):
            return a, b
    for a, b in cues.between("if_real_before", place.clause_first, place.start):
        if unreal and b <= place.start + 1 and cues.only(b, max(b, place.start), "light", "pronouns"):
            return a, b
    for a, b in cues.between("if_after", place.end - 1, place.clause_last):
        if count_letters(text[place.end : a]) <= _NEAR and not _wanted(cues, place, place.clause_first):
            return a, b
    for a, b in cues.between("if_of_it", place.end, place.clause_last):
        if cues.only(place.end, a, "topic"):
            return a, b
    return None


def _wanted(cues: Cues, place: Place, first: int) -> bool:
    """你要是想减肥，就喝这个: the buyer's wish, and the offer that answers it."""
    wish = cues.between("wish", first, place.start)
    offer = cues.between("offer_after", place.end, place.last)
    return bool(wish and offer) and not cues.between("unreal_after", place.end, place.last)


def _awaited(cues: Cues, place: Place) -> Span | None:
    """等证书批下来我们再上架, 只有拿到证书才敢叫有机."""
    for a, b in cues.between("wait_before", place.clause_first, place.start):
        opens = cues.only(place.clause_first, a, "wait_lead")
        if b <= place.start and opens and cues.between("wait_then", b, place.last):
            return a, b
    for a, b in cues.between("once_after", place.end, place.clause_last):
        got = cues.between("obtained_before", place.clause_first, place.end)
        if got and cues.only(place.end, a, "topic") and cues.between("wait_then", a, place.last):
            return a, b
    for a, b in cues.between("only_before", place.first, place.start):
        if b <= place.start and cues.between("only_then", b, place.last):
            return a, b
    return None


def _follows(cues: Cues, place: Place) -> Span | None:
    """路上不堵车的话，后天应该能到: hung on something else than what the buyer does, and hedged or in nobody's hand."""
    conditions = cues.between("if_before", place.first, place.start) + cues.between(
        "if_after", place.first, place.start
    )
    conditions += [
        span for span in cues.between("wait_before", place.first, place.start) if _opens(cues, place, span[0])
    ]
    if conditions and cues.between("circumstance", place.first, place.start):
        return min(conditions)
    if not conditions or cues.between("buyer", place.first, place.start):
        return None
    for a, b in cues.between("hedge_before", place.clause_first, place.end):
        if a >= place.start or (b <= place.start and cues.only(b, place.start, "light", "pronouns")):
            return min(conditions)
    return None


def _opens(cues: Cues, place: Place, at: int) -> bool:
    return cues.only(place.first, at, "wait_lead")
