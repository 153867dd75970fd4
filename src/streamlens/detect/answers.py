"""Where the anchor answers: words that bear on what was asked, about that product or none, soon after the question.

Three ways lead to an answer, the surest first: the question is read out and something follows; words that tell of the
aspect (`tells` of configs/questions, or a fact of its sort) and share the place or person asked for; for a question
that fits no aspect, words that repeat what it is about. An answer that says that nothing may be said is a refusal.
"""

import bisect
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from ..language import HARD, SOFT
from ..schema import Fact, Facts, Mentions, Segment, Segments, Transcript
from .comments import asks
from .spoken import Spoken, speak
from .topics import Compiled, by_name, slots_in

SLACK_MS = 3000  # a comment shows so much later than it was sent
FOLLOWS_MS = 9000  # what follows a question read out begins this soon
FOLLOWS = 3  # clauses
_NAMED = 0.6
_EMPTY = re.compile(
    "[啊呀呢吗么嘛吧哦哈了的是有没不这那个它还也都就要能可以会得着过吃买家主播什怎样多少几啥咋哪里为请问]"
)
_EVEN = re.compile("(.{1,4})还是(.{1,4})")
_OPENING = re.compile("^(?:是吧|对吧|啊|呃|嗯|这个|哎|来|好)$")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    at_ms: int
    utterance: str
    text: str
    confidence: float
    declined: bool = False


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: an aspect, of a product, of places or people, in these words."""

    aspect: str
    product: str | None
    slots: frozenset[str]
    words: str
    about: str = ""  # of these, the ones that tell the aspect


class _Clause(msgspec.Struct, frozen=True, kw_only=True):
    start: int
    end: int
    start_ms: int
    end_ms: int
    text: str
    sentence: int
    product: str | None
    asks: bool
    declines: bool
    slots: frozenset[str]


class Heard:
    """What the anchor said, clause by clause, with the aspects that each tells of or asks for."""

    def __init__(
        self, transcript: Transcript, segments: Segments, mentions: Mentions, facts: Facts, book: Compiled
    ) -> None:
        self._text = speak(transcript)
        self._aspects = by_name(book)
        self._book = book
        self._segments = segments.segments
        self.clauses = list(_clauses(self._text, self._segments, mentions, book))
        self._starts = [clause.start for clause in self.clauses]
        self._ends_ms = [clause.end_ms for clause in self.clauses]
        self._tells: defaultdict[str, set[int]] = defaultdict(set)
        self._asks: defaultdict[str, set[int]] = defaultdict(set)
        for name, each in self._aspects.items():
            if each.tells:
                barred = [m.span() for m in each.not_told.finditer(self._text.text)] if each.not_told else []
                for match in each.tells.finditer(self._text.text):
                    if not any(a < match.end() and match.start() < b for a, b in barred):
                        self._tells[name].add(self._clause_at(match.end() - 1))
            for match in each.asks.finditer(self._text.text):
                self._asks[name].add(self._clause_at(match.start()))
        self._facts: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in facts.facts:
            if fact.channel == "speech":
                self._facts[fact.sort].append(fact)

    def find(self, wanted: Wanted, start_ms: int, end_ms: int) -> Answer | None:
        """The first answer that is surely one, else the surest one, of those that begin in a stretch of time."""
        found = sorted(self._answers(wanted, start_ms, end_ms), key=lambda answer: answer.at_ms)
        sure = next((answer for answer in found if answer.confidence >= 0.6), None)
        if sure and not sure.declined and (taken := next((a for a in found if a.declined), None)):
            # read out, and refused in the next breath
            return taken if taken.at_ms - sure.at_ms <= FOLLOWS_MS else sure
        return sure

    def _answers(self, wanted: Wanted, start_ms: int, end_ms: int) -> Iterator[Answer]:
        topic = wanted.aspect.partition(".")[0]
        each = self._aspects.get(wanted.aspect)
        first = bisect.bisect_right(self._ends_ms, start_ms)
        for number in range(first, len(self.clauses)):
            clause = self.clauses[number]
            if clause.start_ms >= end_ms:
                break
            if clause.start_ms < start_ms - SLACK_MS:
                continue
            same = clause.product is None or wanted.product is None or clause.product == wanted.product
            if clause.declines and self._declined(wanted, topic, number, same):
                yield self._answer(number, 0.8, declined=True)
            elif not same:
                continue
            elif clause.asks:
                if self._reads(wanted, number) and (follows := self._follows(number)):
                    at, declined = follows
                    yield self._answer(at, 0.85, declined=declined)
            elif each is None:
                if (share := alike(wanted.words, self._around(number))) >= 0.5:
                    yield self._answer(number, 0.4 + 0.4 * share)
            elif number in self._tells[wanted.aspect] and self._fits(wanted, number):
                yield self._answer(number, 0.9 if number and self._reads(wanted, number - 1) else 0.75)
        if each and not wanted.slots and not each.aspect.shared:
            for fact in (fact for sort in each.aspect.facts for fact in self._facts[sort]):
                same = wanted.product in (None, fact.product) or fact.product is None
                if same and start_ms - SLACK_MS <= fact.start_ms < end_ms and fact.end_ms > start_ms:
                    yield self._answer(self._clause_at(self._text.index(fact.start_ms)), 0.75)
        if each and each.aspect.turn:
            for segment in self._segments:
                if segment.product == wanted.product and start_ms <= segment.start_ms < end_ms:
                    at = min(bisect.bisect_right(self._ends_ms, segment.start_ms), len(self.clauses) - 1)
                    if at >= 0:
                        yield self._answer(at, 0.8)

    def _reads(self, wanted: Wanted, number: int) -> bool:
        """Is this the question read out?"""
        clause = self.clauses[number]
        if not clause.asks and not self._book.reads.search(clause.text):
            return False
        if wanted.aspect in self._aspects:
            if number not in self._asks[wanted.aspect]:
                return alike(wanted.words, clause.text) >= 0.75
            if wanted.slots or clause.slots:
                return bool(wanted.slots & clause.slots)
            shared = self._aspects[wanted.aspect].aspect.shared
            return not shared or alike(wanted.words, clause.text) > 0
        return alike(wanted.words, clause.text) >= 0.5

    def _follows(self, number: int) -> tuple[int, bool] | None:
        """The clause after a question that answers it, and whether it refuses to."""
        after = range(number + 1, min(number + 1 + FOLLOWS, len(self.clauses)))
        near = [at for at in after if self.clauses[at].start_ms - self.clauses[number].end_ms <= FOLLOWS_MS]
        if self.clauses[number].declines:
            return number, True
        for at in near[:2]:
            if self.clauses[at].declines:
                return at, True
        for at in near:
            clause = self.clauses[at]
            if not clause.asks and len(clause.text) >= 2 and not _OPENING.match(clause.text):
                return at, False
        return None

    def _declined(self, wanted: Wanted, topic: str, number: int, same: bool) -> bool:
        """Words of refusal count for questions on health alone, near their subject."""
        if topic not in ("effect", "suitability"):
            return False
        near = self.clauses[max(0, number - 2) : number + 1]
        near = [clause for clause in near if self.clauses[number].start_ms - clause.end_ms <= FOLLOWS_MS]
        if wanted.slots:
            return any(clause.slots & wanted.slots for clause in near)
        text = "".join(clause.text for clause in near)
        return same and (alike(wanted.words, text) >= 0.34 or bool(re.search("功效|疗效|治病", text)))

    def _fits(self, wanted: Wanted, number: int) -> bool:
        """Do the words speak of the place, the person or the substance asked for?"""
        each = self._aspects[wanted.aspect]
        text = self._around(number)
        if not wanted.slots and not each.aspect.shared:
            return True
        if each.any and each.any.search(text):
            return True
        if wanted.slots:
            return bool(wanted.slots & slots_in(text, self._book.slots))
        return alike(wanted.about or wanted.words, text) >= 0.3

    def _around(self, number: int) -> str:
        """A clause with the one before it, where that is of its sentence."""
        clause = self.clauses[number]
        before = self.clauses[number - 1] if number else clause
        joined = before.text + clause.text if number and before.sentence == clause.sentence else clause.text
        after = self.clauses[number + 1] if number + 1 < len(self.clauses) else clause
        return joined + (after.text if after is not clause and after.sentence == clause.sentence else "")

    def _answer(self, number: int, confidence: float, *, declined: bool = False) -> Answer:
        clause = self.clauses[number]
        utterance = self._text.utterance[clause.start]
        return Answer(
            at_ms=clause.start_ms,
            utterance=self._text.utterance_ids[utterance],
            text=self._text.utterance_texts[utterance],
            confidence=round(min(confidence, 0.95), 3),
            declined=declined,
        )

    def _clause_at(self, place: int) -> int:
        return max(0, bisect.bisect_right(self._starts, place) - 1)

    def response(self, pattern: "re.Pattern[str] | None", start_ms: int, end_ms: int) -> Answer | None:
        """Where the anchor takes up a complaint: its words, and in the same breath an apology, a way out, a report."""
        first = bisect.bisect_right(self._ends_ms, start_ms)
        for number in range(first, len(self.clauses)):
            if self.clauses[number].start_ms >= end_ms:
                return None
            near = self.clauses[max(0, number - 1) : number + 4]
            text = SOFT.join(
                clause.text for clause in near if clause.start_ms - self.clauses[number].end_ms < FOLLOWS_MS
            )
            if pattern and pattern.search(self.clauses[number].text):
                reported = self._book.reads.search(text) or re.search("那个说|上次|上回|之前|收到", text)
                if reported and _MENDS.search(text):
                    return self._answer(number, 0.7)
        return None


_MENDS = re.compile(
    "不好意思|抱歉|对不起|客服|补发|重发|退|赔|登记|查|订单|私信|这批|不是坏的|不会|处理|解决|放心|说了|注意|换"
)


def _clauses(text: Spoken, segments: Sequence[Segment], mentions: Mentions, book: Compiled) -> Iterator[_Clause]:
    named = sorted((mention.start_ms, mention.product) for mention in mentions.mentions if mention.confidence >= _NAMED)
    starts = [segment.start_ms for segment in segments]
    sentence = 0
    for match in re.finditer(f"[^{SOFT}{HARD}]+", text.text):
        start, end = match.span()
        if (start and text.text[start - 1] == HARD) or (start and text.utterance[start] != text.utterance[start - 1]):
            sentence += 1
        start_ms, end_ms = text.times(start, end)
        here = {
            sku for _, sku in named[bisect.bisect_left(named, (start_ms, "")) : bisect.bisect_left(named, (end_ms, ""))]
        }
        at = bisect.bisect_right(starts, start_ms) - 1
        on = segments[at] if at >= 0 else None
        product = on.product if on and start_ms < on.end_ms else None
        yield _Clause(
            start=start,
            end=end,
            start_ms=start_ms,
            end_ms=end_ms,
            text=match.group(),
            sentence=sentence,
            product=next(iter(here)) if len(here) == 1 else product,
            asks=asks(match.group()),
            declines=bool(book.declines.search(match.group())),
            slots=slots_in(match.group(), book.slots),
        )


def alike(question: str, words: str) -> float:
    """How much of what a question is about comes back in other words: 0 to 1, by pairs of characters.

    Of a choice (红心还是白心) one of both is enough.
    """
    if match := _EVEN.search(question):
        sides = [_EMPTY.sub("", side) for side in match.groups()]
        if any(len(side) >= 2 and side[:2] in words for side in sides):
            return 1.0
    content = _EMPTY.sub("", question)
    if not content:
        return 0.0
    if len(content) < 2:
        return 1.0 if content in words else 0.0
    pairs = {content[at : at + 2] for at in range(len(content) - 1)}
    return sum(pair in words for pair in pairs) / len(pairs)
