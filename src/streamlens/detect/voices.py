"""Another's words: what a viewer asks, what other sellers shout, what the internet says.

They are the speaker's own where they are told to sell (老人都说降血压), unless the speaker stands back from them
(老人说降血压，我可不知道).
"""

import re

from ..language import HARD, SOFT
from .cues import Cues, Place, Span, count_letters, goes_on, pause_ms
from .sound import BARRIER_MS

_ALOOF = 30  # characters after a claim within which the speaker stands back from it
SCOPE = 14  # characters that may stand between another's "says" and what is said

# A question that is over before the claim begins: 有宝宝问什么时候发货,四十八小时到
_OTHER_QUESTION = re.compile(
    r"多少|多久|几[天斤个号块点]|什么时候|啥时候|怎么[吃卖做发泡买拍存保]|哪里|哪儿|([^是有能会可])[不没]\1|[吗呢]"
)


def reported(cues: Cues, place: Place) -> Span | None:
    """The "says" or "asks" whose words the claim is, if it is not told to sell."""
    aloof = _aloof(cues, place)
    if found := _says(cues, place, "reported_before"):
        return found if aloof or not testified(cues, place, found) else None
    for a, b in cues.between("source_after", place.end, place.last):
        if cues.only(place.end, a, "topic"):
            return a, b
    return _says(cues, place, "voice_before") if aloof else None


def retold(cues: Cues, place: Place) -> Span | None:
    """A "says" of whomever, from which the speaker stands back."""
    return _says(cues, place, "says_before") if _aloof(cues, place) else None


def asks(cues: Cues, place: Place) -> Span | None:
    """Another's "asks" anywhere before in the sentence: 有人问打不打药，是不是有机的."""
    for a, b in cues.between("reported_before", place.first, place.start):
        own = b < place.clause_first and cues.within("own_words", b, place.start)
        if "问" in cues.text.text[a:b] and not own:
            return a, b
    if not goes_on(cues.text, place, within_ms=BARRIER_MS):
        return None
    # 孕妇能吃吗，这位宝宝问的
    return next(iter(cues.between("asked_by_after", place.opening, place.opening + 4)), None)


def testified(cues: Cues, place: Place, says: Span) -> bool:
    """An experience told as a fact (吃了血压就降了), which is told to sell; hearsay says what may be (能, 会)."""
    a, b = says
    if "问" in cues.text.text[a:b] or cues.within("possible", b, place.start + 2):
        return False
    first = max(a - 4, place.first)
    return any(span[1] <= place.start for span in cues.between("testimony", first, place.start))


def _says(cues: Cues, place: Place, name: str) -> Span | None:
    """In the same clause before the claim, or alone in the clause before."""
    text = cues.text.text
    found = None
    for a, b in cues.between(name, max(0, min(place.first, place.start - SCOPE - 8)), place.start):
        if b == place.start + 1 and text[place.start] == "是":
            b = place.start  # 厂家说(是新米)
        if SOFT in text[max(a, b - 2) : b]:
            b = text.rindex(SOFT, a, b)  # 别人瞎说，我: who speaks next is no part of it
        between = text[b : place.start]
        if b > place.start or count_letters(between) > SCOPE or cues.within("own_words", b, place.start):
            continue
        breaks = [index for index, char in enumerate(between) if char in (SOFT, HARD)]
        wider = found is None or b > found[1]  # 有宝宝问, not its 问
        same_breath = not breaks or (breaks == [0] and pause_ms(cues.text, b, b + 1) <= BARRIER_MS)
        if wider and same_breath and not _OTHER_QUESTION.search(between):
            found = (a, b)
    return found


def _aloof(cues: Cues, place: Place) -> bool:
    """Does the speaker stand back, in the same sentence or opening the next?"""
    last = place.last
    if pause_ms(cues.text, last, last + 1) < BARRIER_MS:
        last = max(last, place.opening + SCOPE)
    return bool(cues.between("aloof_after", place.end, min(last, place.end + _ALOOF)))
