"""How a claim is meant: asserted, negated, reported, asked, conditional, or taken back.

Cues are lists of patterns (configs/rules/stance.toml), found in the text once, also where the recogniser misspelt
them; the stance of a claim then follows from which cue stands where around it. What a cue governs is told from what
stands between the two: 不(敢说它是)最好 is a denial, 不(会太甜)零蔗糖 is not. In doubt the speaker is not accused.
"""

import bisect
import re
from functools import lru_cache

import msgspec

from ..language import HARD, SOFT, is_word
from ..schema import RuleBook, Stance
from .patterns import Sequence, expression, parse
from .sound import BARRIER_MS, Hit, SoundText
from .spoken import SENTENCE_PAUSE_MS, Spoken

SCOPE = 14  # characters that may stand between another's "says" and what is said
AFTER = 4  # and between a claim and the denial or the mending that follows it, besides light words

Span = tuple[int, int]

_ASIDE = "_unless"
_AS_WRITTEN = "as_written"
_A_NOT_A = re.compile(r"(?<!没)(.)[不没]\1")  # 打不打, 有没有, but not 没有没有
# A question that is over before the claim begins: 有宝宝问什么时候发货,四十八小时到
_OTHER_QUESTION = re.compile(
    r"多少|多久|几[天斤个号块点]|什么时候|啥时候|怎么[吃卖做发泡买拍存保]|哪里|哪儿|([^是有能会可])[不没]\1|[吗呢]"
)
_ANSWER = re.compile("(?:肯定|当然|绝对|那|都|也)$")  # ...不会: said for itself
_TAG = re.compile("(?:对|好|是|知道|懂|明白|清楚|行|听到|看到|记住)(?:了|的)?$")  # 知道吗: asks for applause
# what may follow a verb of saying that has no object of its own
_CLOSED = re.compile(f"$|[{SOFT}{HARD}的了哈啊呀哦呢吧但可就因所家大只不宝]")
_ADDRESS = re.compile(f"$|[{SOFT}{HARD}]|宝|家人|亲|姐|哥|老铁|大家|我|咱")


def _most(syllables: int) -> float:
    """Cues are short: by sound they must be the same, or very nearly."""
    return -1.0 if syllables < 3 else 0.0 if syllables == 3 else 0.15 if syllables == 4 else 0.3


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """A stance and the words that decided it (empty when nothing speaks against plain assertion)."""

    stance: Stance
    cue: str = ""


@lru_cache(maxsize=4)
def _compile(
    lists: tuple[tuple[str, tuple[str, ...]], ...],
) -> tuple[tuple[str, tuple[tuple[Sequence, re.Pattern[str]], ...]], ...]:
    """The cues of each list, parsed; kept, since streams of a batch share them."""
    out = []
    for name, patterns in lists:
        trees = [parse(pattern, {}, name) for pattern in patterns]
        out.append((name, tuple((tree, re.compile(expression(tree))) for tree in trees)))
    return tuple(out)


class Cues:
    """Where the cues of each list stand in a text: spans (start, end), in order."""

    def __init__(self, text: Spoken, sounds: SoundText, book: RuleBook, *, by_sound: bool = True) -> None:
        self.text = text
        found: dict[str, set[Span]] = {}
        self._words: dict[str, str] = {}
        lists = dict(_compile(book.stance))
        own = {match.span() for _, regex in lists.pop(_AS_WRITTEN, ()) for match in regex.finditer(text.text)}
        for name, cues in lists.items():
            self._words[name] = "|".join(f"(?:{regex.pattern})" for _, regex in cues)
            written = (match for _, regex in cues for match in regex.finditer(text.text))
            found[name] = {match.span() for match in written if match.group()}
            if by_sound:  # longer cues by sound too: 有保保温 is 有宝宝问
                for tree, _ in cues:
                    hits = [hit for hit in sounds.find(tree, _most) if not _overlaps((hit.start, hit.end), own)]
                    found[name] |= {
                        (hit.start, hit.end) for hit in hits if not _cuts_a_word(text.text, sounds, tree, hit)
                    }
        self._spans = {
            name: sorted(span for span in spans if not _overlaps(span, found.get(name + _ASIDE, set())))
            for name, spans in found.items()
        }

    def between(self, name: str, first: int, last: int) -> list[Span]:
        """Cues of a list that begin at or after `first` and before `last`, in order."""
        spans = self._spans.get(name, [])
        return spans[bisect.bisect_left(spans, (first, 0)) : bisect.bisect_left(spans, (last, 0))]

    def all(self, name: str) -> list[Span]:
        return self._spans.get(name, [])

    def within(self, name: str, start: int, end: int) -> bool:
        """Does a cue of a list lie inside text[start:end]?"""
        return any(b <= end for _, b in self.between(name, start, end))

    def only(self, start: int, end: int, *names: str) -> bool:
        """Is text[start:end] made up of words of these lists, whatever its breaks?"""
        words = "|".join(self._words[name] for name in names if name in self._words)
        return re.fullmatch(f"(?:{words})*", _letters(self.text.text[start:end])) is not None


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """A claim's bounds with those of its clause and sentence (positions in the spoken text)."""

    start: int
    end: int
    clause_first: int
    clause_last: int
    first: int
    last: int


def find_stance(cues: Cues, start: int, end: int) -> Meaning:
    """The stance of the words text[start:end]."""
    text = cues.text
    first, last = text.sentence(start, end)
    place = _Place(
        start=start,
        end=end,
        clause_first=_last_break(text.text, start, first),
        clause_last=_next_break(text.text, end, last),
        first=first,
        last=last,
    )
    if cue := _taken_back(cues, place):
        return _meaning("corrected", text, cue)
    asked = _asked(cues, place)
    if cue := _denied(cues, place):
        # 不是土鸡蛋我赔你, 这不是零添加吗: a denial that makes the claim stronger
        stronger = _wagered(cues, place) or (asked and text.text[cue[0] : cue[1] + 1].startswith("不是"))
        return _meaning("asserted" if stronger else "negated", text, cue)
    reported = _reported(cues, place)
    if reported or asked:
        if adopted := _adopted(cues, place):
            return Meaning(stance="asserted", cue=adopted)
        if reported:
            return _meaning("asserted" if _testified(cues, place, reported) else "reported", text, reported)
        if asked and not cues.between("presupposed_before", place.clause_first, start):
            return _meaning("question", text, asked)
        return Meaning(stance="asserted")
    for cue in cues.between("warned_before", first, start):
        if cue[1] <= start and not cues.within("own_words", cue[1], start):
            return _meaning("negated", text, cue)
    if cue := _denied_after(cues, place):
        return _meaning("negated", text, cue)
    for cue in cues.between("conditional_before", place.clause_first, start):
        if cue[1] <= start and cues.only(cue[1], start, "light", "pronouns"):
            return _meaning("conditional", text, cue)
    return Meaning(stance="asserted")


def _taken_back(cues: Cues, place: _Place) -> Span | None:
    """A slip that is mended at once: in the claim's own clause, or opening the next."""
    text = cues.text.text
    opening = _opening(text, place)
    taken_up = any(b <= place.start for _, b in cues.between("taken_up_before", place.first, place.start))
    for a, b in cues.between("retraction", place.first, place.last):
        around = a < place.start and b > place.end
        named = a >= place.end and (taken_up or (a <= place.clause_last and cues.only(place.end, a, "topic")))
        if around or named:
            return a, b
    breath = _pause_ms(cues.text, place.clause_last, opening) < SENTENCE_PAUSE_MS
    for a, b in cues.between("corrected_after", place.end, opening + 2 * AFTER):
        near = opening if a >= opening else place.end
        if (breath or a < opening) and cues.only(near, a, "corrected_lead"):
            return a, b
    for a, b in cues.between("corrected_alone", opening, opening + 2 * AFTER):
        if breath and cues.only(opening, a, "corrected_lead") and text[b : b + 1] in ("", SOFT, HARD):
            return a, b
    return None


def _denied(cues: Cues, place: _Place) -> Span | None:
    """A negation that governs the claim: nothing but light words between."""
    text = cues.text.text
    opens = place.clause_first
    if dangling := _runs_on(cues.text, opens):
        opens = _last_break(text, opens - 1, place.first) + 1
    for a, b in cues.between("negated_before", opens, place.start):
        if 0 < a < len(text) - 1 and text[a] in "不没" and text[a - 1] == text[a + 1]:
            continue  # 能不能, 有没有
        if b == place.start and (text[b] in "不没无未" or text.endswith("没有", b, place.end)):
            continue  # 没有没有没有防腐剂: said again, not denied
        if dangling and a < place.clause_first and _ANSWER.search(text[place.first : a]):
            continue
        # 不能(治病), and where the claim has the 能 in it: 不(能治病)
        within = b <= place.end and cues.only(place.start, b, "light")
        if (b <= place.start and cues.only(b, place.start, "light")) or (b > place.start and within):
            return a, b
    return None


def _denied_after(cues: Cues, place: _Place) -> Span | None:
    text = cues.text.text
    opening = _opening(text, place)
    for name in ("negated_after", "negated_closing"):
        # 补肾？别听他们瞎说: a denial may also open the next sentence
        next_too = name == "negated_after" and _pause_ms(cues.text, place.clause_last, opening) <= BARRIER_MS
        for a, b in cues.between(name, place.end, max(place.last, opening + 1) if next_too else place.last):
            if name == "negated_closing" and not _closes(text, b):
                continue
            between = range(place.end, min(a, place.end + AFTER + 1) + 1)
            if any(cues.only(at, a, "topic") and len(_letters(text[place.end : at])) <= AFTER for at in between):
                return a, b
    return None


def _wagered(cues: Cues, place: _Place) -> bool:
    opening = _opening(cues.text.text, place)
    return any(a == opening or a <= place.end + 2 for a, _ in cues.between("wager_after", place.end, opening + 1))


def _reported(cues: Cues, place: _Place) -> Span | None:
    """Another's "says" or "asks" whose words these are: in the same clause, or alone in the clause before."""
    text = cues.text.text
    found = None
    for a, b in cues.between("reported_before", max(0, min(place.first, place.start - SCOPE - 8)), place.start):
        between = text[b : place.start]
        if b > place.start or len(_letters(between)) > SCOPE or cues.within("own_words", b, place.start):
            continue
        breaks = [index for index, char in enumerate(between) if char in (SOFT, HARD)]
        wider = found is None or b > found[1]  # 有宝宝问, not its 问
        same_breath = not breaks or (breaks == [0] and _pause_ms(cues.text, b, b + 1) <= BARRIER_MS)
        if wider and same_breath and not _OTHER_QUESTION.search(between):
            found = (a, b)
    return found


def _testified(cues: Cues, place: _Place, reported: Span) -> bool:
    """An experience told as a fact (吃了血压就降了), which is told to sell; hearsay says what may be (能, 会)."""
    a, b = reported
    if "问" in cues.text.text[a:b] or cues.within("possible", b, place.start + 2):
        return False
    return any(span[1] <= place.start for span in cues.between("testimony", max(a - AFTER, place.first), place.start))


def _asked(cues: Cues, place: _Place) -> Span | None:
    text = cues.text.text
    if cue := _a_not_a(text, place):
        return cue
    for a, b in cues.between("question_before", place.clause_first, place.start):
        if b <= place.start and cues.only(b, place.start, "light", "pronouns"):
            return a, b
    for name in ("question_after", "question_closing"):
        for a, b in cues.between(name, place.end, place.clause_last):
            closes = name == "question_after" or b == place.clause_last
            if closes and len(_letters(text[place.end : a])) <= 2 and not _TAG.search(text[place.end : b - 1]):
                return a, b
    return None


def _a_not_a(text: str, place: _Place) -> Span | None:
    """有(没有防腐剂), 打(不打农药), 能不(能抗癌): a question that the claim is a part of."""
    for match in _A_NOT_A.finditer(text, max(place.clause_first, place.start - 2), place.end):
        if match.end() > place.start:
            return match.span()
    for no in "不没":  # 抗癌不抗癌
        if text.startswith(no + text[place.start : place.end], place.end):
            return place.end, place.end + 1
    return None


def _adopted(cues: Cues, place: _Place) -> str:
    """The speaker's own yes, right after the words."""
    text = cues.text.text
    # 打不打农药，不打: to a denial asked for, the yes is a no
    cue = _a_not_a(text, place)
    denial = cue is not None and cue[0] < place.start == cue[0] + 1
    name = "adopted_denial" if denial else "adopted_after"
    opening = _opening(text, place)
    for a, b in cues.between(name, place.end, opening + 1):
        if a != opening and (a > place.end + 2 or text[b - 1] not in "的啊呀滴哈"):
            continue  # in the same breath only with a particle: 能不能减肥(可以的)宝宝
        end = b
        while again := [span for span in cues.between(name, end, end + 1) if span[1] > end]:
            end = again[-1][1]
        taken_back = cues.between("negated_closing", end, min(end + SCOPE, cues.text.sentence(end, end)[1]))
        if _ADDRESS.match(text, end) and not taken_back:
            return text[a:end]
    return ""


def _cuts_a_word(text: str, sounds: SoundText, tree: Sequence, hit: Hit) -> bool:
    """Is the end of a short cue that is written otherwise part of a word with what follows: 不是市|场, not 不是是?"""
    if hit.syllables > 3 or not is_word(text[hit.end - 1 : hit.end + 1]):
        return False
    return not (sounds.said(tree, hit) or text[hit.start : hit.end]).endswith(text[hit.end - 1])


def _meaning(stance: Stance, text: Spoken, cue: Span) -> Meaning:
    return Meaning(stance=stance, cue=text.heard(*cue))


def _overlaps(span: Span, others: set[Span]) -> bool:
    return any(span[0] < b and a < span[1] for a, b in others)


def _letters(text: str) -> str:
    return text.replace(SOFT, "").replace(HARD, "")


def _closes(text: str, at: int) -> bool:
    return _CLOSED.match(text, at) is not None


def _runs_on(text: Spoken, opens: int) -> bool:
    """Does the clause that opens here go on that of an utterance which ended without any mark?"""
    return opens > 0 and text.text[opens - 1] == SOFT and opens - 1 in text.bare


def _pause_ms(text: Spoken, end: int, opening: int) -> int:
    return text.start_ms[opening] - text.end_ms[end - 1] if opening < len(text.text) else 0


def _opening(text: str, place: _Place) -> int:
    """Where the clause after the claim's begins."""
    at = place.clause_last
    while at < len(text) and text[at] in (SOFT, HARD):
        at += 1
    return at


def _last_break(text: str, start: int, first: int) -> int:
    at = max(text.rfind(SOFT, first, start), text.rfind(HARD, first, start))
    return at + 1 if at >= 0 else first


def _next_break(text: str, end: int, last: int) -> int:
    found = [at for at in (text.find(SOFT, end, last), text.find(HARD, end, last)) if at >= 0]
    return min(found, default=last)
