"""How a claim is meant: asserted, negated, reported, asked, conditional, or taken back.

The stance follows from which cue (detect/cues.py) stands where around a claim. What a cue governs is told from what
stands between the two: 不(敢说它是)最好 is a denial, 不(会太甜)零蔗糖 is not. In doubt the speaker is not accused.
"""

import re

import msgspec

from ..language import HARD, SOFT
from ..schema import Stance
from .conditions import supposed, unreal
from .corrections import mended, slipped
from .cues import Cues as Cues
from .cues import Place, Span, count_letters, find_place, goes_on, last_break
from .sound import BARRIER_MS
from .spoken import Spoken
from .voices import SCOPE, asks, reported, retold

AFTER = 4  # characters between a claim and the denial that follows it, besides light words

_A_NOT_A = re.compile(r"(?<!没)(.)[不没]\1")  # 打不打, 有没有, but not 没有没有
_ANSWER = re.compile("(?:肯定|当然|绝对|那|都|也)$")  # ...不会: said for itself
# 知道吗: asks for applause
_TAG = re.compile("(?:对|好|是|知道|懂|明白|清楚|行|听到|看到|看见|记住|晓得)(?:了|的)?$")
_APPLAUSE = "对好是香爽棒美甜值牛绝懂要买拍抢信来想喜划服给"  # 香不香 is none either
_ASKS_FOR_IT = re.compile("[谁哪想要怕]|怎么|为什么|凭什么|不是|担心|需要")  # 想减肥？ and questions that state
# what may follow a verb of saying that has no object of its own
_CLOSED = re.compile(f"$|[{SOFT}{HARD}的了哈啊呀哦呢吧但可就因所家大只不宝]")
_ADDRESS = re.compile(f"$|[{SOFT}{HARD}]|宝|家人|亲|姐|哥|老铁|大家|我|咱")
_ALTERNATIVE = 8  # characters of the other half of 是今天的还是昨天的
# a question word inside the words of a claim: 几点摘的
_QUESTION_WORD = re.compile(
    "几[点号]|几[回遍次]药|(?:什么|啥)时候(?!.*[都也])|(?<!要是|如果|假如|万一)哪[天年里儿](?!.*[都也])"
)
# V不了: what cannot be done is denied, except what is bad (查不出农残, 降不下来的血压)
_CANNOT = re.compile(
    "(?:[治医降减防抗祛补排瘦管到]|调理|缓解|改善|提高|增强|预防|断根|送|保证|保障)"
    f"{SOFT}?不[了到掉](?!.{{0,4}}的(?:血压|血糖|咳嗽|病))"
)


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """A stance and the words that decided it (empty when nothing speaks against plain assertion)."""

    stance: Stance
    cue: str = ""


def find_stance(cues: Cues, start: int, end: int) -> Meaning:
    """The stance of the words text[start:end]."""
    text = cues.text
    # 要(是哪天评上地理标志): the claim's 是 belongs to 要是
    start += text.text.startswith(("要是", "若是"), start - 1)
    place = find_place(text, start, end)
    if cue := mended(cues, place):
        return _meaning("corrected", text, cue)
    asked = _asked(cues, place)
    if cue := _denied(cues, place):
        if slip := slipped(cues, place):
            return _meaning("corrected", text, slip)
        # 不是土鸡蛋我赔你, 这不是零添加吗: a denial that makes the claim stronger
        stronger = _wagered(cues, place) or (asked and text.text[cue[0] : cue[1] + 1].startswith("不是"))
        return _meaning("asserted" if stronger else "negated", text, cue)
    says = reported(cues, place)
    if says or asked:
        if adopted := _adopted(cues, place):
            return Meaning(stance="asserted", cue=adopted)
        if says or (says := asks(cues, place)):
            return _meaning("reported", text, says)
        if asked and (no := _answered_no(cues, place) or _denied_after(cues, place)):
            return _meaning("negated", text, no)
        if asked and not cues.between("presupposed_before", place.clause_first, start):
            return _meaning("question", text, asked)
        return Meaning(stance="asserted")
    for cue in cues.between("warned_before", place.first, start):
        if cue[1] <= start and not cues.within("own_words", cue[1], start):
            return _meaning("negated", text, cue)
    if cue := unreal(cues, place):
        return _meaning("conditional", text, cue)
    if cue := _denied_after(cues, place):
        slip = slipped(cues, place)
        return _meaning("corrected" if slip else "negated", text, slip or cue)
    if cue := retold(cues, place):
        return _meaning("reported", text, cue)
    if cue := supposed(cues, place):
        return _meaning("conditional", text, cue)
    if cue := _marked(cues, place):
        no = _answered_no(cues, place)
        return _meaning("negated" if no else "question", text, no or cue)
    return Meaning(stance="asserted")


def _denied(cues: Cues, place: Place) -> Span | None:
    """A negation that governs the claim: nothing but light words between."""
    text = cues.text.text
    opens = place.clause_first
    if dangling := _runs_on(cues.text, opens):
        opens = last_break(text, opens - 1, place.first) + 1
    # 不可(能治病): the claim's 能 belongs to 可能
    start = place.start + text.startswith("可能", place.start - 1)
    for a, b in cues.between("negated_before", opens, place.start):
        if _in_question(text, a):
            continue
        if b == place.start and (text[b] in "不没无未" or text.endswith("没有", b, place.end)):
            continue  # 没有没有没有防腐剂: said again, not denied
        if dangling and a < place.clause_first and _ANSWER.search(text[place.first : a]):
            continue
        # 不能(治病), and where the claim has the 能 in it: 不(能治病)
        within = b <= place.end and cues.only(place.start, b, "light")
        before = b <= place.start and (cues.only(b, place.start, "light") or cues.only(b, start, "light"))
        if before or (b > place.start and within):
            return a, b
    for a, b in cues.between("negated_far_before", place.clause_first, place.start):
        if b <= place.start and not cues.within("own_words", b, place.start):
            return a, b
    at = _CANNOT.search(text, place.start, min(place.end + 2, place.clause_last))
    if at and not _in_question(text, at.end() - 2):
        return at.span()
    return None


def _denied_after(cues: Cues, place: Place) -> Span | None:
    text = cues.text.text
    for name in ("negated_after", "negated_closing"):
        # 补肾？别听他们瞎说: a denial may also open the next sentence
        next_too = name == "negated_after" and goes_on(cues.text, place, within_ms=BARRIER_MS)
        for a, b in cues.between(name, place.end, max(place.last, place.opening + 1) if next_too else place.last):
            if (name == "negated_closing" and not _closes(text, b)) or _in_question(text, a):
                continue
            between = range(place.end, min(a, place.end + AFTER + 1) + 1)
            if any(cues.only(at, a, "topic") and count_letters(text[place.end : at]) <= AFTER for at in between):
                return a, b
    return None


def _in_question(text: str, at: int) -> bool:
    """Is text[at] the 不 of 能不能?"""
    return 0 < at < len(text) - 1 and text[at] in "不没" and text[at - 1] == text[at + 1]


def _wagered(cues: Cues, place: Place) -> bool:
    goes = goes_on(cues.text, place, within_ms=BARRIER_MS)
    wagers = cues.between("wager_after", place.end, place.opening + 1 if goes else place.clause_last)
    return any(a == place.opening or a <= place.end + 2 for a, _ in wagers)


def _asked(cues: Cues, place: Place) -> Span | None:
    text = cues.text.text
    if (cue := _a_not_a(text, place)) or (cue := _alternative(cues, place)):
        return cue
    if at := _QUESTION_WORD.search(text, place.start, place.end):
        return at.span()
    for a, b in cues.between("question_before", place.clause_first, place.start):
        # 是不(是最低价): the claim may begin inside the question
        if b <= place.start + 1 and cues.only(b, max(b, place.start), "light", "pronouns"):
            return a, b
    for a, b in cues.between("question_before_far", place.clause_first, place.start):
        if b <= place.start + 1:
            return a, b
    for name in ("question_after", "question_closing"):
        for a, b in cues.between(name, place.end - 1, place.clause_last):
            a = max(a, place.end)  # 的 may be the claim's last word
            closes = name == "question_after" or b == place.clause_last
            if closes and count_letters(text[place.end : a]) <= 2 and not _TAG.search(text[place.end : a]):
                return a, b
    for match in _A_NOT_A.finditer(text, place.end, place.clause_last):
        if match.group(1) not in _APPLAUSE and cues.only(place.end, match.start(), "topic"):
            return match.span()
    for a, b in cues.between("question_of_it", place.end, place.clause_last):
        if cues.only(place.end, a, "topic"):
            return a, b
    if cues.between("asks_around", place.first, max(place.last, place.opening + 1)):
        for a, b in cues.between("question_weak", place.end - 1, place.clause_last):
            if b == place.clause_last and count_letters(text[place.end : a]) <= AFTER:
                return a, b
    return None


def _marked(cues: Cues, place: Place) -> Span | None:
    """A written question mark, where nothing else asks: 这真的是零农残？ It is the recogniser's, so it comes last."""
    text = cues.text
    at = place.clause_last - 1
    clause = text.text[place.clause_first : place.clause_last]
    after = text.utterance_texts[text.utterance[at]][text.offset[at] + 1 :].lstrip("”」』）) ")
    if after[:1] not in tuple("?？") or _ASKS_FOR_IT.search(clause) or _TAG.search(clause.rstrip("吧吗没有呢啊")):
        return None
    return None if _adopted(cues, place) else (place.start, place.end)


def _a_not_a(text: str, place: Place) -> Span | None:
    """有(没有防腐剂), 打(不打农药), 能不(能减肥): a question that the claim is a part of. Or 排毒(不排毒) after it."""
    for match in _A_NOT_A.finditer(text, max(place.clause_first, place.start - 2), place.end):
        # 能不能, 是不是 and their like are in the lists
        if match.end() > place.start and not (match.start() == place.start - 2 and match.group(1) in "能会可是有"):
            return match.span()
    again = text[place.end + 1 : place.end + 3]
    if text[place.end : place.end + 1] in ("不", "没") and len(again) == 2 and again in text[place.start : place.end]:
        return place.end, place.end + 3
    return None


def _alternative(cues: Cues, place: Place) -> Span | None:
    """是当季新米还是去年的, 是今天捞的呀还是昨天捞的: one of two, either of which may be the claim."""
    text = cues.text.text
    lead = place.start if text.startswith("是", place.start) else text.rfind("是", place.clause_first, place.start)
    if lead < 0 or text[lead - 1 : lead] in ("还", "不", "只", "都", "管", "论"):
        return None
    only_light = cues.only(lead + 1, max(lead + 1, place.start), "light", "pronouns")
    for a, b in cues.between("or", place.end, place.last):
        if only_light and cues.only(place.end, a, "particles"):
            return a, b
    for a, b in cues.between("or", lead, place.start):
        near = count_letters(text[lead:a]) <= _ALTERNATIVE and cues.only(b, place.start, "light")
        if near and not text.startswith("是", a):
            return a, b
    return None


def _answered_no(cues: Cues, place: Place) -> Span | None:
    """The speaker's own no, right after the question."""
    goes = goes_on(cues.text, place, within_ms=BARRIER_MS)
    for a, b in cues.between("answered_no", place.opening, place.opening + 1):
        if goes and a == place.opening and _ADDRESS.match(cues.text.text, b):
            return a, b
    return next(iter(cues.between("no_such_thing", place.end, place.clause_last)), None)


def _adopted(cues: Cues, place: Place) -> str:
    """The speaker's own yes, right after the words."""
    text = cues.text.text
    # 打不打农药，不打: to a denial asked for, the yes is a no
    name = "adopted_denial" if (cue := _a_not_a(text, place)) and cue[0] < place.start else "adopted_after"
    if cue and text[place.start] not in "不没":
        name = "adopted_after"
    for a, b in cues.between(name, place.end, place.opening + 1):
        if a != place.opening and (a > place.end + 2 or text[b - 1] not in "的啊呀滴哈"):
            continue  # in the same breath only with a particle: 能不能减肥(可以的)宝宝
        if text[a - 1] in "不没":
            continue
        end = b
        while again := [span for span in cues.between(name, end, end + 1) if span[1] > end]:
            end = again[-1][1]
        taken_back = cues.between("negated_closing", end, min(end + SCOPE, cues.text.sentence(end, end)[1]))
        if _ADDRESS.match(text, end) and not taken_back:
            return text[a:end]
    return ""


def _meaning(stance: Stance, text: Spoken, cue: Span) -> Meaning:
    return Meaning(stance=stance, cue=text.heard(*cue))


def _closes(text: str, at: int) -> bool:
    return _CLOSED.match(text, at) is not None


def _runs_on(text: Spoken, opens: int) -> bool:
    """Does the clause that opens here go on that of an utterance which ended without any mark?"""
    return opens > 0 and text.text[opens - 1] == SOFT and opens - 1 in text.bare
